//! The emitted files of two small designs, kept as they are in `tests/golden/`.
//!
//! `TRIGFORGE_BLESS=1` writes them anew; review the difference before you commit it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use trigforge::cosim::lint::{Linter, lint};
use trigforge::emit::verilog::{Verilog, interface};
use trigforge::emit::{Artifacts, Design, Vendor};
use trigforge::netlist::eval;

use crate::cosim::available;
use crate::netlists::{self, Draw};

fn files_below(folder: &Path, root: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, root, found);
        } else {
            found.insert(path.strip_prefix(root).unwrap().to_owned());
        }
    }
}

/// Holds the files against those that are kept for a design and a back end.
pub(crate) fn golden(name: &str, backend: &str, files: &Artifacts) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).join(backend);
    if std::env::var_os("TRIGFORGE_BLESS").is_some_and(|value| value == "1") {
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        trigforge::cosim::write_files(files, &root).unwrap();
    }
    let mut kept = BTreeSet::new();
    files_below(&root, &root, &mut kept);
    let made: BTreeSet<PathBuf> = files.keys().cloned().collect();
    assert_eq!(kept, made, "TRIGFORGE_BLESS=1 writes the golden files anew");
    for (path, text) in files {
        let kept = fs::read_to_string(root.join(path)).unwrap();
        let difference = kept.lines().zip(text.lines()).enumerate().find(|(_, (a, b))| a != b);
        assert!(
            kept == *text,
            "{} differs from its golden file, first at {difference:?}; \
             TRIGFORGE_BLESS=1 writes it anew",
            path.display()
        );
    }
}

fn check(design: &Design<'_>, seed: u64) {
    let mut files = Verilog.emit(design);
    let pins = interface(design);
    for linter in Linter::ALL {
        if available(&[linter.tool()]) {
            let folder = tempfile::tempdir().unwrap();
            let said = lint(linter, &files, &pins.top, folder.path()).unwrap();
            assert_eq!(said, "", "{linter:?}");
        }
    }
    // What is the same for every design is compared where it stands.
    files
        .retain(|path, _| !path.ends_with("verilator_main.cpp") && !path.ends_with("add_to_alu.v"));
    let inputs = netlists::events(&mut Draw(seed), design.module, 4);
    let outputs = eval::eval(design.module, &inputs);
    trigforge::emit::testbench::emit_vectors(&pins, &inputs, &outputs, &mut files);
    golden(design.name, "verilog", &files);
}

#[test]
fn a_combinational_layer() {
    let module = netlists::tiny_dense();
    let mut design = netlists::design("tiny_dense", &module);
    design.target.vendor = Vendor::Intel;
    design.target.family = "Cyclone V".to_owned();
    design.target.part = "5CGXFC7C7F23C8".to_owned();
    design.target.synth_command = "synth_intel_alm -family cyclonev".to_owned();
    let layer = module.layers.ids().nth(1).unwrap();
    design.layer_costs = [(layer, "24 LUT".to_owned())].into();
    check(&design, 1);
}

#[test]
fn a_pipeline_with_a_table() {
    let module = netlists::tiny_pipeline();
    check(&netlists::design("tiny_pipeline", &module), 2);
}
