//! Operators that choose among values: rectifiers, clipping, arg max.

use serde::{Deserialize, Serialize};

use super::Op;
use super::arithmetic::align;
use super::constants::Constants;
use super::types::{TypeError, arity, common_frac, exact, fits_at, last_dimension};
use crate::numeric::interval::Interval;
use crate::numeric::tensor::{Block, Shape};

/// `y = max(x, 0)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relu {}

/// `y = x` where `x >= 0`, else `alpha * x`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeakyRelu {
    /// The slope below zero, one value.
    pub alpha: Constants,
}

/// `y = min(max(x, lo), hi)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clip {
    /// The lower and the upper bound.
    pub bounds: Constants,
}

/// The index of the largest value of the last dimension, the lowest index among equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArgMax {
    /// The length of the last dimension.
    pub len: usize,
}

impl Op for Relu {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        Ok(x.clone())
    }
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        x.iter().map(|x| exact(x.max(Interval::point(0, x.frac())))).collect()
    }
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        align(&map(inputs[0], |x| x.max(0)), frac)
    }
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        map(inputs[0], |x| x.max(0.0))
    }
}

impl Op for LeakyRelu {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        if self.alpha.len() != 1 {
            return Err(TypeError::Count { expected: 1, found: self.alpha.len() });
        }
        Ok(x.clone())
    }
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        let alpha = self.alpha.points()?[0];
        let frac = common_frac(x) + i32::from(alpha.frac()).max(0);
        let branch = |x: &Interval| {
            let zero = Interval::point(0, x.frac());
            let above = x.max(zero)?;
            let below = x.min(zero)?.multiply(alpha)?;
            match (x.lo() < 0, x.hi() >= 0) {
                (true, true) => above.union(below),
                (true, false) => Some(below),
                (false, _) => Some(above),
            }
        };
        x.iter().map(|x| fits_at(exact(branch(x))?, frac)).collect()
    }
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let (alpha, alpha_frac) = self.alpha.raw().expect("infer saw an exact slope");
        let x = inputs[0];
        let above = align(x, frac);
        let mut below = map(x, |x| x.min(0) * alpha[0]);
        below.frac = x.frac + alpha_frac;
        let mut result = align(&below, frac);
        for ((y, above), x) in result.data.iter_mut().zip(&above.data).zip(&x.data) {
            if *x >= 0 {
                *y = *above;
            }
        }
        result
    }
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        let alpha = self.alpha.values()[0];
        map(inputs[0], |x| if x >= 0.0 { x } else { alpha * x })
    }
}

impl Op for Clip {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        if self.bounds.len() != 2 {
            return Err(TypeError::Count { expected: 2, found: self.bounds.len() });
        }
        Ok(x.clone())
    }
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        let bounds = self.bounds.points()?;
        let clip = |x: &Interval| x.max(bounds[0])?.min(bounds[1]);
        x.iter().map(|x| exact(clip(x))).collect()
    }
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let (bounds, bounds_frac) = self.bounds.raw().expect("infer saw exact bounds");
        let bounds = align(&Block { events: 1, frac: bounds_frac, data: bounds }, frac).data;
        map(&align(inputs[0], frac), |x| x.max(bounds[0]).min(bounds[1]))
    }
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        let bounds = self.bounds.values();
        map(inputs[0], |x| x.max(bounds[0]).min(bounds[1]))
    }
}

impl Op for ArgMax {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        last_dimension(x, self.len)?;
        let mut shape = x.clone();
        shape.0.pop();
        shape.0.push(1);
        Ok(shape)
    }
    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        let last = i64::try_from(self.len).expect("fewer than 2^63 elements") - 1;
        Ok(vec![Interval::new(0, last, 0); x.len() / self.len])
    }
    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        arg_max(inputs[0], self.len, frac, |index| i64::try_from(index).expect("a small index"))
    }
    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        let exact = |index| f64::from(u32::try_from(index).expect("a small index"));
        arg_max(inputs[0], self.len, 0, exact)
    }
}

fn map<T: Copy>(x: &Block<T>, f: impl Fn(T) -> T) -> Block<T> {
    Block { events: x.events, frac: x.frac, data: x.data.iter().map(|x| f(*x)).collect() }
}

fn arg_max<T: Copy + Default + PartialOrd>(
    x: &Block<T>,
    len: usize,
    frac: i8,
    number: impl Fn(usize) -> T,
) -> Block<T> {
    let mut result = Block::zeros(x.elements() / len, x.events, frac);
    for row in 0..result.elements() {
        let y = result.element_mut(row);
        for (event, y) in y.iter_mut().enumerate() {
            let mut best = 0;
            for index in 1..len {
                if x.element(row * len + index)[event] > x.element(row * len + best)[event] {
                    best = index;
                }
            }
            *y = number(best);
        }
    }
    result
}
