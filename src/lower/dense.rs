//! [`Dense`]: a constant matrix as shifts and additions.

use super::arith::cmvm::solve::Unsolvable;
use super::arith::linear::Linear;
use crate::netlist::{Builder, NetId};
use crate::ops::Dense;
use crate::plan::Plan;

/// `W x + b` for each row of the last dimension.
///
/// # Errors
/// When a partial sum is too wide.
pub fn dense(
    builder: &mut Builder,
    plan: &Plan,
    op: &Dense,
    x: &[NetId],
) -> Result<Vec<NetId>, Unsolvable> {
    let (weights, frac) = op.weights.raw().expect("infer saw exact weights");
    let offsets = op.bias.points().expect("infer saw exact biases");
    let transposed = |index: usize| weights[index % op.outputs * op.inputs + index / op.outputs];
    let matrix: Vec<i64> = (0..weights.len()).map(transposed).collect();
    let linear = Linear { matrix, frac, offsets };
    let mut results = Vec::with_capacity(x.len() / op.inputs * op.outputs);
    for x in x.chunks_exact(op.inputs) {
        results.extend(linear.clone().build(builder, plan, x)?);
    }
    Ok(results)
}
