//! [`Forms`]: what the terms of a solution are, and so how large they can get.

use super::cmvm::{Addend, Problem, Solution, Sum};
use crate::numeric::interval::Interval;

/// Linear forms longer than this in all are not kept: ranges of shared sums
/// then come from interval arithmetic alone.
const MAX_FORM_ENTRIES: usize = 1 << 24;

/// The terms of a solution as combinations of the inputs: what proves their ranges,
/// for interval arithmetic forgets that the terms of a sum may cancel.
#[derive(Clone, Debug)]
pub struct Forms<'a> {
    problem: &'a Problem,
    /// For each term its coefficients, in units of `2^exponent`.
    terms: Vec<(Vec<i64>, i32)>,
}

impl<'a> Forms<'a> {
    /// The inputs; nothing when the terms would fill too much memory.
    pub fn new(problem: &'a Problem, solution: &Solution) -> Option<Self> {
        let inputs = problem.inputs.len();
        if inputs * (inputs + solution.sums.len()) > MAX_FORM_ENTRIES {
            return None;
        }
        let unit = |i: usize| (0..inputs).map(|k| i64::from(i == k)).collect();
        Some(Self { problem, terms: (0..inputs).map(|i| (unit(i), 0)).collect() })
    }

    /// Adds a term and gives its exact range.
    pub fn push(&mut self, sum: Sum) -> Option<Interval> {
        let own = |part: Addend| self.terms[part.term as usize].1 + i32::from(part.shift);
        let exponent = sum.addends().map(own).min().expect("a sum has terms");
        let coefficient = |input: usize| {
            sum.addends().try_fold(0_i64, |total, part| {
                let value = self.terms[part.term as usize].0[input];
                let value = value.checked_shl((own(part) - exponent).unsigned_abs())?;
                if part.subtract { total.checked_sub(value) } else { total.checked_add(value) }
            })
        };
        let inputs = 0..self.problem.inputs.len();
        let coefficients: Option<Vec<i64>> = inputs.map(coefficient).collect();
        let coefficients = coefficients.expect("the factors of a matrix are 63-bit integers");
        let frac = i8::try_from(-exponent).ok();
        let range = frac.and_then(|frac| {
            let mut total = Interval::point(0, 0);
            for (factor, input) in coefficients.iter().zip(&self.problem.inputs) {
                if *factor != 0 {
                    total = total.add(input.range.multiply(Interval::point(*factor, frac))?)?;
                }
            }
            Some(total)
        });
        self.terms.push((coefficients, exponent));
        range
    }
}
