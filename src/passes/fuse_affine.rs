//! Folds scales and batch normalization into the layer beside them.
//!
//! ```text
//! %1 = dense(%0) {"weights":[1.5,2.5],"bias":[0.5]}
//! %2 = affine(%1) {"scale":[3.0],"offset":[1.0]}
//! ```
//! becomes
//! ```text
//! %1 = dense(%0) {"weights":[4.5,7.5],"bias":[2.5]}
//! ```
//! Two maps in a row become one; a map before or after a `dense` goes into its
//! weights. Weights that are exact integers take only exact powers of two:
//! anything else would destroy the integers and is left to `commute-scales`.

use super::{PassContext, maps};
use crate::diag::Diagnostic;
use crate::graph::{Graph, NodeId};
use crate::ops::OpKind;

pub(super) const NAME: &str = "fuse-affine";

#[expect(clippy::unnecessary_wraps, reason = "the signature of passes")]
pub(super) fn fuse_affine(
    graph: &mut Graph,
    _: &mut PassContext<'_>,
) -> Result<(), Vec<Diagnostic>> {
    while graph.topological().into_iter().any(|node| fuse(graph, node, NAME)) {
        graph.sweep();
    }
    graph.retype().expect("the same values have the same or narrower types");
    Ok(())
}

/// Merges `node` with its operand, if they are maps that can be one and nobody else sees between.
pub(super) fn fuse(graph: &mut Graph, node: NodeId, pass: &'static str) -> bool {
    let operands = graph.operands(node);
    let &[operand] = operands.as_slice() else { return false };
    if graph.is_output(operand) || graph.users(operand).len() != 1 {
        return false;
    }
    let (merged, from) = match (&graph[operand].op, &graph[node].op) {
        (OpKind::Affine(inner), OpKind::Affine(outer)) => {
            (maps::compose(outer, inner).map(OpKind::from), node)
        }
        (OpKind::Dense(dense), OpKind::Affine(affine)) => {
            (maps::behind(dense, affine).map(OpKind::from), operand)
        }
        (OpKind::Affine(affine), OpKind::Dense(dense)) => {
            (maps::before(affine, dense).map(OpKind::from), node)
        }
        _ => return false,
    };
    let Some(merged) = merged else { return false };
    let origin = graph.derived(pass, from);
    let source = graph.operands(operand);
    let Ok(merged) = graph.add(merged, &source, origin) else { return false };
    graph.replace(node, merged);
    true
}
