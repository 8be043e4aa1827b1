//! Sums, differences and products of two tensors of one shape.

use serde::{Deserialize, Serialize};

use super::Op;
use super::types::{TypeError, arity, common_frac, exact, fits_at};
use crate::numeric::interval::Interval;
use crate::numeric::tensor::{Block, Shape};

/// `y = a + b`, element by element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Add {}

/// `y = a - b`, element by element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subtract {}

/// `y = a * b`, element by element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Multiply {}

impl Op for Add {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        same_shape(inputs)
    }
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        pairwise(inputs, Interval::add)
    }
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let [a, b] = [0, 1].map(|port| align(inputs[port], frac));
        zip(&a, &b, frac, |a, b| a + b)
    }
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        zip(inputs[0], inputs[1], 0, |a, b| a + b)
    }
}

impl Op for Subtract {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        same_shape(inputs)
    }
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        pairwise(inputs, Interval::subtract)
    }
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let [a, b] = [0, 1].map(|port| align(inputs[port], frac));
        zip(&a, &b, frac, |a, b| a - b)
    }
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        zip(inputs[0], inputs[1], 0, |a, b| a - b)
    }
}

impl Op for Multiply {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        same_shape(inputs)
    }
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let frac = inputs.iter().map(|input| common_frac(input)).sum();
        let products = pairwise(inputs, Interval::multiply)?;
        products.into_iter().map(|product| fits_at(product, frac)).collect()
    }
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let own = inputs[0].frac + inputs[1].frac;
        let product = zip(inputs[0], inputs[1], own, |a, b| a * b);
        align(&product, frac)
    }
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        zip(inputs[0], inputs[1], 0, |a, b| a * b)
    }
}

/// The one shape that both inputs have.
fn same_shape(inputs: &[&Shape]) -> Result<Shape, TypeError> {
    let [a, b] = arity(inputs)?;
    if a != b {
        return Err(TypeError::Shapes(a.clone(), b.clone()));
    }
    Ok(a.clone())
}

fn pairwise(
    inputs: &[&[Interval]],
    f: impl Fn(Interval, Interval) -> Option<Interval>,
) -> Result<Vec<Interval>, TypeError> {
    let [a, b] = arity(inputs)?;
    a.iter().zip(b).map(|(a, b)| exact(f(*a, *b))).collect()
}

/// The same values with raw integers at the binary point `frac`.
///
/// Moving to a coarser point is exact only when the dropped bits are zero,
/// which the inferred types guarantee.
pub(super) fn align(block: &Block<i64>, frac: i8) -> Block<i64> {
    let shift = i32::from(frac) - i32::from(block.frac);
    let data = match u32::try_from(shift) {
        Ok(left) if left > 62 => vec![0; block.data.len()],
        Ok(left) => block.data.iter().map(|raw| raw << left).collect(),
        Err(_) => {
            let right = shift.unsigned_abs().min(63);
            block.data.iter().map(|raw| raw >> right).collect()
        }
    };
    Block { events: block.events, frac, data }
}

/// Element by element; a block of one event is repeated for all events of the other.
fn zip<T: Copy + Default>(a: &Block<T>, b: &Block<T>, frac: i8, f: impl Fn(T, T) -> T) -> Block<T> {
    let events = a.events.max(b.events);
    let mut result = Block::zeros(a.elements(), events, frac);
    for index in 0..result.elements() {
        let (a, b) = (a.element(index), b.element(index));
        for (event, value) in result.element_mut(index).iter_mut().enumerate() {
            *value = f(a[event.min(a.len() - 1)], b[event.min(b.len() - 1)]);
        }
    }
    result
}
