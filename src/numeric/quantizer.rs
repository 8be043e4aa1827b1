//! [`Quantizer`]: a format with its rounding and overflow, the only thing that drops bits.

use std::fmt;

use serde_with::{DeserializeFromStr, SerializeDisplay};

use super::format::{FixedFormat, MAX_FRAC};
use super::round::{self, Overflow, Rounding};

/// A format, and how values get into it. Written `fixed<8,3,RND,SAT>`.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, SerializeDisplay, DeserializeFromStr,
)]
pub struct Quantizer {
    /// The format of the result.
    pub format: FixedFormat,
    /// How low bits are dropped.
    pub rounding: Rounding,
    /// What happens to values outside the format.
    pub overflow: Overflow,
}

/// A value that no format can hold.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{0} is not a finite number")]
pub struct NotFinite(pub f64);

impl Quantizer {
    /// The raw result for `raw * 2^-frac`.
    pub fn apply(self, raw: i64, frac: i8) -> i64 {
        round::overflow(self.rounded(raw, i32::from(frac)), self.format, self.overflow)
    }

    /// The raw result for a float, taken as the exact binary fraction that it is.
    ///
    /// # Errors
    /// When `value` is infinite or not a number.
    pub fn apply_f64(self, value: f64) -> Result<i64, NotFinite> {
        if !value.is_finite() {
            return Err(NotFinite(value));
        }
        let (mantissa, exponent) = decompose(value);
        let rounded = self.rounded(mantissa, -exponent);
        Ok(round::overflow(rounded, self.format, self.overflow))
    }

    /// True when `raw * 2^-frac`, rounded, lies outside the format.
    pub fn overflows(self, raw: i64, frac: i8) -> bool {
        let rounded = self.rounded(raw, i32::from(frac));
        rounded < i128::from(self.format.min_raw()) || rounded > i128::from(self.format.max_raw())
    }

    /// True when the finite `value`, rounded, lies outside the format.
    pub fn overflows_f64(self, value: f64) -> bool {
        let (mantissa, exponent) = decompose(value);
        let rounded = self.rounded(mantissa, -exponent);
        rounded < i128::from(self.format.min_raw()) || rounded > i128::from(self.format.max_raw())
    }

    /// The value in steps of the format, rounded but not yet brought into range.
    ///
    /// A value of 2^64 steps or more may come back as some other multiple of
    /// 2^64 of the same sign: outside every format, and zero in the bits that
    /// wrapping keeps.
    pub fn rounded(self, raw: i64, frac: i32) -> i128 {
        let raw = i128::from(raw);
        let shift = frac - i32::from(self.format.frac());
        match u32::try_from(shift) {
            Ok(right) => round::shift_right(raw, right, self.rounding),
            Err(_) if shift >= -63 => raw << shift.unsigned_abs(),
            Err(_) => raw.signum() << 100,
        }
    }
}

/// `value` as an exact `mantissa * 2^exponent` with an odd mantissa (or zero).
pub fn decompose(value: f64) -> (i64, i32) {
    let bits = value.to_bits();
    let biased = i32::try_from((bits >> 52) & 0x7ff).expect("eleven bits");
    let fraction = (bits & ((1 << 52) - 1)).cast_signed();
    if biased == 0 && fraction == 0 {
        return (0, 0);
    }
    let (mantissa, exponent) =
        if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
    let zeros = mantissa.trailing_zeros();
    let mantissa = mantissa >> zeros;
    let exponent = exponent + zeros.cast_signed();
    (if value < 0.0 { -mantissa } else { mantissa }, exponent)
}

/// The raw integers of `values` at the coarsest common binary point, if that stays in 63 bits.
pub fn common_grid(values: &[f64]) -> Option<(Vec<i64>, i8)> {
    let parts: Vec<(i64, i32)> = values.iter().map(|value| decompose(*value)).collect();
    let exponent = parts.iter().filter(|part| part.0 != 0).map(|part| part.1).min().unwrap_or(0);
    let frac = i8::try_from(-exponent).ok().filter(|frac| frac.abs() <= MAX_FRAC)?;
    let raw = parts.iter().map(|(mantissa, own)| {
        let shift = if *mantissa == 0 { 0 } else { u32::try_from(own - exponent).ok()? };
        (shift < 63).then_some(())?;
        let raw = i128::from(*mantissa) << shift;
        i64::try_from(raw).ok().filter(|raw| raw.unsigned_abs() < 1 << 62)
    });
    Some((raw.collect::<Option<Vec<i64>>>()?, frac))
}

impl fmt::Display for Quantizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = self.format.to_string();
        let open = format.trim_end_matches('>');
        write!(f, "{open},{},{}>", self.rounding, self.overflow)
    }
}

impl fmt::Debug for Quantizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Quantizer {
    type Err = QuantizerError;

    /// Parses `fixed<W,I>`, `fixed<W,I,ROUNDING>` or `fixed<W,I,ROUNDING,OVERFLOW>`;
    /// what is left out is `TRN` and `WRAP`, as in `ap_fixed`.
    fn from_str(text: &str) -> Result<Self, QuantizerError> {
        let fields: Vec<&str> =
            text.trim().trim_end_matches('>').split(',').map(str::trim).collect();
        let head = match fields.as_slice() {
            [head, integer, ..] if fields.len() <= 4 && text.trim().ends_with('>') => {
                format!("{head},{integer}>")
            }
            _ => text.to_owned(),
        };
        Ok(Self {
            format: head.parse()?,
            rounding: fields.get(2).map_or(Ok(Rounding::Floor), |mode| mode.parse())?,
            overflow: fields.get(3).map_or(Ok(Overflow::Wrap), |mode| mode.parse())?,
        })
    }
}

/// Why a text is no quantizer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantizerError {
    /// The format is at fault.
    #[error(transparent)]
    Format(#[from] super::format::FormatError),
    /// A mode is at fault.
    #[error(transparent)]
    Mode(#[from] round::UnknownMode),
}
