//! The names of layers, and where a layer ends.

use crate::graph::{Graph, NodeId};
use crate::ops::OpKind;

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
