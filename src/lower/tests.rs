use proptest::prelude::*;

use super::lower;
use crate::diag::{Code, Origin};
use crate::graph::{self, Graph};
use crate::netlist::{self, Module};
use crate::numeric::format::FixedFormat;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
use crate::numeric::tensor::{Block, Shape};
use crate::ops::activation::Function;
use crate::ops::constants::Constants;
use crate::ops::quantize::FormatSource;
use crate::ops::softmax::SoftmaxFormats;
use crate::ops::types::PerElement;
use crate::ops::{
    Activation, Add, Affine, ArgMax, Clip, Concat, Dense, Gather, Input, LeakyRelu, Multiply,
    OpKind, Quantize, Relu, Softmax, Subtract, Threshold,
};
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

/// A graph of one operator over inputs of these formats; none if its types refuse them.
fn graph_of(op: impl Into<OpKind>, inputs: &[&[FixedFormat]]) -> Option<Graph> {
    let vectors: Vec<_> =
        inputs.iter().map(|formats| (Shape::vector(formats.len()), *formats)).collect();
    graph_over(op, &vectors)
}

/// The same with shapes.
fn graph_over(op: impl Into<OpKind>, inputs: &[(Shape, &[FixedFormat])]) -> Option<Graph> {
    let mut graph = Graph::default();
    let origin = Origin::Onnx { node: "node".into(), operator: "Op".into() };
    let origin = graph.origins.push(origin);
    let mut operands = Vec::new();
    for (index, (shape, formats)) in inputs.iter().enumerate() {
        let quantizers = formats.iter().map(|format| format!("{format}").parse().unwrap());
        let quantizer = Some(PerElement::from_elements(quantizers.collect()));
        let input = Input { shape: shape.clone(), quantizer, source: None };
        let node = graph.add(input, &[], origin).unwrap();
        graph.inputs.push(graph::Port { name: format!("x{index}"), node });
        operands.push(node);
    }
    let node = graph.add(op, &operands, origin).ok()?;
    graph.outputs.push(graph::Port { name: "y".into(), node });
    Some(graph)
}

fn format() -> impl Strategy<Value = FixedFormat> {
    (any::<bool>(), 1..=9_u8, -2..=6_i8)
        .prop_map(|(signed, width, frac)| FixedFormat::new(signed, width, frac).unwrap())
}

fn formats(len: usize) -> impl Strategy<Value = Vec<FixedFormat>> {
    prop::collection::vec(format(), len)
}

/// Multiples of a quarter.
fn constants(len: usize, limit: i32) -> impl Strategy<Value = Constants> {
    prop::collection::vec(-limit..=limit, len).prop_map(|values| {
        Constants::exact(values.into_iter().map(|v| f64::from(v) / 4.0).collect::<Vec<_>>())
            .unwrap()
    })
}

fn quantizer() -> impl Strategy<Value = Quantizer> {
    let rounding = prop::sample::select(Rounding::ALL);
    let overflow = prop::sample::select(Overflow::ALL);
    (format(), rounding, overflow).prop_map(|(format, rounding, overflow)| Quantizer {
        format,
        rounding,
        overflow,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn drawn_dense(
        x in formats(8),
        (inputs, rows) in prop::sample::select(vec![(8, 1), (4, 2), (2, 4)]),
        weights in constants(8 * 5, 60),
        bias in constants(5, 200),
        seed: u64,
    ) {
        let weights = Constants::exact(weights.values()[..inputs * 5].to_vec()).unwrap();
        let op = Dense { inputs, outputs: 5, weights, bias };
        let graph = graph_over(op, &[(Shape(vec![rows, inputs]), &x)]).unwrap();
        check(&graph, 60, seed);
    }

    #[test]
    fn drawn_affine(x in formats(5), scale in constants(5, 900), offset in constants(5, 900), seed: u64) {
        check(&graph_of(Affine { scale, offset }, &[&x]).unwrap(), 60, seed);
    }

    #[test]
    fn drawn_pairs(a in formats(5), b in formats(5), seed: u64) {
        check(&graph_of(Add {}, &[&a, &b]).unwrap(), 60, seed);
        check(&graph_of(Subtract {}, &[&a, &b]).unwrap(), 60, seed);
        check(&graph_of(Multiply {}, &[&a, &b]).unwrap(), 60, seed);
        check(&graph_of(Concat {}, &[&a, &b]).unwrap(), 60, seed);
    }

    #[test]
    fn drawn_choices(x in formats(6), alpha in constants(1, 20), mut bounds in prop::collection::vec(-20..20_i32, 2), seed: u64) {
        bounds.sort_unstable();
        let bounds: Vec<f64> = bounds.into_iter().map(|v| f64::from(v) / 2.0).collect();
        let bounds = Constants::exact(bounds).unwrap();
        check(&graph_of(Relu {}, &[&x]).unwrap(), 60, seed);
        check(&graph_of(LeakyRelu { alpha }, &[&x]).unwrap(), 60, seed);
        check(&graph_of(Clip { bounds }, &[&x]).unwrap(), 60, seed);
        check(&graph_of(ArgMax { len: 6 }, &[&x]).unwrap(), 60, seed);
        check(&graph_of(ArgMax { len: 3 }, &[&x[..3]]).unwrap(), 60, seed);
        let indices = vec![5, 0, 3, 3].into();
        check(&graph_of(Gather { shape: Shape(vec![2, 2]), indices }, &[&x]).unwrap(), 60, seed);
    }

    #[test]
    fn drawn_staircases(
        x in formats(3),
        steps in 1..9_usize,
        thresholds in prop::collection::vec(-60..60_i32, 3 * 8),
        base_and_step in constants(2, 12),
        seed: u64,
    ) {
        let mut thresholds = thresholds[..3 * steps].to_vec();
        thresholds.chunks_mut(steps).for_each(<[i32]>::sort_unstable);
        let thresholds: Vec<f64> = thresholds.into_iter().map(|t| f64::from(t) / 8.0).collect();
        let thresholds = Constants::exact(thresholds).unwrap();
        check(&graph_of(Threshold { steps, thresholds, base_and_step }, &[&x]).unwrap(), 80, seed);
    }

    #[test]
    fn drawn_tables(x in formats(3), output in prop::collection::vec(quantizer(), 3), seed: u64) {
        for function in [Function::Sigmoid, Function::Tanh] {
            let output = Some(PerElement::from_elements(output.clone()));
            check(&graph_of(Activation { function, output }, &[&x]).unwrap(), 60, seed);
        }
    }

    #[test]
    fn drawn_softmax(x in formats(4), rounding in prop::sample::select(Rounding::ALL), bits in 3..9_u8, seed: u64) {
        let quantizer = |signed, width, integer| Quantizer {
            format: FixedFormat::with_integer_bits(signed, width, integer).unwrap(),
            rounding,
            overflow: Overflow::Saturate,
        };
        let formats = Some(SoftmaxFormats {
            index: quantizer(true, bits, 4),
            exponential: quantizer(false, bits + 2, 1),
            sum_index: quantizer(false, bits, 3),
            inverse: quantizer(false, bits + 2, 2),
            output: quantizer(false, 8, 1),
        });
        check(&graph_of(Softmax { len: 4, formats }, &[&x]).unwrap(), 60, seed);
    }

    #[test]
    fn drawn_quantize(x in formats(3), quantizers in prop::collection::vec(quantizer(), 3), seed: u64) {
        let quantizer = PerElement::from_elements(quantizers);
        check(&graph_of(Quantize { quantizer, source: FormatSource::Model }, &[&x]).unwrap(), 60, seed);
    }
}

#[test]
fn two_valued_inputs_cost_no_words() {
    let graph = parse(
        r#"graph
  %0 = input {"shape":[4],"quantizer":"fixed<6,3,TRN,SAT>"} @ "x" (input)
  %1 = threshold(%0) {"steps":1,"thresholds":{"values":[0.0,0.0,0.0,0.0],"grid":0},"base_and_step":{"values":[-1.0,2.0],"grid":0}} @ "/sign" (BipolarQuant)
  %2 = dense(%1) {"inputs":4,"outputs":1,"weights":{"values":[1.0,-1.0,-1.0,1.0],"grid":0},"bias":{"values":[0.0],"grid":0}} @ "/fc" (MatMul)
  %3 = threshold(%2) {"steps":1,"thresholds":{"values":[1.0],"grid":0},"base_and_step":{"values":[-1.0,2.0],"grid":0}} @ "/sign2" (BipolarQuant)
  input "x" %0
  output "y" %3
"#,
    );
    let module = netlist::passes::optimize(&check(&graph, 200, 1));
    let widths: Vec<u8> = module
        .nets
        .values()
        .filter(|net| matches!(net.cell, netlist::Cell::Add { .. }))
        .map(netlist::Net::width)
        .collect();
    assert!(widths.iter().all(|width| *width <= 4), "{}", netlist::text::print(&module));
}

#[test]
fn what_has_no_format_is_refused_by_name() {
    let graph = parse(
        "graph\n  %0 = input {\"shape\":[2]} @ \"x\" (input)\n  %1 = relu(%0) {} @ \"/act/Relu\" (Relu)\n  input \"x\" %0\n  output \"y\" %1\n",
    );
    let plan = Plan::new(device("xcvu9p").unwrap(), 5.0);
    let faults = lower(&graph, &plan).unwrap_err();
    assert_eq!(faults.len(), 2);
    assert_eq!(faults[1].place.as_deref(), Some("node `/act/Relu` (Relu)"));
}

#[test]
fn a_table_that_is_too_large_is_refused() {
    let wide = "fixed<20,4>".parse().unwrap();
    let output = Some(PerElement::Uniform("fixed<8,1>".parse().unwrap()));
    let graph = graph_of(Activation { function: Function::Tanh, output }, &[&[wide]]).unwrap();
    let plan = Plan::new(device("xcvu9p").unwrap(), 5.0);
    assert_eq!(lower(&graph, &plan).unwrap_err()[0].code, Code::P0301);
}
