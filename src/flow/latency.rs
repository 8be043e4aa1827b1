//! [`Latency`]: how long events stay in a shell, and how often each time occurs.

use serde::Serialize;

/// The most bins of a histogram.
const MOST_BINS: u64 = 20;

/// The spread of the latencies, in clocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// The shortest.
    pub min: u64,
    /// Half of the events are not slower.
    pub median: u64,
    /// The longest.
    pub max: u64,
    /// From the shortest to the longest without a gap: a bin for each latency where these are few, else
    /// bins of the same width.
    pub histogram: Vec<Bin>,
}

/// Events of about the same latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bin {
    /// The shortest latency of the bin.
    pub first: u64,
    /// The longest.
    pub last: u64,
    /// How many events have it.
    pub events: usize,
}

impl Latency {
    /// The spread of some latencies; none of none.
    pub(super) fn of(mut latencies: Vec<u64>) -> Option<Self> {
        latencies.sort_unstable();
        let (min, max) = latencies.first().copied().zip(latencies.last().copied())?;
        let median = latencies[latencies.len() / 2];
        let width = (max - min + 1).div_ceil(MOST_BINS);
        let mut rest = latencies.as_slice();
        let mut histogram = Vec::new();
        let mut first = min;
        while !rest.is_empty() {
            let last = first + width - 1;
            let events = rest.partition_point(|latency| *latency <= last);
            histogram.push(Bin { first, last: last.min(max), events });
            rest = &rest[events..];
            first = last + 1;
        }
        Some(Self { min, median, max, histogram })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_in_one_bin() {
        let check = |latencies: Vec<u64>, n_bins: usize, width: u64| {
            let own = Latency::of(latencies.clone()).unwrap();
            assert_eq!(own.histogram.len(), n_bins);
            let mut first = own.min;
            for bin in &own.histogram {
                assert_eq!(bin.first, first);
                assert_eq!(bin.last, (first + width - 1).min(own.max));
                let inside = latencies.iter().filter(|own| (bin.first..=bin.last).contains(*own));
                assert_eq!(bin.events, inside.count());
                first = bin.last + 1;
            }
            assert_eq!(first, own.max + 1);
        };
        check(vec![7], 1, 1);
        check(vec![9, 6, 6, 7], 4, 1);
        check((0..20).collect(), 20, 1);
        check((3..24).collect(), 11, 2);
        check(vec![1_000, 5, 6, 6], 20, 50);
        assert_eq!(Latency::of(Vec::new()), None);
    }
}
