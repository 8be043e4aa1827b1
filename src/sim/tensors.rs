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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::text::parse;

    /// Two layers with ties to even, an odd number of values between them, and negative inputs.
    const NETWORK: &str = r#"graph
  %0 = input {"shape":[3],"quantizer":"fixed<8,3,TRN,SAT>"} : @ "x" (input)
  %1 = dense(%0) {"inputs":3,"outputs":5,"weights":{"values":[1,-2,3,0.5,4,-1,2,2,-3,0,1,0.25,-4,3,1],"grid":2},"bias":{"values":[0,1,-1,0.5,2],"grid":1}} : @ "fc1" (Gemm)
  %2 = quantize(%1) {"quantizer":"fixed<7,5,RND_CONV,SAT>","source":"model"} : @ "q1" (Quant)
  %3 = dense(%2) {"inputs":5,"outputs":2,"weights":{"values":[1,-2,3,0.5,4,-1,2,2,-3,0],"grid":1},"bias":{"values":[0,1],"grid":0}} : @ "fc2" (Gemm)
  %4 = relu(%3) {} : @ "relu" (Relu)
  %5 = quantize(%4) {"quantizer":"ufixed<6,6,TRN,SAT>","source":"model"} : @ "q2" (Quant)
  input "x" %0
  output "y" %5
"#;

    #[test]
    fn intrinsics_change_nothing() {
        let graph = parse(NETWORK).unwrap();
        let data = (0..3 * 130).map(|index: i64| (index * 37) % 256 - 128).collect();
        let inputs = [Block { events: 130, frac: 5, data }];
        let values = crate::graph::eval::eval(&graph, &inputs);
        let expected = values[graph.outputs[0].node.index()].clone().unwrap();
        let simulator = Simulator::new(&graph);
        assert_eq!(simulator.run(&inputs), [expected.clone()]);
        let mut results = simulator.results(130);
        let outputs: Vec<_> = simulator.program.outputs.iter().collect();
        let mut machine = Machine::new(&simulator.program);
        machine.run_portable(&simulator.program, &inputs, &outputs, &mut results);
        assert_eq!(results, [expected]);
    }
}
