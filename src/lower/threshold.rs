//! [`Threshold`]: staircases as comparisons, or as a table where that is smaller.

use super::arith::compare::count_reached;
use crate::netlist::{Builder, NetId, Table};
use crate::numeric::interval::Interval;
use crate::ops::Threshold;
use crate::plan::Plan;

/// `base + step * (number of thresholds that x reaches)`.
pub fn threshold(builder: &mut Builder, plan: &Plan, op: &Threshold, x: &[NetId]) -> Vec<NetId> {
    let thresholds = op.thresholds.points().expect("infer saw exact thresholds");
    let base_and_step = op.base_and_step.points().expect("infer saw exact values");
    let staircase = Staircase { base: base_and_step[0], step: base_and_step[1] };
    x.iter()
        .enumerate()
        .map(|(index, x)| {
            let own = &thresholds[index * op.steps..(index + 1) * op.steps];
            let mut bounds: Vec<i128> =
                own.iter().map(|bound| ceiling(*bound, builder.range(*x).frac())).collect();
            bounds.sort_unstable();
            staircase.build(builder, plan, *x, &bounds)
        })
        .collect()
}

struct Staircase {
    base: Interval,
    step: Interval,
}

impl Staircase {
    /// The staircase over raw `bounds` of `x`, in rising order.
    fn build(&self, builder: &mut Builder, plan: &Plan, x: NetId, bounds: &[i128]) -> NetId {
        let range = builder.range(x);
        let (lo, hi) = (i128::from(range.lo()), i128::from(range.hi()));
        let always = bounds.iter().filter(|bound| **bound <= lo).count();
        let bounds: Vec<i64> = bounds
            .iter()
            .filter(|bound| lo < **bound && **bound <= hi)
            .map(|bound| i64::try_from(*bound).expect("a bound within a range of 64 bits"))
            .collect();
        let value = |count: usize| {
            let count = i64::try_from(always + count).expect("fewer than 2^63 thresholds");
            let rise = self.step.multiply(Interval::point(count, 0));
            rise.and_then(|rise| rise.add(self.base)).expect("infer bounded the result")
        };
        let first = value(0);
        if bounds.is_empty() {
            return builder.constant(first.lo(), first.frac());
        }
        let width = builder.net(x).width();
        if bounds.len() > 1 && table_is_smaller(width, plan.device.lut_inputs) {
            let reached = |raw: i64| bounds.partition_point(|bound| *bound <= raw);
            let values: Vec<Interval> =
                (range.lo()..=range.hi()).map(|raw| value(reached(raw))).collect();
            return lookup(builder, x, range.lo(), &values);
        }
        let count = count_reached(builder, x, &bounds);
        let factor = self.step.lo();
        if factor > 0 && factor & (factor - 1) == 0 {
            let exponent = i32::try_from(factor.trailing_zeros()).expect("at most 63")
                - i32::from(self.step.frac());
            let exponent = i8::try_from(exponent).expect("binary points stay within a byte");
            let rise = builder.shift(count, exponent);
            let first = builder.constant(first.lo(), first.frac());
            return builder.add(rise, first, 0);
        }
        let values: Vec<Interval> = (0..=bounds.len()).map(value).collect();
        lookup(builder, count, 0, &values)
    }
}

/// Compared bit by bit, a result bit costs about `width` look-up tables; read
/// from a table, one for each `2^inputs` entries.
fn table_is_smaller(width: u8, inputs: u8) -> bool {
    width <= inputs || 1_u32 << (width - inputs).min(16) < u32::from(width)
}

/// The point of `values` at `index`.
fn lookup(builder: &mut Builder, index: NetId, first: i64, values: &[Interval]) -> NetId {
    let frac = values.iter().map(|value| value.frac()).max().expect("a table has entries");
    let raw = |value: &Interval| value.at_frac(frac).expect("infer bounded the result").lo();
    let values = values.iter().map(raw).collect();
    builder.lookup(Table { first, values, frac }, index)
}

/// The lowest raw value at the binary point `frac` that is not below `bound`.
fn ceiling(bound: Interval, frac: i8) -> i128 {
    let raw = i128::from(bound.lo());
    let shift = i32::from(frac) - i32::from(bound.frac());
    if shift >= 0 {
        return raw << shift.min(63);
    }
    -(-raw >> shift.unsigned_abs().min(127))
}
