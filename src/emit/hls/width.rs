//! How wide the intermediate values of a call are, which C simulation must carry.

use crate::numeric::format::FixedFormat;

/// The most bits that the C simulation's words carry, with room for a sign.
pub(super) const WIDEST: i32 = 124;

/// A signed word: bits before and after the binary point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wide {
    integer: i32,
    frac: i32,
}

impl Wide {
    /// The word of a format, with a sign.
    pub(super) fn of(format: FixedFormat) -> Self {
        let sign = i32::from(!format.signed());
        Self { integer: format.integer_bits() + sign, frac: format.frac().into() }
    }

    /// Both at one binary point.
    pub(super) fn aligned(self, other: Self) -> Self {
        Self { integer: self.integer.max(other.integer), frac: self.frac.max(other.frac) }
    }

    /// The exact product.
    pub(super) fn product(self, other: Self) -> Self {
        Self { integer: self.integer + other.integer, frac: self.frac + other.frac }
    }

    /// The same value in steps that are no coarser than those of `format`.
    pub(super) fn converted(self, format: FixedFormat) -> Self {
        Self { frac: self.frac.max(format.frac().into()), ..self }
    }

    /// The number of bits.
    pub(super) fn bits(self) -> i32 {
        self.integer + self.frac
    }
}
