//! [`Word`]: what the kernels ask of a machine integer.

/// A machine integer that wraps; the program chooses one in which nothing does wrap
/// before it matters.
pub(in crate::sim) trait Word:
    Copy + Ord + Default + std::fmt::Debug + 'static
{
    /// The width.
    const BITS: u32;
    /// The smallest value.
    const MIN: Self;
    /// The largest value.
    const MAX: Self;
    /// One.
    const ONE: Self;

    /// The value, if it fits.
    fn from_wide(value: i128) -> Option<Self>;
    /// The low bits of a word of 64 bits.
    fn from_word(value: i64) -> Self;
    /// The value as a word of 64 bits.
    fn to_word(self) -> i64;
    /// `self + other`.
    fn plus(self, other: Self) -> Self;
    /// `self - other`.
    fn minus(self, other: Self) -> Self;
    /// `self * other`.
    fn times(self, other: Self) -> Self;
    /// `self & other`.
    fn and(self, other: Self) -> Self;
    /// `self << bits`.
    fn up(self, bits: u32) -> Self;
    /// `self >> bits`, the sign repeated.
    fn down(self, bits: u32) -> Self;
}

macro_rules! word {
    ($word:ident, $low_bits:path) => {
        impl Word for $word {
            const BITS: u32 = $word::BITS;
            const MIN: Self = $word::MIN;
            const MAX: Self = $word::MAX;
            const ONE: Self = 1;

            fn from_wide(value: i128) -> Option<Self> {
                Self::try_from(value).ok()
            }
            #[inline(always)]
            fn from_word(value: i64) -> Self {
                $low_bits(value)
            }
            #[inline(always)]
            fn to_word(self) -> i64 {
                i64::from(self)
            }
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self & other
            }
            #[inline(always)]
            fn up(self, bits: u32) -> Self {
                self.wrapping_shl(bits)
            }
            #[inline(always)]
            fn down(self, bits: u32) -> Self {
                self.wrapping_shr(bits)
            }
        }
    };
}

word!(i32, low_half);
word!(i64, std::convert::identity);

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
fn low_half(value: i64) -> i32 {
    value as i32
}
