//! What each operator means: shapes, exact ranges, and values; knows neither graph nor target.
//!
//! Inside an operator arithmetic is exact. Bits are dropped by [`Quantize`] and
//! by the entries of tables ([`Activation`], [`Softmax`]), and nowhere else, so
//! no later choice of hardware can change a result.
//!
//! One row in `ops!` below, with the fields of the row's type that are constants, and one file with
//! the type: that is an operator.

pub mod activation;
pub mod affine;
pub mod arithmetic;
pub mod boundary;
pub mod constants;
pub mod dense;
pub mod quantize;
pub mod select;
pub mod softmax;
pub mod threshold;
pub mod types;
pub mod wiring;

use serde::{Deserialize, Serialize};

use crate::numeric::interval::Interval;
use crate::numeric::tensor::{Block, Shape};

pub use activation::Activation;
pub use affine::Affine;
pub use arithmetic::{Add, Multiply, Subtract};
pub use boundary::{Constant, Input};
pub use constants::Constants;
pub use dense::Dense;
pub use quantize::Quantize;
pub use select::{ArgMax, Clip, LeakyRelu, Relu};
pub use softmax::Softmax;
pub use threshold::Threshold;
pub use types::{Element, Formats, PerElement, TensorType, TypeError};
pub use wiring::{Concat, Gather, Reshape};

/// The meaning of an operator. Every operator has one output.
pub trait Op {
    /// The shape of the output.
    ///
    /// # Errors
    /// When the inputs do not fit together.
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError>;

    /// The exact range of each output element, given those of the input elements.
    ///
    /// # Errors
    /// When a value would be too wide, or a constant has no fixed-point grid yet.
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError>;

    /// The values of the output: the definition that every back end must match bit for bit.
    ///
    /// The result is written at the binary point `frac`, which the inferred
    /// type of the output dictates; it is never coarser than the exact result.
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64>;

    /// The values of the output in floating point, the reference before quantization.
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64>;

    /// The element formats, where the operator fixes them itself instead of covering its range.
    fn own_formats(&self) -> Option<Formats> {
        None
    }
}

macro_rules! ops {
    ($($(#[$attribute:meta])* $name:ident = $text:literal $(with $($constants:ident)+)?,)*) => {
        /// The closed set of operators.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum OpKind { $($(#[$attribute])* #[serde(rename = $text)] $name($name),)* }

        impl OpKind {
            /// The names of all operators, as the text form spells them.
            pub const NAMES: &[&str] = &[$($text),*];

            /// The name, as the text form spells it.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => $text,)* }
            }

            /// The constants inside the operator: weights, scales, bounds.
            pub fn constants(&self) -> Vec<&Constants> {
                match self { $(Self::$name(op) => { let _ = op; vec![$($(&op.$constants),+)?] })* }
            }

            /// The constants inside the operator, to be given a grid.
            pub fn constants_mut(&mut self) -> Vec<&mut Constants> {
                match self { $(Self::$name(op) => { let _ = &op; vec![$($(&mut op.$constants),+)?] })* }
            }
        }

        impl std::ops::Deref for OpKind {
            type Target = dyn Op;
            fn deref(&self) -> &Self::Target {
                match self { $(Self::$name(op) => op,)* }
            }
        }

        $(impl From<$name> for OpKind {
            fn from(op: $name) -> Self { Self::$name(op) }
        })*
    };
}

ops! {
    /// An input of the network.
    Input = "input",
    /// A constant tensor.
    Constant = "constant" with constants,
    /// `y = W x + b`.
    Dense = "dense" with weights bias,
    /// `y = scale * x + offset`, element by element.
    Affine = "affine" with scale offset,
    /// `y = a + b`.
    Add = "add",
    /// `y = a - b`.
    Subtract = "subtract",
    /// `y = a * b`.
    Multiply = "multiply",
    /// `y = max(x, 0)`.
    Relu = "relu",
    /// `y = x` where `x >= 0`, else `alpha * x`.
    LeakyRelu = "leaky_relu" with alpha,
    /// `y = min(max(x, lo), hi)`.
    Clip = "clip" with bounds,
    /// Brings values into a format.
    Quantize = "quantize",
    /// `y = base + step * (number of thresholds that x reaches)`.
    Threshold = "threshold" with thresholds base_and_step,
    /// A function of one value, by table.
    Activation = "activation",
    /// `y_i = exp(x_i) / sum_j exp(x_j)`, by tables.
    Softmax = "softmax",
    /// The index of the largest value.
    ArgMax = "argmax",
    /// The same values in another shape.
    Reshape = "reshape",
    /// `y_i = x_(index_i)`.
    Gather = "gather",
    /// The inputs one after another.
    Concat = "concat",
}

/// The type of an operator's output, given those of its inputs.
///
/// Fixed-point inputs give the formats that cover the exact range (or the
/// operator's own), floating-point inputs give floating point: a quantizer in a
/// floating-point network rounds its values, which only become integers once the
/// inputs of the network are.
///
/// # Errors
/// What [`Op::shape`] and [`Op::range`] say, and [`TypeError::Mixed`].
pub fn infer(op: &OpKind, inputs: &[&TensorType]) -> Result<TensorType, TypeError> {
    let shapes: Vec<&Shape> = inputs.iter().map(|input| &input.shape).collect();
    let shape = op.shape(&shapes)?;
    let floats = inputs.iter().filter(|input| input.element == Element::Float).count();
    if floats > 0 {
        return if floats == inputs.len() {
            Ok(TensorType::float(shape))
        } else {
            Err(TypeError::Mixed)
        };
    }
    if let Some(formats) = op.own_formats() {
        return TensorType::fixed(shape, formats);
    }
    if inputs.is_empty() {
        return Ok(TensorType::float(shape));
    }
    let ranges: Vec<Vec<Interval>> = inputs.iter().map(|input| input.intervals()).collect();
    let ranges: Vec<&[Interval]> = ranges.iter().map(Vec::as_slice).collect();
    TensorType::fixed(shape, Formats::covering(&op.range(&ranges)?)?)
}

#[cfg(test)]
mod tests;
