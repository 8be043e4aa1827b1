//! Chooses which way round each difference is taken, so that signs vanish.
//!
//! `a + b` cannot be built as its negative, `a - b` can: as `b - a`. Where an
//! output would have to be negated, a difference below it is turned round.

use super::build::{Draft, Node, Value};
use super::span::Span;
use super::{Problem, Solution, SolutionOutput, Sum};

/// The most differences that are tried for one output.
const TRIES: usize = 24;

/// The solution of a draft.
pub(super) fn orient(problem: &Problem, draft: &Draft) -> Solution {
    let mut turned = vec![false; draft.nodes.len()];
    let mut built = Built::new(problem, draft, &turned, true);
    for (index, node) in draft.nodes.iter().enumerate() {
        turned[index] = built.turned[index];
        let _ = node;
    }
    for index in 0..draft.outputs.len() {
        let negated = |built: &Built| {
            built.solution.outputs[index].is_some_and(|output| output.negate)
        };
        if !negated(&built) {
            continue;
        }
        let root = draft.outputs[index].expect("a negated output is not zero");
        for candidate in differences(draft, &built, root) {
            let place = candidate - draft.inputs;
            turned[place] = !turned[place];
            let trial = Built::new(problem, draft, &turned, false);
            if trial.burden < built.burden {
                built = trial;
                break;
            }
            turned[place] = !turned[place];
        }
    }
    built.solution
}

/// Differences at and below a value, nearest first.
fn differences(draft: &Draft, built: &Built, root: Value) -> Vec<usize> {
    let mut reached = vec![root.term];
    let mut found = Vec::new();
    let mut next = 0;
    while let Some(term) = reached.get(next).copied() {
        next += 1;
        let Some(place) = term.checked_sub(draft.inputs) else { continue };
        if built.free[place] {
            found.push(term);
        }
        if found.len() == TRIES || reached.len() > 4 * TRIES {
            break;
        }
        let Node { a, b, .. } = draft.nodes[place];
        for operand in [a, b] {
            if !reached.contains(&operand) {
                reached.push(operand);
            }
        }
    }
    found
}

/// A draft built with given orders of its differences.
struct Built {
    solution: Solution,
    /// Which nodes are differences, and so may be taken either way.
    free: Vec<bool>,
    /// Which of them take the second operand first.
    turned: Vec<bool>,
    /// Bits of adders, of low ends below a difference, and of negations.
    burden: i64,
}

impl Built {
    /// Builds; `choose` takes each difference in the order that is cheaper by itself.
    fn new(problem: &Problem, draft: &Draft, turned: &[bool], choose: bool) -> Self {
        let mut values: Vec<Value> =
            (0..draft.inputs).map(|term| Value { term, shift: 0, negative: false }).collect();
        let mut spans: Vec<Span> =
            problem.inputs.iter().map(|input| Span::of(input.range)).collect();
        let mut built = Self {
            solution: Solution::default(),
            free: Vec::new(),
            turned: turned.to_vec(),
            burden: 0,
        };
        for (place, node) in draft.nodes.iter().enumerate() {
            let a = values[node.a];
            let b = values[node.b].scaled(node.shift, node.subtract);
            let free = a.negative != b.negative;
            let price = |first: Value, second: Value| {
                let (x, y) = (spans[first.term], spans[second.term]);
                let shift = second.shift - first.shift;
                let subtract = first.negative != second.negative;
                let tail = if subtract { (x.low() - y.low() - shift).max(0) } else { 0 };
                x.overlap(y, shift, subtract) + tail
            };
            let turn = if !free {
                b.shift < a.shift
            } else if choose {
                let (plain, turned) = (price(a, b), price(b, a));
                (turned, a.negative) < (plain, b.negative)
            } else {
                turned[place]
            };
            let (first, second) = if turn { (b, a) } else { (a, b) };
            let shift = second.shift - first.shift;
            let span = spans[first.term].sum(spans[second.term], shift, free);
            built.burden += i64::from(price(first, second));
            built.free.push(free);
            built.turned[place] = turn;
            built.solution.sums.push(Sum {
                a: narrow(first.term),
                b: narrow(second.term),
                shift: i8::try_from(shift).expect("the problem bounds the shifts"),
                subtract: free,
            });
            spans.push(span.expect("the problem bounds the spans"));
            values.push(Value { term: values.len(), ..first });
        }
        built.solution.outputs = draft
            .outputs
            .iter()
            .map(|output| {
                let output = (*output)?;
                let value = values[output.term].scaled(output.shift, output.negative);
                if value.negative {
                    built.burden += i64::from(spans[value.term].width());
                }
                Some(SolutionOutput {
                    term: narrow(value.term),
                    shift: i8::try_from(value.shift).expect("the problem bounds the shifts"),
                    negate: value.negative,
                })
            })
            .collect();
        built
    }
}

fn narrow(term: usize) -> u32 {
    u32::try_from(term).expect("a solution has fewer than 2^32 terms")
}
