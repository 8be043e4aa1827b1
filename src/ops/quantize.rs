//! [`Quantize`]: the one operator that drops bits.

use serde::{Deserialize, Serialize};

use super::Op;
use super::types::{Formats, PerElement, TypeError, arity};
use crate::numeric::interval::{Interval, scale};
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::Overflow;
use crate::numeric::tensor::{Block, Shape};

/// Rounds values and brings them into range, element by element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantize {
    /// Format, rounding and overflow of each element.
    pub quantizer: PerElement<Quantizer>,
    /// Who asked for it.
    pub source: FormatSource,
}

/// Where a format comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormatSource {
    /// An annotation of the model: the network was trained with it, saturation included.
    Model,
    /// The configuration.
    Configuration,
    /// Calibration on events.
    Calibration,
    /// Arithmetic: the format follows from others, as for the index of a table.
    Derived,
}

impl Op for Quantize {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        Ok(x.clone())
    }

    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        Ok(x.iter()
            .enumerate()
            .map(|(index, x)| quantized_range(*x, self.quantizer.at(index)))
            .collect())
    }

    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let x = inputs[0];
        let frac_in = x.frac;
        let mut result = Block::zeros(x.elements(), x.events, frac);
        for index in 0..x.elements() {
            let quantizer = self.quantizer.at(index);
            let finer = frac.abs_diff(quantizer.format.frac());
            for (y, x) in result.element_mut(index).iter_mut().zip(x.element(index)) {
                *y = quantizer.apply(*x, frac_in) << finer;
            }
        }
        result
    }

    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        let x = inputs[0];
        let mut result = Block::zeros(x.elements(), x.events, 0);
        for index in 0..x.elements() {
            let quantizer = self.quantizer.at(index);
            for (y, x) in result.element_mut(index).iter_mut().zip(x.element(index)) {
                let raw = quantizer.apply_f64(*x).expect("events and weights are finite");
                *y = scale(raw, quantizer.format.frac());
            }
        }
        result
    }

    fn own_formats(&self) -> Option<Formats> {
        Some(self.quantizer.map(|quantizer| quantizer.format))
    }
}

/// The values that a quantizer makes of the values of `x`.
pub fn quantized_range(x: Interval, quantizer: Quantizer) -> Interval {
    let format = quantizer.format;
    let [lo, hi] = [x.lo(), x.hi()].map(|raw| quantizer.rounded(raw, i32::from(x.frac())));
    let (min, max) = (i128::from(format.min_raw()), i128::from(format.max_raw()));
    let inside = |raw: i128| i64::try_from(raw.clamp(min, max)).expect("a format's bounds are i64");
    if lo >= min && hi <= max {
        let applied = |raw| quantizer.apply(raw, x.frac());
        return Interval::new(applied(x.lo()), applied(x.hi()), format.frac());
    }
    match quantizer.overflow {
        Overflow::Wrap => format.interval(),
        Overflow::Saturate => Interval::new(inside(lo), inside(hi), format.frac()),
        Overflow::SaturateZero => {
            let (lo, hi) = if hi < min || lo > max { (0, 0) } else { (inside(lo), inside(hi)) };
            Interval::new(lo.min(0), hi.max(0), format.frac())
        }
        Overflow::SaturateSymmetric => {
            let floor = if format.signed() { -format.max_raw() } else { 0 };
            Interval::new(inside(lo).max(floor), inside(hi).max(floor), format.frac())
        }
    }
}
