//! Evaluates a graph over events, block by block, and shows every node's values.

use crate::graph::{Graph, NodeId};
use crate::numeric::tensor::Block;
use crate::ops::OpKind;

/// How many events are evaluated together: enough for the inner loops, little for the memory.
const BLOCK_EVENTS: usize = 256;

/// The values of one node for one block of events.
pub struct Visit<'a, T> {
    /// The node.
    pub node: NodeId,
    /// The number of the block's first event.
    pub first_event: usize,
    /// The number of events in the block; values of constants stand for all of them.
    pub events: usize,
    /// The values of its operands.
    pub operands: &'a [&'a Block<T>],
    /// Its own values.
    pub values: &'a Block<T>,
}

/// Evaluates the floating-point meaning of every node; `events` has a block for each graph input.
pub fn float(graph: &Graph, events: &[Block<f64>], mut visit: impl FnMut(Visit<'_, f64>)) {
    let evaluate = |node: NodeId, operands: &[&Block<f64>]| graph[node].op.eval_f64(operands);
    for_blocks(events, |block, first_event| {
        let events = block.first().map_or(0, |block| block.events);
        walk(graph, block, evaluate, &mut |node, operands, values| {
            visit(Visit { node, first_event, events, operands, values });
        });
    });
}

/// Evaluates the integers of every node of a fixed-point graph, from floating-point events.
///
/// The events are brought into the formats of the inputs first; `input` sees each before that.
pub fn fixed(
    graph: &Graph,
    events: &[Block<f64>],
    mut input: impl FnMut(NodeId, usize, &Block<f64>),
    mut visit: impl FnMut(Visit<'_, i64>),
) {
    let evaluate = |node: NodeId, operands: &[&Block<i64>]| {
        graph[node].op.eval(operands, graph[node].ty.frac())
    };
    for_blocks(events, |block, first_event| {
        let events = block.first().map_or(0, |block| block.events);
        let mut quantized = Vec::with_capacity(block.len());
        for (port, values) in graph.inputs.iter().zip(&block) {
            input(port.node, first_event, values);
            quantized.push(quantize_input(graph, port.node, values));
        }
        walk(graph, quantized, evaluate, &mut |node, operands, values| {
            visit(Visit { node, first_event, events, operands, values });
        });
    });
}

/// Floating-point events as the integers of the input `node`.
///
/// The values are finite and the input has a quantizer.
pub fn quantize_input(graph: &Graph, node: NodeId, values: &Block<f64>) -> Block<i64> {
    let OpKind::Input(input) = &graph[node].op else { unreachable!("ports of a graph are inputs") };
    let quantizer = input.quantizer.as_ref().expect("the inputs of a fixed graph have formats");
    let frac = graph[node].ty.frac();
    let mut result = Block::zeros(values.elements(), values.events, frac);
    for index in 0..values.elements() {
        let quantizer = quantizer.at(index);
        let finer = frac.abs_diff(quantizer.format.frac());
        for (y, x) in result.element_mut(index).iter_mut().zip(values.element(index)) {
            *y = quantizer.apply_f64(*x).expect("events are finite") << finer;
        }
    }
    result
}

/// Calls `run` with at most [`BLOCK_EVENTS`] events at a time.
fn for_blocks(events: &[Block<f64>], mut run: impl FnMut(Vec<Block<f64>>, usize)) {
    let total = events.first().map_or(0, |block| block.events);
    for first in (0..total).step_by(BLOCK_EVENTS) {
        let count = BLOCK_EVENTS.min(total - first);
        run(events.iter().map(|block| slice(block, first, count)).collect(), first);
    }
}

fn slice(block: &Block<f64>, first: usize, count: usize) -> Block<f64> {
    let mut part = Block::zeros(block.elements(), count, block.frac);
    for index in 0..block.elements() {
        part.element_mut(index).copy_from_slice(&block.element(index)[first..first + count]);
    }
    part
}

/// Evaluates each node once, dropping values that nobody needs any more.
fn walk<T>(
    graph: &Graph,
    inputs: Vec<Block<T>>,
    evaluate: impl Fn(NodeId, &[&Block<T>]) -> Block<T>,
    visit: &mut impl FnMut(NodeId, &[&Block<T>], &Block<T>),
) {
    let mut values: Vec<Option<Block<T>>> = (0..graph.capacity()).map(|_| None).collect();
    let mut waiting = vec![0_usize; graph.capacity()];
    for (port, block) in graph.inputs.iter().zip(inputs) {
        values[port.node.index()] = Some(block);
    }
    let order = graph.topological();
    for node in &order {
        for operand in graph.operands(*node) {
            waiting[operand.index()] += 1;
        }
    }
    for node in order {
        let ids = graph.operands(node);
        let operands: Vec<&Block<T>> = ids
            .iter()
            .map(|operand| values[operand.index()].as_ref().expect("operands come first"))
            .collect();
        if let Some(given) = &values[node.index()] {
            visit(node, &operands, given);
        } else {
            let computed = evaluate(node, &operands);
            visit(node, &operands, &computed);
            values[node.index()] = Some(computed);
        }
        for operand in ids {
            waiting[operand.index()] -= 1;
            if waiting[operand.index()] == 0 {
                values[operand.index()] = None;
            }
        }
    }
}
