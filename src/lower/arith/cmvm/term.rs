//! [`Term`]: one value of a network, and the row of digits that adds up to it.

use super::pattern::{Digit, TermId};
use super::span::Span;

/// One term and the row that defines it.
#[derive(Clone, Debug)]
pub(super) struct Term {
    /// Its bits.
    pub(super) span: Span,
    /// What adds up to it; nothing for an input.
    pub(super) digits: Vec<Digit>,
    /// The rows that use it, once for each digit.
    pub(super) users: Vec<TermId>,
    /// When it is there at the latest, in adders: a bound that its row must keep.
    pub(super) arrival: u32,
    /// The sum of `2^arrival` over the digits; at most `2^arrival` of its own.
    pub(super) load: u128,
    /// The latest arrival of an output that nothing uses.
    pub(super) due: u32,
    /// What it is for.
    pub(super) role: Role,
}

/// What a term is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Given.
    Input,
    /// Made because others use it.
    Shared,
    /// Wanted, used or not.
    Output,
}

/// `2^arrival`: the share of a term in the load of a row.
pub(super) fn weight(arrival: u32) -> u128 {
    1 << arrival
}
