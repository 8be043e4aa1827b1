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

use burn::tensor::Tensor;

use super::fused::quantize::{Mode, quantize};
use super::fused::width::width;
use super::parameter::{Leaves, ParameterId, Parameters, Role};
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
    pub fn forward(&self, leaves: &Leaves, x: &Tensor<2>) -> Tensor<2> {
        self.rectified(leaves, x, 1.0)
    }

    /// The same of `x` times `slope` where it is below zero.
    pub fn rectified(&self, leaves: &Leaves, x: &Tensor<2>, slope: f32) -> Tensor<2> {
        let Self { signed, rounding, overflow, .. } = *self;
        let mode = Mode { rounding, overflow, signed, slope };
        quantize(x, &leaves[self.integer], &leaves[self.fraction], mode)
    }

    /// The width of each channel, with the gradient of both its parts.
    pub fn width(&self, leaves: &Leaves) -> Tensor<2> {
        let sign = if self.signed { 1.0 } else { 0.0 };
        width(&leaves[self.integer], &leaves[self.fraction], sign)
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

/// The whole number of bits that a parameter stands for.
fn rounded(bits: f32) -> i8 {
    #[expect(clippy::cast_possible_truncation, reason = "bits are kept within a few tens")]
    let whole = bits.round_ties_even() as i8;
    whole
}
