//! The fast simulators against the operators' own definitions.

use trigforge::graph::{self, Graph};
use trigforge::numeric::tensor::Block;
use trigforge::sim::tensors::Simulator;

use crate::networks::{Draw, events, tagger};

fn defined(graph: &Graph, inputs: &[Block<i64>]) -> Vec<Block<i64>> {
    let values = graph::eval::eval(graph, inputs);
    graph.outputs.iter().map(|port| values[port.node.index()].clone().unwrap()).collect()
}

#[test]
fn the_tagger_is_simulated_exactly() {
    for bits in [4, 6, 8, 16] {
        let graph = tagger(bits);
        let inputs = events(&graph, 200, &mut Draw(1));
        let simulator = Simulator::new(&graph);
        let expected = defined(&graph, &inputs);
        assert_eq!(simulator.run(&inputs), expected);
        assert_eq!(simulator.run_parallel(&inputs), expected);
    }
}
