//! ONNX's own tests of the supported operators, and quantizers as the `qonnx` package computes
//! them: each gives the stored outputs, or is refused with the code listed beside the archive.

use std::fmt::Write;

use super::archive::Archive;
use super::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx")
}

/// The inputs, each as many events: an input without a batch dimension is the same for all.
fn repeated(graph: &Graph, inputs: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let len = |index: usize| graph[graph.inputs[index].node].ty.shape.len();
    let events = inputs.iter().enumerate().map(|(index, rows)| rows.len() / len(index)).max();
    inputs
        .into_iter()
        .enumerate()
        .map(|(index, rows)| {
            let total = events.unwrap_or(1) * len(index);
            rows.into_iter().cycle().take(total).collect()
        })
        .collect()
}

/// Runs every test of an archive; what differs must be nothing, what is refused must be known.
fn check(archive: &str, known: &str, at_least: usize) {
    let mut archive = Archive::open(&folder().join(archive));
    let tests = archive.names().iter().filter_map(|name| name.strip_suffix("/model"));
    let tests: Vec<String> = tests.map(str::to_owned).collect();
    let (mut refused, mut different) = (String::new(), String::new());
    let mut computed = 0;
    for test in tests {
        let model: Vec<u8> = archive.read(&format!("{test}/model")).unwrap();
        let graph = match import_bytes(&model) {
            Ok(graph) => graph,
            Err(faults) => {
                writeln!(refused, "{} {test}: {}", faults[0].code, faults[0].message).unwrap();
                continue;
            }
        };
        verify::verify(&graph).unwrap();
        let inputs = repeated(&graph, archive.all(&format!("{test}/input_")));
        let found = evaluate(&graph, &inputs);
        for (found, expected) in found.iter().zip(archive.all(&format!("{test}/output_"))) {
            if let Some(difference) = difference(found, &expected) {
                writeln!(different, "{test}: {difference}").unwrap();
            }
        }
        computed += 1;
    }
    assert!(different.is_empty(), "{different}");
    let expected = std::fs::read_to_string(folder().join(known)).unwrap();
    assert_eq!(refused, expected, "if that is meant, store it in {known}");
    assert!(computed >= at_least, "{computed}");
}

#[test]
fn operators_compute_what_onnx_says() {
    check("node_tests.npz", "refused_node_tests.txt", 200);
}

#[test]
fn quantizers_compute_what_qonnx_says() {
    check("qonnx_tests.npz", "refused_qonnx_tests.txt", 200);
}
