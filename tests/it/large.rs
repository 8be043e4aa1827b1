//! A layer of 1024 × 1024 weights: imported, quantized and simulated, and refused as a circuit.

use std::collections::BTreeMap;

use trigforge::config::Config;
use trigforge::diag::Code;
use trigforge::graph::{Graph, eval};
use trigforge::lower::lower;
use trigforge::numeric::tensor::Block;
use trigforge::onnx;
use trigforge::passes::{self, PassContext};
use trigforge::plan::{Plan, device};
use trigforge::sim::tensors::Simulator;

use crate::networks::Draw;

const SIZE: usize = 1024;
const EVENTS: usize = 16;

/// A number of the protobuf wire form.
fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value % 0x80).unwrap() | 0x80);
        value /= 0x80;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

fn number(field: usize, value: usize) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: usize, value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    [varint((field << 3) | 2), varint(value.len()), value.to_vec()].concat()
}

/// A float tensor of `[events, SIZE]`.
fn port(name: &str) -> Vec<u8> {
    let dimension = |content: Vec<u8>| bytes(1, content);
    let shape = [dimension(bytes(2, "events")), dimension(number(1, SIZE))].concat();
    let tensor = [number(1, 1), bytes(2, shape)].concat();
    [bytes(1, name), bytes(2, bytes(1, tensor))].concat()
}

/// `y = relu(x w)` as an ONNX file, with drawn weights.
fn model() -> Vec<u8> {
    let mut draw = Draw(1);
    let weights: Vec<u8> = (0..SIZE * SIZE)
        .flat_map(|_| {
            let weight = i16::try_from(draw.within(-9999, 9999)).unwrap();
            (f32::from(weight) * 1e-5).to_le_bytes()
        })
        .collect();
    let weights =
        [number(1, SIZE), number(1, SIZE), number(2, 1), bytes(8, "w"), bytes(9, weights)].concat();
    let product =
        [bytes(1, "x"), bytes(1, "w"), bytes(2, "h"), bytes(3, "/fc/MatMul"), bytes(4, "MatMul")];
    let relu = [bytes(1, "h"), bytes(2, "y"), bytes(3, "/fc/Relu"), bytes(4, "Relu")];
    let graph = [
        bytes(1, product.concat()),
        bytes(1, relu.concat()),
        bytes(2, "large"),
        bytes(5, weights),
        bytes(11, port("x")),
        bytes(12, port("y")),
    ];
    let opset = number(2, 13);
    [number(1, 8), bytes(7, graph.concat()), bytes(8, opset)].concat()
}

fn quantized(events: &[Block<f64>]) -> Graph {
    let bytes = model();
    let mut graph =
        onnx::import(&onnx::Source { bytes: &bytes, external: &BTreeMap::new() }).unwrap();
    let config = Config::parse("[quantize]\nword_length = 8\n", "t.toml").unwrap();
    let mut cx = PassContext::new(&config, Some(events));
    passes::run_pipeline("quantize", &mut graph, &mut cx).unwrap();
    graph
}

#[test]
fn a_large_layer_is_simulated_and_refused_as_a_circuit() {
    let mut draw = Draw(2);
    let values = (0..SIZE * EVENTS)
        .map(|_| f64::from(i32::try_from(draw.within(-400, 400)).unwrap()) / 100.0)
        .collect();
    let events = [Block { events: EVENTS, frac: 0, data: values }];
    let graph = quantized(&events);
    let inputs = eval::quantize_inputs(&graph, &events).unwrap();
    let defined = eval::eval(&graph, &inputs);
    let expected = defined[graph.outputs[0].node.index()].as_ref().unwrap();
    let found = Simulator::new(&graph).run(&inputs);
    assert_eq!(&found[0], expected);
    assert!(expected.data.iter().filter(|raw| **raw != 0).count() > EVENTS * SIZE / 4);
    let refusal = lower(&graph, &Plan::new(device("xcvu9p").unwrap(), 5.0)).unwrap_err();
    assert_eq!(refusal.len(), 1);
    assert_eq!(refusal[0].code, Code::P0304);
    assert_eq!(refusal[0].place.as_deref(), Some("node `/fc/MatMul` (MatMul)"));
}
