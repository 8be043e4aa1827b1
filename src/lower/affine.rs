//! [`Affine`]: one constant factor and term for each element.

use super::arith::cmvm::solve::Unsolvable;
use super::arith::linear::Linear;
use crate::netlist::{Builder, NetId};
use crate::ops::Affine;
use crate::plan::Plan;

/// `scale_i * x_i + offset_i`.
///
/// # Errors
/// When a partial sum is too wide.
pub fn affine(
    builder: &mut Builder,
    plan: &Plan,
    op: &Affine,
    x: &[NetId],
) -> Result<Vec<NetId>, Unsolvable> {
    let (scale, frac) = op.scale.raw().expect("infer saw exact scales");
    let offsets = op.offset.points().expect("infer saw exact offsets");
    let element = |((x, scale), offset): ((&NetId, &i64), &_)| {
        let linear = Linear { matrix: vec![*scale], frac, offsets: vec![*offset] };
        Ok(linear.build(builder, plan, &[*x])?[0])
    };
    x.iter().zip(&scale).zip(&offsets).map(element).collect()
}
