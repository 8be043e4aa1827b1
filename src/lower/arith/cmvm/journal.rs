//! [`Journal`]: what was changed in a network, so that it can be taken back.

use super::pattern::{Digit, TermId};

/// One change of a [`Network`](super::network::Network).
#[derive(Clone, Copy, Debug)]
pub(super) enum Edit {
    /// The row got the digit.
    Added(TermId, Digit),
    /// The row lost the digit.
    Removed(TermId, Digit),
    /// The term arrived at this time before.
    Arrival(TermId, u32),
    /// A term was made, after all others.
    Created,
}

/// Changes, the oldest first. A place in it is the number of changes before.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal(Vec<Edit>);

impl Journal {
    /// The place after the last change.
    pub(super) fn mark(&self) -> usize {
        self.0.len()
    }

    /// Writes a change down.
    pub(super) fn write(&mut self, edit: Edit) {
        self.0.push(edit);
    }

    /// Crosses the last change out, if there is one after `mark`.
    pub(super) fn take_back(&mut self, mark: usize) -> Option<Edit> {
        if self.0.len() > mark { self.0.pop() } else { None }
    }

    /// Forgets all changes.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The changes after `mark`.
    pub(super) fn since(&self, mark: usize) -> &[Edit] {
        &self.0[mark..]
    }
}
