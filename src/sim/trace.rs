//! [`Observer`]: the value of every node, and what each quantizer cut off.

use crate::graph::eval::Values;
use crate::graph::{Graph, NodeId};
use crate::numeric::tensor::Block;

use super::program::{Machine, Program};

pub use super::program::Overflows;

/// A graph compiled so that nothing is hidden: no operators are fused, overflows are counted.
#[derive(Clone, Debug)]
pub struct Observer {
    program: Program,
}

/// What was seen.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The outputs, as [`Simulator::run`](super::tensors::Simulator::run) gives them.
    pub outputs: Vec<Block<i64>>,
    /// Every quantizer that can be given values outside of its format, with what it was given.
    pub overflows: Vec<(NodeId, Overflows)>,
}

impl Observer {
    /// Compiles a graph, all of whose types are fixed point.
    pub fn new(graph: &Graph) -> Self {
        Self { program: Program::new(graph, false) }
    }

    /// Runs all events and counts overflows.
    pub fn run(&self, inputs: &[Block<i64>]) -> Observation {
        self.program.assert_inputs(inputs);
        let events = inputs.first().map_or(1, |block| block.events);
        let values: Vec<_> = self.program.outputs.iter().collect();
        let mut outputs: Vec<_> = values.iter().map(|value| value.block(events)).collect();
        let mut machine = Machine::new(&self.program);
        machine.run(&self.program, inputs, 0, &values, &mut outputs);
        let overflows = self.program.counted.iter().copied().zip(machine.counters).collect();
        Observation { outputs, overflows }
    }

    /// The value of every node for events `first..first + count`.
    pub fn trace(&self, inputs: &[Block<i64>], first: usize, count: usize) -> Values<i64> {
        self.program.assert_inputs(inputs);
        let values: Vec<_> = self.program.values.iter().flatten().collect();
        let mut blocks: Vec<_> = values.iter().map(|value| value.block(count)).collect();
        Machine::new(&self.program).run(&self.program, inputs, first, &values, &mut blocks);
        let mut blocks = blocks.into_iter();
        self.program.values.iter().map(|value| value.as_ref().and_then(|_| blocks.next())).collect()
    }
}
