//! Sums of three out of sums of two: a sum that only one other uses is computed with it.

use super::prepare::Prepared;
use super::span::Span;
use super::{Addend, Problem, Solution, Sum};

/// The levels of a sum of three: as many as of the two sums that it replaces.
pub(super) const LEVELS_OF_THREE: u32 = 2;

/// Fuses sums wherever that saves bits and keeps the deadline.
///
/// From the inputs on, each sum takes in one of its operands, the dearest that it can: in a tree
/// that makes as many pairs as there can be.
pub(super) fn fuse(problem: &Problem, prepared: &Prepared, solution: &mut Solution) {
    let inputs = problem.inputs.len();
    let spans = solution.spans(problem);
    let users = users(inputs, solution);
    let due = due(prepared, inputs, solution);
    let mut arrivals: Vec<u32> = prepared.inputs.iter().map(|(_, arrival)| *arrival).collect();
    let mut fused = vec![false; solution.sums.len()];
    for place in 0..solution.sums.len() {
        let sum = solution.sums[place];
        let arrival = |arrivals: &[u32], sum: &Sum| {
            let latest = sum.addends().map(|term| arrivals[index(term.term)]).max();
            latest.unwrap_or(0) + sum.levels()
        };
        let mut best: Option<(i16, usize, Sum)> = None;
        for (operand, other) in [(sum.first(), sum.second()), (sum.second(), sum.first())] {
            let Some(inner) = index(operand.term).checked_sub(inputs) else { continue };
            let whole = solution.sums[inner];
            if users[index(operand.term)] != 1 || whole.third.is_some() || sum.a == sum.b {
                continue;
            }
            let Some(three) = joined(whole, operand, other) else { continue };
            let apart = bits(&spans, &sum) + bits(&spans, &whole);
            let saved = apart - bits(&spans, &three);
            let in_time = due[inputs + place].is_none_or(|due| arrival(&arrivals, &three) <= due);
            if saved > 0 && in_time && best.is_none_or(|(known, ..)| saved > known) {
                best = Some((saved, inner, three));
            }
        }
        if let Some((_, inner, three)) = best {
            fused[inner] = true;
            solution.sums[place] = three;
        }
        arrivals.push(arrival(&arrivals, &solution.sums[place]));
    }
    drop_sums(inputs, solution, &fused);
}

/// `operand` in terms of the sum that it is, plus `other`; nothing if shifts grow too large.
fn joined(sum: Sum, operand: Addend, other: Addend) -> Option<Sum> {
    let inner = |term: Addend| {
        let shift = term.shift.checked_add(operand.shift)?;
        Some(Addend { shift, subtract: term.subtract != operand.subtract, ..term })
    };
    let terms = [inner(sum.first())?, inner(sum.second())?, other];
    // The first term of the outer sum is as it is: itself, or the first of the inner one.
    let first = terms.iter().position(|term| !term.subtract && term.shift == 0)?;
    let second = terms[usize::from(first == 0)];
    let third = terms[if first == 2 { 1 } else { 2 }];
    Some(Sum {
        a: terms[first].term,
        b: second.term,
        shift: second.shift,
        subtract: second.subtract,
        third: Some(third),
    })
}

/// How often each term is used; outputs count twice, for they must stay.
fn users(inputs: usize, solution: &Solution) -> Vec<u32> {
    let mut users = vec![0; inputs + solution.sums.len()];
    for sum in &solution.sums {
        sum.addends().for_each(|term| users[index(term.term)] += 1);
    }
    for output in solution.outputs.iter().flatten() {
        users[index(output.term)] += 2;
    }
    users
}

/// When each term must be there.
fn due(prepared: &Prepared, inputs: usize, solution: &Solution) -> Vec<Option<u32>> {
    let mut due = vec![None; inputs + solution.sums.len()];
    let Some(deadline) = prepared.deadline else { return due };
    let ask = |due: &mut Vec<Option<u32>>, term: u32, when: u32| {
        let due = &mut due[index(term)];
        *due = Some(due.map_or(when, |due| due.min(when)));
    };
    for output in solution.outputs.iter().flatten() {
        ask(&mut due, output.term, deadline - u32::from(output.negate));
    }
    for (place, sum) in solution.sums.iter().enumerate().rev() {
        if let Some(own) = due[inputs + place] {
            sum.addends().for_each(|term| ask(&mut due, term.term, own.saturating_sub(1)));
        }
    }
    due
}

/// The bits of a sum, as [`Solution::cost`] counts them.
pub(super) fn bits(spans: &[Span], sum: &Sum) -> i16 {
    let (a, b) = (spans[index(sum.a)], spans[index(sum.b)]);
    match sum.third {
        None => a.overlap(b, i16::from(sum.shift), sum.subtract),
        Some(third) => {
            let c = spans[index(third.term)].moved(i16::from(third.shift));
            let b = b.moved(i16::from(sum.shift));
            Span::overlap_of_three([(a, false), (b, sum.subtract), (c, third.subtract)])
        }
    }
}

/// Drops the sums that others have taken in.
fn drop_sums(inputs: usize, solution: &mut Solution, fused: &[bool]) {
    let mut places: Vec<u32> = (0..inputs).map(narrow).collect();
    let mut next = narrow(inputs);
    for fused in fused {
        places.push(next);
        next += u32::from(!fused);
    }
    let moved = |term: u32| places[index(term)];
    let mut place = 0;
    solution.sums.retain_mut(|sum| {
        (sum.a, sum.b) = (moved(sum.a), moved(sum.b));
        sum.third = sum.third.map(|third| Addend { term: moved(third.term), ..third });
        place += 1;
        !fused[place - 1]
    });
    for output in solution.outputs.iter_mut().flatten() {
        output.term = moved(output.term);
    }
}

fn index(term: u32) -> usize {
    usize::try_from(term).expect("a term is an index")
}

fn narrow(term: usize) -> u32 {
    u32::try_from(term).expect("a solution has fewer than 2^32 terms")
}
