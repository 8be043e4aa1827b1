//! Operators that only move values: in hardware they are wires.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Op;
use super::arithmetic::align;
use super::types::{TypeError, arity};
use crate::numeric::interval::Interval;
use crate::numeric::tensor::{Block, Shape};

/// The same values in the same row-major order, in another shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reshape {
    /// The new shape.
    pub shape: Shape,
}

/// `y_i = x_(indices_i)` in row-major order: transposition, slices, repetition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gather {
    /// The shape of the output.
    pub shape: Shape,
    /// Which input element each output element is.
    pub indices: Arc<[usize]>,
}

/// The inputs one after another, each in row-major order, as one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concat {}

impl Op for Reshape {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        if x.len() != self.shape.len() {
            return Err(TypeError::Shapes(x.clone(), self.shape.clone()));
        }
        Ok(self.shape.clone())
    }
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        Ok(x.to_vec())
    }
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        align(inputs[0], frac)
    }
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        inputs[0].clone()
    }
}

impl Op for Gather {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        if let Some(index) = self.indices.iter().find(|index| **index >= x.len()) {
            return Err(TypeError::Index { index: *index, len: x.len() });
        }
        if self.shape.len() != self.indices.len() {
            return Err(TypeError::Count { expected: self.shape.len(), found: self.indices.len() });
        }
        Ok(self.shape.clone())
    }
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        Ok(self.indices.iter().map(|index| x[*index]).collect())
    }
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        align(&gather(inputs[0], &self.indices), frac)
    }
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        gather(inputs[0], &self.indices)
    }
}

impl Op for Concat {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        if inputs.is_empty() {
            return Err(TypeError::Arity { expected: 1, found: 0 });
        }
        Ok(Shape::vector(inputs.iter().map(|input| input.len()).sum()))
    }
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        Ok(inputs.concat())
    }
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let aligned: Vec<Block<i64>> = inputs.iter().map(|input| align(input, frac)).collect();
        concat(&aligned.iter().collect::<Vec<_>>(), frac)
    }
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        concat(inputs, 0)
    }
}

fn gather<T: Copy + Default>(x: &Block<T>, indices: &[usize]) -> Block<T> {
    let data = indices.iter().flat_map(|index| x.element(*index)).copied().collect();
    Block { events: x.events, frac: x.frac, data }
}

fn concat<T: Copy + Default>(inputs: &[&Block<T>], frac: i8) -> Block<T> {
    let events = inputs.iter().map(|input| input.events).max().unwrap_or(0);
    let mut data = Vec::new();
    for input in inputs {
        for index in 0..input.elements() {
            let values = input.element(index);
            data.extend((0..events).map(|event| values[event.min(values.len() - 1)]));
        }
    }
    Block { events, frac, data }
}
