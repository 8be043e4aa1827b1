//! Imports run downward: each module names only modules of the floors below it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module with the modules it may import from; ARCHITECTURE.md draws the same picture.
const FLOORS: &[(&str, &[&str])] = &[
    ("entity", &[]),
    ("naming", &[]),
    ("numeric", &[]),
    ("report", &[]),
    ("diag", &["entity"]),
    ("ops", &["numeric"]),
    ("graph", &["diag", "ops", "numeric"]),
    ("netlist", &["diag", "entity", "numeric"]),
    ("onnx", &["diag", "graph", "numeric", "ops"]),
    ("plan", &["diag", "numeric"]),
    ("analysis", &["diag", "graph", "numeric", "ops"]),
    ("config", &["diag", "numeric", "ops", "plan", "report"]),
    ("sim", &["diag", "entity", "graph", "netlist", "numeric", "ops"]),
    ("data", &["diag", "numeric", "report"]),
    ("vendor", &["report"]),
    ("verify", &["diag", "graph", "netlist", "numeric", "ops", "report", "sim"]),
    ("estimate", &["diag", "entity", "netlist", "numeric", "plan"]),
    ("lower", &["diag", "entity", "estimate", "graph", "netlist", "numeric", "ops", "plan"]),
    ("passes", &["analysis", "config", "diag", "graph", "numeric", "ops"]),
    ("emit", &["diag", "entity", "graph", "lower", "naming", "netlist", "numeric", "ops", "plan"]),
    (
        "compile",
        &["config", "diag", "estimate", "graph", "lower", "netlist", "numeric", "passes", "plan"],
    ),
    ("train", &["config", "data", "diag", "graph", "numeric", "onnx", "ops"]),
    ("shell", &["emit", "naming", "netlist", "sim"]),
    ("cosim", &["emit", "graph", "numeric", "shell"]),
    (
        "flow",
        &[
            "analysis", "compile", "cosim", "diag", "emit", "entity", "estimate", "graph",
            "naming", "netlist", "numeric", "ops", "passes", "plan", "report", "shell", "sim",
            "verify",
        ],
    ),
    (
        "cli",
        &[
            "analysis", "compile", "config", "cosim", "data", "diag", "emit", "flow", "graph",
            "numeric", "onnx", "ops", "passes", "plan", "report", "shell", "sim", "train",
            "vendor", "verify",
        ],
    ),
];

fn sources(root: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules that `text` names after `crate::`, whether `crate::m` or `crate::{m, n::x}`.
fn imports(text: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut modules = BTreeSet::new();
    for (start, _) in text.match_indices("crate::") {
        let rest = &text[start + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut item_starts = true;
            for (index, c) in list.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => item_starts = true,
                    c if item_starts && depth == 0 && !c.is_whitespace() => {
                        modules.insert(word(&list[index..]));
                        item_starts = false;
                    }
                    _ => {}
                }
            }
        } else {
            modules.insert(word(rest));
        }
    }
    modules
}

#[test]
fn imports_run_downward() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut faults = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&root).unwrap();
        let module = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if matches!(module, "main" | "lib") {
            continue;
        }
        let Some((_, allowed)) = FLOORS.iter().find(|(name, _)| *name == module) else {
            faults.push(format!("{module} has no floor"));
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        for import in imports(&text) {
            let known = FLOORS.iter().any(|(name, _)| *name == import);
            if known && import != module && !allowed.contains(&import.as_str()) {
                faults.push(format!("{} imports {import}", relative.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn floors_have_no_arrow_upward() {
    for (index, (module, allowed)) in FLOORS.iter().enumerate() {
        for import in *allowed {
            let floor = FLOORS.iter().position(|(name, _)| name == import);
            assert!(floor.is_some_and(|floor| floor < index), "{module} -> {import}");
        }
    }
}

#[test]
fn imports_are_found_in_every_form() {
    let text = "use crate::{graph::{Graph, Node}, numeric};\nlet x: crate::sim::Y;";
    let found: Vec<String> = imports(text).into_iter().collect();
    assert_eq!(found, ["graph", "numeric", "sim"]);
}

#[test]
fn files_stay_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        assert!(code.lines().count() <= 800, "{} is too long", file.display());
    }
}
