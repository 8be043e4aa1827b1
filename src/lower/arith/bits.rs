//! Single bits and fields of a word: wires, and the smallest questions about them.

use crate::netlist::{Builder, NetId};
use crate::numeric::format::{FixedFormat, MAX_FRAC};

/// The bits of `x` that weigh `2^low` up to `2^(high - 1)`, as an integer without sign.
pub fn field(builder: &mut Builder, x: NetId, low: i32, high: i32) -> NetId {
    let width = u8::try_from(high - low).expect("a field has at most 63 bits");
    let point = i8::try_from(-low).ok().filter(|frac| frac.abs() <= MAX_FRAC);
    let Some(frac) = point else {
        // So far from the binary point the field is taken from the raw integer.
        let frac = builder.range(x).frac();
        let raw = builder.shift(x, frac);
        return field(builder, raw, low + i32::from(frac), high + i32::from(frac));
    };
    let format = FixedFormat::new(false, width, frac).expect("a field lies within its word");
    let bits = builder.truncate(x, format);
    builder.shift(bits, frac)
}

/// The bits of `x` below `2^high`, at their place, without sign.
pub fn below(builder: &mut Builder, x: NetId, high: i32) -> NetId {
    let frac = builder.range(x).frac();
    match u8::try_from(high + i32::from(frac)) {
        Err(_) | Ok(0) => builder.constant(0, 0),
        Ok(width) => {
            let format = FixedFormat::new(false, width, frac).expect("narrower than a word");
            builder.truncate(x, format)
        }
    }
}

/// 1 where `x` is negative: the top wire.
pub fn sign(builder: &mut Builder, x: NetId) -> NetId {
    let range = builder.range(x);
    if range.lo() >= 0 {
        return builder.constant(0, 0);
    }
    if range.hi() < 0 {
        return builder.constant(1, 0);
    }
    let top = top_exponent(builder, x);
    field(builder, x, top, top + 1)
}

/// The exponent of the weight of the top wire, which is the sign where there is one.
pub fn top_exponent(builder: &Builder, x: NetId) -> i32 {
    builder.net(x).format().integer_bits() - 1
}

/// 1 where an integer without sign has any bit set.
pub fn any(builder: &mut Builder, x: NetId) -> NetId {
    let zero = builder.constant(0, 0);
    builder.less(zero, x)
}

/// 1 where an integer without sign of `width` bits has some bit not set.
pub fn not_all(builder: &mut Builder, x: NetId, width: u32) -> NetId {
    let ones = builder.constant((1 << width) - 1, 0);
    builder.less(x, ones)
}

/// `1 - bit`.
pub fn not(builder: &mut Builder, bit: NetId) -> NetId {
    let [zero, one] = [0, 1].map(|value| builder.constant(value, 0));
    builder.select(bit, zero, one)
}

/// 1 where some bit is 1: a tree of pairs.
pub fn some(builder: &mut Builder, mut bits: Vec<NetId>) -> NetId {
    let [zero, one] = [0, 1].map(|value| builder.constant(value, 0));
    while bits.len() > 1 {
        let pair = |pair: &[NetId]| match pair {
            [a, b] => builder.select(*a, one, *b),
            rest => rest[0],
        };
        bits = bits.chunks(2).map(pair).collect();
    }
    bits.first().copied().unwrap_or(zero)
}

/// 1 where both are 1.
pub fn and(builder: &mut Builder, a: NetId, b: NetId) -> NetId {
    let zero = builder.constant(0, 0);
    builder.select(a, b, zero)
}
