//! [`Dice`]: reproducible choices.

use crate::numeric::hash::mixed;

/// What splitmix64 goes on by.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A source of choices that follow from its seed alone.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// Dice of their own for the part `index` of the work.
    pub(super) fn fork(&self, index: usize) -> Self {
        Self(mix(self.0 ^ mix(u64::try_from(index).expect("an index is a word"))))
    }

    /// The next word.
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `bound`, which is not zero.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("a length is a word");
        usize::try_from(self.roll() % bound).expect("below a length")
    }
}

/// A well-mixed word; zero is none of those that stay as they are.
pub(super) fn mix(word: u64) -> u64 {
    mixed(word.wrapping_add(STEP))
}
