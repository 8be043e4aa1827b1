//! ONNX's own tests of the supported operators: each gives the stored outputs or is refused with
//! the code in `refused_node_tests.txt`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::File;

use ndarray::{ArrayD, OwnedRepr};
use ndarray_npy::{NpzReader, ReadableElement};

use super::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx")
}

struct Archive {
    reader: NpzReader<File>,
    names: BTreeSet<String>,
}

impl Archive {
    fn open() -> Self {
        let mut reader =
            NpzReader::new(File::open(folder().join("node_tests.npz")).unwrap()).unwrap();
        let names = reader.names().unwrap().into_iter().collect();
        Self { reader, names }
    }

    fn read<T: ReadableElement>(&mut self, name: &str) -> Option<Vec<T>> {
        let array: ArrayD<T> = self.reader.by_name::<OwnedRepr<T>, _>(name).ok()?;
        Some(array.into_iter().collect())
    }

    /// The values of an array of any type.
    fn values(&mut self, name: &str) -> Vec<f64> {
        fn widen<T: Into<f64>>(values: Vec<T>) -> Vec<f64> {
            values.into_iter().map(Into::into).collect()
        }
        fn ints<T: TryInto<i64>>(values: Vec<T>) -> Vec<f64> {
            let whole = |value: T| value.try_into().ok().expect("at most 63 bits");
            values
                .into_iter()
                .map(|value| trigforge::numeric::interval::scale(whole(value), 0))
                .collect()
        }
        None.or_else(|| self.read::<f32>(name).map(widen))
            .or_else(|| self.read::<f64>(name))
            .or_else(|| self.read::<i8>(name).map(widen))
            .or_else(|| self.read::<u8>(name).map(widen))
            .or_else(|| self.read::<i16>(name).map(widen))
            .or_else(|| self.read::<u16>(name).map(widen))
            .or_else(|| self.read::<i32>(name).map(widen))
            .or_else(|| self.read::<u32>(name).map(widen))
            .or_else(|| self.read::<i64>(name).map(ints))
            .or_else(|| self.read::<u64>(name).map(ints))
            .unwrap_or_else(|| panic!("{name} cannot be read"))
    }

    /// The arrays `TEST/KIND_0`, `TEST/KIND_1` and so on.
    fn all(&mut self, test: &str, kind: &str) -> Vec<Vec<f64>> {
        let mut arrays = Vec::new();
        while self.names.contains(&format!("{test}/{kind}_{}", arrays.len())) {
            arrays.push(self.values(&format!("{test}/{kind}_{}", arrays.len())));
        }
        arrays
    }
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

#[test]
fn operators_compute_what_onnx_says() {
    let mut archive = Archive::open();
    let tests: Vec<String> = archive
        .names
        .iter()
        .filter_map(|name| name.strip_suffix("/model"))
        .map(str::to_owned)
        .collect();
    assert!(tests.len() > 400);
    let mut refused = String::new();
    let mut different = String::new();
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
        let inputs = archive.all(&test, "input");
        let inputs = repeated(&graph, inputs);
        let found = evaluate(&graph, &inputs);
        for (found, expected) in found.iter().zip(archive.all(&test, "output")) {
            if let Some(difference) = difference(found, &expected) {
                writeln!(different, "{test}: {difference}").unwrap();
            }
        }
        computed += 1;
    }
    assert!(different.is_empty(), "{different}");
    let expected = std::fs::read_to_string(folder().join("refused_node_tests.txt")).unwrap();
    assert_eq!(refused, expected, "if that is meant, store it in refused_node_tests.txt");
    assert!(computed > 200, "{computed}");
}
