//! [`Constants`]: weights, biases, scales; floats at first, exact binary fractions after quantization.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::types::TypeError;
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::{NotFinite, Quantizer, common_grid};

/// Constant values, all finite.
///
/// With a grid, every value is a whole number of steps `2^-grid` of at most 62
/// bits, which an `f64` holds exactly up to 53 significant bits; without one,
/// the values are floats that no hardware may be built from yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constants {
    values: Arc<[f64]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grid: Option<i8>,
}

impl Constants {
    /// Floats, not yet quantized.
    pub fn float(values: impl Into<Arc<[f64]>>) -> Self {
        Self { values: values.into(), grid: None }
    }

    /// Values that are exact as they stand, on the coarsest grid that holds them.
    ///
    /// # Errors
    /// When no grid of 62 bits holds them all.
    pub fn exact(values: impl Into<Arc<[f64]>>) -> Result<Self, TypeError> {
        let values = values.into();
        let (_, frac) = common_grid(&values).ok_or(TypeError::TooWide)?;
        Ok(Self { values, grid: Some(frac) })
    }

    /// The values after `quantizer(index)`, each on its own format, together on one grid.
    ///
    /// # Errors
    /// When a value is not finite.
    pub fn quantized(&self, quantizer: impl Fn(usize) -> Quantizer) -> Result<Self, NotFinite> {
        let mut values = Vec::with_capacity(self.values.len());
        for (index, value) in self.values.iter().enumerate() {
            let quantizer = quantizer(index);
            let raw = quantizer.apply_f64(*value)?;
            values.push(crate::numeric::interval::scale(raw, quantizer.format.frac()));
        }
        let (_, frac) = common_grid(&values).expect("formats of 63 bits share a grid");
        Ok(Self { values: values.into(), grid: Some(frac) })
    }

    /// The values.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// True when the values are quantized.
    pub fn is_exact(&self) -> bool {
        self.grid.is_some()
    }

    /// The values as raw integers, and their binary point.
    ///
    /// # Errors
    /// When they are not quantized.
    pub fn raw(&self) -> Result<(Vec<i64>, i8), TypeError> {
        self.grid.ok_or(TypeError::FloatConstants)?;
        common_grid(&self.values).ok_or(TypeError::TooWide)
    }

    /// The narrowest format that holds them all, for reports.
    pub fn format(&self) -> Option<FixedFormat> {
        let (raw, frac) = self.raw().ok()?;
        let lo = raw.iter().copied().min().unwrap_or(0);
        let hi = raw.iter().copied().max().unwrap_or(0);
        FixedFormat::covering(Interval::new(lo, hi, frac)).ok()
    }

    /// Each value as an exact interval.
    ///
    /// # Errors
    /// When they are not quantized.
    pub fn points(&self) -> Result<Vec<Interval>, TypeError> {
        let (raw, frac) = self.raw()?;
        Ok(raw.into_iter().map(|raw| Interval::point(raw, frac)).collect())
    }
}
