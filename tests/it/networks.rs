//! Networks with drawn weights, and events for them.

use trigforge::diag::Origin;
use trigforge::graph::{Graph, NodeId, Port};
use trigforge::numeric::quantizer::Quantizer;
use trigforge::numeric::tensor::{Block, Shape};
use trigforge::ops::constants::Constants;
use trigforge::ops::quantize::FormatSource;
use trigforge::ops::types::PerElement;
use trigforge::ops::{self, OpKind};

/// Numbers that look random and are the same on every machine (splitmix64).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number in `lo..=hi`.
    pub(crate) fn within(&mut self, lo: i64, hi: i64) -> i64 {
        let span = u128::from(hi.abs_diff(lo)) + 1;
        lo + i64::try_from(u128::from(self.next()) % span).unwrap()
    }
}

/// Appends an operator of its own name.
pub(crate) fn add(graph: &mut Graph, name: &str, op: impl Into<OpKind>, inputs: &[NodeId]) -> NodeId {
    let op = op.into();
    let operator = op.name().to_owned();
    let origin = graph.origins.push(Origin::Onnx { node: name.to_owned(), operator });
    graph.add(op, inputs, origin).unwrap()
}

/// An input `x`.
pub(crate) fn input(graph: &mut Graph, shape: Shape, quantizer: &str) -> NodeId {
    let quantizer = Some(PerElement::Uniform(quantizer.parse().unwrap()));
    let node = add(graph, "x", ops::Input { shape, quantizer, source: None }, &[]);
    graph.inputs.push(Port { name: "x".into(), node });
    node
}

/// Names a node as an output.
pub(crate) fn output(graph: &mut Graph, node: NodeId) {
    let name = format!("y{}", graph.outputs.len());
    graph.outputs.push(Port { name, node });
}

/// A quantizer for all elements.
pub(crate) fn quantize(graph: &mut Graph, name: &str, x: NodeId, quantizer: &str) -> NodeId {
    let quantizer: Quantizer = quantizer.parse().unwrap();
    let quantizer = PerElement::Uniform(quantizer);
    add(graph, name, ops::Quantize { quantizer, source: FormatSource::Model }, &[x])
}

/// A dense layer with weights and biases of `bits` bits below one.
pub(crate) fn dense(
    graph: &mut Graph,
    name: &str,
    x: NodeId,
    outputs: usize,
    bits: u8,
    draw: &mut Draw,
) -> NodeId {
    let inputs = graph[x].ty.shape.last();
    let half = 1_i64 << (bits - 1);
    let scale = f64::from(2).powi(1 - i32::from(bits));
    let mut values = |count: usize| -> Constants {
        let value = |_| f64::from(i32::try_from(draw.within(-half, half - 1)).unwrap()) * scale;
        Constants::exact((0..count).map(value).collect::<Vec<f64>>()).unwrap()
    };
    let (weights, bias) = (values(inputs * outputs), values(outputs));
    add(graph, name, ops::Dense { inputs, outputs, weights, bias }, &[x])
}

/// The jet tagger 16-64-32-32-5 with weights of `bits` bits and activations of 8.
pub(crate) fn tagger(bits: u8) -> Graph {
    let mut draw = Draw(u64::from(bits));
    let mut graph = Graph::default();
    let mut x = input(&mut graph, Shape::vector(16), "fixed<8,4,RND,SAT>");
    for (index, width) in [64, 32, 32].into_iter().enumerate() {
        let name = format!("fc{}", index + 1);
        x = dense(&mut graph, &name, x, width, bits, &mut draw);
        x = add(&mut graph, &format!("relu{}", index + 1), ops::Relu {}, &[x]);
        x = quantize(&mut graph, &format!("q{}", index + 1), x, "ufixed<8,3,TRN,SAT>");
    }
    x = dense(&mut graph, "head", x, 5, bits, &mut draw);
    output(&mut graph, x);
    trigforge::graph::verify::verify(&graph).unwrap();
    graph
}

/// Events within the formats of the inputs, the bounds among them.
pub(crate) fn events(graph: &Graph, count: usize, draw: &mut Draw) -> Vec<Block<i64>> {
    let block = |port: &Port| {
        let ty = &graph[port.node].ty;
        let mut block = Block::zeros(ty.shape.len(), count, ty.frac());
        for (index, interval) in ty.intervals().into_iter().enumerate() {
            let interval = interval.at_frac(ty.frac()).unwrap();
            for raw in block.element_mut(index) {
                *raw = match draw.within(0, 15) {
                    0 => interval.lo(),
                    1 => interval.hi(),
                    _ => draw.within(interval.lo(), interval.hi()),
                };
            }
        }
        block
    };
    graph.inputs.iter().map(block).collect()
}
