//! Models that must be refused, each with its coded diagnostics and never with a panic.

use std::fmt::Write;

use trigforge::diag::{Code, Severity};
use trigforge::onnx::external_files;

use super::archive::Archive;
use super::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx")
}

#[test]
fn faulty_models_are_refused_with_all_their_faults() {
    let mut archive = Archive::open(&folder().join("faulty.npz"));
    let models = archive.names().iter().filter_map(|name| name.strip_suffix("/model"));
    let models: Vec<String> = models.map(str::to_owned).collect();
    let mut said = String::new();
    for name in models {
        let model: Vec<u8> = archive.read(&format!("{name}/model")).unwrap();
        writeln!(said, "{name}").unwrap();
        let Err(faults) = import_bytes(&model) else {
            panic!("{name} was imported");
        };
        for fault in faults {
            assert_eq!(fault.severity, Severity::Error);
            assert!(!fault.help.is_empty());
            let place = fault.place.map(|place| format!(" at {place}")).unwrap_or_default();
            writeln!(said, "    {}: {}{place}", fault.code, fault.message).unwrap();
        }
    }
    let known = std::fs::read_to_string(folder().join("faulty.txt")).unwrap();
    assert_eq!(said, known, "if that is meant, store it in faulty.txt");
}

/// The codes of the faults of a file.
fn codes(bytes: &[u8]) -> Vec<Code> {
    import_bytes(bytes).expect_err("it is no model").into_iter().map(|fault| fault.code).collect()
}

#[test]
fn files_that_are_no_models_are_refused() {
    let tagger = std::fs::read(models().join("jet_hlf/jet_hlf.onnx")).unwrap();
    let half = &tagger[..tagger.len() / 2];
    let group_bomb = vec![0x0b_u8; 1 << 20];
    let files: [&[u8]; 8] = [
        b"",
        b"\x89HDF\r\n\x1a\n",
        b"import torch\n",
        b"PK\x03\x04",
        &[0; 64],
        &[0x08, 0x08],
        half,
        &group_bomb,
    ];
    for (index, bytes) in files.into_iter().enumerate() {
        assert_eq!(codes(bytes), [Code::O0001], "file {index}");
        assert!(external_files(bytes).is_err(), "file {index}");
    }
}

#[test]
fn external_files_are_named_and_read() {
    let mut archive = Archive::open(&folder().join("faulty.npz"));
    let model: Vec<u8> = archive.read("external_missing/model").unwrap();
    assert_eq!(external_files(&model).unwrap(), ["weights.bin"]);
    let weights: Vec<u8> =
        [1.0_f32, -2.0, 0.5, 0.0].into_iter().flat_map(f32::to_le_bytes).collect();
    let external = BTreeMap::from([("weights.bin".to_owned(), weights)]);
    let graph = import(&Source { bytes: &model, external: &external }).unwrap();
    assert_eq!(evaluate(&graph, &[vec![1.0; 4]]), [[2.0, -1.0, 1.5, 1.0]]);
    for name in ["external_above", "external_absolute", "external_without_location"] {
        let model: Vec<u8> = archive.read(&format!("{name}/model")).unwrap();
        let faults = external_files(&model).unwrap_err();
        assert_eq!(faults[0].code, Code::O0009, "{name}");
    }
}
