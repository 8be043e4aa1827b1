//! Removes operators that do nothing and merges equal ones.
//!
//! - `reshape` to the shape it has; `reshape` of `reshape`.
//! - `gather` that picks every element in order.
//! - `relu` of what is never below zero, `clip` of what never reaches its bounds.
//! - `quantize` that changes nothing, by interval arithmetic: every value is one
//!   of the format's already. Behind arithmetic of a floating-point network it stays: there it is
//!   what keeps the arithmetic from being given a format that does change something.
//! - `affine` by one and zero.
//! - Nodes that no output needs.
//!
//! ```text
//! %1 = quantize(%0) {"quantizer":"fixed<8,3,RND,SAT>","source":"model"}
//! %2 = quantize(%1) {"quantizer":"fixed<8,3,TRN,WRAP>","source":"model"}
//! %3 = relu(%2) {}
//! ```
//! becomes
//! ```text
//! %1 = quantize(%0) {"quantizer":"fixed<8,3,RND,SAT>","source":"model"}
//! %2 = relu(%1) {}
//! ```

use super::PassContext;
use crate::analysis::{FloatConstants, Ranges};
use crate::diag::Diagnostic;
use crate::graph::{Graph, NodeId, rounding};
use crate::numeric::interval::Interval;
use crate::ops::{Constants, OpKind};

pub(super) const NAME: &str = "canonicalize";

#[expect(clippy::unnecessary_wraps, reason = "the signature of passes")]
pub(super) fn canonicalize(
    graph: &mut Graph,
    _: &mut PassContext<'_>,
) -> Result<(), Vec<Diagnostic>> {
    merge_reshapes(graph);
    let mut ranges = Ranges::new(FloatConstants::Unknown);
    let is_float = rounding::is_float(graph);
    let unrounded = rounding::unrounded(graph);
    for node in graph.topological() {
        ranges.update(graph, node);
        if let [operand, ..] = graph.operands(node).as_slice() {
            let is_quantizer = matches!(graph[node].op, OpKind::Quantize(_));
            let is_needed = is_float && is_quantizer && unrounded[operand.index()];
            if !is_needed && does_nothing(graph, node, *operand, ranges.get(*operand)) {
                graph.replace(node, *operand);
            } else if let Some(twin) = twin(graph, node, *operand) {
                graph.replace(node, twin);
            }
        }
    }
    graph.sweep();
    graph.retype().expect("the same values have the same or narrower types");
    Ok(())
}

/// A `reshape` takes its operand from before the last one.
fn merge_reshapes(graph: &mut Graph) {
    for node in graph.topological() {
        if let (OpKind::Reshape(_), [operand]) = (&graph[node].op, graph.operands(node).as_slice())
            && let (OpKind::Reshape(_), [source]) =
                (&graph[*operand].op, graph.operands(*operand).as_slice())
        {
            graph.set_operand(node, 0, *source);
        }
    }
}

#[expect(clippy::float_cmp, reason = "one and zero are exact")]
fn does_nothing(graph: &Graph, node: NodeId, operand: NodeId, ranges: Option<&[Interval]>) -> bool {
    let shape = &graph[operand].ty.shape;
    let all = |holds: &dyn Fn(usize, Interval) -> bool| {
        ranges.is_some_and(|ranges| {
            ranges.iter().enumerate().all(|(index, range)| holds(index, *range))
        })
    };
    let are =
        |constants: &Constants, value: f64| constants.values().iter().all(|own| *own == value);
    match &graph[node].op {
        OpKind::Reshape(reshape) => reshape.shape == *shape,
        OpKind::Gather(gather) => {
            gather.shape == *shape && gather.indices.iter().copied().eq(0..shape.len())
        }
        OpKind::Affine(affine) => are(&affine.scale, 1.0) && are(&affine.offset, 0.0),
        OpKind::Relu(_) => all(&|_, range| range.lo() >= 0),
        OpKind::Clip(clip) => {
            let bounds = clip.bounds.values();
            all(&|_, range| range.lo_f64() >= bounds[0] && range.hi_f64() <= bounds[1])
        }
        OpKind::Quantize(quantize) => all(&|index, range| {
            let quantizer = quantize.quantizer.at(index);
            quantizer.format.holds(range)
                && quantizer.apply(range.lo(), range.frac())
                    == lifted(range, quantizer.format.frac())
        }),
        OpKind::Input(_)
        | OpKind::Constant(_)
        | OpKind::Dense(_)
        | OpKind::Add(_)
        | OpKind::Subtract(_)
        | OpKind::Multiply(_)
        | OpKind::LeakyRelu(_)
        | OpKind::Threshold(_)
        | OpKind::Activation(_)
        | OpKind::Softmax(_)
        | OpKind::ArgMax(_)
        | OpKind::Concat(_) => false,
    }
}

/// The lower bound in steps of `2^-frac`; symmetric saturation may still move it.
fn lifted(range: Interval, frac: i8) -> i64 {
    range.at_frac(frac).map_or(i64::MIN, Interval::lo)
}

/// An earlier node that computes the same.
fn twin(graph: &Graph, node: NodeId, operand: NodeId) -> Option<NodeId> {
    let operands = graph.operands(node);
    graph.users(operand).into_iter().find(|other| {
        *other < node && graph[*other].op == graph[node].op && graph.operands(*other) == operands
    })
}
