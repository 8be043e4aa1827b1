//! Pass cases: `tests/cases/passes/<pass>/<case>.graph`, blessed by `TRIGFORGE_BLESS=1`.
//!
//! A case is a list of sections between lines of `---`: a configuration (TOML)
//! and events (`events [[..], ..]`, one row for each event) where it needs them,
//! the graph, and what comes out: the graph, or the diagnostics.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use trigforge::config::Config;
use trigforge::diag::{Diagnostic, Severity};
use trigforge::graph::{Graph, text};
use trigforge::numeric::tensor::Block;
use trigforge::passes::{self, PASSES, PassContext};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/passes")
}

struct Case {
    config: Config,
    events: Option<Vec<Block<f64>>>,
    graph: Graph,
    given: String,
    expected: String,
}

fn read(path: &Path) -> Case {
    let content = fs::read_to_string(path).unwrap();
    let sections: Vec<&str> = content.split("---\n").collect();
    let start = sections.iter().position(|section| section.starts_with("graph")).unwrap();
    let graph = text::parse(sections[start]).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut config = Config::default();
    let mut events = None;
    for section in &sections[..start] {
        match section.strip_prefix("events ") {
            Some(rows) => events = Some(blocks(&graph, rows)),
            None => config = Config::parse(section, &path.display().to_string()).unwrap(),
        }
    }
    Case {
        config,
        events,
        graph,
        given: sections[..=start].join("---\n"),
        expected: sections.get(start + 1).copied().unwrap_or_default().to_owned(),
    }
}

/// Each row holds the inputs one after another.
fn blocks(graph: &Graph, rows: &str) -> Vec<Block<f64>> {
    let rows: Vec<Vec<f64>> = serde_json::from_str(rows).unwrap();
    let mut first = 0;
    graph
        .inputs
        .iter()
        .map(|port| {
            let len = graph[port.node].ty.shape.len();
            let own: Vec<f64> =
                rows.iter().flat_map(|row| row[first..first + len].to_vec()).collect();
            first += len;
            Block::from_rows(&own, len, 0)
        })
        .collect()
}

fn describe(diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut text = format!("{severity}[{}]: {}\n", diagnostic.code, diagnostic.message);
    if let Some(place) = &diagnostic.place {
        writeln!(text, "  --> {place}").unwrap();
    }
    for note in &diagnostic.notes {
        writeln!(text, "  = {note}").unwrap();
    }
    writeln!(text, "  help: {}", diagnostic.help).unwrap();
    text
}

fn run(pass: &str, case: &Case) -> (String, Option<Graph>) {
    let mut graph = case.graph.clone();
    let mut cx = PassContext::new(&case.config, case.events.as_deref());
    match passes::run(pass, &mut graph, &mut cx) {
        Ok(()) => {
            let warnings: String = cx.warnings.iter().map(describe).collect();
            (text::print(&graph) + &warnings, Some(graph))
        }
        Err(faults) => (faults.iter().map(describe).collect(), None),
    }
}

fn cases(pass: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root().join(pass)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn passes_do_what_their_cases_say() {
    let bless = std::env::var_os("TRIGFORGE_BLESS").is_some();
    let mut differing = String::new();
    for pass in PASSES {
        let paths = cases(pass.name);
        assert!(!paths.is_empty(), "`{}` has no case in tests/cases/passes", pass.name);
        for path in paths {
            let case = read(&path);
            let (found, _) = run(pass.name, &case);
            if found == case.expected {
                continue;
            }
            if bless {
                fs::write(&path, format!("{}---\n{found}", case.given)).unwrap();
            } else {
                writeln!(
                    differing,
                    "{}\nexpected\n{}found\n{found}",
                    path.display(),
                    case.expected
                )
                .unwrap();
            }
        }
    }
    assert!(differing.is_empty(), "{differing}\nTRIGFORGE_BLESS=1 accepts what is found");
}

#[test]
fn passes_are_idempotent() {
    for pass in PASSES {
        for path in cases(pass.name) {
            let case = read(&path);
            let (_, Some(graph)) = run(pass.name, &case) else { continue };
            let once = text::print(&graph);
            let (twice, _) = run(pass.name, &Case { graph, ..case });
            let twice = &twice[..twice.find("warning[").unwrap_or(twice.len())];
            assert_eq!(twice, once, "`{}` twice on {}", pass.name, path.display());
        }
    }
}

#[test]
fn a_layer_of_a_million_weights_is_quantized() {
    let weights: Vec<String> =
        (0..1024 * 1024_i64).map(|index| format!("{}.5", index * 7919 % 13 - 6)).collect();
    let graph = format!(
        r#"graph
  %0 = input {{"shape":[1024]}} @ "x" (input)
  %1 = dense(%0) {{"inputs":1024,"outputs":1024,"weights":{{"values":[{}]}},"bias":{{"values":[{}]}}}} @ "/fc" (Gemm)
  %2 = relu(%1) {{}} @ "/relu" (Relu)
  input "x" %0
  output "y" %2
"#,
        weights.join(","),
        vec!["0.1"; 1024].join(",")
    );
    let mut graph = text::parse(&graph).unwrap();
    let events = blocks(&graph, &format!("[[{}]]", vec!["0.25"; 1024].join(",")));
    let config = Config::default();
    let mut cx = PassContext::new(&config, Some(&events));
    passes::run_pipeline("quantize", &mut graph, &mut cx).unwrap();
    let format = graph[graph.outputs[0].node].ty.formats().unwrap().to_string();
    assert!(format.starts_with("ufixed<16,"), "{format}");
}
