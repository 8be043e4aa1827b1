//! Intervals by the Poisson bootstrap: each replica counts every event as often as a Poisson
//! variable of mean 1 says, drawn from a hash, so that the same events give the same intervals.

use crate::numeric::hash;
use crate::report::data::Estimate;

/// How many replicas intervals are made of.
pub(super) const REPLICAS: u32 = 200;

/// The ends of intervals: one standard deviation of a normal distribution.
const PERCENTS: [usize; 2] = [16, 84];

/// How often a replica counts an event.
pub(super) fn times(replica: u32, event: usize) -> f64 {
    let event = u64::try_from(event).expect("an index is at most 64 bits");
    let drawn = hash::share(hash::of_words([u64::from(replica) + 1, event]));
    let (mut times, mut term) = (0.0, (-1.0_f64).exp());
    let mut below = term;
    while drawn >= below && times < 20.0 {
        times += 1.0;
        term /= times;
        below += term;
    }
    times
}

/// A figure with the interval that the replicas span; those without the figure are left out.
pub(super) fn estimate(value: f64, replicas: impl IntoIterator<Item = Option<f64>>) -> Estimate {
    let mut found: Vec<f64> = replicas.into_iter().flatten().collect();
    found.sort_by(f64::total_cmp);
    let at = |percent: usize| match found.len() {
        0 => value,
        count => found[(count - 1) * percent / 100],
    };
    let [low, high] = PERCENTS.map(at);
    Estimate { value, low: low.min(value), high: high.max(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_as_poisson_variables() {
        let drawn: Vec<f64> = (0..20_000).map(|event| times(3, event)).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let variance = drawn.iter().map(|own| (own - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!((mean - 1.0).abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        let none = drawn.iter().filter(|own| **own == 0.0).count();
        assert!((7_100..7_620).contains(&none), "{none} of 20,000 instead of 7,358");
        assert_ne!(drawn[..100], (0..100).map(|event| times(4, event)).collect::<Vec<_>>());
    }

    #[test]
    fn intervals_span_two_thirds_of_the_replicas() {
        let replicas = (0..=100).map(|own| Some(f64::from(own)));
        let expected = Estimate { value: 40.0, low: 16.0, high: 84.0 };
        assert_eq!(estimate(40.0, replicas), expected);
        assert_eq!(estimate(1.0, [None]), Estimate { value: 1.0, low: 1.0, high: 1.0 });
    }

    #[test]
    fn the_interval_of_a_fraction_is_that_of_counting() {
        // The standard deviation of a fraction of 0.3 of 2,000 events is 0.0102.
        let fraction = |replica: u32| {
            let (mut right, mut all) = (0.0, 0.0);
            for event in 0..2000 {
                let times = times(replica, event);
                all += times;
                right += if event % 10 < 3 { times } else { 0.0 };
            }
            Some(right / all)
        };
        let Estimate { low, high, .. } = estimate(0.3, (0..REPLICAS).map(fraction));
        let half = (high - low) / 2.0;
        assert!((0.008..0.0125).contains(&half), "{half}");
    }
}
