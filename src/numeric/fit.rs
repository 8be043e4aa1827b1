//! Choosing a format for floats: how many integer bits their range needs.

use super::format::{FixedFormat, MAX_FRAC};
use super::quantizer::{Quantizer, decompose};
use super::round::{Overflow, Rounding};

/// The most fraction bits that are ever chosen; beyond it lie only values that mean nothing.
pub const MAX_FITTED_FRAC: i8 = 32;

/// How many more fraction bits a part of a tensor may get than the whole would.
pub const MAX_SPREAD: i8 = 12;

/// The format of `width` bits with the fewest integer bits that holds `lo` and `hi` once rounded;
/// signed if `lo` is below zero.
///
/// Fewer bits than `width` only where more than [`MAX_FITTED_FRAC`] would stand behind the point.
/// Both bounds are finite, `width` is at most 63.
pub fn fit(lo: f64, hi: f64, width: u8, rounding: Rounding) -> FixedFormat {
    let signed = lo < 0.0;
    let needed = integer_bits(lo).max(integer_bits(hi)) + i32::from(signed) - 1;
    let least = i32::from(width) - i32::from(MAX_FITTED_FRAC);
    let most = i32::from(width) + i32::from(MAX_FRAC);
    let first = if lo == 0.0 && hi == 0.0 { 1 } else { needed };
    for integer in first.clamp(least, most)..=most {
        let format = FixedFormat::with_integer_bits(signed, width, integer)
            .expect("between the bounds of the binary point");
        let quantizer = Quantizer { format, rounding, overflow: Overflow::Saturate };
        if !quantizer.overflows_f64(lo) && !quantizer.overflows_f64(hi) {
            return format;
        }
    }
    FixedFormat::with_integer_bits(signed, width, most).expect("the widest range there is")
}

/// The formats of `width` bits for each `group` values in a row, as [`fit`] chooses them.
///
/// No group is finer than 2^-[`MAX_SPREAD`] steps of what all values together
/// would get, so that groups of tiny values do not widen every sum.
pub fn fit_group(values: &[f64], group: usize, width: u8, rounding: Rounding) -> Vec<FixedFormat> {
    let bounds = |values: &[f64]| {
        let lo = values.iter().copied().fold(f64::INFINITY, f64::min);
        let hi = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if values.is_empty() { (0.0, 0.0) } else { (lo, hi) }
    };
    let (lo, hi) = bounds(values);
    let coarsest = fit(lo, hi, width, rounding);
    let limit = i32::from(coarsest.frac()) + i32::from(MAX_SPREAD);
    let fitted = values.chunks(group).map(|values| {
        let (lo, hi) = bounds(values);
        limited(fit(lo, hi, width, rounding), limit)
    });
    fitted.collect()
}

/// `format` with no more than `limit` fraction bits: coarser, not narrower.
pub fn limited(format: FixedFormat, limit: i32) -> FixedFormat {
    let frac = i32::from(format.frac()).min(limit);
    let frac = i8::try_from(frac).expect("a format's own or coarser");
    FixedFormat::new(format.signed(), format.width(), frac).unwrap_or(format)
}

/// The bits above the binary point of the magnitude of `value`: 1 for 1.0, 0 for 0.5, 2 for 2.5.
fn integer_bits(value: f64) -> i32 {
    let (mantissa, exponent) = decompose(value);
    if mantissa == 0 {
        return -i32::from(MAX_FRAC);
    }
    let length = 64 - mantissa.unsigned_abs().leading_zeros();
    exponent + length.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_integer_bits_are_chosen() {
        let check = |lo, hi, width, expected: &str| {
            assert_eq!(fit(lo, hi, width, Rounding::NearestUp).to_string(), expected);
        };
        check(0.0, 0.0, 8, "ufixed<8,1>");
        check(-1.0, 0.9, 8, "fixed<8,1>");
        check(-1.0, 1.0, 8, "fixed<8,2>");
        check(0.0, 1.0, 8, "ufixed<8,1>");
        check(0.0, 0.999, 8, "ufixed<8,1>");
        check(0.0, 0.996, 8, "ufixed<8,0>");
        check(-0.03, 0.01, 6, "fixed<6,-4>");
        check(-300.0, 200.0, 4, "fixed<4,10>");
        check(0.0, 1e-30, 8, "ufixed<8,-24>");
        assert_eq!(fit(0.0, 0.999, 8, Rounding::Floor).to_string(), "ufixed<8,0>");
    }
}
