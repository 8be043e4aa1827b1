//! Where values are rounded, and where they need not be: exact arithmetic up to the next point where
//! bits are dropped is one layer.

use super::{Graph, NodeId};
use crate::numeric::format::FixedFormat;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
use crate::ops::quantize::FormatSource;
use crate::ops::{Affine, Formats, OpKind, PerElement};

/// False once all inputs are bound: every format has been assigned then.
pub fn is_float(graph: &Graph) -> bool {
    graph.inputs.iter().any(|port| graph[port.node].ty.formats().is_none())
}

/// True for each node (by index) whose value is unrounded arithmetic, so that its width grows.
pub fn unrounded(graph: &Graph) -> Vec<bool> {
    let mut unrounded = vec![false; graph.capacity()];
    for node in graph.topological() {
        let from_operands =
            || graph.operands(node).iter().any(|operand| unrounded[operand.index()]);
        unrounded[node.index()] = match &graph[node].op {
            OpKind::Affine(affine) if only_moves_the_point(affine) => from_operands(),
            OpKind::Dense(_)
            | OpKind::Affine(_)
            | OpKind::Add(_)
            | OpKind::Subtract(_)
            | OpKind::Multiply(_)
            | OpKind::LeakyRelu(_) => true,
            OpKind::Relu(_)
            | OpKind::Clip(_)
            | OpKind::Reshape(_)
            | OpKind::Gather(_)
            | OpKind::Concat(_) => from_operands(),
            OpKind::Input(_)
            | OpKind::Constant(_)
            | OpKind::Quantize(_)
            | OpKind::Threshold(_)
            | OpKind::Activation(_)
            | OpKind::Softmax(_)
            | OpKind::ArgMax(_) => false,
        };
    }
    unrounded
}

/// True for an affine map that is wires: exact powers of two and no terms.
fn only_moves_the_point(affine: &Affine) -> bool {
    let power = |value: &f64| crate::numeric::quantizer::decompose(*value).0 == 1;
    affine.scale.is_exact()
        && affine.scale.values().iter().all(power)
        && affine.offset.values().iter().all(|value| *value == 0.0)
}

/// True when the network comes with formats of its own.
pub fn is_annotated(graph: &Graph) -> bool {
    graph.topological().into_iter().any(|node| match &graph[node].op {
        OpKind::Quantize(own) => own.source == FormatSource::Model,
        op => matches!(op, OpKind::Threshold(_)),
    })
}

/// True when `user`, given unrounded values, may pass them on without rounding them first.
pub fn takes_unrounded(graph: &Graph, user: NodeId, operand: NodeId, annotated: bool) -> bool {
    match &graph[user].op {
        OpKind::Quantize(_)
        | OpKind::Threshold(_)
        | OpKind::Relu(_)
        | OpKind::LeakyRelu(_)
        | OpKind::Clip(_)
        | OpKind::Reshape(_)
        | OpKind::Gather(_)
        | OpKind::Add(_)
        | OpKind::Subtract(_) => true,
        OpKind::Affine(_) => is_arithmetic(&graph[operand].op) || leads_to_quantizer(graph, user),
        OpKind::Concat(_) => leads_to_quantizer(graph, user),
        OpKind::ArgMax(_) | OpKind::Softmax(_) => annotated,
        OpKind::Dense(_) | OpKind::Multiply(_) | OpKind::Activation(_) => false,
        OpKind::Input(_) | OpKind::Constant(_) => unreachable!("they have no operands"),
    }
}

fn is_arithmetic(op: &OpKind) -> bool {
    matches!(
        op,
        OpKind::Dense(_)
            | OpKind::Affine(_)
            | OpKind::Add(_)
            | OpKind::Subtract(_)
            | OpKind::Multiply(_)
    )
}

/// True when every path from `node` meets a quantizer before anything else that counts.
pub fn leads_to_quantizer(graph: &Graph, node: NodeId) -> bool {
    let users = graph.users(node);
    !graph.is_output(node)
        && !users.is_empty()
        && users.into_iter().all(|user| match &graph[user].op {
            OpKind::Quantize(_) | OpKind::Threshold(_) => true,
            OpKind::Relu(_)
            | OpKind::LeakyRelu(_)
            | OpKind::Clip(_)
            | OpKind::Reshape(_)
            | OpKind::Gather(_)
            | OpKind::Concat(_)
            | OpKind::Affine(_) => leads_to_quantizer(graph, user),
            _ => false,
        })
}

/// Quantizers that drop nothing of values in these formats: of one sign, and of two bits or more where
/// there is one, so that QONNX can say them.
pub fn keeping(formats: &Formats) -> PerElement<Quantizer> {
    let signed = formats.as_slice().iter().any(|format| format.signed());
    formats.map(|own| {
        let width = match (signed, own.signed()) {
            (true, true) => own.width().max(2),
            (true, false) => own.width() + 1,
            (false, _) => own.width(),
        };
        let format = FixedFormat::new(signed, width, own.frac());
        let format = format.expect("exact values leave room for a sign");
        Quantizer { format, rounding: Rounding::NearestEven, overflow: Overflow::Saturate }
    })
}
