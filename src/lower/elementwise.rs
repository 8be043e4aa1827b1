//! Constants, and sums, differences and products of two tensors.

use crate::netlist::{Builder, NetId};
use crate::ops::Constant;

/// Wires to ground and supply.
pub fn constant(builder: &mut Builder, op: &Constant) -> Vec<NetId> {
    let points = op.constants.points().expect("infer saw exact constants");
    points.iter().map(|point| builder.constant(point.lo(), point.frac())).collect()
}

/// `a + b`.
pub fn add(builder: &mut Builder, a: &[NetId], b: &[NetId]) -> Vec<NetId> {
    a.iter().zip(b).map(|(a, b)| builder.add(*a, *b, 0)).collect()
}

/// `a - b`.
pub fn subtract(builder: &mut Builder, a: &[NetId], b: &[NetId]) -> Vec<NetId> {
    a.iter().zip(b).map(|(a, b)| builder.subtract(*a, *b, 0)).collect()
}

/// `a * b`.
pub fn multiply(builder: &mut Builder, a: &[NetId], b: &[NetId]) -> Vec<NetId> {
    a.iter().zip(b).map(|(a, b)| product(builder, *a, *b)).collect()
}

/// A product; with one bit it is a selection.
pub fn product(builder: &mut Builder, a: NetId, b: NetId) -> NetId {
    let is_bit = |net| (builder.range(net).lo(), builder.range(net).hi()) == (0, 1);
    let (bit, other) = match (is_bit(a), is_bit(b)) {
        (true, _) => (a, b),
        (false, true) => (b, a),
        (false, false) => return builder.multiply(a, b),
    };
    let exponent = builder.range(bit).frac();
    let condition = builder.shift(bit, exponent);
    let moved = builder.shift(other, -exponent);
    let zero = builder.constant(0, 0);
    builder.select(condition, moved, zero)
}
