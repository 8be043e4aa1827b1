//! What can be read off a [`Network`] as a whole.

use super::network::Network;
use super::pattern::{Digit, TermId};
use super::prepare::MAX_BITS;
use super::term::Role;
use crate::entity::EntityId;

impl Network {
    /// The terms that are inputs or have a row, each after those it is made of, inputs first.
    pub(super) fn topological(&self) -> Vec<TermId> {
        let mut waiting: Vec<usize> = self.ids().map(|id| self.term(id).digits.len()).collect();
        let mut order: Vec<TermId> =
            self.ids().filter(|id| self.term(*id).role == Role::Input).collect();
        let mut next = 0;
        while let Some(id) = order.get(next).copied() {
            next += 1;
            for user in &self.term(id).users {
                waiting[user.index()] -= 1;
                if waiting[user.index()] == 0 {
                    order.push(*user);
                }
            }
        }
        order
    }

    /// True when every sum of some digits of a row fits a word, whatever is inlined or extracted.
    ///
    /// The largest magnitudes of a row's digits add up to a bound that both leave as it is.
    pub(super) fn is_bounded(&self) -> bool {
        let mut masses: Vec<(i16, u128)> = vec![(0, 0); self.len()];
        for id in self.topological() {
            let term = self.term(id);
            if term.role == Role::Input {
                masses[id.index()] = (term.span.low(), u128::from(term.span.magnitude()));
                continue;
            }
            let parts: Vec<(i16, u128)> = term
                .digits
                .iter()
                .map(|digit| (digit.shift, masses[digit.term.index()]))
                .map(|(shift, (low, mass))| (low + shift, mass))
                .collect();
            let low = parts.iter().map(|(low, _)| *low).min().unwrap_or(0);
            let mut sum = 0;
            for (own, mass) in parts {
                let shift = (own - low).unsigned_abs();
                if mass >> 63_u16.saturating_sub(shift) != 0 {
                    return false;
                }
                sum += mass << shift;
            }
            if sum >> (MAX_BITS - 1) != 0 {
                return false;
            }
            masses[id.index()] = (low, sum);
        }
        true
    }

    /// True when a term can be built as itself (or, `negate`, as its negative): some part of it
    /// can come with a plus. Looks `depth` terms down.
    pub(super) fn buildable(&self, id: TermId, negate: bool, depth: u32) -> bool {
        let term = self.term(id);
        if term.role == Role::Input {
            return !negate;
        }
        let part = |digit: &Digit| {
            depth > 0 && self.buildable(digit.term, digit.negative != negate, depth - 1)
        };
        term.digits.iter().any(part)
    }
}
