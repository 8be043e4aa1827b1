//! A plain greedy solver: signed digits, the most profitable pair first, balanced final sums.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{Problem, Solution, SolutionOutput, Sum};
use crate::numeric::interval::Interval;

/// `± term * 2^shift`, a digit of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Digit {
    term: u32,
    shift: i8,
    negative: bool,
}

/// Solves `problem` within its depth bound.
pub fn solve(problem: &Problem) -> Solution {
    let digits = outputs(problem);
    let least = digits.iter().map(|output| levels(output.len())).max().unwrap_or(0);
    let arrival = problem.inputs.iter().map(|input| input.arrival).max().unwrap_or(0);
    let bound = problem.extra_depth.map(|extra| least + arrival + extra);
    // Shared sums make the final sums deeper; allow ever shallower ones until it fits.
    let mut shared = u32::MAX;
    loop {
        let mut state = State::new(problem, digits.clone());
        let deepest = state.share(shared);
        let outputs = state.finish();
        let depth = state.depths.iter().copied().max().unwrap_or(0);
        if shared == 0 || bound.is_none_or(|bound| depth <= bound) {
            return Solution { sums: state.sums, outputs };
        }
        shared = deepest.min(shared) - 1;
    }
}

/// The canonical signed digits of each output.
fn outputs(problem: &Problem) -> Vec<Vec<Digit>> {
    let mut outputs = vec![Vec::new(); problem.outputs];
    for (index, weight) in problem.matrix.iter().enumerate() {
        let term = u32::try_from(index / problem.outputs).expect("fewer than 2^32 inputs");
        let mut rest = i128::from(*weight);
        let mut shift = 0;
        while rest != 0 {
            if rest & 1 == 1 {
                let negative = rest & 3 == 3;
                rest += if negative { 1 } else { -1 };
                outputs[index % problem.outputs].push(Digit { term, shift, negative });
            }
            rest >>= 1;
            shift += 1;
        }
    }
    outputs
}

/// The depth of a balanced tree over `n` leaves.
fn levels(n: usize) -> u32 {
    n.next_power_of_two().trailing_zeros()
}

struct State {
    sums: Vec<Sum>,
    ranges: Vec<Interval>,
    depths: Vec<u32>,
    outputs: Vec<Vec<Digit>>,
    counts: BTreeMap<Sum, i64>,
    queue: BinaryHeap<(i64, Reverse<Sum>)>,
}

impl State {
    fn new(problem: &Problem, outputs: Vec<Vec<Digit>>) -> Self {
        Self {
            sums: Vec::new(),
            ranges: problem.inputs.iter().map(|input| input.range).collect(),
            depths: problem.inputs.iter().map(|input| input.arrival).collect(),
            outputs,
            counts: BTreeMap::new(),
            queue: BinaryHeap::new(),
        }
    }

    /// Makes sums of pairs that occur more than once, at most `limit` deep; returns the deepest.
    fn share(&mut self, limit: u32) -> u32 {
        let mut deepest = 0;
        if limit == 0 {
            return 0;
        }
        for output in 0..self.outputs.len() {
            for last in 1..self.outputs[output].len() {
                for first in 0..last {
                    let pair = pair(self.outputs[output][first], self.outputs[output][last]).0;
                    self.count(pair, 1);
                }
            }
        }
        while let Some((score, Reverse(sum))) = self.queue.pop() {
            if self.score(sum) != Some(score) {
                continue;
            }
            let depth = self.depth(sum);
            if depth > limit {
                self.counts.remove(&sum);
                continue;
            }
            if self.substitute(sum) {
                deepest = deepest.max(depth);
            }
        }
        deepest
    }

    fn depth(&self, sum: Sum) -> u32 {
        1 + self.depths[sum.a as usize].max(self.depths[sum.b as usize])
    }

    /// How much is saved by computing `sum` once, or none if it occurs only once.
    fn score(&self, sum: Sum) -> Option<i64> {
        let count = *self.counts.get(&sum)?;
        (count > 1).then(|| {
            let bits = |range: Interval| {
                i32::try_from(64 - (range.hi() ^ range.lo()).leading_zeros()).expect("at most 64")
            };
            let (a, b) = (self.ranges[sum.a as usize], self.ranges[sum.b as usize]);
            let low = -i32::from(a.frac());
            let moved = i32::from(sum.shift) - i32::from(b.frac());
            let overlap = (low + bits(a)).min(moved + bits(b)) - low.max(moved);
            (count - 1) * i64::from(overlap.max(0) + 1)
        })
    }

    fn count(&mut self, sum: Sum, change: i64) {
        *self.counts.entry(sum).or_insert(0) += change;
        if let Some(score) = self.score(sum) {
            self.queue.push((score, Reverse(sum)));
        }
    }

    /// Replaces every occurrence of `sum` by a term of its own, if there are two.
    fn substitute(&mut self, sum: Sum) -> bool {
        let matches: Vec<(usize, Vec<(Digit, Digit)>)> = (0..self.outputs.len())
            .map(|output| (output, occurrences(&self.outputs[output], sum)))
            .filter(|(_, pairs)| !pairs.is_empty())
            .collect();
        if matches.iter().map(|(_, pairs)| pairs.len()).sum::<usize>() < 2 {
            self.counts.remove(&sum);
            return false;
        }
        let term = self.push(sum);
        for (output, pairs) in matches {
            for (first, last) in pairs {
                self.remove(output, first);
                self.remove(output, last);
                let digit = Digit { term, ..pair(first, last).1 };
                for other in self.outputs[output].clone() {
                    self.count(pair(other, digit).0, 1);
                }
                self.outputs[output].push(digit);
            }
        }
        true
    }

    fn remove(&mut self, output: usize, digit: Digit) {
        let digits = &mut self.outputs[output];
        let at = digits.iter().position(|own| *own == digit).expect("the digit is there");
        digits.swap_remove(at);
        for other in digits.clone() {
            self.count(pair(other, digit).0, -1);
        }
    }

    fn push(&mut self, sum: Sum) -> u32 {
        let (a, b) = (self.ranges[sum.a as usize], self.ranges[sum.b as usize]);
        let b = b.shift(sum.shift).expect("binary points stay within a byte");
        let range = if sum.subtract { a.subtract(b) } else { a.add(b) };
        self.ranges.push(range.expect("the graph's types bound every sum"));
        self.depths.push(self.depth(sum));
        self.sums.push(sum);
        u32::try_from(self.ranges.len() - 1).expect("fewer than 2^32 terms")
    }

    /// Sums up what is left of each output, the shallowest and narrowest first.
    fn finish(&mut self) -> Vec<Option<SolutionOutput>> {
        let mut results = Vec::with_capacity(self.outputs.len());
        for digits in std::mem::take(&mut self.outputs) {
            let key = |state: &Self, digit: Digit| {
                let range = state.ranges[digit.term as usize];
                let top = 64 - (range.hi() ^ range.lo()).leading_zeros().cast_signed();
                let top = top + i32::from(digit.shift) - i32::from(range.frac());
                Reverse((state.depths[digit.term as usize], top, digit))
            };
            let mut heap: BinaryHeap<_> = digits.iter().map(|digit| key(self, *digit)).collect();
            let last = loop {
                let Some(Reverse((_, _, first))) = heap.pop() else { break None };
                let Some(Reverse((_, _, second))) = heap.pop() else { break Some(first) };
                let (sum, digit) = pair(first, second);
                let digit = Digit { term: self.push(sum), ..digit };
                heap.push(key(self, digit));
            };
            results.push(last.map(|digit| SolutionOutput {
                term: digit.term,
                shift: digit.shift,
                negate: digit.negative,
            }));
        }
        results
    }
}

/// Two digits as one sum, and that sum's place and sign as a digit (of a term yet unnamed).
fn pair(first: Digit, second: Digit) -> (Sum, Digit) {
    let key = |digit: Digit| (digit.term, digit.shift);
    let (mut a, mut b) = if key(first) <= key(second) { (first, second) } else { (second, first) };
    if a.negative && !b.negative {
        std::mem::swap(&mut a, &mut b);
    }
    let subtract = a.negative != b.negative;
    let sum = Sum { a: a.term, b: b.term, shift: b.shift - a.shift, subtract };
    (sum, Digit { term: u32::MAX, shift: a.shift, negative: a.negative })
}

/// Disjoint pairs of digits that are `sum` at some place and sign.
fn occurrences(digits: &[Digit], sum: Sum) -> Vec<(Digit, Digit)> {
    let mut used = vec![false; digits.len()];
    let mut found = Vec::new();
    for first in 0..digits.len() {
        for second in first + 1..digits.len() {
            if !used[first] && !used[second] && pair(digits[first], digits[second]).0 == sum {
                used[first] = true;
                used[second] = true;
                found.push((digits[first], digits[second]));
            }
        }
    }
    found
}
