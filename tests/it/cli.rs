//! What each command prints, in `tests/cases/cli`, and what the printed tables cannot show.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use trigforge::cosim::lint::{Linter, lint};

use crate::console;

#[test]
fn commands_print_what_the_cases_say() {
    console::check("cli");
}

/// Runs the command in `folder` on files of the error cases.
fn trigforge(folder: &Path, arguments: &[&str]) -> Output {
    let models = console::root().join("errors/models");
    let mut command = Command::new(env!("CARGO_BIN_EXE_trigforge"));
    command.current_dir(folder);
    for argument in arguments {
        let file = models.join(argument);
        if file.is_file() {
            command.arg(file)
        } else {
            command.arg(argument)
        };
    }
    command.output().unwrap()
}

#[test]
fn every_command_prints_one_json_document_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let good = ["good.onnx", "--data", "x.npy"];
    let verify = [&["verify"][..], &good, &["--rtl", "skip"]].concat();
    for (arguments, code) in [
        ([&["compile"][..], &good].concat(), 0),
        ([&["estimate"][..], &good].concat(), 0),
        ([&["inspect"][..], &good].concat(), 0),
        ([&["simulate"][..], &good].concat(), 0),
        (verify, 0),
        (vec!["devices"], 0),
        (vec!["compile", "unsupported.onnx"], 1),
        (vec!["check"], 1),
    ] {
        let arguments = [&arguments[..], &["--format", "json"]].concat();
        let output = trigforge(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(document.is_object() || document.is_array(), "{arguments:?}");
    }
}

#[test]
fn every_shell_has_a_completion_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = trigforge(Path::new("."), &["completions", shell]);
        assert!(output.status.success());
        assert!(String::from_utf8(output.stdout).unwrap().contains("trigforge"), "{shell}");
    }
}

#[test]
fn names_that_are_illegal_in_verilog_compile_to_clean_verilog() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        trigforge(folder.path(), &["compile", "names.onnx", "--data", "x.npy", "-o", "out"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut sources = BTreeMap::new();
    for entry in fs::read_dir(folder.path().join("out/rtl")).unwrap() {
        let path = entry.unwrap().path();
        let name = Path::new("rtl").join(path.file_name().unwrap());
        sources.insert(name, fs::read_to_string(path).unwrap());
    }
    for linter in [Linter::Verilator, Linter::Icarus] {
        let folder = folder.path().join(linter.tool().program());
        assert_eq!(lint(linter, &sources, "names", &folder).unwrap(), "", "{linter:?}");
    }
}

#[test]
fn a_build_directory_keeps_its_effort_and_rebuilds_the_same_circuit() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = trigforge(folder.path(), arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    fs::write(folder.path().join("t.toml"), "[solver]\nseed = 7 # lucky\n").unwrap();
    let options = ["good.onnx", "-c", "t.toml", "--data", "x.npy", "--effort", "1", "-o"];
    run(&[&["compile"][..], &options, &["out"]].concat());
    assert_eq!(read("out/model/trigforge.toml"), "[solver]\nseed = 7 # lucky\neffort = 1\n");
    let files = || -> BTreeMap<_, _> {
        let entries = fs::read_dir(folder.path().join("out/rtl")).unwrap();
        entries
            .map(|entry| entry.unwrap().path())
            .map(|path| (fs::read(&path).unwrap(), path))
            .collect()
    };
    let first = files();
    fs::rename(folder.path().join("out"), folder.path().join("before")).unwrap();
    run(&["compile", "before", "-o", "out"]);
    assert_eq!(files(), first);
    assert_eq!(read("out/model/trigforge.toml"), read("before/model/trigforge.toml"));
}
