//! Rounding to a binary point, as cells: the first half of the hardware of a
//! [`Quantizer`].

use super::bits::{and, any, field, not, sign};
use super::select::rectified;
use crate::netlist::{Builder, NetId};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::Rounding;

/// `x`, or what a rectifier before it gets, at the binary point of the format; and whether there is
/// such a rectifier.
pub(super) fn rounded(builder: &mut Builder, x: NetId, quantizer: Quantizer) -> (NetId, bool) {
    let (x, is_rectified) = match rectified(builder, x) {
        Some(inner) => (inner, true),
        None => (x, false),
    };
    let own = builder.range(x);
    let rounding = if is_rectified || own.lo() >= 0 {
        above_zero(quantizer.rounding)
    } else if own.hi() <= 0 {
        below_zero(quantizer.rounding)
    } else {
        quantizer.rounding
    };
    (round(builder, x, Quantizer { rounding, ..quantizer }), is_rectified)
}

/// `x` at the binary point of the format, in whatever range it then has.
fn round(builder: &mut Builder, x: NetId, quantizer: Quantizer) -> NetId {
    let (own, target) = (builder.range(x).frac(), quantizer.format.frac());
    if own <= target {
        return x;
    }
    let range = rounded_range(builder.range(x), quantizer);
    if range.lo() == range.hi() {
        return builder.constant(range.lo(), range.frac());
    }
    let result = match quantizer.rounding {
        Rounding::Floor => floor(builder, x, target),
        Rounding::NearestUp => half_up(builder, x, target),
        Rounding::NearestDown => half_down(builder, x, target),
        Rounding::TowardZero
        | Rounding::NearestZero
        | Rounding::NearestAway
        | Rounding::NearestEven => {
            let up = round_up(builder, x, target, quantizer.rounding);
            let down = floor(builder, x, target);
            let exponent = -target;
            builder.add(down, up, exponent)
        }
    };
    builder.prove(result, range)
}

/// The mode without a sign that does the same to values from zero upward; below
/// zero it gives zero or less.
fn above_zero(rounding: Rounding) -> Rounding {
    match rounding {
        Rounding::Floor | Rounding::TowardZero => Rounding::Floor,
        Rounding::NearestUp | Rounding::NearestAway => Rounding::NearestUp,
        Rounding::NearestDown | Rounding::NearestZero => Rounding::NearestDown,
        Rounding::NearestEven => Rounding::NearestEven,
    }
}

/// The simplest mode that does the same to values up to zero.
fn below_zero(rounding: Rounding) -> Rounding {
    match rounding {
        Rounding::NearestUp | Rounding::NearestZero => Rounding::NearestUp,
        Rounding::NearestDown | Rounding::NearestAway => Rounding::NearestDown,
        Rounding::Floor | Rounding::TowardZero | Rounding::NearestEven => rounding,
    }
}

/// The rounded range, counted in steps of the format, before anything overflows.
fn rounded_range(x: Interval, quantizer: Quantizer) -> Interval {
    let [lo, hi] = [x.lo(), x.hi()].map(|raw| {
        let rounded = quantizer.rounded(raw, i32::from(x.frac()));
        i64::try_from(rounded).expect("dropping bits makes no value larger")
    });
    Interval::new(lo, hi, quantizer.format.frac())
}

/// `x` rounded toward minus infinity to steps of `2^-frac`.
fn floor(builder: &mut Builder, x: NetId, frac: i8) -> NetId {
    let range = builder.range(x);
    let drop = i32::from(range.frac()) - i32::from(frac);
    let Ok(drop) = u32::try_from(drop) else { return x };
    let cut = |raw: i64| raw >> drop.min(63);
    let kept = Interval::new(cut(range.lo()), cut(range.hi()), frac);
    let format = FixedFormat::covering(kept).expect("narrower than before");
    builder.truncate(x, format)
}

/// `floor(x + 1/2)`; a constant that was added to `x` takes the half in.
fn half_up(builder: &mut Builder, x: NetId, frac: i8) -> NetId {
    let half = builder.constant(1, frac + 1);
    let sum = builder.add(x, half, 0);
    floor(builder, sum, frac)
}

/// `floor(x + 1/2 - ulp)`.
fn half_down(builder: &mut Builder, x: NetId, frac: i8) -> NetId {
    let own = builder.range(x).frac();
    let below_half = (1 << (own.abs_diff(frac) - 1)) - 1;
    let term = builder.constant(below_half, own);
    let sum = builder.add(x, term, 0);
    floor(builder, sum, frac)
}

/// 1 where the value is one step above its floor.
fn round_up(builder: &mut Builder, x: NetId, frac: i8, rounding: Rounding) -> NetId {
    let low = -i32::from(builder.range(x).frac());
    let high = -i32::from(frac);
    if rounding == Rounding::TowardZero {
        let rest = field(builder, x, low, high);
        let rest = any(builder, rest);
        let sign = sign(builder, x);
        return and(builder, sign, rest);
    }
    let half = field(builder, x, high - 1, high);
    let above_half = if high - 1 - low == 0 {
        builder.constant(0, 0)
    } else {
        let rest = field(builder, x, low, high - 1);
        any(builder, rest)
    };
    let tie = match rounding {
        Rounding::NearestEven => field(builder, x, high, high + 1),
        Rounding::NearestZero => sign(builder, x),
        Rounding::NearestAway => {
            let sign = sign(builder, x);
            not(builder, sign)
        }
        Rounding::Floor | Rounding::TowardZero | Rounding::NearestUp | Rounding::NearestDown => {
            unreachable!("these are sums with a constant")
        }
    };
    let one = builder.constant(1, 0);
    let beyond = builder.select(above_half, one, tie);
    and(builder, half, beyond)
}
