//! [`Dense`]: a constant matrix times the last dimension, plus a constant vector.

use serde::{Deserialize, Serialize};

use super::Op;
use super::arithmetic::align;
use super::constants::Constants;
use super::types::{TypeError, arity, common_frac, exact, fits_at, last_dimension};
use crate::numeric::interval::Interval;
use crate::numeric::tensor::{Block, Shape};

/// `y = W x + b` over the last dimension; leading dimensions are repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dense {
    /// The length of `x`.
    pub inputs: usize,
    /// The length of `y`.
    pub outputs: usize,
    /// `W`, row-major: `weights[o * inputs + i]`.
    pub weights: Constants,
    /// `b`, one for each output.
    pub bias: Constants,
}

impl Op for Dense {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        last_dimension(x, self.inputs)?;
        let expected = self.inputs * self.outputs;
        if self.weights.len() != expected || self.bias.len() != self.outputs {
            return Err(TypeError::Count { expected, found: self.weights.len() });
        }
        let mut shape = x.clone();
        shape.0.pop();
        shape.0.push(self.outputs);
        Ok(shape)
    }

    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        let (weights, frac) = self.weights.raw()?;
        let bias = self.bias.points()?;
        let sum_frac = common_frac(x) + i32::from(frac);
        let mut ranges = Vec::with_capacity(x.len() / self.inputs * self.outputs);
        for x in x.chunks_exact(self.inputs) {
            for (row, bias) in weights.chunks_exact(self.inputs).zip(&bias) {
                let mut sum = *bias;
                for (weight, x) in row.iter().zip(x).filter(|(weight, _)| **weight != 0) {
                    let term = exact(x.multiply(Interval::point(*weight, frac)))?;
                    sum = exact(sum.add(term))?;
                }
                ranges.push(fits_at(sum, sum_frac)?);
            }
        }
        Ok(ranges)
    }

    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let (weights, weight_frac) = self.weights.raw().expect("infer saw exact weights");
        let (bias, bias_frac) = self.bias.raw().expect("infer saw exact biases");
        let sum_frac = weight_frac + inputs[0].frac;
        let products = multiply(inputs[0], &weights, self.inputs, self.outputs, sum_frac);
        let mut result = align(&products, frac);
        let bias = align(&Block { events: 1, frac: bias_frac, data: bias }, frac);
        for index in 0..result.elements() {
            let bias = bias.data[index % self.outputs];
            for y in result.element_mut(index) {
                *y += bias;
            }
        }
        result
    }

    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        let mut result = multiply(inputs[0], self.weights.values(), self.inputs, self.outputs, 0);
        for index in 0..result.elements() {
            let bias = self.bias.values()[index % self.outputs];
            for y in result.element_mut(index) {
                *y += bias;
            }
        }
        result
    }
}

/// `W x` for each row of the last dimension.
fn multiply<T>(x: &Block<T>, weights: &[T], inputs: usize, outputs: usize, frac: i8) -> Block<T>
where
    T: Copy + Default + PartialEq + std::ops::Mul<Output = T> + std::ops::AddAssign,
{
    let rows = x.elements() / inputs;
    let mut result = Block::zeros(rows * outputs, x.events, frac);
    for row in 0..rows {
        for output in 0..outputs {
            let y = result.element_mut(row * outputs + output);
            let weights = &weights[output * inputs..(output + 1) * inputs];
            for (input, weight) in weights.iter().enumerate() {
                if *weight == T::default() {
                    continue;
                }
                for (y, x) in y.iter_mut().zip(x.element(row * inputs + input)) {
                    *y += *weight * *x;
                }
            }
        }
    }
    result
}
