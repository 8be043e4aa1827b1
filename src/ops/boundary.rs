//! Where values come from: inputs and constants.

use serde::{Deserialize, Serialize};

use super::Op;
use super::constants::Constants;
use super::quantize::FormatSource;
use super::types::{Formats, PerElement, TypeError, arity};
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::tensor::{Block, Shape};

/// An input of the network. Its values are given, never computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// The shape of one event.
    pub shape: Shape,
    /// How physical values become the input's integers; none while it is floating point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantizer: Option<PerElement<Quantizer>>,
    /// Who asked for the quantizer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<FormatSource>,
}

impl Op for Input {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [] = arity(inputs)?;
        Ok(self.shape.clone())
    }

    fn range(&self, _: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let formats = self.own_formats().ok_or(TypeError::NoOutputFormat)?;
        Ok((0..self.shape.len()).map(|index| formats.at(index).interval()).collect())
    }

    fn eval(&self, _: &[&Block<i64>], _: i8) -> Block<i64> {
        unreachable!("the values of an input are given")
    }

    fn eval_f64(&self, _: &[&Block<f64>]) -> Block<f64> {
        unreachable!("the values of an input are given")
    }

    fn own_formats(&self) -> Option<Formats> {
        self.quantizer.as_ref().map(|quantizer| quantizer.map(|quantizer| quantizer.format))
    }
}

/// A constant tensor that hardware sees as wires to ground and supply.
///
/// It evaluates to a block of one event, which its user repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constant {
    /// The shape of one event.
    pub shape: Shape,
    /// The values in row-major order.
    pub constants: Constants,
}

impl Op for Constant {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [] = arity(inputs)?;
        if self.shape.len() != self.constants.len() {
            return Err(TypeError::Count {
                expected: self.shape.len(),
                found: self.constants.len(),
            });
        }
        Ok(self.shape.clone())
    }

    fn range(&self, _: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        self.constants.points()
    }

    fn eval(&self, _: &[&Block<i64>], frac: i8) -> Block<i64> {
        let (mut raw, own) = self.constants.raw().expect("infer saw exact constants");
        let shift = u32::try_from(i32::from(frac) - i32::from(own)).expect("infer chose the grid");
        for raw in &mut raw {
            *raw <<= shift;
        }
        Block { events: 1, frac, data: raw }
    }

    fn eval_f64(&self, _: &[&Block<f64>]) -> Block<f64> {
        Block { events: 1, frac: 0, data: self.constants.values().to_vec() }
    }

    fn own_formats(&self) -> Option<Formats> {
        Formats::covering(&self.constants.points().ok()?).ok()
    }
}
