//! [`Groups`]: parts of the inputs within which patterns are looked for.

use super::pattern::{Digit, TermId};
use crate::entity::EntityId;

/// The most groups.
pub(super) const MAX_GROUPS: usize = 1 << ALL;

/// The scope in which all terms are one group.
const ALL: u32 = 7;

/// The group of each term, where groups are taken together by `2^scope`.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    of: Vec<u8>,
    scope: u32,
}

impl Groups {
    /// All of so many terms in one group.
    pub(super) fn together(terms: usize) -> Self {
        Self { of: vec![0; terms], scope: ALL }
    }

    /// Groups of `size` neighbors.
    pub(super) fn of_neighbors(terms: usize, size: usize) -> Self {
        let group = |term: usize| u8::try_from(term / size).expect("groups are few");
        Self { of: (0..terms).map(group).collect(), scope: 0 }
    }

    /// The groups of no terms yet, as far taken together as these.
    pub(super) fn emptied(&self) -> Self {
        Self { of: Vec::new(), scope: self.scope }
    }

    /// The same groups by pairs; nothing where they are one already.
    pub(super) fn paired(&self) -> Option<Self> {
        (self.scope < ALL).then(|| Self { of: self.of.clone(), scope: self.scope + 1 })
    }

    /// The group of a term.
    pub(super) fn group(&self, id: TermId) -> u8 {
        self.of[id.index()] >> self.scope
    }

    /// Puts the next term into the first group.
    pub(super) fn push(&mut self) {
        self.of.push(0);
    }

    /// Forgets the last term.
    pub(super) fn pop(&mut self) {
        self.of.pop();
    }

    /// Puts a term into the group that another has in `groups`.
    pub(super) fn put(&mut self, id: TermId, groups: &Self, other: TermId) {
        self.of[id.index()] = groups.of[other.index()];
    }

    /// Puts a term into the group of another.
    pub(super) fn join(&mut self, id: TermId, other: TermId) {
        self.of[id.index()] = self.of[other.index()];
    }

    /// The pairs of digits within groups, about.
    pub(super) fn pairs(&self, digits: &[Digit]) -> usize {
        let mut groups: Vec<u8> = digits.iter().map(|digit| self.group(digit.term)).collect();
        groups.sort_unstable();
        groups.chunk_by(|a, b| a == b).map(|group| group.len() * group.len() / 2).sum()
    }
}
