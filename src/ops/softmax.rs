//! [`Softmax`]: shifted by the maximum, so that it is monotone and never overflows.
//!
//! The definition in integers, over each row `x` of the last dimension:
//!
//! 1. `d_i = index(x_i - max(x))`, never above zero, saturating;
//! 2. `e_i = exponential(exp(d_i))`, a table over the values of `index`;
//! 3. `s = sum_index(e_0 + e_1 + ...)`, the sum itself exact;
//! 4. `r = inverse(1 / s)`, a table over the values of `sum_index`;
//! 5. `y_i = output(e_i * r)`, the product itself exact.
//!
//! Each name is a quantizer of [`SoftmaxFormats`]. All steps are monotone in
//! `x_i`, so the order of the classes survives, ties apart.

use serde::{Deserialize, Serialize};

use super::Op;
use super::activation::{MAX_INDEX_BITS, table};
use super::quantize::quantized_range;
use super::types::{Formats, PerElement, TypeError, arity, exact, fits_at, last_dimension};
use crate::numeric::interval::{Interval, scale};
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::Overflow;
use crate::numeric::tensor::{Block, Shape};

/// `y_i = exp(x_i) / sum_j exp(x_j)` over the last dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Softmax {
    /// The length of the last dimension.
    pub len: usize,
    /// The formats of its steps; none while it is floating point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formats: Option<SoftmaxFormats>,
}

/// The quantizers of softmax, step by step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoftmaxFormats {
    /// The distance to the maximum: signed, saturating; index of the exponential table.
    pub index: Quantizer,
    /// The entries of the exponential table.
    pub exponential: Quantizer,
    /// The sum of exponentials; index of the inverse table.
    pub sum_index: Quantizer,
    /// The entries of the inverse table.
    pub inverse: Quantizer,
    /// The result.
    pub output: Quantizer,
}

/// The values that softmax reaches in a row, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftmaxSteps {
    /// The distance of each element to the maximum.
    pub indices: Vec<Interval>,
    /// The exponential of each element.
    pub exponentials: Vec<Interval>,
    /// Their sum.
    pub sum: Interval,
    /// The sum as an index.
    pub sum_index: Interval,
}

/// The most bits of the entries of a table, and of the result.
const MAX_ENTRY_BITS: u8 = 24;

impl SoftmaxFormats {
    /// Which format no softmax can have, and why; none where all are possible.
    pub fn fault(&self) -> Option<(&'static str, &'static str)> {
        let parts = [
            ("index", self.index, true, MAX_INDEX_BITS),
            ("exponential", self.exponential, false, MAX_ENTRY_BITS),
            ("sum_index", self.sum_index, false, MAX_INDEX_BITS),
            ("inverse", self.inverse, false, MAX_ENTRY_BITS),
            ("output", self.output, false, MAX_ENTRY_BITS),
        ];
        parts.into_iter().find_map(|(name, own, signed, most)| {
            let saturates = match own.overflow {
                Overflow::Saturate | Overflow::SaturateSymmetric => true,
                Overflow::Wrap | Overflow::SaturateZero => false,
            };
            let why = match own.format {
                format if format.signed() && !signed => "has a sign",
                format if !format.signed() && signed => "has no sign",
                format if format.width() > most => "has too many bits",
                format if format.frac().unsigned_abs() > MAX_ENTRY_BITS => {
                    "is too fine or too coarse"
                }
                _ if !saturates => "does not saturate",
                _ => return None,
            };
            Some((name, why))
        })
    }

    /// The values of the steps for a row of elements with these ranges.
    ///
    /// # Errors
    /// When a value would be too wide, or a table too large.
    pub fn steps(&self, row: &[Interval]) -> Result<SoftmaxSteps, TypeError> {
        let mut highest = row[0];
        for x in row {
            highest = exact(highest.max(*x))?;
        }
        let mut sum = Interval::point(0, self.exponential.format.frac());
        let (mut indices, mut exponentials) = (Vec::new(), Vec::new());
        for x in row {
            let distance = exact(x.subtract(highest))?;
            let distance = exact(distance.min(Interval::point(0, distance.frac())))?;
            let index = quantized_range(fits_at(distance, 0)?, self.index);
            let values = self.exponential_table(index)?;
            let range = bounds(&values, self.exponential.format.frac());
            sum = exact(sum.add(range))?;
            indices.push(index);
            exponentials.push(range);
        }
        let sum_index = quantized_range(sum, self.sum_index);
        Ok(SoftmaxSteps { indices, exponentials, sum, sum_index })
    }

    /// The entries of the exponential table for the values of `index`, in rising order.
    ///
    /// # Errors
    /// When the table would be too large.
    pub fn exponential_table(&self, index: Interval) -> Result<Vec<i64>, TypeError> {
        table(index, libm::exp, self.exponential)
    }

    /// The entries of the inverse table for the values of `index`, in rising order.
    ///
    /// A sum of zero, which only a coarse `sum_index` can give, counts as one step.
    ///
    /// # Errors
    /// When the table would be too large.
    pub fn inverse_table(&self, index: Interval) -> Result<Vec<i64>, TypeError> {
        table(index, |sum| self.invert(sum), self.inverse)
    }

    fn invert(&self, sum: f64) -> f64 {
        1.0 / sum.max(self.sum_index.format.step())
    }
}

impl Op for Softmax {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        last_dimension(x, self.len)?;
        Ok(x.clone())
    }

    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        let formats = self.formats.ok_or(TypeError::NoOutputFormat)?;
        let mut ranges = Vec::with_capacity(x.len());
        for row in x.chunks_exact(self.len) {
            let steps = formats.steps(row)?;
            let inverse = formats.inverse_table(steps.sum_index)?;
            let inverse = bounds(&inverse, formats.inverse.format.frac());
            for exponential in steps.exponentials {
                let product = fits_at(exact(exponential.multiply(inverse))?, 0)?;
                ranges.push(quantized_range(product, formats.output));
            }
        }
        Ok(ranges)
    }

    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let x = inputs[0];
        let formats = self.formats.expect("infer saw formats");
        let exponential_frac = formats.exponential.format.frac();
        let product_frac = exponential_frac + formats.inverse.format.frac();
        let finer = frac.abs_diff(formats.output.format.frac());
        let value = |f: f64, quantizer: Quantizer| {
            quantizer.apply_f64(f).expect("exponentials and their inverses are finite")
        };
        let mut result = Block::zeros(x.elements(), x.events, frac);
        let mut exponentials = vec![0; self.len];
        for row in (0..x.elements()).step_by(self.len) {
            for event in 0..x.events {
                let at = |index: usize| x.element(row + index)[event];
                let highest = (0..self.len).map(at).max().expect("a row has elements");
                for (index, exponential) in exponentials.iter_mut().enumerate() {
                    let distance = formats.index.apply(at(index) - highest, x.frac);
                    let distance = scale(distance, formats.index.format.frac());
                    *exponential = value(libm::exp(distance), formats.exponential);
                }
                let sum = formats.sum_index.apply(exponentials.iter().sum(), exponential_frac);
                let sum = scale(sum, formats.sum_index.format.frac());
                let inverse = value(formats.invert(sum), formats.inverse);
                for (index, exponential) in exponentials.iter().enumerate() {
                    let y = formats.output.apply(exponential * inverse, product_frac) << finer;
                    result.element_mut(row + index)[event] = y;
                }
            }
        }
        result
    }

    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        let x = inputs[0];
        let mut result = Block::zeros(x.elements(), x.events, 0);
        for row in (0..x.elements()).step_by(self.len) {
            for event in 0..x.events {
                let at = |index: usize| x.element(row + index)[event];
                let highest = (0..self.len).map(at).fold(f64::NEG_INFINITY, f64::max);
                let exponentials: Vec<f64> =
                    (0..self.len).map(|index| libm::exp(at(index) - highest)).collect();
                let sum: f64 = exponentials.iter().sum();
                for (index, exponential) in exponentials.iter().enumerate() {
                    result.element_mut(row + index)[event] = exponential / sum;
                }
            }
        }
        result
    }

    fn own_formats(&self) -> Option<Formats> {
        self.formats.map(|formats| PerElement::Uniform(formats.output.format))
    }
}

/// The range of a table's entries.
fn bounds(values: &[i64], frac: i8) -> Interval {
    let lo = values.iter().min().expect("a table has entries");
    let hi = values.iter().max().expect("a table has entries");
    Interval::new(*lo, *hi, frac)
}
