//! [`Web`]: a solution whose sums can be taken out and put in, in any order.

use super::build::Value;
use super::span::{Ends, Span};
use super::{Addend, Problem, Solution, SolutionOutput, Sum};

/// Sums over inputs and other sums.
#[derive(Debug)]
pub(super) struct Web {
    /// Terms below this are inputs.
    pub(super) inputs: usize,
    /// What each term adds up, at least one part of it positive; nothing for inputs and what is
    /// not used.
    pub(super) sums: Vec<Vec<Value>>,
    /// The bits of each term.
    pub(super) spans: Vec<Span>,
    /// How often each term is used, by outputs too.
    pub(super) users: Vec<u32>,
    outputs: Vec<Option<Value>>,
}

impl Web {
    /// The sums of a solution, each term in its place.
    pub(super) fn new(problem: &Problem, solution: &Solution) -> Self {
        let inputs = problem.inputs.len();
        let spans = solution.spans(problem);
        let mut web = Self {
            inputs,
            sums: vec![Vec::new(); inputs],
            users: vec![0; spans.len()],
            spans,
            outputs: Vec::with_capacity(solution.outputs.len()),
        };
        for sum in &solution.sums {
            let part = |part: Addend| Value {
                term: index(part.term),
                shift: part.shift.into(),
                negative: part.subtract,
            };
            let parts: Vec<Value> = sum.addends().map(part).collect();
            web.sums.push(Vec::new());
            web.put(web.sums.len() - 1, parts);
        }
        for output in &solution.outputs {
            let part = output.map(|output| Value {
                term: index(output.term),
                shift: output.shift.into(),
                negative: output.negate,
            });
            if let Some(part) = part {
                web.users[part.term] += 1;
            }
            web.outputs.push(part);
        }
        web
    }

    /// The bits of a term where it is a part.
    pub(super) fn span(&self, part: Value) -> Span {
        self.spans[part.term].moved(part.shift)
    }

    /// The bits of the adder of a sum.
    pub(super) fn cost(&self, term: usize) -> u32 {
        let part = |part: &Value| (self.span(*part).ends(), part.negative);
        let parts: Vec<_> = self.sums[term].iter().map(part).collect();
        let bits = Ends::overlap(&parts);
        u32::from(bits.max(0).unsigned_abs())
    }

    /// Makes a term from other parts.
    pub(super) fn put(&mut self, term: usize, parts: Vec<Value>) {
        for part in &parts {
            self.users[part.term] += 1;
        }
        for part in std::mem::replace(&mut self.sums[term], parts) {
            self.release(part.term);
        }
    }

    /// Adds a term that nothing uses yet.
    pub(super) fn push(&mut self, parts: Vec<Value>) -> usize {
        let first = self.span(parts[0]);
        let first = if parts[0].negative { first.negated() } else { first };
        let whole = parts[1..]
            .iter()
            .try_fold(first, |sum, part| sum.sum(self.span(*part), 0, part.negative));
        self.spans.push(whole.expect("the problem bounds every partial sum"));
        self.sums.push(Vec::new());
        self.users.push(0);
        self.put(self.sums.len() - 1, parts);
        self.sums.len() - 1
    }

    /// Takes a use of a term away, and the term with the last one.
    fn release(&mut self, term: usize) {
        self.users[term] -= 1;
        if self.users[term] == 0 {
            for part in std::mem::take(&mut self.sums[term]) {
                self.release(part.term);
            }
        }
    }

    /// The sums that outputs need; nothing where a shift is too large for a solution.
    pub(super) fn solution(&self) -> Option<Solution> {
        let mut writer =
            Writer { web: self, places: vec![None; self.sums.len()], sums: Vec::new() };
        for input in 0..self.inputs {
            writer.places[input] = Some((input, 0));
        }
        let mut outputs = Vec::with_capacity(self.outputs.len());
        for output in &self.outputs {
            outputs.push(match output {
                None => None,
                Some(part) => {
                    let Addend { term, shift, .. } = writer.addend(*part, 0)?;
                    Some(SolutionOutput { term, shift, negate: part.negative })
                }
            });
        }
        Some(Solution { sums: writer.sums, outputs })
    }
}

/// Writes sums down, each after its parts. The first part of a sum is not shifted, so that terms
/// come to stand for themselves times a power of two.
struct Writer<'a> {
    web: &'a Web,
    /// For each term its place in the solution, and how far it has moved up.
    places: Vec<Option<(usize, i16)>>,
    sums: Vec<Sum>,
}

impl Writer<'_> {
    /// A part over the terms of the solution, moved down by `base`.
    fn addend(&mut self, part: Value, base: i16) -> Option<Addend> {
        let (place, moved) = self.place(part.term)?;
        Some(Addend {
            term: u32::try_from(place).ok()?,
            shift: i8::try_from(part.shift - moved - base).ok()?,
            subtract: part.negative,
        })
    }

    fn place(&mut self, term: usize) -> Option<(usize, i16)> {
        if let Some(place) = self.places[term] {
            return Some(place);
        }
        let parts = &self.web.sums[term];
        let first = parts.iter().position(|part| !part.negative)?;
        let base = parts[first].shift - self.place(parts[first].term)?.1;
        let mut addends = vec![self.addend(parts[first], base)?];
        for (at, part) in parts.iter().enumerate() {
            if at != first {
                addends.push(self.addend(*part, base)?);
            }
        }
        let (a, b) = (addends[0], addends[1]);
        let third = addends.get(2).copied();
        self.sums.push(Sum { a: a.term, b: b.term, shift: b.shift, subtract: b.subtract, third });
        let place = (self.web.inputs + self.sums.len() - 1, -base);
        self.places[term] = Some(place);
        Some(place)
    }
}

fn index(term: u32) -> usize {
    usize::try_from(term).expect("a term is an index")
}

#[cfg(test)]
mod tests {
    use super::super::ProblemInput;
    use super::*;
    use crate::numeric::interval::Interval;

    fn problem() -> Problem {
        let input = ProblemInput { range: Interval::new(-128, 127, 0), arrival: 0 };
        let matrix = vec![3, 0, 5, -4, 1, 2];
        Problem { inputs: vec![input; 3], outputs: 2, matrix, ..Problem::default() }
    }

    fn solution() -> Solution {
        let sum = |a, b, shift, subtract| Sum { a, b, shift, subtract, third: None };
        let third = Some(Addend { term: 2, shift: 0, subtract: false });
        // x0 + 2 x1, and with it 3 x0 + 5 x1 + x2; x1 - x2 / 2
        let sums = vec![
            sum(0, 1, 1, false),
            Sum { third, ..sum(3, 3, 1, false) },
            sum(4, 1, 0, true),
            sum(1, 2, -1, true),
        ];
        let outputs = vec![
            Some(SolutionOutput { term: 5, shift: 0, negate: false }),
            Some(SolutionOutput { term: 6, shift: 2, negate: true }),
        ];
        Solution { sums, outputs }
    }

    #[test]
    fn a_solution_comes_back() {
        let (problem, solution) = (problem(), solution());
        let web = Web::new(&problem, &solution);
        let back = web.solution().unwrap();
        assert_eq!(back.linear_forms(3), solution.linear_forms(3));
        assert_eq!(back.cost(&problem), solution.cost(&problem));
        let cost: u32 = (3..7).map(|term| web.cost(term)).sum();
        // The change of a sign is no sum.
        assert_eq!(u64::from(cost) + 10, solution.cost(&problem));
    }

    #[test]
    fn what_is_not_used_any_more_goes() {
        let mut web = Web::new(&problem(), &solution());
        let part = |term, shift| Value { term, shift, negative: false };
        let new = web.push(vec![part(0, 1), part(1, 0)]);
        web.put(5, vec![part(new, 0), part(2, 0)]);
        assert_eq!(web.users[3..], [0, 0, 1, 1, 1]);
        assert!(web.sums[3].is_empty() && web.sums[4].is_empty());
        let forms = web.solution().unwrap().linear_forms(3);
        assert_eq!(forms.unwrap(), [2, 0, 1, -4, 1, 2]);
    }
}
