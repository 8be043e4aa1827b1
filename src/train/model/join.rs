//! [`Join`]: values of several layers together, and some values of one.

use burn::tensor::Tensor;

use super::{Signal, add};
use crate::graph::{Graph, NodeId};
use crate::numeric::tensor::Shape;
use crate::ops::{self, Gather};

/// A layer without numbers of its own.
#[derive(Clone, Debug)]
pub(super) struct Join {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What becomes of the values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// One after another.
    Concat,
    /// Their sums.
    Add,
    /// Some of them.
    Slice {
        /// The first.
        first: usize,
        /// How many.
        count: usize,
    },
}

impl Join {
    pub(super) fn forward(&self, operands: Vec<Signal>) -> Signal {
        let (values, widths): (Vec<Tensor<2>>, Vec<Option<Tensor<2>>>) =
            operands.into_iter().map(|own| (own.values, own.widths)).unzip();
        match self.kind {
            Kind::Concat => {
                let widths: Option<Vec<Tensor<2>>> = widths.into_iter().collect();
                Signal {
                    values: Tensor::cat(values, 1),
                    widths: widths.map(|widths| Tensor::cat(widths, 1)),
                }
            }
            Kind::Add => {
                let sum = values.into_iter().reduce(|a, b| a + b);
                Signal { values: sum.expect("recipes give operands"), widths: None }
            }
            Kind::Slice { first, count } => {
                let part = |own: Tensor<2>| own.narrow(1, first, count);
                let both = values.into_iter().zip(widths).next();
                let (values, widths) = both.expect("recipes give an operand");
                Signal { values: part(values), widths: widths.map(part) }
            }
        }
    }

    pub(super) fn append(&self, graph: &mut Graph, operands: &[NodeId]) -> NodeId {
        match self.kind {
            Kind::Concat => add(graph, (&self.name, "Concat"), ops::Concat {}, operands),
            Kind::Add => {
                let sum =
                    |a: NodeId, b: &NodeId| add(graph, (&self.name, "Add"), ops::Add {}, &[a, *b]);
                operands[1..].iter().fold(operands[0], sum)
            }
            Kind::Slice { first, count } => {
                let indices = (first..first + count).collect();
                let gather = Gather { shape: Shape::vector(count), indices };
                add(graph, (&self.name, "Gather"), gather, operands)
            }
        }
    }
}
