//! Single bits and fields of a word: wires, and the smallest questions about them.

use crate::netlist::{Builder, NetId};
use crate::numeric::format::FixedFormat;

/// The bits of `x` that weigh `2^low` up to `2^(high - 1)`, as a number without sign.
pub fn field(builder: &mut Builder, x: NetId, low: i32, high: i32) -> NetId {
    let width = u8::try_from(high - low).expect("a field has at most 63 bits");
    let frac = i8::try_from(-low).expect("binary points stay within a byte");
    let format = FixedFormat::new(false, width, frac).expect("a field lies within its word");
    builder.truncate(x, format)
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
    let bit = field(builder, x, top, top + 1);
    builder.shift(bit, i8::try_from(-top).expect("binary points stay within a byte"))
}

/// The exponent of the weight of the top wire, which is the sign where there is one.
pub fn top_exponent(builder: &Builder, x: NetId) -> i32 {
    builder.net(x).format().integer_bits() - 1
}

/// 1 where a number without sign has any bit set.
pub fn any(builder: &mut Builder, x: NetId) -> NetId {
    let unit = to_integer(builder, x);
    let zero = builder.constant(0, 0);
    builder.less(zero, unit)
}

/// 1 where a field of `width` bits has some bit not set.
pub fn not_all(builder: &mut Builder, x: NetId, width: u32) -> NetId {
    let unit = to_integer(builder, x);
    let ones = builder.constant((1 << width) - 1, 0);
    builder.less(unit, ones)
}

/// `1 - bit`.
pub fn not(builder: &mut Builder, bit: NetId) -> NetId {
    let [zero, one] = [0, 1].map(|value| builder.constant(value, 0));
    builder.select(bit, zero, one)
}

/// 1 where both are 1.
pub fn and(builder: &mut Builder, a: NetId, b: NetId) -> NetId {
    let zero = builder.constant(0, 0);
    builder.select(a, b, zero)
}

/// The raw integer of `x`: the same wires, the lowest of weight one.
fn to_integer(builder: &mut Builder, x: NetId) -> NetId {
    let frac = builder.range(x).frac();
    builder.shift(x, frac)
}
