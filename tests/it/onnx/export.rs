//! Export is the way back: importing what was exported gives the same graph and the same integers.

use onnx_protobuf::{FunctionProto, Message, ModelProto};
use proptest::prelude::*;

use super::archive::Archive;
use super::expected::{all_models, expected_file};
use super::*;
use crate::networks::Draw;
use crate::pass_properties::{Scales, network, steps};
use trigforge::compile;
use trigforge::config::Config;
use trigforge::diag::{Code, Origin};
use trigforge::graph::{NodeId, Port, eval, text};
use trigforge::numeric::interval::scale;
use trigforge::numeric::quantizer::Quantizer;
use trigforge::numeric::round::{Overflow, Rounding};
use trigforge::numeric::tensor::Shape;
use trigforge::onnx::export::{Dialect, export, expressible};
use trigforge::ops::quantize::FormatSource;
use trigforge::ops::softmax::SoftmaxFormats;
use trigforge::ops::{
    Add, ArgMax, Constants, Dense, Input, PerElement, Quantize, Reshape, Softmax,
};

fn exported(graph: &Graph) -> Result<Graph, Vec<Diagnostic>> {
    exported_as(Dialect::Qonnx, graph)
}

fn exported_as(dialect: Dialect, graph: &Graph) -> Result<Graph, Vec<Diagnostic>> {
    let bytes = export(graph, dialect, &BTreeMap::new())?;
    let again = export(graph, dialect, &BTreeMap::new()).unwrap();
    assert_eq!(again, bytes, "the same bytes each time");
    Ok(import_bytes(&bytes).unwrap_or_else(|faults| panic!("{faults:#?}\n{}", text::print(graph))))
}

/// The text of a graph without where its nodes come from.
fn anonymous(graph: &Graph) -> String {
    let lines = text::print(graph);
    let line = |line: &str| line.split(" @ ").next().unwrap().to_owned();
    lines.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The values of the outputs of a fixed-point graph.
fn values(graph: &Graph, events: &[Block<f64>]) -> Vec<Vec<f64>> {
    let inputs = eval::quantize_inputs(graph, events).unwrap();
    let values = eval::eval(graph, &inputs);
    let output = |port: &Port| {
        let block = values[port.node.index()].as_ref().unwrap();
        block.to_rows().iter().map(|raw| scale(*raw, block.frac)).collect()
    };
    graph.outputs.iter().map(output).collect()
}

/// Events of many sizes, saturation included.
fn events(graph: &Graph) -> Vec<Block<f64>> {
    let mut draw = Draw(7);
    let mut block = |port: &Port| {
        let elements = graph[port.node].ty.shape.len();
        let mut block = Block::zeros(elements, 64, 0);
        for value in &mut block.data {
            *value = scale(draw.within(-4096, 4096), 3 + i8::try_from(draw.within(0, 8)).unwrap());
        }
        block
    };
    graph.inputs.iter().map(&mut block).collect()
}

#[test]
fn models_come_back_as_they_were() {
    for path in all_models() {
        let graph = import_file(&path);
        let again = exported(&graph).unwrap();
        let expected = expressible(&graph, Dialect::Qonnx).unwrap();
        assert_eq!(anonymous(&again), anonymous(&expected), "{}", path.display());
        let twice = exported(&again).unwrap();
        assert_eq!(anonymous(&again), anonymous(&twice), "{}", path.display());
    }
}

#[test]
fn quantized_models_come_back_with_the_same_integers() {
    let mut refused = Vec::new();
    for path in all_models() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let float = import_file(&path);
        let events = events(&float);
        let config = Config { head: trigforge::config::Head::Logits, ..Config::default() };
        let quantized = compile::quantize(&float, &config, Some(&events)).unwrap().graph;
        for (dialect, quantized) in
            [(Dialect::Qonnx, quantized.clone()), (Dialect::Qdq, with_even_inputs(quantized))]
        {
            match exported_as(dialect, &quantized) {
                Ok(again) => {
                    let again = compile::quantize(&again, &config, None).unwrap().graph;
                    let expected = values(&quantized, &events);
                    assert_eq!(values(&again, &events), expected, "{name} {dialect:?}");
                }
                Err(faults) => {
                    assert!(faults.iter().all(|fault| fault.code == Code::O0014), "{faults:#?}");
                    refused.push(format!("{name} {dialect:?}: {}", faults[0].message));
                }
            }
        }
    }
    let long = "its constants have more bits than float32 holds, which `DequantizeLinear` gives";
    let wraps = "values may leave `ufixed<8,3,RND_MIN_INF,SAT_ZERO>`, and `QuantizeLinear` always saturates";
    let expected =
        [format!("digits_wrap.onnx Qdq: {wraps}"), format!("two_heads.onnx Qdq: {long}")];
    assert_eq!(refused, expected);
}

/// A fixed-point network whose inputs are rounded to the nearest, ties to even.
fn with_even_inputs(mut graph: Graph) -> Graph {
    for node in graph.inputs.iter().map(|port| port.node).collect::<Vec<_>>() {
        let OpKind::Input(mut input) = graph[node].op.clone() else { unreachable!("an input") };
        let even = |own: Quantizer| Quantizer { rounding: Rounding::NearestEven, ..own };
        input.quantizer = input.quantizer.map(|own| own.map(even));
        graph.set_op(node, input);
    }
    graph
}

/// A network that is one quantizer, of all elements or of each.
pub(super) fn quantizer(formats: &[String]) -> Graph {
    let mut graph = Graph::default();
    let x = input(&mut graph, Shape::vector(formats.len()));
    let quantizers: Vec<Quantizer> = formats.iter().map(|text| text.parse().unwrap()).collect();
    let quantizer = PerElement::from_elements(quantizers);
    let y = add(&mut graph, Quantize { quantizer, source: FormatSource::Model }, &[x]);
    graph.outputs.push(Port { name: "y".to_owned(), node: y });
    graph
}

fn input(graph: &mut Graph, shape: Shape) -> NodeId {
    let node = add(graph, Input { shape, quantizer: None, source: None }, &[]);
    graph.inputs.push(Port { name: "x".to_owned(), node });
    node
}

fn add(graph: &mut Graph, op: impl Into<OpKind>, operands: &[NodeId]) -> NodeId {
    let origin = Origin::Onnx { node: "node".to_owned(), operator: "Op".to_owned() };
    let origin = graph.origins.push(origin);
    graph.add(op, operands, origin).unwrap()
}

#[test]
fn every_rounding_and_width_comes_back() {
    for rounding in Rounding::ALL {
        let check = |formats: &[String]| {
            let graph = quantizer(formats);
            let again = exported(&graph).unwrap();
            assert_eq!(anonymous(&again), anonymous(&graph));
        };
        for format in ["fixed<2,1", "fixed<7,9", "ufixed<1,0", "ufixed<30,-3", "fixed<60,20"] {
            check(&vec![format!("{format},{rounding},SAT>"); 3]);
        }
        check(&vec![format!("fixed<7,9,{rounding},SAT_SYM>"); 3]);
        let each = ["ufixed<3,1", "ufixed<1,5", "ufixed<9,4"];
        check(&each.map(|format| format!("{format},{rounding},SAT>")));
        let each = ["fixed<3,1", "fixed<4,5", "fixed<9,4"];
        check(&each.map(|format| format!("{format},{rounding},SAT_SYM>")));
        for overflow in ["WRAP", "SAT_ZERO"] {
            for format in ["fixed<2,1", "fixed<1,1", "ufixed<1,0", "fixed<22,20"] {
                check(&vec![format!("{format},{rounding},{overflow}>"); 3]);
            }
            let each = ["ufixed<3,1", "fixed<1,5", "ufixed<9,4"];
            check(&each.map(|format| format!("{format},{rounding},{overflow}>")));
        }
    }
}

#[test]
fn every_width_comes_back_from_quantize_linear() {
    let check = |formats: &[String]| {
        let graph = quantizer(formats);
        let again = exported_as(Dialect::Qdq, &graph).unwrap();
        assert_eq!(anonymous(&again), anonymous(&graph));
    };
    for format in
        ["fixed<2,1", "fixed<8,9", "ufixed<1,0", "fixed<1,1", "ufixed<15,-3", "fixed<16,20"]
    {
        check(&vec![format!("{format},RND_CONV,SAT>"); 3]);
    }
    check(&vec!["fixed<7,9,RND_CONV,SAT_SYM>".to_owned(); 3]);
    let each = ["ufixed<3,1", "ufixed<1,5", "ufixed<9,4"];
    check(&each.map(|format| format!("{format},RND_CONV,SAT>")));
    let each =
        ["fixed<8,1,RND_CONV,SAT>", "fixed<4,5,RND_CONV,SAT_SYM>", "fixed<3,4,RND_CONV,SAT>"];
    check(&each.map(str::to_owned));
}

#[test]
fn rows_of_different_steps_come_back_from_quantize_linear() {
    let mut graph = Graph::default();
    let x = input(&mut graph, Shape(vec![2, 2]));
    let formats = ["fixed<8,3", "fixed<4,3", "fixed<8,1", "fixed<16,8"];
    let formats = formats.map(|format| format!("{format},RND_CONV,SAT>").parse().unwrap());
    let quantizer = PerElement::from_elements(formats.to_vec());
    let y = add(&mut graph, Quantize { quantizer, source: FormatSource::Model }, &[x]);
    graph.outputs.push(Port { name: "y".to_owned(), node: y });
    let again = exported_as(Dialect::Qdq, &graph).unwrap();
    let expected = expressible(&graph, Dialect::Qdq).unwrap();
    assert_eq!(anonymous(&again), anonymous(&expected));
    let rows = [vec![1.3, 100.0, -0.126, -200.0, -5.5, -1.0, 0.75, 0.011]];
    assert_eq!(evaluate(&again, &rows), evaluate(&graph, &rows));
}

#[test]
fn what_quantize_linear_cannot_say_is_refused() {
    for formats in [
        ["fixed<4,2,RND,SAT>"; 2],
        ["fixed<4,2,TRN,SAT>"; 2],
        ["fixed<4,2,RND_CONV,WRAP>"; 2],
        ["fixed<17,2,RND_CONV,SAT>"; 2],
        ["fixed<4,2,RND_CONV,SAT>", "ufixed<4,2,RND_CONV,SAT>"],
    ] {
        let graph = quantizer(&formats.map(str::to_owned));
        let faults = exported_as(Dialect::Qdq, &graph).unwrap_err();
        let codes: Vec<Code> = faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [Code::O0014], "{formats:?}");
    }
}

/// What a function of a file computes: numbers stand for truths, too.
fn call(function: &FunctionProto, inputs: [f64; 4]) -> f64 {
    let names = function.input.iter().cloned();
    let mut values: BTreeMap<String, f64> = names.zip(inputs).collect();
    for node in &function.node {
        let operands: Vec<f64> = node.input.iter().map(|name| values[name]).collect();
        let truth = |own: bool| f64::from(u8::from(own));
        let value = match (node.op_type.as_str(), operands.as_slice()) {
            ("Add", [a, b]) => a + b,
            ("Sub", [a, b]) => a - b,
            ("Mul", [a, b]) => a * b,
            ("Div", [a, b]) => a / b,
            ("Floor", [a]) => a.floor(),
            ("Ceil", [a]) => a.ceil(),
            ("Round", [a]) => a.round_ties_even(),
            ("Abs", [a]) => a.abs(),
            ("Sign", [a]) => truth(*a > 0.0) - truth(*a < 0.0),
            ("Less", [a, b]) => truth(a < b),
            ("Greater", [a, b]) => truth(a > b),
            ("Or", [a, b]) => a.max(*b),
            ("Where", [condition, a, b]) => {
                if *condition > 0.0 {
                    *a
                } else {
                    *b
                }
            }
            other => panic!("{other:?}"),
        };
        values.insert(node.output[0].clone(), value);
    }
    values[&function.output[0]]
}

#[test]
fn functions_of_the_file_compute_what_their_names_say() {
    for rounding in Rounding::ALL {
        for overflow in [Overflow::Wrap, Overflow::SaturateZero] {
            for format in ["fixed<4,2", "ufixed<3,3", "fixed<1,1"] {
                let text = format!("{format},{rounding},{overflow}>");
                let quantizer: Quantizer = text.parse().unwrap();
                let bytes =
                    export(&self::quantizer(&[text]), Dialect::Qonnx, &BTreeMap::new()).unwrap();
                let model = ModelProto::parse_from_bytes(&bytes).unwrap();
                assert_eq!(model.functions.len(), 1);
                let own = quantizer.format;
                let codes = [own.min_raw(), own.max_raw()].map(|raw| scale(raw, 0));
                for sixteenth in -400..=400 {
                    let x = f64::from(sixteenth) / 16.0;
                    let found = call(&model.functions[0], [x, own.step(), codes[0], codes[1]]);
                    let expected = scale(quantizer.apply_f64(x).unwrap(), own.frac());
                    assert!((found - expected).abs() < 1e-12, "{quantizer} of {x}: {found}");
                }
            }
        }
    }
}

/// A network that is a softmax in these formats.
fn softmax(index: &str) -> (Graph, SoftmaxFormats) {
    let format = |text: &str| -> Quantizer { text.parse().unwrap() };
    let formats = SoftmaxFormats {
        index: format(index),
        exponential: format("ufixed<10,1,TRN,SAT>"),
        sum_index: format("ufixed<7,2,RND,SAT>"),
        inverse: format("ufixed<9,1,RND_CONV,SAT>"),
        output: format("ufixed<8,0,RND,SAT>"),
    };
    let mut graph = quantizer(&vec!["fixed<7,3,RND,SAT>".to_owned(); 3]);
    let x = graph.outputs[0].node;
    let y = add(&mut graph, Softmax { len: 3, formats: Some(formats) }, &[x]);
    graph.outputs[0].node = y;
    (graph, formats)
}

#[test]
fn tables_of_a_softmax_come_back_from_the_metadata() {
    let (graph, formats) = softmax("fixed<7,3,RND,SAT_SYM>");
    let again = exported(&graph).unwrap();
    assert_eq!(anonymous(&again), anonymous(&graph));
    let events = events(&graph);
    let fixed = |graph: &Graph| compile::quantize(graph, &Config::default(), None).unwrap().graph;
    assert_eq!(values(&fixed(&again), &events), values(&fixed(&graph), &events));
    let twice = exported(&fixed(&graph)).unwrap();
    assert_eq!(values(&fixed(&twice), &events), values(&fixed(&graph), &events));
    let broken = [
        "{}".to_owned(),
        serde_json::to_string(&formats).unwrap().replace("fixed<7,3", "ufixed<7,3"),
    ];
    for text in broken {
        let metadata = BTreeMap::from([("trigforge.softmax.other".to_owned(), text)]);
        let faults = import_bytes(&export(&graph, Dialect::Qonnx, &metadata).unwrap()).unwrap_err();
        let codes: Vec<Code> = faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [Code::O0004], "{faults:#?}");
    }
}

#[test]
fn what_qonnx_cannot_say_is_refused() {
    for formats in [
        ["fixed<1,1,RND,SAT>"; 2],
        ["fixed<61,4,RND,SAT>"; 2],
        ["fixed<4,2,RND,SAT>", "ufixed<4,2,RND,SAT>"],
        ["fixed<4,2,RND,SAT>", "fixed<4,2,TRN,SAT>"],
        ["fixed<4,2,RND,WRAP>", "fixed<4,2,RND,SAT>"],
        ["fixed<23,2,RND,WRAP>"; 2],
    ] {
        let graph = quantizer(&formats.map(str::to_owned));
        let faults = exported(&graph).unwrap_err();
        let codes: Vec<Code> = faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [Code::O0014], "{formats:?}");
    }
}

#[test]
fn wrapping_that_never_happens_saturates() {
    let mut graph = Graph::default();
    let quantizer = |text: &str| Some(PerElement::Uniform(text.parse().unwrap()));
    let (shape, source) = (Shape::vector(2), None);
    let x = Input { shape, quantizer: quantizer("fixed<6,2,TRN,SAT>"), source };
    let x = add(&mut graph, x, &[]);
    graph.inputs.push(Port { name: "x".to_owned(), node: x });
    for (name, format) in [("wide", "fixed<5,2,TRN,WRAP>"), ("narrow", "fixed<4,1,TRN,WRAP>")] {
        let op = Quantize { quantizer: quantizer(format).unwrap(), source: FormatSource::Model };
        let node = add(&mut graph, op, &[x]);
        graph.outputs.push(Port { name: name.to_owned(), node });
    }
    let text = text::print(&exported(&graph).unwrap());
    assert!(text.contains("fixed<5,2,TRN,SAT>"), "{text}");
    assert!(text.contains("fixed<4,1,TRN,WRAP>"), "{text}");
}

#[test]
fn rows_classes_and_outputs_that_are_inputs_come_back() {
    let mut graph = Graph::default();
    let x = input(&mut graph, Shape::vector(6));
    let rows = add(&mut graph, Reshape { shape: Shape(vec![2, 3]) }, &[x]);
    let exact = |values: &[f64]| Constants::exact(values).unwrap();
    let weights = exact(&[0.5, -2.0, 1.0, 0.25, 3.0, 0.0]);
    let dense = Dense { inputs: 3, outputs: 2, weights, bias: exact(&[1.5, -1.0]) };
    let dense = add(&mut graph, dense, &[rows]);
    let class = add(&mut graph, ArgMax { len: 2 }, &[dense]);
    let twice = add(&mut graph, Add {}, &[class, class]);
    for (name, node) in
        [("class", class), ("same", class), ("twice", twice), ("dense", dense), ("x", x)]
    {
        graph.outputs.push(Port { name: name.to_owned(), node });
    }
    // An output cannot have the name of an input that it is not.
    graph.outputs.pop();
    graph.outputs.push(Port { name: "copy".to_owned(), node: x });
    let again = exported(&graph).unwrap();
    assert_eq!(anonymous(&again), anonymous(&expressible(&graph, Dialect::Qonnx).unwrap()));
    let events = [vec![1.0, 2.0, 3.0, -1.0, 0.5, 8.0]];
    assert_eq!(evaluate(&again, &events), evaluate(&graph, &events));
}

#[test]
fn constants_of_many_bits_make_a_file_of_doubles() {
    let element = |weight: f64| {
        let mut graph = Graph::default();
        let x = input(&mut graph, Shape::vector(1));
        let [weights, bias] = [weight, 0.0].map(|own| Constants::exact(vec![own]).unwrap());
        let y = add(&mut graph, Dense { inputs: 1, outputs: 1, weights, bias }, &[x]);
        graph.outputs.push(Port { name: "y".to_owned(), node: y });
        assert_eq!(anonymous(&exported(&graph).unwrap()), anonymous(&graph));
        let bytes = export(&graph, Dialect::Qonnx, &BTreeMap::new()).unwrap();
        ModelProto::parse_from_bytes(&bytes).unwrap().graph.initializer[0].data_type
    };
    assert_eq!((element(16_777_215.0), element(16_777_217.0)), (1, 11));
}

#[test]
fn exported_models_give_the_integers_of_other_engines() {
    let folder = models();
    let trained = all_models().into_iter().filter_map(|path| {
        let is_trained = path.with_file_name("recipe.toml").exists();
        let path = path.strip_prefix(&folder).unwrap().display().to_string();
        is_trained.then_some(path)
    });
    let trained: Vec<String> = trained.collect();
    assert!(trained.len() >= 6);
    let exported = EXPORTED.map(|(_, exported)| exported.to_owned());
    for exported in exported.iter().chain(&trained) {
        let graph = import_file(&models().join(exported));
        let quantized = compile::quantize(&graph, &Config::default(), None).unwrap().graph;
        let mut archive = Archive::open(&expected_file(&models().join(exported)));
        let inputs = archive.all("input_");
        let blocks = graph
            .inputs
            .iter()
            .zip(&inputs)
            .map(|(port, rows)| Block::from_rows(rows, graph[port.node].ty.shape.len(), 0));
        let found = values(&quantized, &blocks.collect::<Vec<_>>());
        assert_eq!(found, archive.all("output_"), "{exported}");
    }
}

#[test]
fn exported_models_are_the_exports_of_their_models() {
    for (model, exported) in EXPORTED {
        let float = import_file(&models().join(model));
        let quantized = compile::quantize(&float, &Config::default(), None).unwrap().graph;
        let bytes = export(&quantized, Dialect::Qonnx, &BTreeMap::new()).unwrap();
        let again = anonymous(&import_bytes(&bytes).unwrap());
        let stored = anonymous(&import_file(&models().join(exported)));
        assert_eq!(again, stored, "{exported} is the export of {model}");
    }
}

/// Models with their exports, which `models/make_expected.py` ran.
const EXPORTED: [(&str, &str); 1] =
    [("jet_hlf/jet_hlf_q6_qonnx.onnx", "jet_hlf/jet_hlf_q6_exported.onnx")];

#[test]
fn metadata_is_in_the_file() {
    let graph = quantizer(&["fixed<4,2,RND,SAT>".to_owned()]);
    let metadata = BTreeMap::from([("accuracy".to_owned(), "0.75".to_owned())]);
    let bytes = export(&graph, Dialect::Qonnx, &metadata).unwrap();
    let model = ModelProto::parse_from_bytes(&bytes).unwrap();
    let property = &model.metadata_props[0];
    assert_eq!((property.key.as_str(), property.value.as_str()), ("accuracy", "0.75"));
    assert_eq!(model.producer_name, "trigforge");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn drawn_networks_come_back_as_they_were(steps in steps(), float in any::<bool>()) {
        let graph = network(&steps, if float { Scales::Float } else { Scales::Exact });
        let again = exported(&graph).unwrap();
        let expected = expressible(&graph, Dialect::Qonnx).unwrap();
        prop_assert_eq!(anonymous(&again), anonymous(&expected), "{}", text::print(&graph));
        let rows: Vec<f64> = events(&graph)[0].to_rows();
        let rows = std::slice::from_ref(&rows);
        prop_assert_eq!(evaluate(&again, rows), evaluate(&graph, rows));
    }

    #[test]
    fn drawn_networks_come_back_with_the_same_integers_from_quantize_linear(steps in steps()) {
        let float = network(&steps, Scales::Exact);
        let fixed = |graph: &Graph| compile::quantize(graph, &Config::default(), None);
        let Ok(fixed_point) = fixed(&float) else { return Ok(()) };
        let graph = with_even_inputs(fixed_point.graph);
        match exported_as(Dialect::Qdq, &graph) {
            Ok(again) => {
                let again = fixed(&again).unwrap().graph;
                let events = events(&graph);
                prop_assert_eq!(values(&again, &events), values(&graph, &events), "{}", text::print(&graph));
            }
            Err(faults) => {
                prop_assert!(faults.iter().all(|fault| fault.code == Code::O0014), "{:#?}", faults);
                let wide = faults.iter().all(|fault| fault.message.contains("16"));
                prop_assert!(wide || text::print(&graph).contains("WRAP"), "{:#?}", faults);
            }
        }
    }
}
