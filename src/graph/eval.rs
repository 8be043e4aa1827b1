//! Walks the graph with the operators' own definitions: slow, plain, and right.

use super::{Graph, NodeId};
use crate::numeric::quantizer::NotFinite;
use crate::numeric::tensor::Block;
use crate::ops::OpKind;

/// The value of every node, by [`NodeId::index`]; `None` for ids that do not exist (any more).
pub type Values<T> = Vec<Option<Block<T>>>;

/// The fixed-point value of every node: the definition that every engine must match bit for bit.
///
/// `inputs` are raw integers in the order of [`Graph::inputs`], each at the
/// binary point of its type.
pub fn eval(graph: &Graph, inputs: &[Block<i64>]) -> Values<i64> {
    walk(graph, inputs, |node, operands| graph[node].op.eval(operands, graph[node].ty.frac()))
}

/// The floating-point value of every node.
pub fn eval_f64(graph: &Graph, inputs: &[Block<f64>]) -> Values<f64> {
    walk(graph, inputs, |node, operands| graph[node].op.eval_f64(operands))
}

/// The raw integers of physical input values, by the inputs' quantizers.
///
/// # Errors
/// When a value is not finite.
pub fn quantize_inputs(graph: &Graph, inputs: &[Block<f64>]) -> Result<Vec<Block<i64>>, NotFinite> {
    let quantize = |(port, block): (&super::Port, &Block<f64>)| {
        let OpKind::Input(input) = &graph[port.node].op else {
            unreachable!("input ports stand for input nodes")
        };
        let quantizer = input.quantizer.as_ref().expect("the inputs of a fixed-point graph");
        let frac = graph[port.node].ty.frac();
        let mut raw = Block::zeros(block.elements(), block.events, frac);
        for index in 0..block.elements() {
            let quantizer = quantizer.at(index);
            let finer = frac.abs_diff(quantizer.format.frac());
            for (raw, value) in raw.element_mut(index).iter_mut().zip(block.element(index)) {
                *raw = quantizer.apply_f64(*value)? << finer;
            }
        }
        Ok(raw)
    };
    graph.inputs.iter().zip(inputs).map(quantize).collect()
}

fn walk<T: Clone>(
    graph: &Graph,
    inputs: &[Block<T>],
    apply: impl Fn(NodeId, &[&Block<T>]) -> Block<T>,
) -> Values<T> {
    let mut values: Values<T> = vec![None; graph.capacity()];
    for (port, block) in graph.inputs.iter().zip(inputs) {
        values[port.node.index()] = Some(block.clone());
    }
    for node in graph.topological() {
        if matches!(graph[node].op, OpKind::Input(_)) {
            continue;
        }
        let operands = graph.operands(node);
        let operands: Vec<&Block<T>> = operands
            .iter()
            .map(|operand| values[operand.index()].as_ref().expect("operands come first"))
            .collect();
        values[node.index()] = Some(apply(node, &operands));
    }
    values
}
