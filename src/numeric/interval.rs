//! [`Interval`]: exact ranges of values, the ground on which widths are proved.

use std::fmt;

use super::format::Exact;

/// Every value that an element may take: `raw * 2^-frac` with `raw` in `lo..=hi`.
///
/// Kept canonical in one respect only: `lo <= hi`. Arithmetic is exact and
/// returns `None` when a bound or the binary point leaves the 64-bit range, so
/// a width can be refused but never wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    lo: i64,
    hi: i64,
    frac: i8,
}

impl Interval {
    /// The values `lo..=hi` in steps of `2^-frac`.
    pub fn new(lo: i64, hi: i64, frac: i8) -> Self {
        assert!(lo <= hi, "an interval runs upward: {lo}..={hi}");
        Self { lo, hi, frac }
    }

    /// The single value `raw * 2^-frac`.
    pub fn point(raw: i64, frac: i8) -> Self {
        Self { lo: raw, hi: raw, frac }
    }

    /// The lower bound in steps.
    pub fn lo(self) -> i64 {
        self.lo
    }

    /// The upper bound in steps.
    pub fn hi(self) -> i64 {
        self.hi
    }

    /// Minus the base-two logarithm of the step.
    pub fn frac(self) -> i8 {
        self.frac
    }

    /// The lower bound.
    pub fn lo_f64(self) -> f64 {
        scale(self.lo, self.frac)
    }

    /// The upper bound.
    pub fn hi_f64(self) -> f64 {
        scale(self.hi, self.frac)
    }

    /// The bounds as exact decimal-printable numbers, if they fit [`Exact`].
    pub fn exact_bounds(self) -> Option<(Exact, Exact)> {
        Some((exact(self.lo, self.frac)?, exact(self.hi, self.frac)?))
    }

    /// The same values counted in finer or equal steps `2^-frac`.
    pub fn at_frac(self, frac: i8) -> Option<Self> {
        let shift = u32::try_from(i32::from(frac) - i32::from(self.frac)).ok()?;
        let lift = |raw: i64| i64::try_from(i128::from(raw).checked_shl(shift.min(64))?).ok();
        if shift > 63 {
            return (self.lo == 0 && self.hi == 0).then_some(Self { frac, ..self });
        }
        Some(Self { lo: lift(self.lo)?, hi: lift(self.hi)?, frac })
    }

    /// True when each value of `self` is a value of `other`.
    pub fn is_within(self, other: Self) -> bool {
        if self.frac > other.frac && (self.lo, self.hi) != (0, 0) {
            return false;
        }
        match self.at_frac(other.frac.max(self.frac)) {
            Some(fine) => match other.at_frac(fine.frac) {
                Some(other) => other.lo <= fine.lo && fine.hi <= other.hi,
                None => false,
            },
            None => false,
        }
    }

    /// `{a + b}`.
    #[expect(clippy::should_implement_trait, reason = "it can fail, as all arithmetic here can")]
    pub fn add(self, other: Self) -> Option<Self> {
        let frac = self.frac.max(other.frac);
        let (a, b) = (self.at_frac(frac)?, other.at_frac(frac)?);
        Some(Self { lo: a.lo.checked_add(b.lo)?, hi: a.hi.checked_add(b.hi)?, frac })
    }

    /// `{-a}`.
    pub fn negate(self) -> Option<Self> {
        Some(Self { lo: self.hi.checked_neg()?, hi: self.lo.checked_neg()?, frac: self.frac })
    }

    /// `{a - b}`.
    pub fn subtract(self, other: Self) -> Option<Self> {
        self.add(other.negate()?)
    }

    /// `{a * b}`.
    pub fn multiply(self, other: Self) -> Option<Self> {
        let corners = [
            self.lo.checked_mul(other.lo)?,
            self.lo.checked_mul(other.hi)?,
            self.hi.checked_mul(other.lo)?,
            self.hi.checked_mul(other.hi)?,
        ];
        let frac = self.frac.checked_add(other.frac)?;
        Some(Self { lo: *corners.iter().min()?, hi: *corners.iter().max()?, frac })
    }

    /// `{a * 2^exponent}`: the binary point moves, no bit changes.
    pub fn shift(self, exponent: i8) -> Option<Self> {
        Some(Self { frac: self.frac.checked_sub(exponent)?, ..self })
    }

    /// The smallest interval around both.
    pub fn union(self, other: Self) -> Option<Self> {
        let frac = self.frac.max(other.frac);
        let (a, b) = (self.at_frac(frac)?, other.at_frac(frac)?);
        Some(Self { lo: a.lo.min(b.lo), hi: a.hi.max(b.hi), frac })
    }

    /// `{max(a, b)}`.
    pub fn max(self, other: Self) -> Option<Self> {
        let frac = self.frac.max(other.frac);
        let (a, b) = (self.at_frac(frac)?, other.at_frac(frac)?);
        Some(Self { lo: a.lo.max(b.lo), hi: a.hi.max(b.hi), frac })
    }

    /// `{min(a, b)}`.
    pub fn min(self, other: Self) -> Option<Self> {
        let frac = self.frac.max(other.frac);
        let (a, b) = (self.at_frac(frac)?, other.at_frac(frac)?);
        Some(Self { lo: a.lo.min(b.lo), hi: a.hi.min(b.hi), frac })
    }
}

/// `raw * 2^-frac`, exact while `raw` has at most 53 significant bits.
pub fn scale(raw: i64, frac: i8) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "reports and float references only")]
    let raw = raw as f64;
    raw * f64::from(2).powi(-i32::from(frac))
}

fn exact(raw: i64, frac: i8) -> Option<Exact> {
    let shift = 64 - i32::from(frac);
    let raw = i128::from(raw);
    let bits = match u32::try_from(shift) {
        Ok(shift) => raw.checked_mul(1_i128.checked_shl(shift.min(127))?)?,
        Err(_) => return None,
    };
    Some(Exact::from_bits(bits))
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exact_bounds() {
            Some((lo, hi)) => write!(f, "[{lo}, {hi}]"),
            None => write!(f, "[{}, {}]", self.lo_f64(), self.hi_f64()),
        }
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..={}*2^{}", self.lo, self.hi, -i32::from(self.frac))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_exact() {
        let a = Interval::new(-3, 5, 1);
        let b = Interval::new(-1, 2, 0);
        assert_eq!(a.add(b), Some(Interval::new(-5, 9, 1)));
        assert_eq!(a.subtract(b), Some(Interval::new(-7, 7, 1)));
        assert_eq!(a.multiply(b), Some(Interval::new(-6, 10, 1)));
        assert_eq!(a.shift(2), Some(Interval::new(-3, 5, -1)));
        assert_eq!(a.to_string(), "[-1.5, 2.5]");
        assert_eq!(Interval::new(0, i64::MAX, 0).add(Interval::point(1, 0)), None);
        assert_eq!(Interval::new(0, 2, 0).multiply(Interval::point(i64::MAX, 0)), None);
    }

    #[test]
    fn membership_needs_the_grid_too() {
        assert!(Interval::new(-2, 2, 0).is_within(Interval::new(-8, 7, 1)));
        assert!(!Interval::new(-8, 7, 1).is_within(Interval::new(-8, 7, 0)));
        assert!(!Interval::new(-9, 0, 0).is_within(Interval::new(-8, 7, 0)));
    }
}
