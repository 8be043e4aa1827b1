//! [`Dice`]: reproducible choices.

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
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `bound`, which is not zero.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("a length is a word");
        usize::try_from(self.roll() % bound).expect("below a length")
    }
}

/// A well-mixed word (the finalizer of `SplitMix64`).
pub(super) fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}
