//! The jet tagger from ONNX to integers: stored integers come out, and calibration keeps the accuracy.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use trigforge::analysis::{self, Verdict, walk};
use trigforge::config::Config;
use trigforge::data::{self, Wanted};
use trigforge::graph::Graph;
use trigforge::numeric::interval::scale;
use trigforge::numeric::tensor::Block;
use trigforge::onnx;
use trigforge::passes::{self, PassContext};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/jet_hlf").join(name)
}

pub(crate) fn model(name: &str) -> Graph {
    let bytes = fs::read(file(name)).unwrap();
    let external = BTreeMap::new();
    onnx::import(&onnx::Source { bytes: &bytes, external: &external }).unwrap()
}

pub(crate) fn events(graph: &Graph, name: &str) -> Vec<Block<f64>> {
    let arrays = data::read(name, &fs::read(file(name)).unwrap()).unwrap();
    let wanted: Vec<Wanted<'_>> = graph
        .inputs
        .iter()
        .map(|port| Wanted { name: &port.name, shape: &graph[port.node].ty.shape })
        .collect();
    data::events(name, &arrays, &wanted).unwrap()
}

pub(crate) fn quantize(graph: &mut Graph, config: &str, events: Option<&[Block<f64>]>) {
    let config = Config::parse(config, "trigforge.toml").unwrap();
    let mut cx = PassContext::new(&config, events);
    passes::run_pipeline("quantize", graph, &mut cx).unwrap();
    assert_eq!(cx.warnings, [], "no warning is due");
}

/// The integers of the first output, event by event.
fn integers(graph: &Graph, events: &[Block<f64>]) -> (Vec<i64>, i8) {
    let mut elements = vec![Vec::new(); graph[graph.outputs[0].node].ty.shape.len()];
    let mut frac = 0;
    walk::fixed(
        graph,
        events,
        |_, _, _| {},
        |visit| {
            if visit.node == graph.outputs[0].node {
                frac = visit.values.frac;
                for (index, own) in elements.iter_mut().enumerate() {
                    own.extend_from_slice(visit.values.element(index));
                }
            }
        },
    );
    let block = Block { events: elements[0].len(), frac, data: elements.concat() };
    (block.to_rows(), frac)
}

fn accuracy(rows: &[impl PartialOrd + Copy], classes: usize) -> usize {
    let labels = data::labels(
        "labels.npy",
        &fs::read(file("labels.npy")).unwrap(),
        rows.len() / classes,
        classes,
    );
    let best = |row: &[_]| {
        let mut best = 0;
        for index in 1..row.len() {
            if row[index] > row[best] {
                best = index;
            }
        }
        best
    };
    rows.chunks_exact(classes)
        .zip(labels.unwrap())
        .filter(|(row, label)| best(row) == *label)
        .count()
}

#[test]
fn annotated_taggers_give_the_stored_integers() {
    for (bits, frac) in [("q6", 10), ("q8", 12)] {
        for (kind, rounding) in [("qonnx", "floor"), ("qdq", "half_even")] {
            let mut graph = model(&format!("jet_hlf_{bits}_{kind}.onnx"));
            let events = events(&graph, &format!("{bits}_x.npy"));
            quantize(&mut graph, "", None);
            let (found, found_frac) = integers(&graph, &events);
            let stored = format!("{bits}_y_int_{rounding}.npy");
            let stored = data::read(&stored, &fs::read(file(&stored)).unwrap()).unwrap();
            assert!(found_frac <= frac);
            let found: Vec<f64> =
                found.iter().map(|raw| scale(*raw << (frac - found_frac), 0)).collect();
            assert!(found == stored[0].values, "{bits} {kind}");
            for own in analysis::verdicts(&graph, Some(&events)) {
                assert!(
                    !matches!(own.verdict, Verdict::Violated(_) | Verdict::Unchecked),
                    "{bits} {kind}: {own:?}"
                );
            }
        }
    }
}

#[test]
fn calibration_keeps_the_accuracy() {
    let float = model("jet_hlf.onnx");
    let events = events(&float, "x.npy");
    let reference = data::read("y_float.npy", &fs::read(file("y_float.npy")).unwrap()).unwrap();
    let reference = accuracy(&reference[0].values, 5);
    for (bits, head) in [(16, "softmax"), (16, "logits"), (8, "logits"), (8, "softmax")] {
        let mut graph = float.clone();
        let config = format!("head = \"{head}\"\n[quantize]\nword_length = {bits}\n");
        quantize(&mut graph, &config, Some(&events));
        let found = accuracy(&integers(&graph, &events).0, 5);
        assert!(found + 5 >= reference, "{bits} bits, {head}: {found} against {reference}");
        for own in analysis::verdicts(&graph, Some(&events)) {
            assert!(!matches!(own.verdict, Verdict::Violated(_) | Verdict::Unchecked), "{own:?}");
        }
    }
}
