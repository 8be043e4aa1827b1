//! What weights and activations look like.

use serde::{Deserialize, Serialize};

/// The constants of one layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WeightStatistics {
    /// The node that they belong to, with a word where it has several, such as `fc1 bias`.
    pub name: String,
    /// The number of values.
    pub count: u64,
    /// How many of them are zero as stored in the hardware.
    pub zeros: u64,
    /// The smallest and the largest value.
    pub range: Range,
    /// Their format; several are written as the widest with their number.
    pub format: String,
    /// What the format can hold, where there is one.
    pub bounds: Option<Range>,
    /// The distance of two neighboring values of the format.
    pub step: Option<f64>,
    /// Percentiles of the magnitudes of the values that are not zero, in ascending order.
    pub magnitudes: Vec<Percentile>,
    /// The distribution of the values.
    pub histogram: Option<Histogram>,
}

/// The values of one tensor over a number of events, in floating point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ActivationStatistics {
    /// The node that they are the output of.
    pub name: String,
    /// The number of events.
    pub events: u64,
    /// The smallest and the largest value observed.
    pub range: Range,
    /// What the tensor's format can hold, where it has one.
    pub bounds: Option<Range>,
    /// The distance of two neighboring values of the format.
    pub step: Option<f64>,
    /// Percentiles of the magnitudes of the values that are not zero, in ascending order.
    pub magnitudes: Vec<Percentile>,
}

/// All values from `lo` to `hi`, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Range {
    /// The smallest.
    pub lo: f64,
    /// The largest.
    pub hi: f64,
}

/// A value that a part of all values does not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Percentile {
    /// How many of a hundred: 0 is the smallest value, 50 the median, 100 the largest.
    pub percent: f64,
    /// The value.
    pub value: f64,
}

/// Counts in bins of equal width over a range.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Histogram {
    /// From the lower edge of the first bin to the upper edge of the last.
    pub range: Range,
    /// The number of values in each bin.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Counts of `values` in `bins` equal bins over `range`; what lies outside is in the outermost.
    pub fn of(values: impl IntoIterator<Item = f64>, range: Range, bins: u32) -> Self {
        let width = (range.hi - range.lo) / f64::from(bins);
        let mut counts = vec![0; usize::try_from(bins).expect("a few bins")];
        for value in values {
            let place = if width > 0.0 { (value - range.lo) / width } else { 0.0 };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a bin between zero and the last"
            )]
            let bin = place.clamp(0.0, f64::from(bins - 1)) as usize;
            counts[bin] += 1;
        }
        Self { range, counts }
    }
}
