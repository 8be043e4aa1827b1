//! Reverses a network: inputs become outputs, sums become uses.
//!
//! A network that multiplies by a matrix, with every edge turned round,
//! multiplies by the transposed matrix.

use super::extract::least_arrival;
use super::network::Network;
use super::pattern::{Digit, TermId};
use super::prepare::Prepared;
use super::span::Span;
use super::term::{Role, weight};
use crate::entity::EntityId;

/// The network for `prepared` that is `network`, one for the transposed columns, reversed.
///
/// `network`'s inputs are the columns of `prepared`, its outputs the inputs of `prepared`.
/// Nothing where that is too deep or too wide.
pub(super) fn transposed(prepared: &Prepared, network: &Network) -> Option<Network> {
    let order = network.topological();
    let mut uses: Vec<Vec<Digit>> = vec![Vec::new(); network.len()];
    for (input, output) in network.outputs.iter().enumerate() {
        if let Some(output) = output {
            uses[output.term.index()].push(Digit { term: TermId::from_index(input), ..*output });
        }
    }
    let mut reversed = prepared.network();
    let mut columns: Vec<Option<TermId>> = vec![None; prepared.columns.len()];
    for id in order.iter().rev() {
        let digits = std::mem::take(&mut uses[id.index()]);
        if digits.is_empty() {
            continue;
        }
        let term = network.term(*id);
        let role = if term.role == Role::Input { Role::Output } else { Role::Shared };
        let load = digits.iter().map(|digit| weight(reversed.term(digit.term).arrival)).sum();
        let latest = if role == Role::Output {
            prepared.due[id.index()]
        } else {
            prepared.deadline.unwrap_or(0)
        };
        if prepared.deadline.is_some() && load > weight(latest) {
            return None;
        }
        let mut span: Option<Span> = None;
        for digit in &digits {
            let part = reversed.term(digit.term).span.moved(digit.shift);
            span = Some(match span {
                Some(span) => span.sum(part, 0, digit.negative)?,
                None if digit.negative => part.negated(),
                None => part,
            });
        }
        let row = if role == Role::Output {
            reversed.create_output(span?, latest, latest)
        } else {
            let arrival = prepared.deadline.map_or(0, |_| least_arrival(load));
            reversed.create(span?, arrival, role)
        };
        for digit in digits {
            reversed.add(row, digit);
        }
        for digit in &term.digits {
            uses[digit.term.index()].push(Digit { term: row, ..*digit });
        }
        if role == Role::Output {
            columns[id.index()] = Some(row);
        }
    }
    let columns: Vec<TermId> = columns.into_iter().collect::<Option<_>>()?;
    reversed.outputs = prepared.place(&columns);
    reversed.commit();
    reversed.is_bounded().then_some(reversed)
}
