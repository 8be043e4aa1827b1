//! [`Simulator`]: a fixed-point graph on blocks of events, bit for bit as
//! [`graph::eval`](crate::graph::eval) defines it, and much faster.

use rayon::prelude::*;

use crate::graph::Graph;
use crate::numeric::tensor::Block;

use super::program::{Machine, Program, TILE};

/// How many events one task of [`Simulator::run_parallel`] takes.
const TASK: usize = 64 * TILE;

/// A graph compiled for simulation.
#[derive(Clone, Debug)]
pub struct Simulator {
    program: Program,
}

impl Simulator {
    /// Compiles a graph, all of whose types are fixed point.
    pub fn new(graph: &Graph) -> Self {
        Self { program: Program::new(graph, true) }
    }

    /// The outputs, in the graph's order, each at the binary point of its type.
    ///
    /// `inputs` are in the graph's order at the binary points of their types,
    /// within their formats, as [`graph::eval::quantize_inputs`](crate::graph::eval::quantize_inputs)
    /// gives them.
    pub fn run(&self, inputs: &[Block<i64>]) -> Vec<Block<i64>> {
        self.program.assert_inputs(inputs);
        let events = inputs.first().map_or(1, |block| block.events);
        self.events(&mut Machine::new(&self.program), inputs, 0, events)
    }

    /// As [`Simulator::run`], on all cores.
    pub fn run_parallel(&self, inputs: &[Block<i64>]) -> Vec<Block<i64>> {
        self.program.assert_inputs(inputs);
        let events = inputs.first().map_or(1, |block| block.events);
        let starts: Vec<usize> = (0..events).step_by(TASK).collect();
        let parts: Vec<Vec<Block<i64>>> = starts
            .par_iter()
            .map_init(
                || Machine::new(&self.program),
                |machine, start| self.events(machine, inputs, *start, TASK.min(events - start)),
            )
            .collect();
        super::join(self.results(events), TASK, &parts)
    }

    fn events(
        &self,
        machine: &mut Machine,
        inputs: &[Block<i64>],
        first: usize,
        events: usize,
    ) -> Vec<Block<i64>> {
        let mut results = self.results(events);
        let outputs: Vec<_> = self.program.outputs.iter().collect();
        machine.run(&self.program, inputs, first, &outputs, &mut results);
        results
    }

    fn results(&self, events: usize) -> Vec<Block<i64>> {
        self.program.outputs.iter().map(|value| value.block(events)).collect()
    }
}
