//! [`FixedFormat`]: sign, width and position of the binary point.

use std::fmt;
use std::str::FromStr;

use serde_with::{DeserializeFromStr, SerializeDisplay};

use super::interval::Interval;

/// Carries any value that a [`FixedFormat`] of at most 63 integer and 64 fractional bits can hold.
pub type Exact = fixed::types::I64F64;

/// The widest word, in bits: every raw value, signed or not, fits an `i64`.
pub const MAX_WIDTH: u8 = 63;

/// The most fractional bits, and the most factors of two above the binary point.
pub const MAX_FRAC: i8 = 64;

/// A fixed-point format: `raw * 2^-frac`, `raw` a `width`-bit integer.
///
/// Written `fixed<W,I>` or `ufixed<W,I>`, where `I = W - frac` counts the
/// integer bits and includes the sign, as in `ap_fixed`. `I` may be negative
/// or larger than `W`.
///
/// The width is 1 to [`MAX_WIDTH`], `frac` lies within ±[`MAX_FRAC`].
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, SerializeDisplay, DeserializeFromStr,
)]
pub struct FixedFormat {
    signed: bool,
    width: u8,
    frac: i8,
}

/// Why a format cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The width is zero or above [`MAX_WIDTH`].
    #[error("a width of {0} bits is not between 1 and {MAX_WIDTH}")]
    Width(i64),
    /// The binary point lies too far out.
    #[error("{0} fractional bits are not between -{MAX_FRAC} and {MAX_FRAC}")]
    Fraction(i64),
    /// The text is not of the form `fixed<W,I>` or `ufixed<W,I>`.
    #[error("`{0}` is not a format: write `fixed<W,I>` or `ufixed<W,I>`")]
    Syntax(String),
}

impl FixedFormat {
    /// A format of `width` bits, `frac` of them below the binary point.
    ///
    /// # Errors
    /// When the width or the binary point is out of bounds.
    pub fn new(signed: bool, width: u8, frac: i8) -> Result<Self, FormatError> {
        if width == 0 || width > MAX_WIDTH {
            return Err(FormatError::Width(i64::from(width)));
        }
        if !(-MAX_FRAC..=MAX_FRAC).contains(&frac) {
            return Err(FormatError::Fraction(i64::from(frac)));
        }
        Ok(Self { signed, width, frac })
    }

    /// A format of `width` bits, `integer` of them above the binary point (the sign included).
    ///
    /// # Errors
    /// When the width or the binary point is out of bounds.
    pub fn with_integer_bits(signed: bool, width: u8, integer: i32) -> Result<Self, FormatError> {
        let frac = i32::from(width) - integer;
        let frac = i8::try_from(frac).map_err(|_| FormatError::Fraction(i64::from(frac)))?;
        Self::new(signed, width, frac)
    }

    /// The narrowest format that holds every value of `range`.
    ///
    /// # Errors
    /// When that would be wider than [`MAX_WIDTH`] bits.
    pub fn covering(range: Interval) -> Result<Self, FormatError> {
        let signed = range.lo() < 0;
        let magnitude = range.hi().max(if signed { -(range.lo() + 1) } else { 0 });
        let bits = 64 - magnitude.leading_zeros() + u32::from(signed);
        let bits = bits.max(1);
        let width = u8::try_from(bits).expect("at most 65");
        Self::new(signed, width, range.frac())
    }

    /// True when the top bit is a sign.
    pub fn signed(self) -> bool {
        self.signed
    }

    /// The width in bits.
    pub fn width(self) -> u8 {
        self.width
    }

    /// The bits below the binary point; negative when the lowest bit weighs two or more.
    pub fn frac(self) -> i8 {
        self.frac
    }

    /// The bits above the binary point, the sign included.
    pub fn integer_bits(self) -> i32 {
        i32::from(self.width) - i32::from(self.frac)
    }

    /// The smallest raw value.
    pub fn min_raw(self) -> i64 {
        if self.signed { -(1 << (self.width - 1)) } else { 0 }
    }

    /// The largest raw value.
    pub fn max_raw(self) -> i64 {
        let magnitude_bits = u32::from(self.width) - u32::from(self.signed);
        ((1_u64 << magnitude_bits) - 1).cast_signed()
    }

    /// Every value of the format.
    pub fn interval(self) -> Interval {
        Interval::new(self.min_raw(), self.max_raw(), self.frac)
    }

    /// The value of the lowest bit, `2^-frac`.
    pub fn step(self) -> f64 {
        f64::from(2).powi(-i32::from(self.frac))
    }

    /// True when every value of `range` is a value of this format.
    pub fn holds(self, range: Interval) -> bool {
        range.is_within(self.interval())
    }
}

impl fmt::Display for FixedFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.signed { "" } else { "u" };
        write!(f, "{prefix}fixed<{},{}>", self.width, self.integer_bits())
    }
}

impl fmt::Debug for FixedFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for FixedFormat {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let syntax = || FormatError::Syntax(text.to_owned());
        let compact = text.trim().trim_start_matches("ap_");
        let (signed, rest) = match compact.strip_prefix('u') {
            Some(rest) => (false, rest),
            None => (true, compact),
        };
        let inner = rest
            .strip_prefix("fixed<")
            .and_then(|inner| inner.strip_suffix('>'))
            .ok_or_else(syntax)?;
        let (width, integer) = inner.split_once(',').ok_or_else(syntax)?;
        let width: i64 = width.trim().parse().map_err(|_| syntax())?;
        let integer: i32 = integer.trim().parse().map_err(|_| syntax())?;
        let width = u8::try_from(width).map_err(|_| FormatError::Width(width))?;
        if width == 0 || width > MAX_WIDTH {
            return Err(FormatError::Width(i64::from(width)));
        }
        Self::with_integer_bits(signed, width, integer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_print_and_parse() {
        for text in ["fixed<16,6>", "ufixed<8,0>", "fixed<4,-3>", "ufixed<2,9>", "fixed<63,30>"] {
            assert_eq!(text.parse::<FixedFormat>().unwrap().to_string(), text);
        }
        assert_eq!("ap_ufixed<8, 3>".parse::<FixedFormat>().unwrap().to_string(), "ufixed<8,3>");
        for text in ["fixed<16>", "float", "fixed<0,1>", "fixed<64,3>", "fixed<8,3", "fixed<8,99>"]
        {
            assert!(text.parse::<FixedFormat>().is_err(), "{text}");
        }
    }

    #[test]
    fn covering_is_narrowest() {
        let check = |lo, hi, expected: &str| {
            let format = FixedFormat::covering(Interval::new(lo, hi, 0)).unwrap();
            assert_eq!(format.to_string(), expected);
            assert!(format.holds(Interval::new(lo, hi, 0)));
        };
        check(0, 0, "ufixed<1,1>");
        check(0, 255, "ufixed<8,8>");
        check(0, 256, "ufixed<9,9>");
        check(-1, 0, "fixed<1,1>");
        check(-128, 127, "fixed<8,8>");
        check(-129, 0, "fixed<9,9>");
        check(-1, 128, "fixed<9,9>");
        check(i64::MIN / 2, 0, "fixed<63,63>");
        assert!(FixedFormat::covering(Interval::new(i64::MIN, 0, 0)).is_err());
    }
}
