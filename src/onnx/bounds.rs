//! [`Bounds`]: which values of the graph lie between constants, so that a quantizer behind them may take
//! the bounds for its own.

use std::collections::BTreeMap;

use crate::graph::NodeId;

/// The bounded values of a graph, by their nodes.
#[derive(Debug, Default)]
pub(super) struct Bounds(BTreeMap<NodeId, Bounded>);

/// A value between bounds, which may be infinite, for each element of an event.
#[derive(Clone, Debug)]
pub(super) struct Bounded {
    /// The value before it is bounded.
    pub x: NodeId,
    /// The lower bounds.
    pub lowest: Vec<f64>,
    /// The upper bounds.
    pub highest: Vec<f64>,
}

impl Bounds {
    /// Notes that `node` is a bounded value.
    pub(super) fn insert(&mut self, node: NodeId, bounded: Bounded) {
        self.0.insert(node, bounded);
    }

    /// What `node` is bounded by, one bound after another together; none where nothing bounds it, or
    /// where some element has the lower bound above the upper one.
    pub(super) fn outermost(&self, node: NodeId) -> Option<Bounded> {
        let mut all = self.0.get(&node)?.clone();
        while let Some(inner) = self.0.get(&all.x) {
            let pairs = all.lowest.iter_mut().zip(&inner.lowest);
            pairs.for_each(|(own, inner)| *own = own.max(*inner));
            let pairs = all.highest.iter_mut().zip(&inner.highest);
            pairs.for_each(|(own, inner)| *own = own.min(*inner));
            all.x = inner.x;
        }
        let mut pairs = all.lowest.iter().zip(&all.highest);
        pairs.all(|(lowest, highest)| lowest <= highest).then_some(all)
    }
}
