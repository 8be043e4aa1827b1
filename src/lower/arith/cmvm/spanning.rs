//! Columns as differences to other columns, along a spanning tree.
//!
//! `2^p K_i = ± 2^q K_j + D` costs one adder more than the digits of `D`: cheap
//! where columns resemble each other. Prim's algorithm grows the tree from zero.

use super::csd;
use super::extract::least_arrival;
use super::network::Network;
use super::pattern::{Digit, TermId};
use super::prepare::{Prepared, column_digits};
use super::term::{Role, weight};

/// The largest relative shift that is tried.
const REACH: i16 = 8;

/// How a tree is grown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tree {
    /// Whether the sum of all inputs may stand in the tree although nobody asks for it.
    pub(super) total: bool,
    /// Levels that a column with children may take beyond the least, if its depth is bounded.
    pub(super) ease: u32,
    /// A column is a difference only if that saves this many sixteenths of its digits.
    pub(super) gain: u32,
}

/// `2^own K_i = ± 2^other K_parent + D`.
#[derive(Clone, Copy, Debug)]
struct Link {
    digits: u32,
    parent: usize,
    own: i16,
    other: i16,
    negative: bool,
}

/// The network of a tree; nothing where no column became a difference.
pub(super) fn spanning(prepared: &Prepared, tree: Tree) -> Option<Network> {
    let mut columns = prepared.columns.clone();
    let asked = columns.len();
    if tree.total {
        let live = |input: &usize| prepared.columns.iter().any(|column| column[*input] != 0);
        let total: Vec<i64> =
            (0..prepared.inputs.len()).map(|input| i64::from(live(&input))).collect();
        if columns.contains(&total) || prepared.try_span(&total).is_none() {
            return None;
        }
        columns.push(total);
    }
    let digits: Vec<u32> =
        columns.iter().map(|column| column.iter().map(|entry| csd::weight(*entry)).sum()).collect();
    let mut network = prepared.network();
    let mut rows: Vec<Option<TermId>> = vec![None; columns.len()];
    let mut links: Vec<Option<Link>> = vec![None; columns.len()];
    let mut last = None;
    let mut differences = 0;
    for round in 0..columns.len() {
        // The total comes first: all others may hang on it.
        let next = if tree.total && round == 0 {
            asked
        } else {
            if let Some(parent) = last {
                for index in (0..asked).filter(|index| rows[*index].is_none()) {
                    let most = links[index].map_or(digits[index], |link| link.digits + 1);
                    let most = most.min(digits[index] - digits[index] * tree.gain / 16);
                    if let Some(link) = link(&columns, index, parent, most)
                        && fits(prepared, &network, &columns, index, &link, &rows)
                    {
                        links[index] = Some(link);
                    }
                }
            }
            let price = |index: &usize| {
                (links[*index].map_or(digits[*index], |link| link.digits + 1), *index)
            };
            (0..asked).filter(|index| rows[*index].is_none()).min_by_key(price)?
        };
        let column = &columns[next];
        let (row_digits, shift) = match links[next] {
            Some(link) => {
                differences += 1;
                let parent = rows[link.parent].expect("parents come first");
                let rest = difference(column, &columns[link.parent], &link)?;
                let mut row_digits = column_digits(&rest);
                row_digits.push(Digit { term: parent, shift: link.other, negative: link.negative });
                (row_digits, -link.own)
            }
            None => (column_digits(column), 0),
        };
        let due = prepared.due.get(next).copied().unwrap_or(prepared.deadline.unwrap_or(0));
        let arrival = prepared.deadline.map_or(0, |_| {
            let load =
                row_digits.iter().map(|digit| weight(network.term(digit.term).arrival)).sum();
            (least_arrival(load) + tree.ease).min(due)
        });
        let span = prepared.span(column);
        let row = if next < asked {
            network.create_output(span, arrival, due)
        } else {
            network.create(span, arrival, Role::Shared)
        };
        for digit in row_digits {
            network.load(row, digit.scaled(shift, false));
        }
        rows[next] = Some(row);
        last = Some(next);
    }
    let rows: Vec<TermId> = rows.into_iter().take(asked).collect::<Option<_>>()?;
    network.outputs = prepared.place(&rows);
    network.commit();
    (differences > 0 && network.is_bounded()).then_some(network)
}

/// The difference of a column to its parent, in units of `2^-own` of the column.
fn difference(column: &[i64], parent: &[i64], link: &Link) -> Option<Vec<i64>> {
    let entry = |(own, other): (&i64, &i64)| {
        let own = own.checked_mul(1_i64.checked_shl(u32::from(link.own.unsigned_abs()))?)?;
        let other = other.checked_mul(1_i64.checked_shl(u32::from(link.other.unsigned_abs()))?)?;
        if link.negative { own.checked_add(other) } else { own.checked_sub(other) }
    };
    column.iter().zip(parent).map(entry).collect()
}

/// The link with the fewest digits, fewer than `most - 1`.
fn link(columns: &[Vec<i64>], index: usize, parent: usize, most: u32) -> Option<Link> {
    let mut best = None;
    let mut most = most.checked_sub(1)?;
    for shift in -REACH..=REACH {
        for negative in [false, true] {
            let (own, other) = (shift.min(0).abs(), shift.max(0));
            let entries = columns[index].iter().zip(&columns[parent]);
            let mut digits = 0;
            for (column, parent) in entries {
                let column = i128::from(*column) << own;
                let parent = i128::from(*parent) << other;
                let rest = if negative { column + parent } else { column - parent };
                digits += csd::weight_wide(rest);
                if digits >= most {
                    break;
                }
            }
            if digits < most {
                most = digits;
                best = Some(Link { digits, parent, own, other, negative });
            }
        }
    }
    best
}

/// True when a column may hang on its parent within the deadline.
fn fits(
    prepared: &Prepared,
    network: &Network,
    columns: &[Vec<i64>],
    index: usize,
    link: &Link,
    rows: &[Option<TermId>],
) -> bool {
    let Some(rest) = difference(&columns[index], &columns[link.parent], link) else {
        return false;
    };
    let parent = network.term(rows[link.parent].expect("parents come first"));
    let load = column_digits(&rest)
        .iter()
        .map(|digit| weight(network.term(digit.term).arrival))
        .sum::<u128>()
        + weight(parent.arrival);
    prepared.deadline.is_none() || load <= weight(prepared.due[index])
}
