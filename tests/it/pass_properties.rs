//! Passes over drawn networks: values are kept, a second run changes nothing, and the integers of a
//! quantized network are the values of its floating-point meaning.

use proptest::prelude::*;

use trigforge::analysis::{self, walk};
use trigforge::config::Config;
use trigforge::diag::Origin;
use trigforge::graph::{Graph, NodeId, Port, text, verify};
use trigforge::numeric::interval::scale;
use trigforge::numeric::tensor::{Block, Shape};
use trigforge::ops::quantize::FormatSource;
use trigforge::ops::{
    Add, Affine, Clip, Concat, Constants, Dense, Gather, Input, LeakyRelu, OpKind, PerElement,
    Quantize, Relu, Reshape, Subtract,
};
use trigforge::passes::{self, Effect, PASSES, PassContext};

/// How a drawn operator comes out: which one, on which value, with which constants.
pub(crate) type Step = (u8, u8, Vec<i8>);

/// Whether constants have a grid.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Scales {
    Exact,
    Float,
}

/// A network of three inputs; every constant is a short binary fraction, so `f64` is exact.
pub(crate) fn network(steps: &[Step], scales: Scales) -> Graph {
    let mut graph = Graph::default();
    let origin = graph.origins.push(Origin::Onnx { node: "n".into(), operator: "Op".into() });
    let shape = Shape::vector(3);
    let input = graph.add(Input { shape, quantizer: None, source: None }, &[], origin).unwrap();
    graph.inputs.push(Port { name: "x".into(), node: input });
    let quantize = |text: &str| Quantize {
        quantizer: PerElement::Uniform(text.parse().unwrap()),
        source: FormatSource::Model,
    };
    let mut values = vec![graph.add(quantize("fixed<6,4,RND,SAT>"), &[input], origin).unwrap()];
    for (kind, at, drawn) in steps {
        let x = values[usize::from(*at) % values.len()];
        let other = values[usize::from(*at / 7) % values.len()];
        let op = operator(*kind, &graph, x, drawn, scales);
        let total = graph[x].ty.shape.len() + graph[other].ty.shape.len();
        let operands = match op {
            OpKind::Add(_) | OpKind::Subtract(_) => vec![x, other],
            OpKind::Concat(_) if total <= 8 => vec![x, other],
            _ => vec![x],
        };
        if let Ok(node) = graph.add(op, &operands, origin) {
            values.push(node);
        }
    }
    let last = *values.last().unwrap();
    let end = graph.add(quantize("fixed<12,8,RND_CONV,SAT>"), &[last], origin).unwrap();
    graph.outputs.push(Port { name: "y".into(), node: end });
    let middle = values[values.len() / 2];
    let end = graph.add(quantize("fixed<4,3,TRN,SAT>"), &[middle], origin).unwrap();
    graph.outputs.push(Port { name: "z".into(), node: end });
    graph.sweep();
    graph
}

fn operator(kind: u8, graph: &Graph, x: NodeId, drawn: &[i8], scales: Scales) -> OpKind {
    let shape = &graph[x].ty.shape;
    let len = shape.len();
    let number = |index: usize| f64::from(drawn[index % drawn.len()] % 4);
    let exact = |values: Vec<f64>| Constants::exact(values).unwrap();
    let loose = |values: Vec<f64>| match scales {
        Scales::Exact => exact(values),
        Scales::Float => Constants::float(values),
    };
    match kind % 14 {
        0 | 1 if shape.rank() == 1 => {
            let outputs = 1 + usize::from(kind % 3);
            let weights = (0..len * outputs).map(number).collect();
            let bias = (0..outputs).map(|index| number(index) / 4.0).collect();
            Dense { inputs: len, outputs, weights: exact(weights), bias: loose(bias) }.into()
        }
        2 | 3 => {
            let scale = 0.75 * (1.0 + number(0).abs());
            Affine { scale: loose(vec![scale; len]), offset: exact(vec![0.0; len]) }.into()
        }
        4 => {
            let scale = (0..len).map(|index| 0.5 * number(index)).collect();
            let offset = (0..len).map(|index| 0.25 * number(index + 1)).collect();
            Affine { scale: loose(scale), offset: loose(offset) }.into()
        }
        5 => Relu {}.into(),
        6 => LeakyRelu { alpha: exact(vec![0.25]) }.into(),
        7 => Clip { bounds: exact(vec![-number(0).abs(), 4.0]) }.into(),
        8 => {
            Gather { shape: Shape::vector(len), indices: (0..len).rev().collect::<Vec<_>>().into() }
                .into()
        }
        9 => match kind % 2 {
            0 => Add {}.into(),
            _ => Subtract {}.into(),
        },
        10 => Concat {}.into(),
        11 => match kind % 2 {
            0 => Reshape { shape: Shape(vec![1, len]) }.into(),
            _ => Reshape { shape: Shape(vec![len]) }.into(),
        },
        _ => {
            let formats =
                ["fixed<5,4,RND_CONV,SAT>", "ufixed<7,3,TRN,SAT_SYM>", "fixed<3,2,RND,WRAP>"];
            let format = formats[usize::from(kind / 14) % formats.len()];
            Quantize {
                quantizer: PerElement::Uniform(format.parse().unwrap()),
                source: FormatSource::Model,
            }
            .into()
        }
    }
}

/// Values of the input's grid and some between.
fn events() -> Block<f64> {
    let rows: Vec<f64> = (0_i32..180).map(|index| f64::from(index * 37 % 101 - 50) / 8.0).collect();
    Block::from_rows(&rows, 3, 0)
}

fn float_outputs(graph: &Graph, events: &Block<f64>) -> Vec<Vec<f64>> {
    let mut outputs = vec![Vec::new(); graph.outputs.len()];
    walk::float(graph, std::slice::from_ref(events), |visit| {
        for (index, port) in graph.outputs.iter().enumerate() {
            if port.node == visit.node {
                outputs[index].extend(visit.values.data.clone());
            }
        }
    });
    outputs
}

fn fixed_outputs(graph: &Graph, events: &Block<f64>) -> Vec<Vec<f64>> {
    let mut outputs = vec![Vec::new(); graph.outputs.len()];
    walk::fixed(
        graph,
        std::slice::from_ref(events),
        |_, _, _| {},
        |visit| {
            for (index, port) in graph.outputs.iter().enumerate() {
                if port.node == visit.node {
                    let frac = visit.values.frac;
                    outputs[index].extend(visit.values.data.iter().map(|raw| scale(*raw, frac)));
                }
            }
        },
    );
    outputs
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<u8>(), any::<u8>(), proptest::collection::vec(-8_i8..8, 1..6));
    proptest::collection::vec(step, 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn passes_that_keep_values_keep_them(steps in steps(), float in any::<bool>()) {
        let given = network(&steps, if float { Scales::Float } else { Scales::Exact });
        let expected = float_outputs(&given, &events());
        let config = Config::default();
        for pass in PASSES.iter().filter(|pass| pass.effect == Effect::Keeps) {
            let mut graph = given.clone();
            let mut cx = PassContext::new(&config, None);
            passes::run(pass.name, &mut graph, &mut cx).unwrap();
            verify::verify(&graph).unwrap();
            prop_assert_eq!(&float_outputs(&graph, &events()), &expected, "{}", pass.name);
            let once = text::print(&graph);
            passes::run(pass.name, &mut graph, &mut cx).unwrap();
            prop_assert_eq!(text::print(&graph), once, "{} twice", pass.name);
        }
    }

    #[test]
    fn integers_are_the_values_of_the_annotated_network(steps in steps(), float in any::<bool>()) {
        let given = network(&steps, if float { Scales::Float } else { Scales::Exact });
        let expected = float_outputs(&given, &events());
        let config = Config::default();
        let mut graph = given.clone();
        let mut cx = PassContext::new(&config, Some(std::slice::from_ref(EVENTS.get_or_init(events))));
        passes::run_pipeline("quantize", &mut graph, &mut cx).unwrap();
        // Where layers met without a quantizer between, calibration has put one that may round.
        let calibrated = text::print(&graph).contains("calibration");
        if !calibrated {
            prop_assert_eq!(fixed_outputs(&graph, &events()), expected, "{}", text::print(&graph));
        }
        let once = fixed_outputs(&graph, &events());
        passes::run_pipeline("quantize", &mut graph, &mut cx).unwrap();
        prop_assert_eq!(fixed_outputs(&graph, &events()), once);
        let verdicts = analysis::verdicts(&graph, Some(&[events()]));
        prop_assert!(verdicts.iter().all(|own| own.verdict != analysis::Verdict::Unchecked));
    }

    #[test]
    fn evaluated_values_lie_in_their_ranges(steps in steps()) {
        let mut graph = network(&steps, Scales::Exact);
        let config = Config::default();
        let events = events();
        let mut cx = PassContext::new(&config, Some(std::slice::from_ref(&events)));
        passes::run_pipeline("quantize", &mut graph, &mut cx).unwrap();
        let ranges = analysis::ranges(&graph);
        walk::fixed(&graph, std::slice::from_ref(&events), |_, _, _| {}, |visit| {
            let own = ranges.get(visit.node).unwrap();
            for (index, range) in own.iter().enumerate() {
                for raw in visit.values.element(index) {
                    let point = trigforge::numeric::interval::Interval::point(*raw, visit.values.frac);
                    let (lo, hi) = (range.lo_f64(), range.hi_f64());
                    assert!(lo <= point.lo_f64() && point.lo_f64() <= hi, "{}", visit.node);
                }
            }
        });
    }
}

static EVENTS: std::sync::OnceLock<Block<f64>> = std::sync::OnceLock::new();
