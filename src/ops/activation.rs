//! [`Activation`]: functions of one value, as tables over all values of the input's format.
//!
//! The table's definition: for each raw value of the index format, the function
//! in `f64` by `libm` (the same on every machine), rounded once by the output's
//! quantizer.

use serde::{Deserialize, Serialize};

use super::Op;
use super::types::{Formats, PerElement, TypeError, arity};
use crate::numeric::interval::{Interval, scale};
use crate::numeric::quantizer::Quantizer;
use crate::numeric::tensor::{Block, Shape};

/// The most index bits of a table.
pub const MAX_INDEX_BITS: u8 = 16;

/// A function of one real number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `tanh(x)`.
    Tanh,
}

impl Function {
    /// The value, by `libm`.
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Self::Sigmoid => 1.0 / (1.0 + libm::exp(-x)),
            Self::Tanh => libm::tanh(x),
        }
    }
}

/// `y = f(x)`, element by element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activation {
    /// The function.
    pub function: Function,
    /// The format of the results; none while they are floating point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<PerElement<Quantizer>>,
}

impl Op for Activation {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        Ok(x.clone())
    }

    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        let output = self.output.as_ref().ok_or(TypeError::NoOutputFormat)?;
        let range = |index: usize, x: &Interval| {
            let values = table(*x, |x| self.function.apply(x), output.at(index))?;
            // The functions are monotone, the quantizers too unless they wrap.
            let lo = values.iter().min().expect("a table has entries");
            let hi = values.iter().max().expect("a table has entries");
            Ok(Interval::new(*lo, *hi, output.at(index).format.frac()))
        };
        x.iter().enumerate().map(|(index, x)| range(index, x)).collect()
    }

    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let x = inputs[0];
        let output = self.output.as_ref().expect("infer saw a format");
        let mut result = Block::zeros(x.elements(), x.events, frac);
        for index in 0..x.elements() {
            let quantizer = output.at(index);
            let finer = frac.abs_diff(quantizer.format.frac());
            for (y, value) in result.element_mut(index).iter_mut().zip(x.element(index)) {
                let value = self.function.apply(scale(*value, x.frac));
                *y = quantizer.apply_f64(value).expect("the functions are bounded") << finer;
            }
        }
        result
    }

    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        let x = inputs[0];
        let data = x.data.iter().map(|x| self.function.apply(*x)).collect();
        Block { events: x.events, frac: 0, data }
    }

    fn own_formats(&self) -> Option<Formats> {
        self.output.as_ref().map(|output| output.map(|quantizer| quantizer.format))
    }
}

/// `f` of each value of `index`, in rising order, through `quantizer`.
///
/// # Errors
/// When the index has more than [`MAX_INDEX_BITS`] bits.
pub fn table(
    index: Interval,
    f: impl Fn(f64) -> f64,
    quantizer: Quantizer,
) -> Result<Vec<i64>, TypeError> {
    let entries = index.hi().abs_diff(index.lo());
    let bits = 64 - entries.leading_zeros();
    if bits > u32::from(MAX_INDEX_BITS) {
        return Err(TypeError::TableTooLarge(u8::try_from(bits).expect("at most 64")));
    }
    let value = |raw| f(scale(raw, index.frac()));
    let entry = |raw| quantizer.apply_f64(value(raw)).map_err(|_| TypeError::TooWide);
    (index.lo()..=index.hi()).map(entry).collect()
}
