//! [`FakeQuantizer`]: a quantizer of the compiler in floating point, with gradients.
//!
//! With `f` bits behind the point and `i` before it (the sign not counted), the
//! forward pass is `q = 2^-f round(2^f clip(x))`, clipped to what the format
//! holds; saturating before rounding is the same as after, for the bounds lie on
//! the grid. Where a format wraps, or gives zero for what it does not hold, that
//! comes after rounding. Backward, rounding counts as the identity, so that
//!
//! - `dq/dx` is 1 inside the format and 0 outside;
//! - `dq/df` is `ln 2 (x - q)` inside, what one more bit would gain, and
//!   `± ln 2 2^-f` where `x` saturates at a bound that has bits behind the point;
//! - `dq/di` is `± ln 2 2^i` where `x` saturates.
//!
//! Wrapping counts as the identity too; a value that becomes zero has no gradient.
//!
//! Magnitudes below 1e-30 may count as zero: single precision has no full accuracy there.

use std::f64::consts::LN_2;

use burn::tensor::Tensor;

use super::parameter::{Leaves, ParameterId, Parameters, Role, straight_through, tensor};
use super::recipe::format::{Format, Granularity};
use crate::numeric::format::FixedFormat;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};

/// The most bits of a learned format, the sign not counted.
const MOST_BITS: f32 = 15.0;

/// The farthest that a learned format reaches on either side of the point.
const MOST_PLACES: f32 = 15.0;

/// A format whose bits are parameters.
#[derive(Clone, Debug)]
pub struct FakeQuantizer {
    /// The bits before the point, the sign not counted.
    pub integer: ParameterId,
    /// The bits behind the point.
    pub fraction: ParameterId,
    /// Whether there is a sign.
    pub signed: bool,
    /// How low bits are dropped.
    pub rounding: Rounding,
    /// How values saturate.
    pub overflow: Overflow,
}

/// What a format is for: what has a width of its own, and whether the range is learned too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Constants; rows are neurons. The bits above a constant cost nothing, so only those behind
    /// the point are learned.
    Constants {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// Values; columns are channels.
    Values {
        /// Columns.
        columns: usize,
    },
}

impl FakeQuantizer {
    /// A quantizer that starts at a format of the recipe.
    pub fn new(parameters: &mut Parameters, name: &str, own: Format, usage: Use) -> Self {
        let format = own.format.format;
        let shape = match (usage, own.learn) {
            (_, Granularity::Fixed | Granularity::Tensor) => [1, 1],
            (Use::Constants { rows, .. }, Granularity::Channel) => [rows, 1],
            (Use::Constants { rows, columns }, Granularity::Weight) => [rows, columns],
            (Use::Values { columns }, Granularity::Channel | Granularity::Weight) => [1, columns],
        };
        let learned = if own.learn == Granularity::Fixed { Role::Fixed } else { Role::Width };
        let saturates = match own.format.overflow {
            Overflow::Saturate | Overflow::SaturateSymmetric => true,
            Overflow::Wrap | Overflow::SaturateZero => false,
        };
        let has_range = saturates && matches!(usage, Use::Values { .. });
        let range = if has_range { learned } else { Role::Fixed };
        let integer = format.integer_bits() - i32::from(format.signed());
        let integer = i8::try_from(integer).expect("the recipe's formats are short");
        let mut add = |part: &str, bits: i8, role| {
            let values = vec![f32::from(bits); shape[0] * shape[1]];
            parameters.add(format!("{name}.{part}"), shape, values, role)
        };
        Self {
            integer: add("integer_bits", integer, range),
            fraction: add("fraction_bits", format.frac(), learned),
            signed: format.signed(),
            rounding: own.format.rounding,
            overflow: own.format.overflow,
        }
    }

    /// `x` in the format, with the gradients of the module's description.
    pub fn forward(&self, leaves: &Leaves, x: Tensor<2>) -> Tensor<2> {
        let top = power(leaves, self.integer, 1.0);
        let steps = power(leaves, self.fraction, 1.0);
        let step = power(leaves, self.fraction, -1.0);
        let shape = x.dims();
        let high = (top.clone() - step.clone()).expand(shape);
        let low = match (self.signed, self.overflow) {
            (false, _) => Tensor::zeros(shape, &leaves.device),
            (true, Overflow::SaturateSymmetric) => high.clone().neg(),
            (true, _) => top.clone().neg().expand(shape),
        };
        match self.overflow {
            Overflow::Saturate | Overflow::SaturateSymmetric => {
                let scaled = x.max_pair(low).min_pair(high) * steps.expand(shape);
                straight_through(self.rounded(scaled.clone()), scaled) * step.expand(shape)
            }
            Overflow::Wrap => {
                let scaled = x * steps.expand(shape);
                let rounded = straight_through(self.rounded(scaled.clone()), scaled);
                let rounded = rounded * step.expand(shape);
                let modulus = if self.signed { top * 2.0 } else { top }.expand(shape);
                straight_through(wrapped(rounded.clone(), high, modulus), rounded)
            }
            Overflow::SaturateZero => {
                let scaled = x * steps.expand(shape);
                let rounded = straight_through(self.rounded(scaled.clone()), scaled);
                let rounded = rounded * step.expand(shape);
                let outside = rounded.clone().lower(low).bool_or(rounded.clone().greater(high));
                rounded.mask_fill(outside, 0.0)
            }
        }
    }

    /// Whole numbers, as the rounding mode makes them; exact, for the distance to the nearest one is.
    fn rounded(&self, x: Tensor<2>) -> Tensor<2> {
        let x = x.detach();
        match self.rounding {
            Rounding::Floor => x.floor(),
            Rounding::TowardZero => x.clone().abs().floor() * x.sign(),
            Rounding::NearestUp => nearest_up(x),
            Rounding::NearestDown => nearest_up(x.neg()).neg(),
            Rounding::NearestAway => nearest_up(x.clone().abs()) * x.sign(),
            Rounding::NearestZero => nearest_up(x.clone().abs().neg()).neg() * x.sign(),
            Rounding::NearestEven => x.round(),
        }
    }

    /// The width of each channel, with the gradient of both its parts.
    pub fn width(&self, leaves: &Leaves) -> Tensor<2> {
        let sign = if self.signed { 1.0 } else { 0.0 };
        whole(leaves, self.integer) + whole(leaves, self.fraction) + sign
    }

    /// The bits behind the point, with their gradient.
    pub fn fraction(&self, leaves: &Leaves) -> Tensor<2> {
        whole(leaves, self.fraction)
    }

    /// The format of the element in a row and a column.
    pub fn at(&self, parameters: &Parameters, row: usize, column: usize) -> Quantizer {
        let bits = |id: ParameterId| {
            let parameter = &parameters[id];
            let [rows, columns] = parameter.shape;
            rounded(parameter.values[row.min(rows - 1) * columns + column.min(columns - 1)])
        };
        self.of_bits(bits(self.integer), bits(self.fraction))
    }

    /// The formats of so many channels.
    pub fn channels(&self, leaves: &Leaves, columns: usize) -> Vec<Quantizer> {
        let bits =
            [self.integer, self.fraction].map(|id| super::parameter::values(leaves[id].clone()));
        let channel = |column: usize| {
            let [integer, fraction] = &bits;
            let own = |bits: &[f32]| rounded(bits[column.min(bits.len() - 1)]);
            self.of_bits(own(integer), own(fraction))
        };
        (0..columns).map(channel).collect()
    }

    fn of_bits(&self, integer: i8, fraction: i8) -> Quantizer {
        let width = integer + fraction + i8::from(self.signed);
        let format =
            u8::try_from(width).ok().map(|width| FixedFormat::new(self.signed, width, fraction));
        let format = format.and_then(Result::ok).expect("`constrain` keeps a bit or more");
        Quantizer { format, rounding: self.rounding, overflow: self.overflow }
    }

    /// Brings learned bits back to where a format can be.
    pub fn constrain(&self, parameters: &mut Parameters) {
        for bits in &mut parameters[self.integer].values {
            *bits = bits.clamp(-MOST_PLACES, MOST_PLACES);
        }
        let integers = parameters[self.integer].values.clone();
        let is_learned = parameters[self.fraction].role == Role::Width;
        for (bits, integer) in parameters[self.fraction].values.iter_mut().zip(integers) {
            let integer = f32::from(rounded(integer));
            if is_learned {
                *bits = bits.clamp(-MOST_PLACES, MOST_PLACES);
            }
            *bits = bits.clamp(1.0 - integer, MOST_BITS - integer);
        }
    }
}

/// The nearest whole number, the upper one of two.
fn nearest_up(x: Tensor<2>) -> Tensor<2> {
    let even = x.clone().round();
    let is_below = (x - even.clone()).equal_elem(0.5);
    even + is_below.float()
}

/// What is left of multiples of a step after wrapping; `high` is the largest value.
fn wrapped(x: Tensor<2>, high: Tensor<2>, modulus: Tensor<2>) -> Tensor<2> {
    let (x, high, modulus) = (x.detach(), high.detach(), modulus.detach());
    // Exact: the quotient by a power of two is, and so is what is left.
    let rest = x.clone() - (x / modulus.clone()).floor() * modulus.clone();
    let is_above = rest.clone().greater(high);
    rest - modulus * is_above.float()
}

/// The whole number of bits that a parameter stands for.
fn rounded(bits: f32) -> i8 {
    #[expect(clippy::cast_possible_truncation, reason = "bits are kept within a few tens")]
    let whole = bits.round_ties_even() as i8;
    whole
}

/// `2^(sign * bits)`, exactly, with its gradient.
fn power(leaves: &Leaves, id: ParameterId, sign: f32) -> Tensor<2> {
    let bits = &leaves[id];
    let whole = super::parameter::values(bits.clone());
    let exact = whole.iter().map(|bits| (sign * f32::from(rounded(*bits))).exp2()).collect();
    let exact = tensor(exact, bits.dims(), &leaves.device);
    let zero = bits.clone() - bits.clone().detach();
    exact.clone() + exact * zero * (f64::from(sign) * LN_2)
}

/// The whole number of bits, with the gradient of the parameter.
fn whole(leaves: &Leaves, id: ParameterId) -> Tensor<2> {
    let bits = &leaves[id];
    let values = super::parameter::values(bits.clone());
    let whole = values.iter().map(|bits| f32::from(rounded(*bits))).collect();
    straight_through(tensor(whole, bits.dims(), &leaves.device), bits.clone())
}
