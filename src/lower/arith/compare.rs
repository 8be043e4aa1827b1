//! Comparing a value with constants.

use super::bits::{any, field, not, sign};
use crate::netlist::{Builder, Cell, NetId, Table};
use crate::numeric::interval::Interval;

/// 1 where the raw value of `x` is `bound` or more.
pub fn at_least(builder: &mut Builder, x: NetId, bound: i64) -> NetId {
    let range = builder.range(x);
    if bound == 0 {
        let negative = sign(builder, x);
        return not(builder, negative);
    }
    if range.lo() >= 0 && bound > 0 && bound & (bound - 1) == 0 && range.hi() >= bound {
        let low = bound.trailing_zeros().cast_signed() - i32::from(range.frac());
        let high = (64 - range.hi().leading_zeros()).cast_signed() - i32::from(range.frac());
        let high = field(builder, x, low, high);
        return any(builder, high);
    }
    if has_constant(builder, x) {
        // The constant takes the bound in, and the answer is a sign.
        let bound = builder.constant(bound, range.frac());
        let gap = builder.subtract(x, bound, 0);
        let negative = sign(builder, gap);
        return not(builder, negative);
    }
    let below = builder.constant(bound - 1, range.frac());
    builder.less(below, x)
}

/// How many of the rising `bounds` the raw value of `x` reaches, all within its range.
///
/// A binary search: each bit of the result decides the bound of the next one,
/// so that `2^n - 1` bounds take `n` comparisons.
pub fn count_reached(builder: &mut Builder, x: NetId, bounds: &[i64]) -> NetId {
    if let [bound] = bounds {
        return at_least(builder, x, *bound);
    }
    let range = builder.range(x);
    let levels = usize::BITS - bounds.len().leading_zeros();
    let bound = |index: usize| bounds.get(index).copied().unwrap_or(range.hi() + 1);
    let mut count = builder.constant(0, 0);
    for level in (0..levels).rev() {
        // `count` holds the higher bits; this bit adds 2^level to it.
        let reached: Vec<i64> = (0..1_usize << (levels - 1 - level))
            .map(|prefix| bound((prefix << (level + 1)) + (1 << level) - 1))
            .collect();
        let bit = if let [only] = reached.as_slice() {
            at_least(builder, x, *only)
        } else {
            let values = reached.iter().map(|bound| bound - 1).collect();
            let table = Table { first: 0, values, frac: range.frac() };
            let below = builder.lookup(table, count);
            builder.less(below, x)
        };
        count = builder.add(bit, count, 1);
    }
    let most = i64::try_from(bounds.len()).expect("fewer than 2^63 bounds");
    builder.prove(count, Interval::new(0, most, 0))
}

fn has_constant(builder: &Builder, x: NetId) -> bool {
    let Cell::Add { a, b, .. } = builder.net(x).cell else { return false };
    [a, b].iter().any(|net| builder.net(*net).cell == Cell::Constant)
}
