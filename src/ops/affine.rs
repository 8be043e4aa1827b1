//! [`Affine`]: a constant factor and a constant term for each element.

use serde::{Deserialize, Serialize};

use super::Op;
use super::constants::Constants;
use super::types::{TypeError, arity, exact};
use crate::numeric::interval::Interval;
use crate::numeric::tensor::{Block, Shape};

/// `y_i = scale_i * x_i + offset_i`: batch normalization, scaling, biases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affine {
    /// A factor for each element.
    pub scale: Constants,
    /// A term for each element.
    pub offset: Constants,
}

impl Op for Affine {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        for constants in [&self.scale, &self.offset] {
            if constants.len() != x.len() {
                return Err(TypeError::Count { expected: x.len(), found: constants.len() });
            }
        }
        Ok(x.clone())
    }

    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        let (scale, offset) = (self.scale.points()?, self.offset.points()?);
        x.iter()
            .zip(scale)
            .zip(offset)
            .map(|((x, scale), offset)| exact(x.multiply(scale).and_then(|y| y.add(offset))))
            .collect()
    }

    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let x = inputs[0];
        let (scale, scale_frac) = self.scale.raw().expect("infer saw exact scales");
        let (offset, offset_frac) = self.offset.raw().expect("infer saw exact offsets");
        // Scales may carry a finer grid than the product needs; the exact value
        // is formed in 128 bits and then moved to the inferred grid.
        let product_frac = i32::from(x.frac) + i32::from(scale_frac);
        let mut result = Block::zeros(x.elements(), x.events, frac);
        for index in 0..scale.len() {
            let term = shift_exact(i128::from(offset[index]), i32::from(offset_frac), frac);
            let factor = i128::from(scale[index]);
            for (y, x) in result.element_mut(index).iter_mut().zip(x.element(index)) {
                *y = shift_exact(i128::from(*x) * factor, product_frac, frac) + term;
            }
        }
        result
    }

    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        let x = inputs[0];
        let mut result = Block::zeros(x.elements(), x.events, 0);
        for (index, (scale, offset)) in
            self.scale.values().iter().zip(self.offset.values()).enumerate()
        {
            for (y, x) in result.element_mut(index).iter_mut().zip(x.element(index)) {
                *y = x * scale + offset;
            }
        }
        result
    }
}

/// `raw * 2^-from` counted in steps of `2^-to`, which must be whole.
fn shift_exact(raw: i128, from: i32, to: i8) -> i64 {
    let shift = i32::from(to) - from;
    let moved = match u32::try_from(shift) {
        Ok(left) => {
            if raw == 0 {
                0
            } else {
                raw << left
            }
        }
        Err(_) => raw >> shift.unsigned_abs().min(127),
    };
    i64::try_from(moved).expect("infer bounded the value")
}
