//! Exact ranges of every element, carried forward from the formats of the inputs.

use crate::graph::{Graph, NodeId};
use crate::numeric::fit::fit;
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
use crate::ops::{Constants, OpKind, TypeError};

/// The width that floating-point constants are given to estimate what comes of them.
const ESTIMATE_WIDTH: u8 = 24;

/// The range of each element of each node, where one is known.
#[derive(Clone, Debug)]
pub struct Ranges {
    constants: FloatConstants,
    nodes: Vec<Option<Vec<Interval>>>,
}

/// What to make of constants that are still floating point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatConstants {
    /// Nothing is known behind them.
    Unknown,
    /// They count as if rounded to many bits, so ranges behind them are estimates.
    Rounded,
}

impl Ranges {
    /// No node yet.
    pub fn new(constants: FloatConstants) -> Self {
        Self { constants, nodes: Vec::new() }
    }

    /// The elements of `node`; none where an input or a constant upstream has no format yet, or
    /// where a value would be too wide.
    pub fn get(&self, node: NodeId) -> Option<&[Interval]> {
        self.nodes.get(node.index())?.as_deref()
    }

    /// Computes the range of `node` from those of its operands.
    pub fn update(&mut self, graph: &Graph, node: NodeId) {
        let range = range(graph, node, self);
        if self.nodes.len() <= node.index() {
            self.nodes.resize(node.index() + 1, None);
        }
        self.nodes[node.index()] = range;
    }
}

/// The ranges of all nodes.
///
/// These are tighter than the formats, which only have a whole number of bits.
/// Quantizers bound their range even where that of their operand is unknown.
pub fn ranges(graph: &Graph) -> Ranges {
    let mut ranges = Ranges::new(FloatConstants::Unknown);
    for node in graph.topological() {
        ranges.update(graph, node);
    }
    ranges
}

fn range(graph: &Graph, node: NodeId, known: &Ranges) -> Option<Vec<Interval>> {
    let op = match known.constants {
        FloatConstants::Unknown => graph[node].op.clone(),
        FloatConstants::Rounded => with_exact_constants(&graph[node].op).ok()?,
    };
    let operands = graph.operands(node);
    let inputs: Option<Vec<&[Interval]>> =
        operands.iter().map(|operand| known.get(*operand)).collect();
    if let Some(range) = inputs.and_then(|inputs| op.range(&inputs).ok()) {
        return Some(range);
    }
    let formats = op.own_formats()?;
    let elements = graph[node].ty.shape.len();
    Some((0..elements).map(|index| formats.at(index).interval()).collect())
}

/// The operator with constants that have a grid, so that its range can be told.
fn with_exact_constants(op: &OpKind) -> Result<OpKind, TypeError> {
    let mut op = op.clone();
    for constants in op.constants_mut() {
        if !constants.is_exact() {
            *constants = estimate(constants)?;
        }
    }
    Ok(op)
}

fn estimate(constants: &Constants) -> Result<Constants, TypeError> {
    let values = constants.values();
    let lo = values.iter().copied().fold(0.0, f64::min);
    let hi = values.iter().copied().fold(0.0, f64::max);
    let format = fit(lo, hi, ESTIMATE_WIDTH, Rounding::NearestUp);
    let quantizer =
        Quantizer { format, rounding: Rounding::NearestUp, overflow: Overflow::Saturate };
    constants.quantized(|_| quantizer).map_err(|_| TypeError::FloatConstants)
}
