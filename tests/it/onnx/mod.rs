//! Import of ONNX models, held against the outputs of other engines.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its helpers too")]

mod archive;
mod expected;
mod export;
mod faults;
mod functions;
mod jet_hlf;
mod mutated;
mod node_tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndarray::ArrayD;
use ndarray_npy::ReadNpyExt;
use trigforge::diag::Diagnostic;
use trigforge::graph::{Graph, verify};
use trigforge::numeric::tensor::Block;
use trigforge::onnx::{Source, import};
use trigforge::ops::OpKind;

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

fn import_bytes(bytes: &[u8]) -> Result<Graph, Vec<Diagnostic>> {
    import(&Source { bytes, external: &BTreeMap::new() })
}

/// Imports a model that must import.
fn import_file(path: &Path) -> Graph {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let graph =
        import_bytes(&bytes).unwrap_or_else(|faults| panic!("{}: {faults:#?}", path.display()));
    verify::verify(&graph).unwrap();
    graph
}

/// The outputs in floating point, each as event-major rows; `inputs` are too, in the graph's order.
fn evaluate(graph: &Graph, inputs: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut values: BTreeMap<_, Block<f64>> = BTreeMap::new();
    for (port, rows) in graph.inputs.iter().zip(inputs) {
        let block = Block::from_rows(rows, graph[port.node].ty.shape.len(), 0);
        values.insert(port.node, block);
    }
    for node in graph.topological() {
        if matches!(graph[node].op, OpKind::Input(_)) {
            continue;
        }
        let operands = graph.operands(node);
        let operands: Vec<&Block<f64>> = operands.iter().map(|node| &values[node]).collect();
        let value = graph[node].op.eval_f64(&operands);
        values.insert(node, value);
    }
    graph.outputs.iter().map(|port| values[&port.node].to_rows()).collect()
}

/// The values of a `.npy` file of any of these types.
fn npy(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if let Ok(array) = ArrayD::<f32>::read_npy(&*bytes) {
        return array.iter().copied().map(f64::from).collect();
    }
    if let Ok(array) = ArrayD::<i32>::read_npy(&*bytes) {
        return array.iter().copied().map(f64::from).collect();
    }
    if let Ok(array) = ArrayD::<i64>::read_npy(&*bytes) {
        return array.iter().map(|value| trigforge::numeric::interval::scale(*value, 0)).collect();
    }
    ArrayD::<f64>::read_npy(&*bytes).unwrap().into_iter().collect()
}

/// The first element that does not agree as ONNX's own tests ask: `|a - b| <= atol + rtol * |b|`.
fn difference(found: &[f64], expected: &[f64]) -> Option<String> {
    if found.len() != expected.len() {
        return Some(format!("{} values, expected {}", found.len(), expected.len()));
    }
    let apart = |found: f64, expected: f64| {
        let near = (found - expected).abs() <= 1e-5 + 1e-3 * expected.abs();
        // Infinities are near nothing, and NaN is not even equal to itself.
        let same = found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan());
        !near && !same
    };
    let pairs = found.iter().zip(expected).enumerate();
    let first = pairs.into_iter().find(|(_, (found, expected))| apart(**found, **expected));
    first.map(|(index, (found, expected))| format!("[{index}] is {found}, expected {expected}"))
}

/// Checks that there is no [`difference`].
fn assert_close(found: &[f64], expected: &[f64], what: &str) {
    if let Some(difference) = difference(found, expected) {
        panic!("{what}: {difference}");
    }
}
