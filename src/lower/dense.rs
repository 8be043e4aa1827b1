//! [`Dense`]: a constant matrix as shifts and additions.

use super::arith::linear::Linear;
use crate::netlist::{Builder, NetId};
use crate::ops::Dense;
use crate::plan::Plan;

/// `W x + b` for each row of the last dimension.
pub fn dense(builder: &mut Builder, plan: &Plan, op: &Dense, x: &[NetId]) -> Vec<NetId> {
    let (weights, frac) = op.weights.raw().expect("infer saw exact weights");
    let offsets = op.bias.points().expect("infer saw exact biases");
    let transposed = |index: usize| weights[index % op.outputs * op.inputs + index / op.outputs];
    let matrix: Vec<i64> = (0..weights.len()).map(transposed).collect();
    let linear = Linear { matrix, frac, offsets };
    x.chunks_exact(op.inputs).flat_map(|x| linear.clone().build(builder, plan, x)).collect()
}
