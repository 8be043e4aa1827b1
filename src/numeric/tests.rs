//! Every rounding and overflow mode against a definition in rationals, exhaustively for small formats.

use super::format::FixedFormat;
use super::quantizer::Quantizer;
use super::round::{Overflow, Rounding, shift_right};

/// `numerator / denominator` as a whole number, by the words of the manual.
fn rounded(numerator: i128, denominator: i128, mode: Rounding) -> i128 {
    let lower = numerator.div_euclid(denominator);
    let rest = numerator.rem_euclid(denominator);
    if rest == 0 {
        return lower;
    }
    let upper = lower + 1;
    let (nearer_zero, farther) = if numerator >= 0 { (lower, upper) } else { (upper, lower) };
    let even = if lower % 2 == 0 { lower } else { upper };
    let nearest = |tie: i128| match (2 * rest).cmp(&denominator) {
        std::cmp::Ordering::Less => lower,
        std::cmp::Ordering::Equal => tie,
        std::cmp::Ordering::Greater => upper,
    };
    match mode {
        Rounding::Floor => lower,
        Rounding::TowardZero => nearer_zero,
        Rounding::NearestUp => nearest(upper),
        Rounding::NearestZero => nearest(nearer_zero),
        Rounding::NearestAway => nearest(farther),
        Rounding::NearestDown => nearest(lower),
        Rounding::NearestEven => nearest(even),
    }
}

/// A whole number of steps brought into `lo..=hi`, by the words of the manual.
fn bounded(mut steps: i128, signed: bool, width: u32, mode: Overflow) -> i128 {
    let count = 1_i128 << width;
    let (lo, hi) = if signed { (-count / 2, count / 2 - 1) } else { (0, count - 1) };
    match mode {
        Overflow::Wrap => {
            while steps > hi {
                steps -= count;
            }
            while steps < lo {
                steps += count;
            }
            steps
        }
        Overflow::Saturate => steps.min(hi).max(lo),
        Overflow::SaturateZero if steps < lo || steps > hi => 0,
        Overflow::SaturateZero => steps,
        Overflow::SaturateSymmetric => steps.min(hi).max(if signed { -hi } else { lo }),
    }
}

fn small_formats() -> impl Iterator<Item = FixedFormat> {
    [false, true].into_iter().flat_map(|signed| {
        (1..=6).flat_map(move |width| {
            (-3..=6).map(move |frac| FixedFormat::new(signed, width, frac).unwrap())
        })
    })
}

#[test]
fn quantizers_are_their_definition() {
    for format in small_formats() {
        for rounding in Rounding::ALL {
            for overflow in Overflow::ALL {
                let quantizer = Quantizer { format, rounding: *rounding, overflow: *overflow };
                for (raw, frac) in (-150..=150).flat_map(|raw| [(raw, 0_i8), (raw, 4)]) {
                    let up = 1_i128 << (6 + format.frac());
                    let down = 1_i128 << (6 + frac);
                    let steps = rounded(i128::from(raw) * up, down, *rounding);
                    let width = u32::from(format.width());
                    let expected = bounded(steps, format.signed(), width, *overflow);
                    assert_eq!(
                        i128::from(quantizer.apply(raw, frac)),
                        expected,
                        "{raw}*2^-{frac} to {quantizer}"
                    );
                    let value = super::interval::scale(raw, frac);
                    assert_eq!(quantizer.apply_f64(value), Ok(quantizer.apply(raw, frac)));
                    let outside =
                        bounded(steps, format.signed(), width, Overflow::Saturate) != steps;
                    assert_eq!(quantizer.overflows(raw, frac), outside);
                    assert_eq!(quantizer.overflows_f64(value), outside);
                }
            }
        }
    }
}

#[test]
fn rounding_agrees_with_the_fixed_crate() {
    type Eight = fixed::types::I56F8;
    for raw in -2000_i64..=2000 {
        let value = Eight::from_bits(raw);
        for (mode, expected) in [
            (Rounding::Floor, value.floor()),
            (Rounding::TowardZero, value.round_to_zero()),
            (Rounding::NearestAway, value.round()),
            (Rounding::NearestEven, value.round_ties_even()),
        ] {
            let found = shift_right(i128::from(raw), 8, mode);
            assert_eq!(found, i128::from(expected.to_num::<i64>()), "{raw}/256 {mode}");
        }
    }
}

#[test]
fn wide_shifts_keep_the_sign() {
    for mode in Rounding::ALL {
        for raw in [-5_i128, -1, 0, 1, 5, i128::from(i64::MAX), i128::from(i64::MIN)] {
            for shift in [66, 126, 127, 128, 1000] {
                let expected = rounded(raw.signum(), 4, *mode);
                assert_eq!(shift_right(raw, shift, *mode), expected, "{raw} >> {shift} {mode}");
            }
        }
    }
}

#[test]
fn floats_of_any_size_are_quantized() {
    let quantizer: Quantizer = "fixed<8,4,RND,SAT>".parse().unwrap();
    let wrapping: Quantizer = "fixed<8,4,TRN,WRAP>".parse().unwrap();
    for (value, saturated, wrapped) in [
        (f64::MAX, 127, 0),
        (-f64::MAX, -128, 0),
        (f64::MIN_POSITIVE, 0, 0),
        (-f64::MIN_POSITIVE, 0, -1),
        (5e-324, 0, 0),
        (1e300, 127, 0),
        (-0.0, 0, 0),
        (8.0, 127, -128),
    ] {
        assert_eq!(quantizer.apply_f64(value), Ok(saturated), "{value}");
        assert_eq!(wrapping.apply_f64(value), Ok(wrapped), "{value}");
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(quantizer.apply_f64(value).is_err());
    }
}
