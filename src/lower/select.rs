//! [`Clip`], [`LeakyRelu`], [`ArgMax`].

use super::arith::cmvm::solve::Unsolvable;
use super::arith::linear::Linear;
use super::arith::select::{max, min, rectify};
use super::arith::{bits, tree};
use crate::netlist::{Builder, NetId};
use crate::numeric::interval::Interval;
use crate::ops::{ArgMax, Clip, LeakyRelu, Op};
use crate::plan::Plan;

/// `min(max(x, lo), hi)`.
pub fn clip(builder: &mut Builder, op: &Clip, x: &[NetId]) -> Vec<NetId> {
    let bounds = op.bounds.points().expect("infer saw exact bounds");
    let [lo, hi] = [0, 1].map(|index| builder.constant(bounds[index].lo(), bounds[index].frac()));
    let element = |x: &NetId| {
        let raised = if bounds[0].lo() == 0 { rectify(builder, *x) } else { max(builder, *x, lo) };
        min(builder, raised, hi)
    };
    x.iter().map(element).collect()
}

/// `x` where `x >= 0`, else `alpha * x`.
///
/// # Errors
/// When a partial sum is too wide.
pub fn leaky_relu(
    builder: &mut Builder,
    plan: &Plan,
    op: &LeakyRelu,
    x: &[NetId],
) -> Result<Vec<NetId>, Unsolvable> {
    let (alpha, frac) = op.alpha.raw().expect("infer saw an exact slope");
    let element = |x: &NetId| {
        let scale = Linear { matrix: alpha.clone(), frac, offsets: vec![Interval::point(0, 0)] };
        let below = scale.build(builder, plan, &[*x])?[0];
        let sign = bits::sign(builder, *x);
        let result = builder.select(sign, below, *x);
        // The product counts below zero only, the value itself above only.
        let range = op.range(&[&[builder.range(*x)]]).expect("a part of what infer accepted");
        Ok(builder.prove(result, range[0]))
    };
    x.iter().map(element).collect()
}

/// The index of the largest value of each row, the lowest among equals.
pub fn arg_max(builder: &mut Builder, op: &ArgMax, x: &[NetId]) -> Vec<NetId> {
    let row = |x: &[NetId]| {
        let numbered: Vec<(NetId, NetId)> =
            (0..).zip(x).map(|(index, x)| (*x, builder.constant(index, 0))).collect();
        let winner = tree::reduce(builder, &numbered, |builder, (a, first), (b, second)| {
            let less = builder.less(a, b);
            (builder.select(less, b, a), builder.select(less, second, first))
        });
        winner.expect("a row has elements").1
    };
    x.chunks_exact(op.len).map(row).collect()
}
