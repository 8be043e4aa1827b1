//! Networks with drawn weights, and events for them.

#![expect(clippy::unwrap_used, reason = "what fails here is a broken test")]

use trigforge::diag::Origin;
use trigforge::graph::{Graph, NodeId, Port};
use trigforge::numeric::quantizer::Quantizer;
use trigforge::numeric::round::{Overflow, Rounding};
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
pub(crate) fn add(
    graph: &mut Graph,
    name: &str,
    op: impl Into<OpKind>,
    inputs: &[NodeId],
) -> NodeId {
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
    let mut constants = |count: usize| -> Constants {
        let sample = |_| f64::from(i32::try_from(draw.within(-half, half - 1)).unwrap()) * scale;
        Constants::exact((0..count).map(sample).collect::<Vec<f64>>()).unwrap()
    };
    let (weights, bias) = (constants(inputs * outputs), constants(outputs));
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
            let coarser = ty.frac().abs_diff(interval.frac());
            for raw in block.element_mut(index) {
                let own = match draw.within(0, 15) {
                    0 => interval.lo(),
                    1 => interval.hi(),
                    _ => draw.within(interval.lo(), interval.hi()),
                };
                *raw = own << coarser;
            }
        }
        block
    };
    graph.inputs.iter().map(block).collect()
}

/// A network of drawn operators over drawn formats.
pub(crate) fn drawn(seed: u64) -> Graph {
    let draw = &mut Draw(seed);
    let mut graph = Graph::default();
    let shape = match draw.within(0, 3) {
        0 => Shape(vec![2, draw_len(draw, 1, 5)]),
        _ => Shape::vector(draw_len(draw, 1, 9)),
    };
    let distinct = [1, shape.len()][draw_len(draw, 0, 1)];
    let quantizers: Vec<Quantizer> = (0..distinct).map(|_| quantizer(draw, 2, 12)).collect();
    let quantizers = match distinct {
        1 => PerElement::Uniform(quantizers[0]),
        _ => PerElement::from_elements(quantizers),
    };
    let node =
        add(&mut graph, "x", ops::Input { shape, quantizer: Some(quantizers), source: None }, &[]);
    graph.inputs.push(Port { name: "x".into(), node });
    let mut nodes = vec![node];
    for _ in 0..draw.within(2, 9) {
        let x = nodes[nodes.len() - 1 - draw_len(draw, 0, nodes.len().min(2) - 1)];
        let (op, operands) = operator(&graph, x, &nodes, draw);
        let origin = graph.origins.push(Origin::Onnx { node: "n".into(), operator: "op".into() });
        // What would be too wide is left out.
        if let Ok(node) = graph.add(op, &operands, origin) {
            nodes.push(node);
        }
    }
    let last = *nodes.last().unwrap();
    output(&mut graph, last);
    if draw.within(0, 2) == 0 {
        output(&mut graph, nodes[nodes.len() / 2]);
    }
    trigforge::graph::verify::verify(&graph).unwrap();
    graph
}

fn draw_len(draw: &mut Draw, lo: i64, hi: usize) -> usize {
    usize::try_from(draw.within(lo, i64::try_from(hi).unwrap())).unwrap()
}

fn quantizer(draw: &mut Draw, least: i64, most: i64) -> Quantizer {
    let width = draw.within(least, most);
    let sign = ["", "u"][draw_len(draw, 0, 1)];
    let integer = draw.within(-2, width + 2);
    let rounding = Rounding::ALL[draw_len(draw, 0, Rounding::ALL.len() - 1)];
    let overflow = Overflow::ALL[draw_len(draw, 0, Overflow::ALL.len() - 1)];
    format!("{sign}fixed<{width},{integer},{rounding},{overflow}>").parse().unwrap()
}

fn constants(count: usize, draw: &mut Draw) -> Constants {
    let frac = i32::try_from(draw.within(-1, 6)).unwrap();
    let bits = draw.within(1, 9);
    let value = |draw: &mut Draw| {
        let raw = draw.within(-(1 << bits), 1 << bits);
        let raw = if draw.within(0, 3) == 0 { 0 } else { raw };
        f64::from(i32::try_from(raw).unwrap()) * f64::from(2).powi(-frac)
    };
    Constants::exact((0..count).map(|_| value(draw)).collect::<Vec<f64>>()).unwrap()
}

fn operator(graph: &Graph, x: NodeId, nodes: &[NodeId], draw: &mut Draw) -> (OpKind, Vec<NodeId>) {
    let shape = &graph[x].ty.shape;
    let len = shape.len();
    let same = |node: &&NodeId| graph[**node].ty.shape == *shape;
    let alike: Vec<NodeId> = nodes.iter().filter(same).copied().collect();
    let other = alike[draw_len(draw, 0, alike.len() - 1)];
    let op: OpKind = match draw.within(0, 18) {
        0..=3 => {
            let (inputs, outputs) = (shape.last(), draw_len(draw, 1, 7));
            let (weights, bias) = (constants(inputs * outputs, draw), constants(outputs, draw));
            ops::Dense { inputs, outputs, weights, bias }.into()
        }
        4..=6 => {
            let each = (0..len).map(|_| quantizer(draw, 1, 14)).collect();
            let each = PerElement::from_elements(each);
            let one = PerElement::Uniform(quantizer(draw, 1, 14));
            let quantizer = if draw.within(0, 1) == 0 { one } else { each };
            ops::Quantize { quantizer, source: FormatSource::Model }.into()
        }
        7 | 8 => ops::Relu {}.into(),
        9 => {
            let mut bounds = constants(2, draw).values().to_vec();
            bounds.sort_by(f64::total_cmp);
            ops::Clip { bounds: Constants::exact(bounds).unwrap() }.into()
        }
        10 => ops::Affine { scale: constants(len, draw), offset: constants(len, draw) }.into(),
        11 => ops::LeakyRelu { alpha: constants(1, draw) }.into(),
        12 => return (ops::Add {}.into(), vec![x, other]),
        13 => return (ops::Subtract {}.into(), vec![other, x]),
        14 => return (ops::Multiply {}.into(), vec![x, other]),
        15 => {
            let steps = draw_len(draw, 0, 3);
            let mut thresholds = constants(steps * len, draw).values().to_vec();
            thresholds.chunks_mut(steps.max(1)).for_each(|row| row.sort_by(f64::total_cmp));
            let thresholds = Constants::exact(thresholds).unwrap();
            ops::Threshold { steps, thresholds, base_and_step: constants(2, draw) }.into()
        }
        16 if draw.within(0, 1) == 0 => {
            let mut quantizer = |format: &str| -> Quantizer {
                let rounding = Rounding::ALL[draw_len(draw, 0, Rounding::ALL.len() - 1)];
                format!("{format},{rounding},SAT>").parse().unwrap()
            };
            let formats = ops::softmax::SoftmaxFormats {
                index: quantizer("fixed<8,4"),
                exponential: quantizer("ufixed<10,1"),
                sum_index: quantizer("ufixed<9,4"),
                inverse: quantizer("ufixed<11,2"),
                output: quantizer("ufixed<9,1"),
            };
            ops::Softmax { len: shape.last(), formats: Some(formats) }.into()
        }
        16 => {
            let output = Some(PerElement::Uniform(quantizer(draw, 2, 10)));
            let function = ops::activation::Function::Tanh;
            ops::Activation { function, output }.into()
        }
        17 => match draw.within(0, 2) {
            0 => ops::Reshape { shape: Shape::vector(len) }.into(),
            1 => {
                let indices: Vec<usize> = (0..4).map(|_| draw_len(draw, 0, len - 1)).collect();
                ops::Gather { shape: Shape::vector(4), indices: indices.into() }.into()
            }
            _ => return (ops::Concat {}.into(), vec![x, nodes[0], x]),
        },
        _ => ops::ArgMax { len: shape.last() }.into(),
    };
    (op, vec![x])
}
