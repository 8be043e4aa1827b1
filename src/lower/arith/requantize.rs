//! Rounding and overflow as sequences of cells: the hardware of a [`Quantizer`].
//!
//! What the range of the value proves unnecessary is not built: no saturation
//! for values in range, no sign for values that have none, no rounding where no
//! bit is dropped. A rectifier before it is taken into the saturation: rounding
//! keeps order and zero, so that `round(max(x, 0)) = max(round(x), 0)`, and one
//! selection does for both.

use super::bits::{any, below, field, not_all, sign, top_exponent};
use super::round::rounded;
use super::select::magnitude;
use crate::netlist::{Builder, NetId};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::Overflow;
use crate::ops::quantize::quantized_range;

/// `x` through `quantizer`.
pub fn requantize(builder: &mut Builder, x: NetId, quantizer: Quantizer) -> NetId {
    let range = quantized_range(builder.range(x), quantizer);
    if range.lo() == range.hi() {
        return builder.constant(range.lo(), range.frac());
    }
    let (rounded, is_rectified) = rounded(builder, x, quantizer);
    let result = if is_rectified {
        limit_rectified(builder, rounded, quantizer)
    } else {
        limit(builder, rounded, quantizer)
    };
    builder.prove(result, range)
}

/// 1 where `x`, rounded, lies outside of the format: what
/// [`Quantizer::overflows`] says, made of the nets that saturation shares.
pub fn overflows(builder: &mut Builder, x: NetId, quantizer: Quantizer) -> NetId {
    let (x, is_rectified) = rounded(builder, x, quantizer);
    let format = quantizer.format;
    let below_zero = i64::from(!is_rectified);
    if is_rectified || !format.signed() || builder.range(x).lo() >= 0 {
        let over = above_format(builder, x, format);
        let sign = sign(builder, x);
        let below_zero = builder.constant(below_zero, 0);
        return builder.select(sign, below_zero, over);
    }
    outside(builder, x, format)
}

/// `x`, which is on the grid of the format, brought into its range.
fn limit(builder: &mut Builder, x: NetId, quantizer: Quantizer) -> NetId {
    let Quantizer { format, overflow, .. } = quantizer;
    let range = builder.range(x);
    if overflow == Overflow::Wrap || format.holds(range) && !is_lowest(range, quantizer) {
        return builder.truncate(x, format);
    }
    if range.lo() >= 0 || !format.signed() {
        return limit_rectified(builder, x, quantizer);
    }
    let result = limit_signed(builder, x, quantizer);
    match overflow {
        Overflow::SaturateSymmetric => without_lowest(builder, result, quantizer),
        Overflow::Wrap | Overflow::Saturate | Overflow::SaturateZero => result,
    }
}

/// `max(x, 0)` brought into the range of the format.
fn limit_rectified(builder: &mut Builder, x: NetId, quantizer: Quantizer) -> NetId {
    let Quantizer { format, overflow, .. } = quantizer;
    let range = builder.range(x);
    let zero = builder.constant(0, 0);
    if range.hi() <= 0 {
        return zero;
    }
    let above = limit_exponent(format);
    let top = upper_exponent(range);
    let positive = if top <= above {
        magnitude(builder, x)
    } else if overflow == Overflow::Wrap {
        builder.truncate(x, format)
    } else {
        let over = above_format(builder, x, format);
        let low = below(builder, x, above);
        let bound = match overflow {
            Overflow::SaturateZero => zero,
            _ => builder.constant(format.max_raw(), format.frac()),
        };
        builder.select(over, bound, low)
    };
    let sign = sign(builder, x);
    builder.select(sign, zero, positive)
}

/// 1 where `x`, if it is not negative, lies above the format.
fn above_format(builder: &mut Builder, x: NetId, format: FixedFormat) -> NetId {
    let range = builder.range(x);
    let (above, top) = (limit_exponent(format), upper_exponent(range));
    if range.hi() <= 0 || top <= above {
        return builder.constant(0, 0);
    }
    let lowest = -i32::from(range.frac());
    let high = field(builder, x, above.max(lowest), top);
    any(builder, high)
}

/// `x`, which may be negative, brought into the range of a signed format.
fn limit_signed(builder: &mut Builder, x: NetId, quantizer: Quantizer) -> NetId {
    let Quantizer { format, overflow, .. } = quantizer;
    let range = builder.range(x);
    if format.holds(range) {
        return x;
    }
    let outside = outside(builder, x, format);
    let sign = sign(builder, x);
    let bound = match overflow {
        Overflow::SaturateZero => builder.constant(0, 0),
        Overflow::Wrap | Overflow::Saturate | Overflow::SaturateSymmetric => {
            let [min, max] = [format.min_raw(), format.max_raw()]
                .map(|raw| builder.constant(raw, format.frac()));
            builder.select(sign, min, max)
        }
    };
    let low = builder.truncate(x, format);
    builder.select(outside, bound, low)
}

/// 1 where `x`, which may be negative, lies outside of a signed format.
fn outside(builder: &mut Builder, x: NetId, format: FixedFormat) -> NetId {
    let range = builder.range(x);
    let above = limit_exponent(format);
    let top = top_exponent(builder, x);
    let zero = builder.constant(0, 0);
    let sign = sign(builder, x);
    // In range, all bits from the format's sign upward are equal. Where the format
    // ends below the lowest bit of `x`, a negative value is always outside.
    let lowest = -i32::from(range.frac());
    let from = above.max(lowest);
    let over = if range.hi() > 0 && upper_exponent(range) > above {
        let high = field(builder, x, from, top);
        any(builder, high)
    } else {
        zero
    };
    let under = if lower_exponent(range) <= above {
        zero
    } else if above < lowest {
        builder.constant(1, 0)
    } else {
        let high = field(builder, x, from, top);
        not_all(builder, high, (top - from).unsigned_abs())
    };
    builder.select(sign, under, over)
}

/// A value of the format whose lowest value, which has no negative, becomes the one above it.
fn without_lowest(builder: &mut Builder, x: NetId, quantizer: Quantizer) -> NetId {
    let format = quantizer.format;
    if !is_lowest(builder.range(x), quantizer) {
        return x;
    }
    let rest = field(builder, x, -i32::from(format.frac()), limit_exponent(format));
    let rest = any(builder, rest);
    let sign = sign(builder, x);
    let zero = builder.constant(0, 0);
    let lowest = builder.select(rest, zero, sign);
    let bound = builder.constant(-format.max_raw(), format.frac());
    builder.select(lowest, bound, x)
}

/// True when a symmetric format must still exclude its lowest value.
fn is_lowest(range: Interval, quantizer: Quantizer) -> bool {
    let Quantizer { format, overflow, .. } = quantizer;
    let symmetric = Interval::new(-format.max_raw(), format.max_raw(), format.frac());
    overflow == Overflow::SaturateSymmetric && format.signed() && !range.is_within(symmetric)
}

/// The exponent of the lowest power of two that a format cannot hold.
fn limit_exponent(format: FixedFormat) -> i32 {
    format.integer_bits() - i32::from(format.signed())
}

/// The exponent of the lowest power of two above every value of `range`.
fn upper_exponent(range: Interval) -> i32 {
    let bits = 64 - range.hi().max(0).leading_zeros();
    bits.cast_signed() - i32::from(range.frac())
}

/// The exponent of the lowest power of two whose negative is below or at every value of `range`.
fn lower_exponent(range: Interval) -> i32 {
    let bits = 64 - (-(range.lo().min(-1) + 1)).leading_zeros();
    bits.cast_signed() - i32::from(range.frac())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::select::rectify;
    use super::{FixedFormat, Overflow, Quantizer, overflows, requantize};
    use crate::netlist::{self, Builder, Layer};
    use crate::numeric::round::Rounding;
    use crate::numeric::tensor::Block;

    /// Holds the hardware of all `quantizers` against their definition, on the given raw values.
    fn check(input: FixedFormat, quantizers: &[Quantizer], rows: &[i64]) {
        let layer = Layer { name: "x".into(), operator: "quantize".into(), origin: None };
        let mut builder = Builder::new(layer);
        let x = builder.input("x", &[input])[0];
        let positive = rectify(&mut builder, x);
        let (mut nets, mut flags) = (Vec::new(), Vec::new());
        for quantizer in quantizers {
            for x in [x, positive] {
                nets.push(requantize(&mut builder, x, *quantizer));
                flags.push(overflows(&mut builder, x, *quantizer));
            }
        }
        let formats = quantizers.iter().flat_map(|quantizer| [quantizer.format; 2]).collect();
        builder.output("y", nets, formats);
        for flag in flags {
            builder.overflow_flag("y", flag);
        }
        let module = builder.finish(0);
        netlist::verify::verify(&module).unwrap();
        let result = netlist::eval::eval(&module, &[Block::from_rows(rows, 1, input.frac())]);
        for (index, quantizer) in quantizers.iter().enumerate() {
            let finer = result[0].frac.abs_diff(quantizer.format.frac());
            for (event, x) in rows.iter().enumerate() {
                for (port, x) in [*x, (*x).max(0)].into_iter().enumerate() {
                    let expected = quantizer.apply(x, input.frac()) << finer;
                    let found = result[0].element(2 * index + port)[event];
                    assert_eq!(found, expected, "{x} of {input} through {quantizer}");
                    let flag = result[1 + 2 * index + port].element(0)[event] == 1;
                    let outside = quantizer.overflows(x, input.frac());
                    assert_eq!(flag, outside, "{x} of {input} outside of {quantizer}");
                }
            }
        }
    }

    #[test]
    fn all_modes_of_all_small_formats() {
        let formats = |widths: std::ops::RangeInclusive<u8>,
                       fracs: std::ops::RangeInclusive<i8>| {
            let mut formats = Vec::new();
            for width in widths {
                for frac in fracs.clone() {
                    for signed in [false, true] {
                        formats.push(FixedFormat::new(signed, width, frac).unwrap());
                    }
                }
            }
            formats
        };
        for input in formats(1..=5, 0..=0) {
            let mut quantizers = Vec::new();
            for format in formats(1..=4, -4..=1) {
                for rounding in Rounding::ALL {
                    for overflow in Overflow::ALL {
                        quantizers.push(Quantizer {
                            format,
                            rounding: *rounding,
                            overflow: *overflow,
                        });
                    }
                }
            }
            let rows: Vec<i64> = (input.min_raw()..=input.max_raw()).collect();
            check(input, &quantizers, &rows);
        }
    }

    fn format(width: std::ops::RangeInclusive<u8>) -> impl Strategy<Value = FixedFormat> {
        (any::<bool>(), width, -20..=20_i8)
            .prop_map(|(signed, width, frac)| FixedFormat::new(signed, width, frac).unwrap())
    }

    proptest! {
        #[test]
        fn drawn_wide_formats(
            input in format(6..=58),
            target in format(1..=40),
            rounding in prop::sample::select(Rounding::ALL),
            overflow in prop::sample::select(Overflow::ALL),
            bits in prop::collection::vec(any::<u64>(), 20),
        ) {
            let mut rows = vec![input.min_raw(), input.max_raw(), 0];
            for bits in bits {
                // Values of all magnitudes.
                let drawn = (bits >> (64 - input.width())) >> (bits % u64::from(input.width()));
                let drawn = drawn.cast_signed();
                rows.push(drawn.clamp(input.min_raw(), input.max_raw()));
                rows.push((-drawn).clamp(input.min_raw(), input.max_raw()));
            }
            check(input, &[Quantizer { format: target, rounding, overflow }], &rows);
        }
    }
}
