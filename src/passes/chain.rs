//! Which nodes belong to one layer: exact arithmetic up to the next point where bits are dropped.

use crate::graph::{Graph, NodeId};
use crate::ops::quantize::FormatSource;
use crate::ops::{Affine, OpKind};

/// True for each node (by index) whose value is unrounded arithmetic, so that its width grows.
pub(super) fn unrounded(graph: &Graph) -> Vec<bool> {
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
pub(super) fn is_annotated(graph: &Graph) -> bool {
    graph.topological().into_iter().any(|node| match &graph[node].op {
        OpKind::Quantize(own) => own.source == FormatSource::Model,
        op => matches!(op, OpKind::Threshold(_)),
    })
}

/// True when `user`, given unrounded values, may pass them on without rounding them first.
pub(super) fn takes_unrounded(
    graph: &Graph,
    user: NodeId,
    operand: NodeId,
    annotated: bool,
) -> bool {
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
pub(super) fn leads_to_quantizer(graph: &Graph, node: NodeId) -> bool {
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

/// True when the value of `node` goes only through functions of one value to one quantizer.
pub(super) fn ends_in_quantizer(graph: &Graph, node: NodeId) -> bool {
    let users = graph.users(node);
    let &[user] = users.as_slice() else { return false };
    if graph.is_output(node) {
        return false;
    }
    match &graph[user].op {
        OpKind::Quantize(_) | OpKind::Threshold(_) => true,
        OpKind::Relu(_) | OpKind::LeakyRelu(_) | OpKind::Clip(_) | OpKind::Reshape(_) => {
            ends_in_quantizer(graph, user)
        }
        OpKind::Input(_)
        | OpKind::Constant(_)
        | OpKind::Dense(_)
        | OpKind::Affine(_)
        | OpKind::Add(_)
        | OpKind::Subtract(_)
        | OpKind::Multiply(_)
        | OpKind::Activation(_)
        | OpKind::Softmax(_)
        | OpKind::ArgMax(_)
        | OpKind::Gather(_)
        | OpKind::Concat(_) => false,
    }
}

/// The nodes of the layer that ends at `end`, as (name, operator) in the order of computation.
pub(super) fn layer(graph: &Graph, end: NodeId) -> Vec<(&str, &str)> {
    let mut names = Vec::new();
    let mut node = end;
    loop {
        let name = graph.imported(node);
        if names.last() != Some(&name) {
            names.push(name);
        }
        let operands = graph.operands(node);
        let goes_on = matches!(
            &graph[node].op,
            OpKind::Relu(_)
                | OpKind::LeakyRelu(_)
                | OpKind::Clip(_)
                | OpKind::Reshape(_)
                | OpKind::Gather(_)
                | OpKind::Affine(_)
                | OpKind::Quantize(_)
        );
        match operands.as_slice() {
            [operand] if goes_on && belongs(&graph[*operand].op) => node = *operand,
            _ => break,
        }
    }
    names.reverse();
    names
}

/// True for operators whose value is still the layer's own, not what it was given.
fn belongs(op: &OpKind) -> bool {
    !matches!(
        op,
        OpKind::Input(_) | OpKind::Constant(_) | OpKind::Quantize(_) | OpKind::Threshold(_)
    )
}
