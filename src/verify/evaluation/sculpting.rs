//! Whether a score depends on what it should not.

use crate::report::data::Sculpting;

/// The bins of the nuisance.
const BINS: usize = 10;

/// A background event.
#[derive(Clone, Copy, Debug)]
pub(super) struct BackgroundEvent {
    pub(super) nuisance: f64,
    pub(super) weight: f64,
    pub(super) passes: bool,
}

/// How the background that passes depends on the nuisance, in bins of equal weight.
pub(super) fn sculpting(mut events: Vec<BackgroundEvent>) -> Option<Sculpting> {
    events.retain(|event| event.weight > 0.0);
    events.sort_by(|a, b| a.nuisance.total_cmp(&b.nuisance));
    let all: f64 = events.iter().map(|event| event.weight).sum();
    let (first, last) = (events.first()?.nuisance, events.last()?.nuisance);
    let share = |part: usize| all * size(part) / size(BINS);
    let mut bins = vec![[0.0; 2]; 1];
    let mut edges = vec![first];
    let (mut sum, mut before) = (0.0, first);
    for event in &events {
        // Equal values stay together, so a bin may have more than its part.
        if sum >= share(edges.len()) && event.nuisance > before && bins.len() < BINS {
            edges.push(event.nuisance);
            bins.push([0.0; 2]);
        }
        sum += event.weight;
        before = event.nuisance;
        let bin = bins.last_mut().expect("there is a first bin");
        bin[usize::from(event.passes)] += event.weight;
    }
    edges.push(last);
    let efficiency = bins.iter().map(|[fails, passes]| passes / (fails + passes)).collect();
    Some(Sculpting { edges, efficiency, divergence: divergence(&bins) })
}

/// The Jensen–Shannon divergence of two distributions over the same bins, in bits.
fn divergence(bins: &[[f64; 2]]) -> Option<f64> {
    let [fails, passes] = [0, 1].map(|own| bins.iter().map(|bin| bin[own]).sum::<f64>());
    if fails <= 0.0 || passes <= 0.0 {
        return None;
    }
    let term =
        |part: f64, middle: f64| if part > 0.0 { part * (part / middle).log2() } else { 0.0 };
    let bin = |[f, p]: &[f64; 2]| {
        let (f, p) = (f / fails, p / passes);
        let middle = f64::midpoint(f, p);
        f64::midpoint(term(f, middle), term(p, middle))
    };
    Some(bins.iter().map(bin).sum())
}

#[expect(clippy::cast_precision_loss, reason = "a few bins")]
fn size(size: usize) -> f64 {
    size as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(passes: impl Fn(u32) -> bool) -> Vec<BackgroundEvent> {
        let event = |index: u32| BackgroundEvent {
            nuisance: f64::from(index),
            weight: 1.0,
            passes: passes(index),
        };
        (0..100).rev().map(event).collect()
    }

    #[test]
    fn a_score_that_is_the_nuisance_is_seen() {
        let found = sculpting(events(|index| index >= 50)).unwrap();
        assert_eq!(found.edges, [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 99.0]);
        assert_eq!(found.efficiency, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        assert!((found.divergence.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_score_without_the_nuisance_is_flat() {
        let found = sculpting(events(|index| index.is_multiple_of(5))).unwrap();
        assert_eq!(found.efficiency, [0.2; 10]);
        assert!(found.divergence.unwrap().abs() < 1e-12);
        assert_eq!(sculpting(events(|_| false)).unwrap().divergence, None);
        assert_eq!(sculpting(Vec::new()), None);
    }
}
