//! The values that events give to each node of the floating-point network.

use super::walk;
use crate::graph::{Graph, NodeId};
use crate::numeric::tensor::Block;

/// What one element took on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed {
    /// The smallest value.
    pub lo: f64,
    /// The largest value.
    pub hi: f64,
    /// The mean of the squares.
    pub mean_square: f64,
}

impl Observed {
    /// Nothing yet.
    const NONE: Self = Self { lo: f64::INFINITY, hi: f64::NEG_INFINITY, mean_square: 0.0 };

    /// Of several elements together.
    pub fn together<'a>(items: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let count = u32::try_from(items.clone().count().max(1)).unwrap_or(u32::MAX);
        items.fold(Self::NONE, |all, item| Self {
            lo: all.lo.min(item.lo),
            hi: all.hi.max(item.hi),
            mean_square: all.mean_square + item.mean_square / f64::from(count),
        })
    }
}

/// What every element of every node took on.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// The number of events.
    pub events: usize,
    nodes: Vec<Vec<Observed>>,
}

impl Observations {
    /// The elements of `node`; none if it did not exist when the events were run.
    pub fn get(&self, node: NodeId) -> Option<&[Observed]> {
        self.nodes.get(node.index()).map(Vec::as_slice).filter(|elements| !elements.is_empty())
    }
}

/// Runs the floating-point meaning of `graph` over `events`, one block for each graph input.
pub fn observe(graph: &Graph, events: &[Block<f64>]) -> Observations {
    let total = events.first().map_or(0, |block| block.events);
    let count = f64::from(u32::try_from(total.max(1)).unwrap_or(u32::MAX));
    let mut nodes: Vec<Vec<Observed>> = vec![Vec::new(); graph.capacity()];
    walk::float(graph, events, |visit| {
        let observed = &mut nodes[visit.node.index()];
        // A constant is one event that stands for all of the block.
        let repeats = if visit.values.events < visit.events { visit.events } else { 1 };
        let weight = f64::from(u32::try_from(repeats).unwrap_or(u32::MAX)) / count;
        if observed.is_empty() {
            *observed = vec![Observed::NONE; visit.values.elements()];
        }
        for (index, observed) in observed.iter_mut().enumerate() {
            for value in visit.values.element(index) {
                observed.lo = observed.lo.min(*value);
                observed.hi = observed.hi.max(*value);
                observed.mean_square += value * value * weight;
            }
        }
    });
    Observations { events: total, nodes }
}
