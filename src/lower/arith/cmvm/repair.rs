//! Keeps the deadline where a negation would break it.
//!
//! Rows are summed in time, but an output that comes out negative needs one
//! level more. Where that is too late, the output gets a tree of its own,
//! straight from the inputs, whose sign is right.

use super::prepare::{Prepared, column_digits};
use super::tree::{Operand, Tree};
use super::{Solution, SolutionOutput, Sum};
use crate::entity::EntityId;

/// `± term * 2^shift` of a solution.
#[derive(Clone, Copy)]
struct Part {
    term: u32,
    shift: i16,
    negative: bool,
}

/// Rebuilds every output of `solution` that is late.
pub(super) fn keep_deadline(prepared: &Prepared, solution: &mut Solution) {
    let Some(deadline) = prepared.deadline else { return };
    let mut arrivals: Vec<u32> = prepared.inputs.iter().map(|(_, arrival)| *arrival).collect();
    for sum in &solution.sums {
        arrivals.push(arrivals[index(sum.a)].max(arrivals[index(sum.b)]) + 1);
    }
    let mut rebuilt = false;
    for place in 0..solution.outputs.len() {
        let Some(output) = solution.outputs[place] else { continue };
        if arrivals[index(output.term)] + u32::from(output.negate) > deadline {
            solution.outputs[place] = Some(rebuild(prepared, solution, place, deadline));
            rebuilt = true;
        }
    }
    if rebuilt {
        sweep(prepared.inputs.len(), solution);
    }
}

/// Adds a tree for an output to the solution.
fn rebuild(
    prepared: &Prepared,
    solution: &mut Solution,
    place: usize,
    deadline: u32,
) -> SolutionOutput {
    let (column, exponent, negative) =
        prepared.outputs[place].expect("an output that is late is not zero");
    let digits: Vec<_> = column_digits(&prepared.columns[column])
        .into_iter()
        .map(|digit| digit.scaled(exponent, negative))
        .collect();
    let mut tree = Tree::default();
    let operands = digits.iter().map(|digit| {
        let (span, arrival) = prepared.inputs[digit.term.index()];
        Operand { span: span.moved(digit.shift), negative: digit.negative, arrival }
    });
    let negate = digits.iter().all(|digit| digit.negative);
    tree.build(operands, Some(deadline - u32::from(negate)));
    let mut parts: Vec<Part> = digits
        .iter()
        .map(|digit| Part {
            term: u32::try_from(digit.term.index()).expect("terms are few"),
            shift: digit.shift,
            negative: digit.negative,
        })
        .collect();
    let mut root = 0;
    for (first, second) in &tree.merges {
        let (a, b) = (parts[*first], parts[*second]);
        let (a, b) = if a.negative { (b, a) } else { (a, b) };
        let term = prepared.inputs.len() + solution.sums.len();
        solution.sums.push(Sum {
            a: a.term,
            b: b.term,
            shift: i8::try_from(b.shift - a.shift).expect("the problem bounds the shifts"),
            subtract: a.negative != b.negative,
            third: None,
        });
        parts[*first] = Part { term: u32::try_from(term).expect("terms are few"), ..a };
        root = *first;
    }
    let Part { term, shift, negative } = parts[root];
    let shift = i8::try_from(shift).expect("the problem bounds the shifts");
    SolutionOutput { term, shift, negate: negative }
}

/// Drops sums that nothing uses.
fn sweep(inputs: usize, solution: &mut Solution) {
    let mut used = vec![false; inputs + solution.sums.len()];
    for output in solution.outputs.iter().flatten() {
        used[index(output.term)] = true;
    }
    for (place, sum) in solution.sums.iter().enumerate().rev() {
        if used[inputs + place] {
            used[index(sum.a)] = true;
            used[index(sum.b)] = true;
        }
    }
    let mut places: Vec<u32> = Vec::with_capacity(used.len());
    let mut next = 0;
    for (term, used) in used.iter().enumerate() {
        places.push(next);
        next += u32::from(*used || term < inputs);
    }
    let mut place = inputs;
    solution.sums.retain_mut(|sum| {
        (sum.a, sum.b) = (places[index(sum.a)], places[index(sum.b)]);
        place += 1;
        used[place - 1]
    });
    for output in solution.outputs.iter_mut().flatten() {
        output.term = places[index(output.term)];
    }
}

fn index(term: u32) -> usize {
    usize::try_from(term).expect("a term is an index")
}
