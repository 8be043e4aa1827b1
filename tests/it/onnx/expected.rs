//! Every model of `models/` gives the outputs that another engine stored beside it.

use super::archive::Archive;
use super::*;

/// Every model of the folder, in order.
pub(super) fn all_models() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(models()).unwrap() {
        let folder = folder.unwrap().path();
        if folder.is_dir() {
            let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
            found.extend(files.filter(|path| path.extension().is_some_and(|end| end == "onnx")));
        }
    }
    found.sort();
    found
}

#[test]
fn models_give_the_outputs_stored_beside_them() {
    let models = all_models();
    assert!(models.len() >= 8);
    for path in models {
        let graph = import_file(&path);
        let mut archive = Archive::open(&expected_file(&path));
        let inputs = archive.all("input_");
        let outputs = archive.all("output_");
        assert_eq!((inputs.len(), outputs.len()), (graph.inputs.len(), graph.outputs.len()));
        for (found, expected) in evaluate(&graph, &inputs).iter().zip(&outputs) {
            assert_close(found, expected, &path.display().to_string());
        }
    }
}

#[test]
fn values_are_named_after_the_nodes_of_the_model() {
    let graph = import_file(&models().join("two_heads/two_heads.onnx"));
    let names: Vec<(&str, &str)> =
        graph.topological().into_iter().map(|node| graph.imported(node)).collect();
    for name in [("track", "input"), ("/norm/BatchNormalization", "BatchNormalization")] {
        assert!(names.contains(&name), "{names:?}");
    }
    let ports = |ports: &[trigforge::graph::Port]| -> Vec<String> {
        ports.iter().map(|port| port.name.clone()).collect()
    };
    assert_eq!(ports(&graph.inputs), ["track", "image"]);
    assert_eq!(ports(&graph.outputs), ["class", "energy"]);
}

/// `NAME_expected.npz` beside `NAME.onnx`.
pub(super) fn expected_file(model: &Path) -> PathBuf {
    let name = model.file_stem().unwrap().to_str().unwrap();
    model.with_file_name(format!("{name}_expected.npz"))
}
