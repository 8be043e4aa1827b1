//! Whole models: the stored integers of the model's maker, every simulator, and the Verilog must agree.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ndarray::ArrayD;
use ndarray_npy::ReadNpyExt;
use trigforge::config::Config;
use trigforge::graph::{Graph, eval};
use trigforge::numeric::tensor::Block;
use trigforge::passes::{self, PassContext};
use trigforge::{data, onnx};

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name)
}

fn import(name: &str) -> Graph {
    let bytes = fs::read(model(name)).unwrap();
    let external = BTreeMap::new();
    onnx::import(&onnx::Source { bytes: &bytes, external: &external }).unwrap()
}

fn events(name: &str, graph: &Graph) -> Vec<Block<f64>> {
    let arrays = data::read(name, &fs::read(model(name)).unwrap()).unwrap();
    let wanted: Vec<data::Wanted<'_>> = graph
        .inputs
        .iter()
        .map(|port| data::Wanted { name: &port.name, shape: &graph[port.node].ty.shape })
        .collect();
    data::events(name, &arrays, &wanted).unwrap()
}

fn stored_integers(name: &str) -> Vec<i64> {
    let array = ArrayD::<i64>::read_npy(fs::File::open(model(name)).unwrap()).unwrap();
    array.into_iter().collect()
}

#[test]
fn annotated_taggers_give_the_stored_integers() {
    for (file, data, expected) in [
        ("jet_hlf_q6_qonnx.onnx", "q6_x.npy", "q6_y_int_floor.npy"),
        ("jet_hlf_q6_qdq.onnx", "q6_x.npy", "q6_y_int_half_even.npy"),
        ("jet_hlf_q8_qonnx.onnx", "q8_x.npy", "q8_y_int_floor.npy"),
        ("jet_hlf_q8_qdq.onnx", "q8_x.npy", "q8_y_int_half_even.npy"),
    ] {
        let mut graph = import(&format!("jet_hlf/{file}"));
        let events = events(&format!("jet_hlf/{data}"), &graph);
        let config = Config::default();
        let mut cx = PassContext::new(&config, Some(&events));
        passes::run_pipeline("quantize", &mut graph, &mut cx).unwrap();
        let inputs = eval::quantize_inputs(&graph, &events).unwrap();
        let values = eval::eval(&graph, &inputs);
        let output = values[graph.outputs[0].node.index()].as_ref().unwrap();
        assert_eq!(output.to_rows(), stored_integers(&format!("jet_hlf/{expected}")), "{file}");
    }
}
