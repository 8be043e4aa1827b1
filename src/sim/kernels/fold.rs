//! [`Fold`]: scaling, rounding, clipping and overflow of one element, folded into one formula.
//!
//! With `v = x * factor + bias`:
//!
//! `y = bound((v + offset + ((v >> tie_shift) & tie_mask)) >> shift) << finer`
//!
//! Every rounding mode is such an offset, plus one or minus one where the sign
//! (or, for ties to even, the lowest kept bit) says so.

use super::lanes::Row;
use super::word::Word;
use crate::numeric::round::Rounding;

/// A shift by this much leaves the sign in every bit, whatever the word.
const SIGN: u32 = 127;

/// The formula with its constants; `T` is `i128` while it is being made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::sim) struct Fold<T> {
    /// `factor`.
    pub(in crate::sim) factor: T,
    /// `bias`.
    pub(in crate::sim) bias: T,
    /// `offset`.
    pub(in crate::sim) offset: T,
    /// `tie_shift`.
    pub(in crate::sim) tie_shift: u32,
    /// `tie_mask`.
    pub(in crate::sim) tie_mask: T,
    /// `shift`.
    pub(in crate::sim) shift: u32,
    /// `bound`.
    pub(in crate::sim) bound: Bound<T>,
    /// `finer`.
    pub(in crate::sim) finer: u32,
}

/// What happens to values outside of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::sim) enum Bound<T> {
    /// The nearest bound.
    Clamp {
        /// The lower bound.
        lo: T,
        /// The upper bound.
        hi: T,
    },
    /// Zero.
    Zero {
        /// The lower bound.
        lo: T,
        /// The upper bound.
        hi: T,
    },
    /// Only the low bits stay; the top one of them is the sign if `signed`.
    Wrap {
        /// How many stay.
        bits: u32,
        /// Whether negative values exist.
        signed: bool,
    },
}

impl Fold<i128> {
    /// `y = x`.
    pub(in crate::sim) fn identity() -> Self {
        let bound = Bound::Clamp { lo: i128::MIN, hi: i128::MAX };
        Self { factor: 1, bias: 0, offset: 0, tie_shift: 0, tie_mask: 0, shift: 0, bound, finer: 0 }
    }

    /// Adds a rounding division by `2^shift`. Nothing may have been rounded before.
    ///
    /// Beyond 62 bits of shift, all values of up to 60 bits round alike.
    pub(in crate::sim) fn round(&mut self, shift: u32, rounding: Rounding) {
        let shift = shift.min(62);
        self.shift = shift;
        if shift == 0 {
            return;
        }
        let half = 1_i128 << (shift - 1);
        let (offset, tie_shift, tie_mask) = match rounding {
            Rounding::Floor => (0, 0, 0),
            Rounding::TowardZero => (0, SIGN, (1 << shift) - 1),
            Rounding::NearestUp => (half, 0, 0),
            Rounding::NearestDown => (half - 1, 0, 0),
            Rounding::NearestZero => (half - 1, SIGN, 1),
            Rounding::NearestAway => (half, SIGN, -1),
            Rounding::NearestEven => (half - 1, shift, 1),
        };
        (self.offset, self.tie_shift, self.tie_mask) = (offset, tie_shift, tie_mask);
    }

    /// The same formula in `T`, if nothing wraps there for any `x` in `lo..=hi`.
    pub(in crate::sim) fn narrow<T: Word>(&self, (lo, hi): (i128, i128)) -> Option<Fold<T>> {
        let scaled = [lo.checked_mul(self.factor)?, hi.checked_mul(self.factor)?];
        let products = (scaled[0].min(scaled[1]), scaled[0].max(scaled[1]));
        let (lo, hi) = (products.0 + self.bias, products.1 + self.bias);
        let ties = (self.tie_mask.min(0), self.tie_mask.max(0));
        let moved = [lo + self.offset + ties.0, hi + self.offset + ties.1];
        let bounded = moved.map(|raw| match self.bound {
            Bound::Clamp { lo, hi } => (raw >> self.shift).clamp(lo, hi),
            Bound::Zero { .. } | Bound::Wrap { .. } => raw >> self.shift,
        });
        for raw in [products.0, products.1, lo, hi, moved[0], moved[1]] {
            T::from_wide(raw)?;
        }
        for raw in bounded {
            T::from_wide(raw.checked_mul(1_i128.checked_shl(self.finer)?)?)?;
        }
        let clip = |raw: i128| T::from_wide(raw).unwrap_or(if raw < 0 { T::MIN } else { T::MAX });
        let bound = match self.bound {
            Bound::Clamp { lo, hi } => Bound::Clamp { lo: clip(lo), hi: clip(hi) },
            Bound::Zero { lo, hi } => Bound::Zero { lo: clip(lo), hi: clip(hi) },
            Bound::Wrap { bits, signed } if bits < T::BITS => Bound::Wrap { bits, signed },
            Bound::Wrap { .. } => return None,
        };
        Some(Fold {
            factor: T::from_wide(self.factor)?,
            bias: T::from_wide(self.bias)?,
            offset: T::from_wide(self.offset)?,
            tie_shift: self.tie_shift.min(T::BITS - 1),
            tie_mask: T::from_wide(self.tie_mask)?,
            shift: (self.shift < T::BITS).then_some(self.shift)?,
            bound,
            finer: self.finer,
        })
    }
}

impl<T: Word> Fold<T> {
    /// The formula over a row.
    #[inline(always)]
    pub(in crate::sim) fn apply(&self, x: &Row<T>, y: &mut Row<T>) {
        match self.bound {
            Bound::Clamp { lo, hi } => self.each(x, y, |raw| raw.max(lo).min(hi)),
            Bound::Zero { lo, hi } => {
                self.each(x, y, |raw| if raw < lo || raw > hi { T::default() } else { raw });
            }
            Bound::Wrap { bits, signed: true } => {
                let lost = T::BITS - bits;
                self.each(x, y, |raw| raw.up(lost).down(lost));
            }
            Bound::Wrap { bits, signed: false } => {
                let mask = T::ONE.up(bits).minus(T::ONE);
                self.each(x, y, |raw| raw.and(mask));
            }
        }
    }

    #[inline(always)]
    fn each(&self, x: &Row<T>, y: &mut Row<T>, bound: impl Fn(T) -> T) {
        for (y, x) in y.iter_mut().zip(x) {
            let value = x.times(self.factor).plus(self.bias);
            let tie = value.down(self.tie_shift).and(self.tie_mask);
            let rounded = value.plus(self.offset).plus(tie).down(self.shift);
            *y = bound(rounded).up(self.finer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lanes::TILE;
    use super::*;
    use crate::numeric::round;

    #[test]
    fn every_rounding_is_a_fold() {
        for rounding in Rounding::ALL {
            for shift in [0, 1, 2, 5, 62] {
                let mut fold = Fold::identity();
                fold.round(shift, *rounding);
                let wide = fold.narrow::<i64>((-64, 63)).unwrap();
                let narrow = fold.narrow::<i32>((-64, 63));
                for start in [-64, 0] {
                    let x: Row<i64> = std::array::from_fn(|i| start + i64::try_from(i).unwrap());
                    let expected = x.map(|x| round::shift_right(x.into(), shift, *rounding));
                    let mut y = [0; TILE];
                    wide.apply(&x, &mut y);
                    assert_eq!(y.map(i128::from), expected, "{rounding} by {shift}");
                    if let Some(narrow) = narrow {
                        let mut y = [0; TILE];
                        narrow.apply(&x.map(i32::from_word), &mut y);
                        assert_eq!(y.map(i128::from), expected, "{rounding} by {shift}");
                    }
                }
            }
        }
    }
}
