//! [`Softmax`]: probabilities of classes in the circuit; losses see what it takes.

use super::add;
use crate::graph::{Graph, NodeId};
use crate::ops::softmax::{self, SoftmaxFormats};

/// The tables of a softmax.
#[derive(Clone, Debug)]
pub(super) struct Softmax {
    pub(super) name: String,
    pub(super) formats: SoftmaxFormats,
}

impl Softmax {
    pub(super) fn append(&self, graph: &mut Graph, x: NodeId) -> NodeId {
        let len = graph[x].ty.shape.len();
        let op = softmax::Softmax { len, formats: Some(self.formats) };
        add(graph, (&self.name, "Softmax"), op, &[x])
    }
}
