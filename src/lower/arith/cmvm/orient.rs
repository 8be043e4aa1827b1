//! Chooses which way round each difference is taken, so that signs vanish.
//!
//! `a + b` cannot be built as its negative, `a - b` can: as `b - a`. Where an
//! output would have to be negated, a difference below it is turned round, or
//! built both ways.

use super::build::{Draft, Value};
use super::improve::Dice;
use super::span::Span;
use super::{Problem, Solution, SolutionOutput, Sum};

/// The most nodes below an output among which a difference is turned round.
const CONE: usize = 40;

/// The turns that are tried, for each negated output and at most, in nodes visited.
const TURNS: usize = 60;
const VISITS: usize = 4_000_000;

/// The solution of a draft.
///
/// A walk turns random differences below random negated outputs and keeps what is not worse;
/// what it ends with is the best it met.
pub(super) fn orient(problem: &Problem, draft: &Draft, dice: &mut Dice) -> Solution {
    let mut here = Oriented::new(problem, draft, None);
    let turns = TURNS * here.negated(draft).len();
    for _ in 0..turns.min(VISITS / draft.nodes.len().max(1)) {
        let negated = here.negated(draft);
        if negated.is_empty() {
            break;
        }
        let below = here.differences(draft, negated[dice.below(negated.len())]);
        if below.is_empty() {
            continue;
        }
        // Near differences are tried more often.
        let place = below[dice.below(below.len()).min(dice.below(below.len()))];
        let mut turned = here.turned.clone();
        turned[place] = !turned[place];
        let trial = Oriented::new(problem, draft, Some(turned));
        if trial.burden <= here.burden {
            here = trial;
        }
    }
    here.solution(draft)
}

/// A draft with an order for each of its differences.
struct Oriented {
    /// What each term of the draft is in terms of the sum that is built for it.
    values: Vec<Value>,
    spans: Vec<Span>,
    sums: Vec<Sum>,
    /// Which sums take the second operand of the draft first.
    turned: Vec<bool>,
    /// Bits of adders, of low ends that a difference must negate, and of negations.
    burden: i64,
}

impl Oriented {
    /// Takes differences in the given orders, or each in the order that is cheaper by itself.
    fn new(problem: &Problem, draft: &Draft, turned: Option<Vec<bool>>) -> Self {
        let mut built = Self {
            values: (0..draft.inputs)
                .map(|term| Value { term, shift: 0, negative: false })
                .collect(),
            spans: problem.inputs.iter().map(|input| Span::of(input.range)).collect(),
            sums: Vec::new(),
            turned: Vec::new(),
            burden: 0,
        };
        for (place, node) in draft.nodes.iter().enumerate() {
            let a = built.values[node.a];
            let b = built.values[node.b].scaled(node.shift, node.subtract);
            let turn = if a.negative == b.negative {
                b.shift < a.shift
            } else if let Some(turned) = &turned {
                turned[place]
            } else {
                let (plain, turned) = (built.price(a, b), built.price(b, a));
                (turned, b.negative) < (plain, a.negative)
            };
            let value = if turn { built.push(b, a) } else { built.push(a, b) };
            built.values.push(value);
            built.turned.push(turn);
        }
        for output in draft.outputs.iter().flatten() {
            let value = built.value(*output);
            if value.negative {
                built.burden += i64::from(built.spans[value.term].width());
            }
        }
        built
    }

    /// The terms of the outputs that have to be negated.
    fn negated(&self, draft: &Draft) -> Vec<usize> {
        let outputs = draft.outputs.iter().flatten();
        outputs.filter(|output| self.value(**output).negative).map(|output| output.term).collect()
    }

    fn value(&self, value: Value) -> Value {
        self.values[value.term].scaled(value.shift, value.negative)
    }

    /// Bits of the adder, and of the low end of the subtrahend that needs one as well.
    fn price(&self, first: Value, second: Value) -> i16 {
        let (a, b) = (self.spans[first.term], self.spans[second.term]);
        let shift = second.shift - first.shift;
        let subtract = first.negative != second.negative;
        let tail = if subtract { (a.low() - b.low() - shift).max(0) } else { 0 };
        a.overlap(b, shift, subtract) + tail
    }

    /// Adds a sum that has the sign of its first operand.
    fn push(&mut self, first: Value, second: Value) -> Value {
        let shift = second.shift - first.shift;
        let subtract = first.negative != second.negative;
        self.burden += i64::from(self.price(first, second));
        let span = self.spans[first.term].sum(self.spans[second.term], shift, subtract);
        self.spans.push(span.expect("the problem bounds the spans"));
        self.sums.push(Sum {
            a: narrow(first.term),
            b: narrow(second.term),
            shift: i8::try_from(shift).expect("the problem bounds the shifts"),
            subtract,
        });
        Value { term: self.spans.len() - 1, ..first }
    }

    /// The nodes that are differences at and below a term, nearest first.
    fn differences(&self, draft: &Draft, root: usize) -> Vec<usize> {
        let mut reached = vec![root];
        let mut found = Vec::new();
        let mut next = 0;
        while let Some(term) = reached.get(next).copied() {
            next += 1;
            let Some(place) = term.checked_sub(draft.inputs) else { continue };
            if self.sums[place].subtract {
                found.push(place);
            }
            if reached.len() > CONE {
                break;
            }
            for operand in [draft.nodes[place].a, draft.nodes[place].b] {
                if !reached.contains(&operand) {
                    reached.push(operand);
                }
            }
        }
        found
    }

    /// Outputs that stay negative and are differences are built the other way as well.
    fn solution(mut self, draft: &Draft) -> Solution {
        let mut outputs = Vec::with_capacity(draft.outputs.len());
        for output in &draft.outputs {
            let Some(output) = output else {
                outputs.push(None);
                continue;
            };
            let mut value = self.value(*output);
            let sum = value.term.checked_sub(draft.inputs).map(|place| self.sums[place]);
            if let Some(sum) = sum
                && value.negative
                && sum.subtract
            {
                let first = Value { term: wide(sum.b), shift: i16::from(sum.shift), negative: false };
                let second = Value { term: wide(sum.a), shift: 0, negative: true };
                value = self.push(first, second).scaled(value.shift, false);
            }
            outputs.push(Some(SolutionOutput {
                term: narrow(value.term),
                shift: i8::try_from(value.shift).expect("the problem bounds the shifts"),
                negate: value.negative,
            }));
        }
        Solution { sums: self.sums, outputs }
    }
}

fn narrow(term: usize) -> u32 {
    u32::try_from(term).expect("a solution has fewer than 2^32 terms")
}

fn wide(term: u32) -> usize {
    usize::try_from(term).expect("a term is an index")
}
