//! Choosing among values: rectifier, maximum.

use super::bits::{below, sign, top_exponent};
use crate::netlist::{Builder, Cell, NetId};
use crate::numeric::interval::Interval;

/// `max(x, 0)`.
pub fn rectify(builder: &mut Builder, x: NetId) -> NetId {
    let range = builder.range(x);
    if range.lo() >= 0 {
        return x;
    }
    if range.hi() <= 0 {
        return builder.constant(0, 0);
    }
    let positive = magnitude(builder, x);
    let sign = sign(builder, x);
    let zero = builder.constant(0, 0);
    let result = builder.select(sign, zero, positive);
    builder.prove(result, Interval::new(0, range.hi(), range.frac()))
}

/// The wires of `x` that its values from zero upward need: `x` itself where it is not negative.
pub fn magnitude(builder: &mut Builder, x: NetId) -> NetId {
    let range = builder.range(x);
    let bits = 64 - range.hi().max(1).leading_zeros();
    below(builder, x, bits.cast_signed() - i32::from(range.frac()))
}

/// The `x` of a net that is `max(x, 0)` as [`rectify`] builds it.
pub fn rectified(builder: &Builder, net: NetId) -> Option<NetId> {
    let Cell::Select { condition, a, b } = builder.net(net).cell else { return None };
    let Cell::Truncate { a: x, format: kept } = builder.net(b).cell else { return None };
    let bit = match builder.net(condition).cell {
        Cell::Shift { a: bit, .. } => bit,
        _ => condition,
    };
    let Cell::Truncate { a: signed, format } = builder.net(bit).cell else { return None };
    let is_sign = signed == x
        && format.width() == 1
        && format.integer_bits() == top_exponent(builder, x) + 1
        && builder.range(x).lo() < 0;
    let positive = builder.range(x).max(Interval::point(0, 0))?;
    let zero = builder.range(a);
    (is_sign && kept.holds(positive) && (zero.lo(), zero.hi()) == (0, 0)).then_some(x)
}

/// `max(a, b)`.
pub fn max(builder: &mut Builder, a: NetId, b: NetId) -> NetId {
    let range = builder.range(a).max(builder.range(b)).expect("both fit, so the larger fits");
    let less = builder.less(a, b);
    let result = builder.select(less, b, a);
    builder.prove(result, range)
}

/// `min(a, b)`.
pub fn min(builder: &mut Builder, a: NetId, b: NetId) -> NetId {
    let range = builder.range(a).min(builder.range(b)).expect("both fit, so the smaller fits");
    let less = builder.less(b, a);
    let result = builder.select(less, b, a);
    builder.prove(result, range)
}
