//! [`Threshold`]: staircases, from the sign function to scales that are no power of two.

use serde::{Deserialize, Serialize};

use super::Op;
use super::constants::Constants;
use super::types::{TypeError, arity, exact};
use crate::numeric::interval::Interval;
use crate::numeric::tensor::{Block, Shape};

/// `y = base + step * k`, where `k` thresholds are at most `x`.
///
/// Any monotone function with few results is such a staircase, so this is how a
/// quantizer with an arbitrary scale becomes exact integer comparisons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// How many thresholds each element has.
    pub steps: usize,
    /// `thresholds[i * steps + k]`, rising in `k`.
    pub thresholds: Constants,
    /// The result below all thresholds, and the rise at each: two values.
    pub base_and_step: Constants,
}

impl Op for Threshold {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        let expected = x.len() * self.steps;
        if self.thresholds.len() != expected {
            return Err(TypeError::Count { expected, found: self.thresholds.len() });
        }
        if self.base_and_step.len() != 2 {
            return Err(TypeError::Count { expected: 2, found: self.base_and_step.len() });
        }
        Ok(x.clone())
    }

    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        let [base, step] = <[Interval; 2]>::try_from(self.base_and_step.points()?)
            .expect("shape checked the count");
        let thresholds = self.thresholds.points()?;
        let mut ranges = Vec::with_capacity(x.len());
        for (index, x) in x.iter().enumerate() {
            let own = &thresholds[index * self.steps..(index + 1) * self.steps];
            let reached = |bound: i64| {
                let bound = Interval::point(bound, x.frac());
                let count = own.iter().filter(|threshold| {
                    bound.subtract(**threshold).is_some_and(|gap| gap.lo() >= 0)
                });
                i64::try_from(count.count()).expect("fewer than 2^63 thresholds")
            };
            let count = Interval::new(reached(x.lo()), reached(x.hi()), 0);
            ranges.push(exact(step.multiply(count).and_then(|rise| rise.add(base)))?);
        }
        Ok(ranges)
    }

    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let x = inputs[0];
        let (thresholds, threshold_frac) = self.thresholds.raw().expect("infer saw exact values");
        let points = self.base_and_step.points().expect("infer saw exact values");
        let [base, step] = [0, 1].map(|index| {
            points[index].at_frac(frac).map_or_else(|| points[index].lo(), Interval::lo)
        });
        let common = i32::from(x.frac).max(i32::from(threshold_frac));
        let lift = |raw: i64, own: i8| i128::from(raw) << (common - i32::from(own)).min(63);
        let mut result = Block::zeros(x.elements(), x.events, frac);
        for index in 0..x.elements() {
            let own = &thresholds[index * self.steps..(index + 1) * self.steps];
            let own: Vec<i128> = own.iter().map(|raw| lift(*raw, threshold_frac)).collect();
            for (y, value) in result.element_mut(index).iter_mut().zip(x.element(index)) {
                let value = lift(*value, x.frac);
                let count = own.iter().filter(|threshold| value >= **threshold).count();
                *y = base + step * i64::try_from(count).expect("fewer than 2^63 thresholds");
            }
        }
        result
    }

    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        let x = inputs[0];
        let [base, step] = [0, 1].map(|index| self.base_and_step.values()[index]);
        let mut result = Block::zeros(x.elements(), x.events, 0);
        for index in 0..x.elements() {
            let own = &self.thresholds.values()[index * self.steps..(index + 1) * self.steps];
            for (y, value) in result.element_mut(index).iter_mut().zip(x.element(index)) {
                let count = own.iter().filter(|threshold| value >= *threshold).count();
                let count = u32::try_from(count).expect("fewer than 2^32 thresholds");
                *y = base + step * f64::from(count);
            }
        }
        result
    }
}
