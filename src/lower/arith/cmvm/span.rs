//! [`Span`]: the bits that a term occupies, and what an adder over two terms costs.

use crate::numeric::interval::Interval;

/// The bits of every value `raw * 2^exponent`, `raw` in `lo..=hi`, as wanted by cost and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    lo: i64,
    hi: i64,
    exponent: i16,
    /// The bit above the highest, of the value and of its negative.
    tops: [i16; 2],
}

impl Span {
    /// The span of an input.
    pub(super) fn of(range: Interval) -> Self {
        Self::new(range.lo(), range.hi(), -i16::from(range.frac()))
    }

    fn new(lo: i64, hi: i64, exponent: i16) -> Self {
        let top = |most: u64| exponent + i16::try_from(64 - most.leading_zeros()).expect("<= 64");
        let plus = lo.unsigned_abs().saturating_sub(1).max(hi.max(0).unsigned_abs());
        let minus = hi.unsigned_abs().saturating_sub(1).max(lo.min(0).unsigned_abs());
        Self { lo, hi, exponent, tops: [top(plus), top(minus)] }
    }

    /// The weight of the lowest bit, as an exponent of two.
    pub(super) fn low(self) -> i16 {
        self.exponent
    }

    /// The largest magnitude, in steps.
    pub(super) fn magnitude(self) -> u64 {
        self.lo.unsigned_abs().max(self.hi.unsigned_abs())
    }

    /// The bits from the lowest to the highest, the sign included.
    pub(super) fn width(self) -> i16 {
        self.tops[0] - self.exponent + i16::from(self.lo < 0)
    }

    /// The span of `-self`.
    pub(super) fn negated(self) -> Self {
        Self::new(-self.hi, -self.lo, self.exponent)
    }

    /// The bits from the lowest to the highest of either.
    pub(super) fn width_with(self, other: Self) -> i16 {
        self.tops[0].max(other.tops[0]) - self.exponent.min(other.exponent)
    }

    /// The span of `self * 2^shift`.
    pub(super) fn moved(self, shift: i16) -> Self {
        let tops = self.tops.map(|top| top + shift);
        Self { exponent: self.exponent + shift, tops, ..self }
    }

    /// `{a ± b * 2^shift}`, or nothing beyond 64 bits.
    pub(super) fn sum(self, other: Self, shift: i16, subtract: bool) -> Option<Self> {
        let other_exponent = other.exponent + shift;
        let exponent = self.exponent.min(other_exponent);
        let lift = |raw: i64, from: i16| -> Option<i64> {
            let by = u32::from((from - exponent).unsigned_abs());
            if raw == 0 {
                return Some(0);
            }
            if by > 63 {
                return None;
            }
            i64::try_from(i128::from(raw) << by).ok()
        };
        let (lo, hi) = if subtract {
            (other.hi.checked_neg()?, other.lo.checked_neg()?)
        } else {
            (other.lo, other.hi)
        };
        let lo = lift(self.lo, self.exponent)?.checked_add(lift(lo, other_exponent)?)?;
        let hi = lift(self.hi, self.exponent)?.checked_add(lift(hi, other_exponent)?)?;
        Some(Self::new(lo, hi, exponent))
    }

    /// The adder bits of `a ± b * 2^shift`.
    ///
    /// Bits below the coarser of the two lowest bits are wires, but not those of what is taken
    /// away; from there to the higher of the two top bits each bit is one look-up table of the
    /// carry chain, and so is the sign if either operand has one.
    pub(super) fn overlap(self, other: Self, shift: i16, subtract: bool) -> i16 {
        let terms = [(self.ends(), false), (other.moved(shift).ends(), subtract)];
        Ends::overlap(&terms)
    }

    /// The bits of a sum of three, each with whether it is taken away; as [`Span::overlap`], and
    /// one for the carries above.
    pub(super) fn overlap_of_three(terms: [(Self, bool); 3]) -> i16 {
        Ends::overlap(&terms.map(|(span, minus)| (span.ends(), minus)))
    }

    /// What decides the bits of sums with it.
    pub(super) fn ends(self) -> Ends {
        Ends { low: self.exponent, tops: self.tops, signed: [self.lo < 0, self.hi > 0] }
    }

    /// As [`Span::overlap`]; a difference is taken in the cheaper order.
    pub(super) fn cheapest_overlap(self, other: Self, shift: i16, subtract: bool) -> i16 {
        let forward = self.overlap(other, shift, subtract);
        if subtract { forward.min(other.overlap(self, -shift, true)) } else { forward }
    }
}

/// The ends of a [`Span`]; the pairs are for the value and its negative.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    low: i16,
    tops: [i16; 2],
    signed: [bool; 2],
}

impl Ends {
    /// The bits of a sum of two or three, each with whether it is taken away; as
    /// [`Span::overlap`] and [`Span::overlap_of_three`].
    pub(super) fn overlap(terms: &[(Self, bool)]) -> i16 {
        let second = Self::second_low(terms.iter().map(|(ends, _)| *ends));
        let taken = terms.iter().filter(|(_, minus)| *minus);
        let low = taken.map(|(ends, _)| ends.low).fold(second, i16::min);
        let top = terms.iter().map(|(ends, minus)| ends.tops[usize::from(*minus)]).max();
        let signed = terms.iter().any(|(ends, minus)| ends.signed[usize::from(*minus)]);
        let top = top.unwrap_or(low);
        let (top, carries) = if terms.len() == 3 { (top.max(second), 1) } else { (top, 0) };
        top - low + i16::from(signed) + carries
    }

    /// No sum of the terms or their negatives has fewer bits than this.
    pub(super) fn least_overlap(terms: impl Iterator<Item = Self> + Clone) -> u32 {
        let top = terms.clone().map(|ends| ends.tops[0].min(ends.tops[1])).max();
        let low = Self::second_low(terms);
        (top.unwrap_or(low) - low).max(0).unsigned_abs().into()
    }

    fn second_low(terms: impl Iterator<Item = Self>) -> i16 {
        let (mut first, mut second) = (i16::MAX, i16::MAX);
        for Self { low, .. } in terms {
            second = second.min(low.max(first));
            first = first.min(low);
        }
        second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn byte() -> Span {
        Span::of(Interval::new(-128, 127, 0))
    }

    #[test]
    fn an_adder_costs_its_overlap() {
        assert_eq!(byte().overlap(byte(), 0, false), 8);
        assert_eq!(byte().overlap(byte(), 0, true), 9);
        assert_eq!(byte().overlap(byte(), 3, false), 8);
        assert_eq!(byte().overlap(byte(), -2, false), 8);
        assert_eq!(byte().overlap(byte(), -2, true), 10);
        assert_eq!(byte().cheapest_overlap(byte(), -2, true), 9);
        let bit = Span::of(Interval::new(0, 1, 0));
        assert_eq!(bit.overlap(bit, 0, false), 1);
        assert_eq!(bit.overlap(bit, 0, true), 2);
        assert_eq!(byte().overlap(bit, 4, false), 4);
        let wide = byte().sum(byte(), 3, false).unwrap();
        assert_eq!((wide.width(), wide.low()), (12, 0));
        let fine = byte().sum(byte(), -2, true).unwrap();
        assert_eq!((fine.width(), fine.low()), (11, -2));
    }

    #[test]
    fn widths_beyond_a_word_are_refused() {
        assert_eq!(byte().sum(byte(), 57, false), None);
        assert!(byte().sum(byte(), 55, false).is_some());
        assert_eq!(byte().sum(byte(), 127, false), None);
    }
}
