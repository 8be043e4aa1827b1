//! How well the scores of a network tell signal from background, as [`evaluate`](crate::verify::evaluation) has it.

use crate::diag::{Code, Diagnostic};
use crate::train::tune::separation::{Kind, Scores, Separation};
use crate::verify::evaluation::ranking::Ranking;

/// The figure of outputs for targets, event after event.
///
/// Of several scores the areas under the ROC curves, or the parts of the background that pass, are
/// averaged. Where no background passes, its lightest event counts as if it did, so that a rejection is
/// finite.
pub(super) fn figure(
    (separation, scores): (&Separation, &Scores),
    outputs: &[f64],
    targets: &[f32],
    weights: &[f32],
) -> Result<f64, Diagnostic> {
    let mut sum = 0.0;
    for element in &scores.elements {
        let own: Vec<f64> =
            outputs.iter().skip(*element).step_by(scores.columns).copied().collect();
        let targets = targets.iter().skip(*element).step_by(scores.columns);
        let signal: Vec<bool> = targets.map(|target| *target > 0.5).collect();
        let cuts = Ranking::new(&own).cuts(&signal, |event| f64::from(weights[event]));
        let figure = match separation.kind {
            Kind::Auc => cuts.auc(),
            Kind::Rejection(efficiency) => cuts.background_at(efficiency.value()).map(|part| {
                let background = weights.iter().zip(&signal).filter(|(_, signal)| !**signal);
                let weighted = background.map(|(weight, _)| f64::from(*weight));
                let lightest = weighted.filter(|weight| *weight > 0.0).fold(f64::MAX, f64::min);
                part.max(lightest / cuts.background)
            }),
        };
        sum += figure.ok_or_else(|| {
            let message = format!("`{separation}` has no signal or no background to validate on");
            let help = "give more events, or another share: `validation = 0.3`";
            Diagnostic::error(Code::D0505, message, help)
        })?;
    }
    let count = u32::try_from(scores.elements.len()).expect("scores are fewer than 2^32");
    let mean = sum / f64::from(count);
    Ok(match separation.kind {
        Kind::Auc => mean,
        Kind::Rejection(_) => 1.0 / mean,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure_of(name: &str, columns: usize, events: &[(&[f64], &[f32], f32)]) -> f64 {
        let elements = (0..columns).collect();
        let scores = Scores { head: 0, columns, elements };
        let outputs: Vec<f64> = events.iter().flat_map(|event| event.0).copied().collect();
        let targets: Vec<f32> = events.iter().flat_map(|event| event.1).copied().collect();
        let weights: Vec<f32> = events.iter().map(|event| event.2).collect();
        figure((&name.parse().unwrap(), &scores), &outputs, &targets, &weights).unwrap()
    }

    #[test]
    fn figures_honor_weights_and_are_means_over_classes() {
        let one: [(&[f64], &[f32], f32); 4] = [
            (&[4.0], &[1.0], 1.0),
            (&[3.0], &[0.0], 2.0),
            (&[2.0], &[1.0], 3.0),
            (&[1.0], &[0.0], 6.0),
        ];
        // Of 32 pairs in weight, 26 are in order.
        assert!((figure_of("auc", 1, &one) - 26.0 / 32.0).abs() < 1e-12);
        assert!((figure_of("rejection@1", 1, &one) - 4.0).abs() < 1e-12);
        // Nothing passes, so the event of weight 2 does.
        assert!((figure_of("rejection@0.25", 1, &one) - 4.0).abs() < 1e-12);

        let two: [(&[f64], &[f32], f32); 4] = [
            (&[4.0, 0.0], &[1.0, 0.0], 1.0),
            (&[3.0, 5.0], &[1.0, 0.0], 1.0),
            (&[2.0, 7.0], &[0.0, 1.0], 1.0),
            (&[1.0, 4.0], &[0.0, 1.0], 1.0),
        ];
        // 1 for the first class; 3 of 4 pairs for the second.
        assert!((figure_of("auc", 2, &two) - 0.875).abs() < 1e-12);
        // Half of the background at least for the first; half for the second.
        assert!((figure_of("rejection@1", 2, &two) - 2.0).abs() < 1e-12);
    }
}
