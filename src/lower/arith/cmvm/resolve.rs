//! Takes a few connected adders out of a solution at a time and adds their operands up anew, in the
//! cheapest way there is.
//!
//! Terms that are there anyway and happen to be a part of the sum, but for a shift and a sign, cost
//! nothing. Values are told apart by what they are at random inputs; every solution is proved.

use std::iter;

use rustc_hash::FxHashMap;

use super::build::Value;
use super::dice::{Dice, mix};
use super::fuse::LEVELS_OF_THREE;
use super::prepare::Prepared;
use super::solution::Dyadic;
use super::tree::Operand;
use super::web::Web;
use super::window::{Piece, Window};
use super::{Problem, Solution};

/// What a search among windows may spend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spending {
    /// The most operands of a window.
    pub(super) operands: usize,
    /// The sums that may be weighed.
    pub(super) work: u64,
    /// Rounds over all adders that save nothing, until it ends.
    pub(super) idle: u32,
}

/// Adds a few operands at a time up anew wherever that costs no more bits.
///
/// Equally cheap ways take turns at random, so that others become possible.
pub(super) fn resolve(
    problem: &Problem,
    prepared: &Prepared,
    solution: &mut Solution,
    spending: Spending,
    mut dice: Dice,
) {
    let mut cost = solution.cost(problem);
    let (mut work, mut idle) = (0, 0);
    while work < spending.work && idle < spending.idle {
        let dice = Dice::new(dice.roll());
        let mut round = Round::new(problem, prepared, solution, spending.operands, dice);
        round.run();
        work += round.work;
        let Some(found) = round.web.solution() else { return };
        let new = found.cost(problem);
        idle = if new < cost { 0 } else { idle + 1 };
        if new <= cost {
            (*solution, cost) = (found, new);
        }
    }
}

/// One in so many shared sums is looked into.
const SHARED: usize = 4;

/// A pass over all adders, from the outputs down.
struct Round {
    web: Web,
    /// When each term is there, until its turn comes.
    arrivals: Vec<u32>,
    /// When each term must be there, once its turn has come.
    due: Vec<u32>,
    /// What each term is at random inputs.
    values: Vec<Option<Dyadic>>,
    /// The first term of each value.
    known: FxHashMap<u128, usize>,
    by_threes: bool,
    operands: usize,
    dice: Dice,
    work: u64,
}

impl Round {
    fn new(
        problem: &Problem,
        prepared: &Prepared,
        solution: &Solution,
        operands: usize,
        dice: Dice,
    ) -> Self {
        let mut arrivals: Vec<u32> = prepared.inputs.iter().map(|(_, arrival)| *arrival).collect();
        let mut values: Vec<Option<Dyadic>> =
            (0..arrivals.len()).map(|input| Some(at_random(input))).collect();
        for sum in &solution.sums {
            let latest = sum.addends().map(|part| arrivals[part.term as usize]).max();
            arrivals.push(latest.unwrap_or(0) + sum.levels());
            values.push(sum.addends().try_fold(Dyadic::ZERO, |value, part| {
                value.sum(values[part.term as usize]?, part.shift.into(), part.subtract)
            }));
        }
        let mut known = FxHashMap::default();
        for (term, value) in values.iter().enumerate() {
            if let Some(value) = value {
                known.entry(value.magnitude()).or_insert(term);
            }
        }
        let mut due = vec![u32::MAX; arrivals.len()];
        if let Some(deadline) = prepared.deadline {
            for output in solution.outputs.iter().flatten() {
                let due = &mut due[output.term as usize];
                *due = (*due).min(deadline - u32::from(output.negate));
            }
        }
        let web = Web::new(problem, solution);
        Self {
            web,
            arrivals,
            due,
            values,
            known,
            by_threes: problem.sums_of_three,
            operands,
            dice,
            work: 0,
        }
    }

    fn run(&mut self) {
        for root in (self.web.inputs..self.web.sums.len()).rev() {
            if self.web.users[root] == 0 {
                continue;
            }
            let first = self.web.sums.len();
            self.renew(root);
            self.due.resize(self.web.sums.len(), u32::MAX);
            // What is new comes before what it is made of.
            for term in iter::once(root).chain((first..self.web.sums.len()).rev()) {
                let three = self.web.sums[term].len() == 3;
                let levels = if three { LEVELS_OF_THREE } else { 1 };
                for part in &self.web.sums[term] {
                    let due = self.due[term].saturating_sub(levels);
                    self.due[part.term] = self.due[part.term].min(due);
                }
            }
        }
    }

    /// Solves the window below a term.
    fn renew(&mut self, root: usize) {
        let (parts, inner) = self.window(root);
        if parts.len() == 2 {
            return;
        }
        let there = self.there(&parts, &inner);
        let operand = |part: &Value| Operand {
            span: self.web.span(*part),
            negative: part.negative,
            arrival: self.arrivals[part.term],
        };
        let operands: Vec<Operand> = parts.iter().map(operand).collect();
        let since = |part: Value| (part.negative, self.arrivals[part.term]);
        let given: Vec<_> = there.iter().map(|part| part.map(since)).collect();
        let below = 1 + inner.iter().map(|term| self.web.cost(*term)).sum::<u32>();
        let (due, by_threes) = (self.due[root], self.by_threes);
        let window = Window { operands: &operands, given: &given, due, by_threes, below };
        let (sums, work) = window.solve();
        self.work += work;
        let Some(sums) = sums else { return };
        let mut terms: Vec<usize> = Vec::with_capacity(sums.len());
        for (place, pieces) in sums.iter().enumerate() {
            let part = |(piece, negative): (Piece, bool)| match piece {
                Piece::Given(set) => Value { negative, ..there[set].expect("it is there") },
                Piece::Sum(place) => Value { term: terms[place], shift: 0, negative },
            };
            let parts: Vec<Value> = pieces.iter().flatten().copied().map(part).collect();
            if place + 1 == sums.len() {
                self.web.put(root, parts);
            } else {
                terms.push(self.web.push(parts));
            }
        }
    }

    /// What a term adds up, through itself and sums that it alone uses.
    fn window(&mut self, root: usize) -> (Vec<Value>, Vec<usize>) {
        let mut parts = self.web.sums[root].clone();
        let mut inner = vec![root];
        let mut at = 0;
        while let Some(part) = parts.get(at).copied() {
            let below = &self.web.sums[part.term];
            let fits = !below.is_empty() && parts.len() + below.len() - 1 <= self.operands;
            let alone = self.web.users[part.term] == 1;
            if fits && (alone || self.dice.below(SHARED) == 0) {
                parts.swap_remove(at);
                parts.extend(below.iter().map(|below| below.scaled(part.shift, part.negative)));
                if alone {
                    inner.push(part.term);
                }
            } else {
                at += 1;
            }
        }
        for at in (1..parts.len()).rev() {
            parts.swap(at, self.dice.below(at + 1));
        }
        (parts, inner)
    }

    /// For each set of parts, but not for all of them, what it is if that is there anyway.
    fn there(&self, parts: &[Value], inner: &[usize]) -> Vec<Option<Value>> {
        let root = inner[0];
        let mut values = vec![Some(Dyadic::ZERO)];
        let mut there = vec![None];
        for set in 1..(1_usize << parts.len()) - 1 {
            let first = parts[set.trailing_zeros() as usize];
            let rest = set & (set - 1);
            let value = values[rest]
                .and_then(|rest| rest.sum(self.values[first.term]?, first.shift, first.negative));
            values.push(value);
            let same = || {
                let value = value?;
                let term = *self.known.get(&value.magnitude())?;
                let (shift, negative) = value.over(self.values[term]?)?;
                let usable = term < root && self.web.users[term] > 0 && !inner.contains(&term);
                usable.then_some(Value { term, shift, negative })
            };
            there.push(if rest == 0 { Some(first) } else { same() });
        }
        there.push(None);
        there
    }
}

/// A value that no small sum of others has.
fn at_random(input: usize) -> Dyadic {
    let word = mix(u64::try_from(input).expect("an index is a word"));
    Dyadic::new(i128::from(word >> 16 | 1), 0)
}
