//! [`Digit`], and [`Pattern`]: two digits that may occur together in many rows.

use crate::entity::EntityId;

crate::entity_ids! {
    /// A term of a [`Network`](super::network::Network): an input, a shared sum or an output.
    pub(super) struct TermId => "t";
}

/// `± term * 2^shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Digit {
    pub(super) term: TermId,
    pub(super) shift: i16,
    pub(super) negative: bool,
}

impl Digit {
    /// The digit `± self * 2^shift`.
    pub(super) fn scaled(self, shift: i16, negate: bool) -> Self {
        Self { shift: self.shift + shift, negative: self.negative ^ negate, ..self }
    }
}

/// Two digits up to a common shift and sign: `a ± b * 2^shift`.
///
/// `a < b`, or `a == b` and `shift > 0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) a: TermId,
    pub(super) b: TermId,
    pub(super) shift: i16,
    pub(super) subtract: bool,
}

/// A [`Pattern`] in one word.
pub(super) type PatternKey = u64;

const TERM_BITS: u32 = 26;
const SHIFT_BITS: u32 = 11;
const SHIFT_BIAS: i16 = 1 << (SHIFT_BITS - 1);

/// The most terms that a network may have.
pub(super) const MAX_TERMS: usize = 1 << TERM_BITS;

impl Pattern {
    /// The pattern of two different digits of one row.
    pub(super) fn of(first: Digit, second: Digit) -> Self {
        let ordered = (first.term, first.shift) <= (second.term, second.shift);
        let (low, high) = if ordered { (first, second) } else { (second, first) };
        Self {
            a: low.term,
            b: high.term,
            shift: high.shift - low.shift,
            subtract: low.negative != high.negative,
        }
    }

    /// The partner that `a`'s digit needs to complete the pattern.
    pub(super) fn partner(self, digit: Digit) -> Digit {
        Digit { term: self.b, ..digit.scaled(self.shift, self.subtract) }
    }

    /// The pattern in one word.
    pub(super) fn key(self) -> PatternKey {
        let word = |index: usize| u64::try_from(index).expect("an index is a word");
        let shift = u64::from((self.shift + SHIFT_BIAS).unsigned_abs());
        let terms = (word(self.a.index()) << TERM_BITS) | word(self.b.index());
        (((terms << SHIFT_BITS) | shift) << 1) | u64::from(self.subtract)
    }

    /// The pattern of a word.
    pub(super) fn from_key(key: PatternKey) -> Self {
        let field = |from: u32, bits: u32| (key >> from) & ((1 << bits) - 1);
        let term = |from: u32| {
            TermId::from_index(usize::try_from(field(from, TERM_BITS)).expect("made from one"))
        };
        Self {
            a: term(1 + SHIFT_BITS + TERM_BITS),
            b: term(1 + SHIFT_BITS),
            shift: i16::try_from(field(1, SHIFT_BITS)).expect("few bits") - SHIFT_BIAS,
            subtract: key & 1 == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_knows_no_common_shift_or_sign() {
        let digit =
            |term, shift, negative| Digit { term: TermId::from_index(term), shift, negative };
        let pattern = Pattern::of(digit(7, 2, true), digit(3, 9, false));
        assert_eq!(pattern, Pattern::of(digit(3, 12, true), digit(7, 5, false)));
        assert_eq!((pattern.a.index(), pattern.shift, pattern.subtract), (3, -7, true));
        assert_eq!(Pattern::from_key(pattern.key()), pattern);
        assert_eq!(pattern.partner(digit(3, 12, true)), digit(7, 5, false));
        let own = Pattern::of(digit(5, 4, false), digit(5, 1, false));
        assert_eq!((own.shift, own.subtract), (3, false));
    }
}
