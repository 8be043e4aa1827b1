//! [`Joints`]: where a constant that is added to an output costs least.
//!
//! Below an output there may be a sum of two that nothing else uses. With the constant it becomes a
//! sum of three, and what it is a part of carries the constant along: nothing is added at the end.

use super::fuse::bits;
use super::span::Span;
use super::{Problem, Solution, SolutionOutput, Sum};
use crate::numeric::interval::Interval;

/// A constant within a solution.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// The sum that takes the constant in, by its place among the sums.
    pub sum: usize,
    /// The sums that carry the constant, and what of it, from the output down; the one that takes
    /// it in is the last.
    pub carried: Vec<(usize, Interval)>,
}

/// What an adder less on the way to an output is worth, in bits.
const LEVEL: i16 = 2;

/// The most bits from the lowest of a sum or a constant in it to the highest: both together still
/// have fewer than a range may.
const WIDEST: i16 = 61;

/// A solution, seen as places for constants.
#[derive(Debug)]
pub struct Joints<'a> {
    solution: &'a Solution,
    inputs: usize,
    spans: Vec<Span>,
    users: Vec<u32>,
}

impl<'a> Joints<'a> {
    /// Of a solution whose sums may have three terms.
    pub fn new(problem: &Problem, solution: &'a Solution) -> Self {
        let (inputs, spans) = (problem.inputs.len(), solution.spans(problem));
        let mut users = vec![0; spans.len()];
        let parts = solution.sums.iter().flat_map(Sum::addends).map(|part| part.term);
        let outputs = solution.outputs.iter().flatten().map(|output| output.term);
        parts.chain(outputs).for_each(|term| users[term as usize] += 1);
        Self { solution, inputs, spans, users }
    }

    /// How often a term is used.
    pub fn users(&self, term: u32) -> u32 {
        self.users[term as usize]
    }

    /// The best place for a constant that an output carries, counted as its term is; nothing where
    /// an adder of its own is cheaper.
    pub fn best(&self, output: SolutionOutput, constant: Interval) -> Option<Joint> {
        let whole = self.place(output.term)?;
        let mut best: Option<(i16, Vec<(usize, Interval)>)> = None;
        let mut open = vec![vec![(whole, without_zeros(constant))]];
        while let Some(path) = open.pop() {
            let (place, constant) = *path.last().expect("a path has a start");
            let span = self.spans[self.inputs + place];
            if span.width_with(Span::of(constant)) > WIDEST {
                continue;
            }
            let sum = self.solution.sums[place];
            if sum.third.is_none() {
                let extra = self.extra(&sum, constant);
                let rank = (extra, path.len());
                if best.as_ref().is_none_or(|(known, other)| rank < (*known, other.len())) {
                    best = Some((extra, path.clone()));
                }
            }
            for part in sum.addends() {
                let constant = part.shift.checked_neg().and_then(|shift| constant.shift(shift));
                let constant =
                    constant.and_then(|c| if part.subtract { c.negate() } else { Some(c) });
                if let (Some(place), Some(constant)) = (self.place(part.term), constant) {
                    open.push([path.as_slice(), &[(place, constant)]].concat());
                }
            }
        }
        let (extra, carried) = best?;
        let (sum, _) = *carried.last()?;
        (extra <= self.apart(whole, constant) + LEVEL).then_some(Joint { sum, carried })
    }

    /// The place of a sum that is used once.
    fn place(&self, term: u32) -> Option<usize> {
        let place = (term as usize).checked_sub(self.inputs)?;
        (self.users(term) == 1).then_some(place)
    }

    /// The bits that a constant adds to a sum of two.
    fn extra(&self, sum: &Sum, constant: Interval) -> i16 {
        let [a, b] = [sum.a, sum.b].map(|term| self.spans[term as usize]);
        let (b, constant) = (b.moved(i16::from(sum.shift)), Span::of(constant));
        let three = Span::overlap_of_three([(a, false), (b, sum.subtract), (constant, false)]);
        three - bits(&self.spans, sum)
    }

    /// The bits of an adder for the constant: where the carry chain passes a term on, those that
    /// are 1, the signs above a negative constant among them.
    fn apart(&self, place: usize, constant: Interval) -> i16 {
        let ones = i16::try_from(constant.lo().count_ones()).expect("at most 64");
        let width = self.spans[self.inputs + place].width();
        if constant.lo() < 0 { width } else { ones.min(width) }
    }
}

/// The same constant in the largest steps.
fn without_zeros(constant: Interval) -> Interval {
    let zeros = constant.lo().trailing_zeros().min(63);
    let frac = i8::try_from(zeros).ok().and_then(|zeros| constant.frac().checked_sub(zeros));
    frac.map_or(constant, |frac| Interval::point(constant.lo() >> zeros, frac))
}

#[cfg(test)]
mod tests {
    use super::super::{Addend, ProblemInput};
    use super::*;

    fn problem() -> Problem {
        let input = ProblemInput { range: Interval::new(-128, 127, 0), arrival: 0 };
        Problem { inputs: vec![input; 5], sums_of_three: true, ..Problem::default() }
    }

    fn solution() -> Solution {
        let pair = Sum { a: 0, b: 1, shift: 0, subtract: false, third: None };
        let third = Some(Addend { term: 3, shift: 1, subtract: false });
        // x2 - 4 (x0 + x1) + 2 x3
        let whole = Sum { a: 2, b: 5, shift: 2, subtract: true, third };
        let output = SolutionOutput { term: 6, shift: 0, negate: false };
        Solution { sums: vec![pair, whole], outputs: vec![Some(output)] }
    }

    #[test]
    fn a_constant_goes_down_to_a_sum_of_two() {
        let (problem, solution) = (problem(), solution());
        let output = solution.outputs[0].unwrap();
        let joint = Joints::new(&problem, &solution).best(output, Interval::point(-12, 0)).unwrap();
        let (whole, pair) = (Interval::point(-3, -2), Interval::point(3, 0));
        assert_eq!(joint, Joint { sum: 0, carried: vec![(1, whole), (0, pair)] });
    }

    #[test]
    fn sums_that_others_use_keep_their_value() {
        let (problem, mut solution) = (problem(), solution());
        let output = solution.outputs[0].unwrap();
        solution.outputs.push(Some(SolutionOutput { term: 5, ..output }));
        let joints = Joints::new(&problem, &solution);
        assert_eq!(joints.best(output, Interval::point(-12, 0)), None);
        assert_eq!(joints.users(5), 2);
    }

    #[test]
    fn sums_that_would_be_too_wide_keep_their_value() {
        let (problem, solution) = (problem(), solution());
        let output = solution.outputs[0].unwrap();
        let joints = Joints::new(&problem, &solution);
        let best = |frac| joints.best(output, Interval::point(-13, frac));
        assert!(best(40).is_some());
        assert_eq!(best(58), None);
    }

    #[test]
    fn one_bit_that_is_1_is_cheaper_alone() {
        let (problem, mut solution) = (problem(), solution());
        let output = solution.outputs[0].unwrap();
        // The low bits of the sum of two are wires, but not with a constant.
        solution.sums[0].shift = 6;
        solution.sums[1].subtract = false;
        let joints = Joints::new(&problem, &solution);
        assert_eq!(joints.best(output, Interval::point(4, 0)), None);
        assert!(joints.best(output, Interval::point(-4, 0)).is_some());
    }
}
