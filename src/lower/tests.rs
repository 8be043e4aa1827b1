use super::lower;
use crate::graph::{self, Graph};
use crate::netlist::{self, Module};
use crate::numeric::tensor::Block;
use crate::plan::{Plan, device};

/// The circuit of a graph, whose values were found equal to the graph's own on `events` random and extreme events.
fn check(graph: &Graph, events: usize, seed: u64) -> Module {
    graph::verify::verify(graph).unwrap();
    let plan = Plan::new(device("xcvu9p").unwrap(), 5.0);
    let module = lower(graph, &plan).unwrap();
    netlist::verify::verify(&module).unwrap();
    let inputs = random_inputs(graph, events, seed);
    let values = graph::eval::eval(graph, &inputs);
    for (port, result) in graph.outputs.iter().zip(netlist::eval::eval(&module, &inputs)) {
        let expected = values[port.node.index()].as_ref().unwrap();
        assert_eq!(expected.frac, result.frac);
        assert_eq!(expected.data, result.data, "{}", port.name);
    }
    module
}

/// Events of random bits; the first ones are all lowest, all highest, all zero.
fn random_inputs(graph: &Graph, events: usize, seed: u64) -> Vec<Block<i64>> {
    let mut state = seed | 1;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut block = |port: &graph::Port| {
        let ty = &graph[port.node].ty;
        let formats = ty.formats().unwrap();
        let mut block = Block::zeros(ty.shape.len(), events, ty.frac());
        for index in 0..ty.shape.len() {
            let format = formats.at(index);
            let finer = format.frac().abs_diff(ty.frac());
            for (event, value) in block.element_mut(index).iter_mut().enumerate() {
                let raw = match event {
                    0 => format.min_raw(),
                    1 => format.max_raw(),
                    2 => 0,
                    _ => format.min_raw() + (random() >> (64 - format.width())).cast_signed(),
                };
                *value = raw << finer;
            }
        }
        block
    };
    graph.inputs.iter().map(&mut block).collect()
}

fn parse(text: &str) -> Graph {
    graph::text::parse(text).unwrap()
}

#[test]
fn dense_relu_quantize() {
    let graph = parse(
        r#"graph
  %0 = input {"shape":[3],"quantizer":"fixed<6,3,TRN,SAT>"} @ "x" (input)
  %1 = dense(%0) {"inputs":3,"outputs":2,"weights":{"values":[1.25,-2.0,0.5,-3.0,0.75,7.0],"grid":2},"bias":{"values":[0.5,-1.25],"grid":2}} @ "/fc1/Gemm" (Gemm)
  %2 = relu(%1) {} @ "/act/Relu" (Relu)
  %3 = quantize(%2) {"quantizer":"ufixed<6,3,RND,SAT>","source":"model"} @ "/act/Relu" (Relu)
  input "x" %0
  output "y" %3
"#,
    );
    check(&graph, 500, 1);
}
