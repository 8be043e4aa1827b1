//! [`Standard`]: inputs of about the same size, by shifts and short numbers.
//!
//! Networks train well on inputs of mean 0 and width 1. Here the width is
//! rounded to a power of two and the mean to an eighth of it, so that what the
//! circuit does with a fixed-point input is exact: a shift, and a constant that
//! the first layer takes into its bias.

use serde::{Deserialize, Serialize};

use super::dataset::Dataset;
use super::parameter::single;

/// `(x - mean) / 2^exponent`, input by input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standard {
    /// What is subtracted.
    pub mean: Vec<f32>,
    /// The power of two that divides.
    pub exponent: Vec<i32>,
    /// The largest magnitude among the events.
    pub largest: Vec<f32>,
    /// Whether any input has negative values.
    pub signed: bool,
}

/// How much finer than the width the mean is.
const MEAN_BITS: i32 = 3;

/// The widths that are told apart: 2^-16 to 2^16.
const MOST_EXPONENT: i32 = 16;

impl Standard {
    /// What brings the events of a dataset to about the same size.
    pub fn of(events: &Dataset) -> Self {
        let count = f64::from(u32::try_from(events.events()).expect("fewer than 2^32 events"));
        let (mut means, mut exponents, mut largest) = (Vec::new(), Vec::new(), Vec::new());
        for column in 0..events.columns {
            let values = || (0..events.events()).map(|event| f64::from(events.row(event)[column]));
            let mean = values().sum::<f64>() / count;
            let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            let exponent = exponent(variance.sqrt());
            let unit = f64::from(2).powi(exponent - MEAN_BITS);
            means.push(single((mean / unit).round() * unit));
            exponents.push(exponent);
            largest.push(single(values().fold(0.0, |most, value| most.max(value.abs()))));
        }
        let signed = events.inputs.iter().any(|value| *value < 0.0);
        Self { mean: means, exponent: exponents, largest, signed }
    }

    /// Events as a network sees them, but for the rounding of its input.
    pub fn apply(&self, events: &Dataset) -> Vec<f32> {
        let factors = self.factors();
        let columns = self.mean.iter().zip(&factors).cycle();
        events.inputs.iter().zip(columns).map(|(x, (mean, factor))| (x - mean) * factor).collect()
    }

    /// The factors, powers of two.
    pub fn factors(&self) -> Vec<f32> {
        self.exponent.iter().map(|exponent| f32::from(2_u8).powi(-exponent)).collect()
    }
}

/// The power of two nearest to a width, by ratio; 0 for a constant.
fn exponent(width: f64) -> i32 {
    if width <= 0.0 {
        return 0;
    }
    let bound = f64::from(MOST_EXPONENT);
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a few bits")]
    let exponent = width.log2().round().clamp(-bound, bound) as i32;
    exponent
}
