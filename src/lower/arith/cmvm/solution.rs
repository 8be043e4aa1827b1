//! What a [`Solution`] computes, costs and how deep it is, straight from its definition.

use super::fuse::{LEVELS_OF_THREE, bits};
use super::span::Span;
use super::{Addend, Problem, Solution, Sum};

/// `mantissa * 2^exponent`, odd or zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dyadic {
    mantissa: i128,
    exponent: i32,
}

impl Dyadic {
    pub(super) const ZERO: Self = Self { mantissa: 0, exponent: 0 };

    pub(super) fn new(mantissa: i128, exponent: i32) -> Self {
        if mantissa == 0 {
            return Self::ZERO;
        }
        let zeros = mantissa.trailing_zeros();
        let moved = i32::try_from(zeros).expect("at most 128");
        Self { mantissa: mantissa >> zeros, exponent: exponent + moved }
    }

    /// `mantissa * 2^by`, if that is an integer of 128 bits.
    fn at(self, exponent: i32) -> Option<i128> {
        if self.mantissa == 0 {
            return Some(0);
        }
        let by = u32::try_from(self.exponent - exponent).ok().filter(|by| *by < 127)?;
        self.mantissa.checked_mul(1_i128.checked_shl(by)?)
    }

    /// The odd part without its sign.
    pub(super) fn magnitude(self) -> u128 {
        self.mantissa.unsigned_abs()
    }

    /// `± 2^shift` times `other`, if it is that: the shift, and whether the sign changes.
    pub(super) fn over(self, other: Self) -> Option<(i16, bool)> {
        let same = self.mantissa != 0 && self.magnitude() == other.magnitude();
        let shift = i16::try_from(self.exponent - other.exponent).ok()?;
        same.then_some((shift, self.mantissa != other.mantissa))
    }

    /// `self ± other * 2^shift`, if that is an integer of 128 bits times a power of two.
    pub(super) fn sum(self, other: Self, shift: i16, subtract: bool) -> Option<Self> {
        let other = Self::new(other.mantissa, other.exponent + i32::from(shift));
        let exponent = match (self.mantissa, other.mantissa) {
            (0, _) => other.exponent,
            (_, 0) => self.exponent,
            _ => self.exponent.min(other.exponent),
        };
        let (a, b) = (self.at(exponent)?, other.at(exponent)?);
        let mantissa = if subtract { a.checked_sub(b)? } else { a.checked_add(b)? };
        Some(Self::new(mantissa, exponent))
    }
}

impl Sum {
    /// The first term, as a part.
    pub fn first(&self) -> Addend {
        Addend { term: self.a, shift: 0, subtract: false }
    }

    /// The second term, as a part.
    pub fn second(&self) -> Addend {
        Addend { term: self.b, shift: self.shift, subtract: self.subtract }
    }

    /// The two or three terms.
    pub fn addends(&self) -> impl Iterator<Item = Addend> + use<> {
        [Some(self.first()), Some(self.second()), self.third].into_iter().flatten()
    }

    /// How many adders it counts as in a depth.
    pub fn levels(&self) -> u32 {
        if self.third.is_some() { LEVELS_OF_THREE } else { 1 }
    }
}

impl Solution {
    /// The matrix that the solution multiplies by, as in [`Problem::matrix`]; nothing if an
    /// entry is no integer of 128 bits.
    pub fn linear_forms(&self, inputs: usize) -> Option<Vec<i128>> {
        let mut matrix = Vec::with_capacity(inputs * self.outputs.len());
        for input in 0..inputs {
            let mut terms = vec![Dyadic::ZERO; inputs];
            terms[input] = Dyadic::new(1, 0);
            for sum in &self.sums {
                let mut value = Dyadic::ZERO;
                for part in sum.addends() {
                    let term = *terms.get(index(part.term))?;
                    value = value.sum(term, part.shift.into(), part.subtract)?;
                }
                terms.push(value);
            }
            for output in &self.outputs {
                matrix.push(match output {
                    None => 0,
                    Some(output) => {
                        let term = *terms.get(index(output.term))?;
                        let value = Dyadic::ZERO.sum(term, output.shift.into(), output.negate)?;
                        value.at(0)?
                    }
                });
            }
        }
        Some(matrix)
    }

    /// True when the solution computes what the problem asks.
    pub fn proves(&self, problem: &Problem) -> bool {
        // An input that is always zero may have any factor.
        let asked = problem.matrix.iter().map(|entry| i128::from(*entry));
        let Some(forms) = self.linear_forms(problem.inputs.len()) else { return false };
        let dead = |position: usize| {
            let range = problem.inputs[position / problem.outputs].range;
            (range.lo(), range.hi()) == (0, 0)
        };
        self.outputs.len() == problem.outputs
            && forms.len() == problem.matrix.len()
            && forms
                .iter()
                .zip(asked)
                .enumerate()
                .all(|(at, (own, asked))| *own == asked || dead(at))
    }

    /// The bits of all adders: for each sum its overlap, for each negated output its width.
    ///
    /// The overlap of `a ± b * 2^shift` reaches from the coarser of the two lowest
    /// bits to the higher of the two top bits, sign included; the bits below are
    /// wires, but not those of what is taken away. One bit is about one look-up table. A sum of
    /// three has one bit more.
    pub fn cost(&self, problem: &Problem) -> u64 {
        let spans = self.spans(problem);
        let adders = self.sums.iter().map(|sum| bits(&spans, sum));
        let negations = self.outputs.iter().flatten().filter(|output| output.negate);
        let negations = negations.map(|output| spans[index(output.term)].width());
        adders.chain(negations).map(|bits| u64::from(bits.max(0).unsigned_abs())).sum()
    }

    /// When the last output is there, in adders; a sum of three takes two, and a negated output
    /// waits for one more.
    pub fn depth(&self, problem: &Problem) -> u32 {
        let mut arrivals: Vec<u32> = problem.inputs.iter().map(|input| input.arrival).collect();
        for sum in &self.sums {
            let latest = sum.addends().map(|part| arrivals[index(part.term)]).max();
            arrivals.push(latest.unwrap_or(0) + sum.levels());
        }
        let outputs = self.outputs.iter().flatten();
        outputs.map(|o| arrivals[index(o.term)] + u32::from(o.negate)).max().unwrap_or(0)
    }

    /// The bits of every term.
    pub(super) fn spans(&self, problem: &Problem) -> Vec<Span> {
        let mut spans: Vec<Span> =
            problem.inputs.iter().map(|input| Span::of(input.range)).collect();
        for sum in &self.sums {
            let (a, b) = (spans[index(sum.a)], spans[index(sum.b)]);
            let span = a.sum(b, i16::from(sum.shift), sum.subtract);
            let span = sum.third.map_or(span, |part| {
                span?.sum(spans[index(part.term)], i16::from(part.shift), part.subtract)
            });
            spans.push(span.expect("solutions stay within words"));
        }
        spans
    }
}

fn index(term: u32) -> usize {
    usize::try_from(term).expect("a term is an index")
}
