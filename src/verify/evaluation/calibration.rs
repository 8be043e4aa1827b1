//! Whether a probability of 80 % is right in 80 % of the cases.

use super::Meaning;
use crate::numeric::tensor::Block;
use crate::report::data::{Calibration, ReliabilityBin};

/// The bins of probabilities.
const BINS: u8 = 10;

/// The probability of each class, event by event; a single score is that of class 1.
pub(super) fn probabilities(scores: &Block<f64>, meaning: Meaning) -> Option<Vec<Vec<f64>>> {
    let row = |event: usize| -> Vec<f64> {
        let own: Vec<f64> =
            (0..scores.elements()).map(|index| scores.element(index)[event]).collect();
        match (meaning, own.as_slice()) {
            (Meaning::Logit, [one]) => {
                let one = 1.0 / (1.0 + (-one).exp());
                vec![1.0 - one, one]
            }
            (_, [one]) => vec![1.0 - one, *one],
            (Meaning::Logit, all) => {
                let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let powers: Vec<f64> = all.iter().map(|own| (own - most).exp()).collect();
                let sum: f64 = powers.iter().sum();
                powers.iter().map(|own| own / sum).collect()
            }
            _ => own,
        }
    };
    match meaning {
        Meaning::Logit | Meaning::Probability => Some((0..scores.events).map(row).collect()),
        Meaning::Anomaly => None,
    }
}

/// Confidence against accuracy; none without weight.
pub(super) fn calibration(
    probabilities: &[Vec<f64>],
    said: &[usize],
    labels: &[usize],
    weights: &[f64],
) -> Option<Calibration> {
    let width = 1.0 / f64::from(BINS);
    let mut bins: Vec<ReliabilityBin> = (0..BINS)
        .map(|bin| ReliabilityBin {
            from: f64::from(bin) * width,
            to: f64::from(bin + 1) * width,
            ..ReliabilityBin::default()
        })
        .collect();
    for (event, probabilities) in probabilities.iter().enumerate() {
        let confidence = probabilities.get(said[event]).copied().unwrap_or(0.0);
        // Softmax in fixed point may end a little outside.
        let index = bins.iter().rposition(|bin| confidence >= bin.from).unwrap_or(0);
        let bin = &mut bins[index];
        bin.events += weights[event];
        bin.confidence += weights[event] * confidence;
        bin.accuracy += if said[event] == labels[event] { weights[event] } else { 0.0 };
    }
    let all: f64 = bins.iter().map(|bin| bin.events).sum();
    if all <= 0.0 {
        return None;
    }
    let (mut expected_error, mut largest_error) = (0.0, 0.0_f64);
    for bin in bins.iter_mut().filter(|bin| bin.events > 0.0) {
        bin.confidence /= bin.events;
        bin.accuracy /= bin.events;
        let error = (bin.accuracy - bin.confidence).abs();
        expected_error += bin.events / all * error;
        largest_error = largest_error.max(error);
    }
    Some(Calibration { bins, expected_error, largest_error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_by_hand() {
        let probabilities = [vec![0.75, 0.25], vec![0.25, 0.75], vec![0.5, 0.5], vec![0.0, 1.0]];
        // Three of four in weight at 0.75 right; the one at 0.5 wrong; the one at 1 right.
        let found =
            calibration(&probabilities, &[0, 1, 0, 1], &[0, 0, 1, 1], &[3.0, 1.0, 2.0, 2.0])
                .unwrap();
        assert_eq!((found.bins[7].events, found.bins[7].accuracy), (4.0, 0.75));
        assert_eq!((found.bins[9].events, found.bins[9].confidence), (2.0, 1.0));
        assert_eq!((found.expected_error, found.largest_error), (0.125, 0.5));
        assert_eq!(calibration(&probabilities, &[0; 4], &[0; 4], &[0.0; 4]), None);
    }

    #[test]
    fn logits_become_probabilities() {
        let row = |values: &[f64], meaning| {
            probabilities(&Block::from_rows(values, values.len(), 0), meaning).unwrap().remove(0)
        };
        assert_eq!(row(&[0.0], Meaning::Logit), [0.5, 0.5]);
        assert_eq!(row(&[0.25], Meaning::Probability), [0.75, 0.25]);
        assert_eq!(row(&[3.0, 3.0], Meaning::Logit), [0.5, 0.5]);
        let [a, b] = row(&[3_f64.ln() + 1000.0, 1000.0], Meaning::Logit)[..] else { panic!() };
        assert!((a - 0.75).abs() < 1e-12 && (b - 0.25).abs() < 1e-12);
    }
}
