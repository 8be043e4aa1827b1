//! Chooses which way round each difference is taken, so that signs vanish.
//!
//! `a + b` cannot be built as its negative, `a - b` can: as `b - a`. Where an
//! output would have to be negated, a difference below it is turned round, or
//! built both ways.

use std::collections::BTreeSet;

use super::build::{Draft, Value};
use super::dice::Dice;
use super::span::Span;
use super::{Problem, Solution, SolutionOutput, Sum};

/// The most nodes below an output among which a difference is turned round.
const CONE: usize = 40;

/// The turns that are tried for each negated output.
const TURNS: usize = 30;

/// The signs with which the terms of a draft are built.
pub(super) struct Signs<'a> {
    draft: &'a Draft,
    /// The bits of each term as the draft defines it.
    spans: Vec<Span>,
    /// Which terms are built as their negatives.
    negative: Vec<bool>,
    /// Which nodes, being differences, take the second operand first.
    turned: Vec<bool>,
    /// Bits of each node's adder.
    prices: Vec<i16>,
    /// Bits of the negation of each term, where an output needs one.
    negations: Vec<i16>,
    /// The nodes that use each term.
    users: Vec<Vec<usize>>,
    /// The outputs that are each term, but for a shift.
    outputs: Vec<Vec<Value>>,
    /// All prices and negations.
    burden: i64,
}

impl<'a> Signs<'a> {
    /// Takes each difference in the order that is cheaper by itself.
    pub(super) fn new(problem: &Problem, draft: &'a Draft) -> Self {
        let terms = draft.inputs + draft.nodes.len();
        let mut signs = Self {
            draft,
            spans: problem.inputs.iter().map(|input| Span::of(input.range)).collect(),
            negative: vec![false; terms],
            turned: vec![false; draft.nodes.len()],
            prices: vec![0; draft.nodes.len()],
            users: vec![Vec::new(); terms],
            outputs: vec![Vec::new(); terms],
            negations: vec![0; terms],
            burden: 0,
        };
        for output in draft.outputs.iter().flatten() {
            signs.outputs[output.term].push(*output);
        }
        for (place, node) in draft.nodes.iter().enumerate() {
            let span = signs.spans[node.a].sum(signs.spans[node.b], node.shift, node.subtract);
            signs.spans.push(span.expect("the problem bounds the spans"));
            signs.users[node.a].push(place);
            signs.users[node.b].push(place);
            let [a, b] = signs.operands(place);
            let turned = (signs.price(b, a), b.negative) < (signs.price(a, b), a.negative);
            signs.turned[place] = a.negative != b.negative && turned;
            signs.settle(place);
        }
        for term in 0..draft.inputs {
            signs.negations[term] = signs.negation(term);
            signs.burden += i64::from(signs.negations[term]);
        }
        signs
    }

    /// The operands of a node with the signs that they are built with.
    fn operands(&self, place: usize) -> [Value; 2] {
        let node = self.draft.nodes[place];
        let negative = |term: usize| self.negative[term];
        [
            Value { term: node.a, shift: 0, negative: negative(node.a) },
            Value { term: node.b, shift: node.shift, negative: negative(node.b) != node.subtract },
        ]
    }

    /// Bits of the adder.
    fn price(&self, first: Value, second: Value) -> i16 {
        let built = |value: Value| {
            let span = self.spans[value.term];
            if self.negative[value.term] { span.negated() } else { span }
        };
        let (a, b) = (built(first), built(second));
        let shift = second.shift - first.shift;
        let subtract = first.negative != second.negative;
        a.overlap(b, shift, subtract)
    }

    /// The bits of the negation that a term needs as an output.
    fn negation(&self, term: usize) -> i16 {
        let late = |output: &Value| output.negative != self.negative[term];
        let width = if self.negative[term] {
            self.spans[term].negated().width()
        } else {
            self.spans[term].width()
        };
        if self.outputs[term].iter().any(late) { width } else { 0 }
    }

    /// Brings the sign and the price of a node up to date; true when the sign changed.
    fn settle(&mut self, place: usize) -> bool {
        let [a, b] = self.operands(place);
        let (first, second) =
            if a.negative != b.negative && self.turned[place] { (b, a) } else { (a, b) };
        let term = self.draft.inputs + place;
        let changed = self.negative[term] != first.negative;
        self.negative[term] = first.negative;
        let price = self.price(first, second);
        let negation = self.negation(term);
        self.burden += i64::from(price) - i64::from(self.prices[place]);
        self.burden += i64::from(negation) - i64::from(self.negations[term]);
        (self.prices[place], self.negations[term]) = (price, negation);
        changed
    }

    /// Turns a difference round, with all that follows.
    fn turn(&mut self, place: usize) {
        self.turned[place] = !self.turned[place];
        let mut unsettled = BTreeSet::from([place]);
        while let Some(place) = unsettled.pop_first() {
            if self.settle(place) {
                unsettled.extend(&self.users[self.draft.inputs + place]);
            }
        }
    }

    fn is_difference(&self, place: usize) -> bool {
        let [a, b] = self.operands(place);
        a.negative != b.negative
    }

    /// A walk that turns random differences below random negated outputs and keeps what is not
    /// worse.
    pub(super) fn walk(&mut self, dice: &mut Dice) {
        let wrong = |signs: &Self| -> Vec<usize> {
            let outputs = signs.draft.outputs.iter().flatten();
            let wrong = outputs.filter(|output| output.negative != signs.negative[output.term]);
            wrong.map(|output| output.term).collect()
        };
        let mut negated = wrong(self);
        for _ in 0..TURNS * negated.len() {
            let below = self.differences(negated[dice.below(negated.len())]);
            if below.is_empty() {
                continue;
            }
            // Near differences are tried more often.
            let place = below[dice.below(below.len()).min(dice.below(below.len()))];
            let before = self.burden;
            self.turn(place);
            if self.burden > before {
                self.turn(place);
                continue;
            }
            negated = wrong(self);
            if negated.is_empty() {
                break;
            }
        }
    }

    /// The nodes that are differences at and below a term, nearest first.
    fn differences(&self, root: usize) -> Vec<usize> {
        let mut reached = vec![root];
        let mut found = Vec::new();
        let mut next = 0;
        while let Some(term) = reached.get(next).copied() {
            next += 1;
            let Some(place) = term.checked_sub(self.draft.inputs) else { continue };
            if self.is_difference(place) {
                found.push(place);
            }
            if reached.len() > CONE {
                continue;
            }
            for operand in [self.draft.nodes[place].a, self.draft.nodes[place].b] {
                if !reached.contains(&operand) {
                    reached.push(operand);
                }
            }
        }
        found
    }

    /// The solution with these signs.
    ///
    /// Outputs that stay negative and are differences are built the other way as well.
    pub(super) fn solution(&self) -> Solution {
        let inputs = self.draft.inputs;
        let mut solution = Solution::default();
        // What each term of the draft is in terms of the sum that is built for it.
        let mut built: Vec<Value> =
            (0..inputs).map(|term| Value { term, shift: 0, negative: false }).collect();
        for (place, node) in self.draft.nodes.iter().enumerate() {
            let a = built[node.a];
            let b = built[node.b].scaled(node.shift, node.subtract);
            let turned =
                if a.negative == b.negative { b.shift < a.shift } else { self.turned[place] };
            let (first, second) = if turned { (b, a) } else { (a, b) };
            built.push(push(&mut solution, inputs, first, second));
        }
        for output in &self.draft.outputs {
            let output = output.map(|output| {
                let value = built[output.term].scaled(output.shift, output.negative);
                match value.term.checked_sub(inputs).map(|place| solution.sums[place]) {
                    Some(sum) if value.negative && sum.subtract => {
                        let shift = i16::from(sum.shift);
                        let first = Value { term: wide(sum.b), shift, negative: false };
                        let second = Value { term: wide(sum.a), shift: 0, negative: true };
                        push(&mut solution, inputs, first, second).scaled(value.shift, false)
                    }
                    _ => value,
                }
            });
            solution.outputs.push(output.map(|value| SolutionOutput {
                term: narrow(value.term),
                shift: i8::try_from(value.shift).expect("the problem bounds the shifts"),
                negate: value.negative,
            }));
        }
        solution
    }
}

/// Adds a sum that has the sign of its first operand.
fn push(solution: &mut Solution, inputs: usize, first: Value, second: Value) -> Value {
    solution.sums.push(Sum {
        a: narrow(first.term),
        b: narrow(second.term),
        shift: i8::try_from(second.shift - first.shift).expect("the problem bounds the shifts"),
        subtract: first.negative != second.negative,
        third: None,
    });
    Value { term: inputs + solution.sums.len() - 1, ..first }
}

fn narrow(term: usize) -> u32 {
    u32::try_from(term).expect("a solution has fewer than 2^32 terms")
}

fn wide(term: u32) -> usize {
    usize::try_from(term).expect("a term is an index")
}
