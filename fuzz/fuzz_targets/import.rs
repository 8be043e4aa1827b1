//! Any bytes give a well-formed graph, or at least one diagnostic.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use trigforge::graph::verify;
use trigforge::onnx::{Source, external_files, import};

fuzz_target!(|bytes: &[u8]| {
    let named = external_files(bytes);
    let external: BTreeMap<String, Vec<u8>> =
        named.unwrap_or_default().into_iter().map(|file| (file, bytes.to_vec())).collect();
    match import(&Source { bytes, external: &external }) {
        Ok(graph) => verify::verify(&graph).expect("an imported graph is well formed"),
        Err(faults) => assert!(!faults.is_empty()),
    }
});
