//! The emitted C++ computes the tensor simulator's integers, with every family of number types.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use trigforge::cosim::csim;
use trigforge::cosim::tool::Tool;
use trigforge::cosim::write_files;
use trigforge::diag::Code;
use trigforge::emit::hls::{CATAPULT, FLAVORS, Flavor, ONEAPI, VITIS};
use trigforge::emit::{Artifacts, Backend, Source, Vendor};
use trigforge::graph::{self, Graph};
use trigforge::lower::lower;
use trigforge::numeric::round::{Overflow, Rounding};
use trigforge::numeric::tensor::{Block, Shape};
use trigforge::ops::constants::Constants;
use trigforge::ops::quantize::FormatSource;
use trigforge::ops::types::PerElement;
use trigforge::ops::{self, OpKind};
use trigforge::plan::{self, DenseForm, Plan};
use trigforge::sim::tensors::Simulator;

use crate::cosim::available;
use crate::golden_verilog::golden;
use crate::networks::{self, Draw};
use crate::{netlists, quantized_jets};

/// Where the number types come from.
#[derive(Clone, Debug)]
enum Types {
    /// The headers that every project brings along.
    Own,
    /// The vendor's, in this folder.
    Vendor(PathBuf),
}

/// The vendors' headers, which `tests/run` fetches; else says so, or fails where they are required.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn vendor_types(family: &str) -> Option<Types> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    let folder = cache.unwrap_or_default().join("trigforge/hls-types").join(family);
    if folder.is_dir() {
        return Some(Types::Vendor(folder));
    }
    assert!(
        std::env::var_os("TRIGFORGE_REQUIRE_TOOLS").is_none_or(|value| value != "1"),
        "{} is missing: `tests/run` fetches it",
        folder.display()
    );
    eprintln!("SKIPPED: {} is missing: `tests/run` fetches it", folder.display());
    None
}

/// The project of a network; its outputs are what the tensor simulator says.
fn project(
    flavor: &Flavor,
    name: &str,
    graph: &Graph,
    dense: DenseForm,
    inputs: &[Block<i64>],
) -> Artifacts {
    // The circuit has no part in C++.
    let module = netlists::tiny_dense();
    let mut design = netlists::design(name, &module);
    design.target.vendor = flavor.builds_for[0];
    let plan = Plan { dense, ..Plan::new(plan::device("xcvu9p").unwrap(), 5.0) };
    let outputs = Simulator::new(graph).run(inputs);
    let source = Source { design: &design, graph, plan: &plan, inputs, outputs: &outputs };
    flavor.project(&source).unwrap()
}

/// Compiles all projects into one program and runs it; each compares itself with its vectors.
fn run_together(projects: &[(String, Artifacts)], types: &Types) {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::new();
    let headers = ["testbench", "dense", "elementwise", "table"];
    for header in headers {
        let first = &projects[0].0;
        writeln!(text, "#include \"{first}/src/trigforge/{header}.h\"").unwrap();
    }
    let mut calls = String::new();
    for (name, files) in projects {
        write_files(files, &folder.path().join(name)).unwrap();
        writeln!(text, "namespace in_{name} {{").unwrap();
        writeln!(text, "#include \"{name}/src/{name}.cpp\"").unwrap();
        writeln!(text, "#include \"{name}/testbench/main.cpp\"\n}}").unwrap();
        let vectors = format!("{name}/testbench/vectors");
        writeln!(
            calls,
            "  {{ char a[] = \"{name}\", b[] = \"{vectors}/stimulus.txt\", \
             c[] = \"{vectors}/expected.txt\"; char* argv[] = {{a, b, c}}; \
             const int code = in_{name}::main(3, argv); \
             if (code != 0) {{ std::printf(\"{name} fails\\n\"); failed = code; }} }}"
        )
        .unwrap();
    }
    writeln!(text, "int main() {{\n  int failed = 0;\n{calls}  return failed;\n}}").unwrap();
    fs::write(folder.path().join("all.cpp"), text).unwrap();
    let mut command = Command::new(Tool::Gxx.find().unwrap());
    command.current_dir(folder.path()).args(["-std=c++17", "-O0", "-o", "all", "all.cpp"]);
    match types {
        Types::Own => {
            let strict = ["-Wall", "-Wextra", "-Wconversion", "-Werror"];
            command.args(strict).arg("-DTRIGFORGE_PORTABLE");
        }
        Types::Vendor(headers) => {
            command.arg("-w").arg("-isystem").arg(headers);
        }
    }
    let compiled = command.output().unwrap();
    let said = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{}", said.chars().take(4000).collect::<String>());
    let ran = Command::new(folder.path().join("all")).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let kept = |line: &&str| !line.ends_with(", 0 different");
    let faults: Vec<&str> = said.lines().filter(kept).collect();
    assert!(ran.status.success() && faults.is_empty(), "{types:?}: {}", faults.join("\n"));
    assert_eq!(said.lines().count(), projects.len());
}

/// Networks of drawn operators over drawn formats, with both forms of dense layers.
fn drawn(flavor: &Flavor, seeds: std::ops::Range<u64>) -> Vec<(String, Artifacts)> {
    let plan = Plan::new(plan::device("xcvu9p").unwrap(), 5.0);
    let one = |seed| {
        let graph = networks::drawn(seed);
        // What a compilation refuses never reaches a back end: tables that are too large.
        lower(&graph, &plan).ok()?;
        let inputs = networks::events(&graph, 60, &mut Draw(seed));
        let dense = if seed % 2 == 0 { DenseForm::Loops } else { DenseForm::Unrolled };
        let name = format!("drawn_{seed}");
        let files = project(flavor, &name, &graph, dense, &inputs);
        Some((name, files))
    };
    seeds.filter_map(one).collect()
}

/// Each rounding with each overflow, into formats narrower, wider, finer and coarser than the input.
fn every_mode() -> (Graph, Vec<Block<i64>>) {
    let mut graph = Graph::default();
    let x = networks::input(&mut graph, Shape::vector(1), "fixed<9,4>");
    for rounding in Rounding::ALL {
        for overflow in Overflow::ALL {
            for format in ["fixed<5,3", "ufixed<4,2", "fixed<2,-1", "fixed<14,6", "ufixed<3,6"] {
                let quantizer = format!("{format},{rounding},{overflow}>");
                let node = networks::quantize(&mut graph, "q", x, &quantizer);
                networks::output(&mut graph, node);
            }
        }
    }
    let every: Vec<i64> = (-256..256).collect();
    (graph, vec![Block { events: every.len(), frac: 5, data: every }])
}

/// Operators that the drawn networks do not have, and outputs that nothing computes.
fn constants() -> (Graph, Vec<Block<i64>>) {
    let mut graph = Graph::default();
    let x = networks::input(&mut graph, Shape::vector(3), "fixed<6,3>");
    let values = Constants::exact(vec![0.5, -1.25, 3.0]).unwrap();
    let shape = Shape::vector(3);
    let constant = networks::add(
        &mut graph,
        "c",
        ops::Constant { shape: shape.clone(), constants: values },
        &[],
    );
    let sum = networks::add(&mut graph, "sum", ops::Add {}, &[x, constant]);
    let reshaped = networks::add(&mut graph, "r", ops::Reshape { shape }, &[sum]);
    networks::output(&mut graph, reshaped);
    networks::output(&mut graph, x);
    let inputs = networks::events(&graph, 40, &mut Draw(3));
    (graph, inputs)
}

fn all_cases(flavor: &Flavor, seeds: std::ops::Range<u64>) -> Vec<(String, Artifacts)> {
    let mut cases = drawn(flavor, seeds);
    for (name, (graph, inputs)) in [("modes", every_mode()), ("constants", constants())] {
        let files = project(flavor, name, &graph, DenseForm::Loops, &inputs);
        cases.push((name.to_owned(), files));
    }
    cases
}

#[test]
fn drawn_networks_have_every_operator() {
    let mut kinds = BTreeSet::from(["constant", "reshape"]);
    for seed in SEEDS {
        let graph = networks::drawn(seed);
        kinds.extend(graph.topological().into_iter().map(|node| graph[node].op.name()));
    }
    let all: BTreeSet<&str> = OpKind::NAMES.iter().copied().collect();
    assert_eq!(kinds, all);
}

const SEEDS: std::ops::Range<u64> = 0..48;

#[test]
fn own_types_compute_what_the_tensors_do() {
    if !available(&[Tool::Gxx]) {
        return;
    }
    run_together(&all_cases(&VITIS, SEEDS), &Types::Own);
    run_together(&all_cases(&CATAPULT, 0..2), &Types::Own);
}

#[test]
fn ac_types_compute_what_the_tensors_do() {
    let (true, Some(types)) = (available(&[Tool::Gxx]), vendor_types("ac_types")) else { return };
    run_together(&all_cases(&ONEAPI, SEEDS), &types);
}

#[test]
fn ap_types_compute_what_the_tensors_do() {
    let (true, Some(types)) = (available(&[Tool::Gxx]), vendor_types("ap_types")) else { return };
    run_together(&all_cases(&VITIS, SEEDS), &types);
}

/// What clang-tidy is asked, beside the compiler's own warnings.
///
/// Not that indices are as wide as pointers, for they become adders in hardware; nor that what macros
/// paste into pragmas stands in parentheses.
const TIDY: &str = "clang-analyzer-*,bugprone-*,performance-*,-bugprone-easily-swappable-parameters,\
                    -bugprone-implicit-widening-of-multiplication-result,-bugprone-macro-parentheses";

#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn clang_tidy_finds_nothing() {
    if Command::new("clang-tidy").arg("--version").output().is_err() {
        eprintln!("SKIPPED: clang-tidy is missing");
        return;
    }
    for (name, files) in all_cases(&VITIS, 0..3) {
        let folder = tempfile::tempdir().unwrap();
        write_files(&files, folder.path()).unwrap();
        let ran = Command::new("clang-tidy")
            .current_dir(folder.path())
            .args([&format!("--checks={TIDY}"), "--warnings-as-errors=*", "--quiet"])
            .arg("--header-filter=.*")
            .args([&format!("src/{name}.cpp"), "testbench/main.cpp"])
            .args(["--", "-std=c++17", "-DTRIGFORGE_PORTABLE"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "{name}: {}", said.chars().take(4000).collect::<String>());
    }
}

/// The jet tagger with the formats of its model, on real jets.
fn jets(flavor: &Flavor, dense: DenseForm) -> (String, Artifacts) {
    let mut graph = quantized_jets::model("jet_hlf_q6_qonnx.onnx");
    let events = quantized_jets::events(&graph, "q6_x.npy");
    quantized_jets::quantize(&mut graph, "", Some(&events));
    let inputs = graph::eval::quantize_inputs(&graph, &events).unwrap();
    let name = "jets".to_owned();
    let files = project(flavor, &name, &graph, dense, &inputs);
    (name, files)
}

#[test]
fn the_jet_tagger_has_the_same_bits_in_cpp() {
    if !available(&[Tool::Gxx]) {
        return;
    }
    for dense in [DenseForm::Loops, DenseForm::Unrolled] {
        run_together(&[jets(&VITIS, dense)], &Types::Own);
    }
    if let Some(types) = vendor_types("ap_types") {
        run_together(&[jets(&VITIS, DenseForm::Loops)], &types);
    }
    if let Some(types) = vendor_types("ac_types") {
        run_together(&[jets(&CATAPULT, DenseForm::Loops)], &types);
    }
}

/// A small layer as it stands in every flavor; the kernels are compared where they stand.
#[test]
fn a_layer_in_every_flavor() {
    let mut graph = Graph::default();
    let x = networks::input(&mut graph, Shape::vector(3), "fixed<6,2>");
    let x = networks::dense(&mut graph, "fc1", x, 2, 4, &mut Draw(1));
    let x = networks::add(&mut graph, "relu1", ops::Relu {}, &[x]);
    let x = networks::quantize(&mut graph, "q1", x, "ufixed<5,2,RND,SAT>");
    networks::output(&mut graph, x);
    let inputs = networks::events(&graph, 4, &mut Draw(2));
    for flavor in FLAVORS {
        let dense = if flavor.name == VITIS.name { DenseForm::Unrolled } else { DenseForm::Loops };
        let mut files = project(flavor, "tiny_dense", &graph, dense, &inputs);
        files.retain(|path, _| !path.starts_with("src/trigforge"));
        golden("tiny_dense", flavor.name, &files);
    }
}

/// A model whose names are taken by C++, by its library and by the vendors' headers.
#[test]
fn names_that_mean_something_in_cpp_are_changed() {
    if !available(&[Tool::Gxx]) {
        return;
    }
    let mut graph = Graph::default();
    let mut x = networks::input(&mut graph, Shape::vector(2), "fixed<6,3>");
    let names = ["int8", "class", "ap_fixed", "std", "main", "trigforge", "AP_SAT", "x_t", "size"];
    for name in names {
        x = networks::quantize(&mut graph, name, x, "fixed<6,3>");
    }
    networks::output(&mut graph, x);
    let inputs = networks::events(&graph, 10, &mut Draw(4));
    for flavor in [&VITIS, &CATAPULT] {
        let files = project(flavor, "exp", &graph, DenseForm::Loops, &inputs);
        let folder = tempfile::tempdir().unwrap();
        let program = csim::build(&files, folder.path()).unwrap();
        let expected = Simulator::new(&graph).run(&inputs);
        assert_eq!(program.run(&graph, &inputs).unwrap(), expected);
    }
}

/// A test bench that is given wrong expectations says where.
#[test]
fn a_planted_fault_is_found() {
    if !available(&[Tool::Gxx, Tool::Make]) {
        return;
    }
    let (graph, inputs) = constants();
    let mut files = project(&VITIS, "tiny", &graph, DenseForm::Loops, &inputs);
    let folder = tempfile::tempdir().unwrap();
    let make = |files: &Artifacts| {
        write_files(files, folder.path()).unwrap();
        Command::new("make").arg("csim").current_dir(folder.path()).output().unwrap()
    };
    assert!(make(&files).status.success());
    let expected = files.get_mut(Path::new("testbench/vectors/expected.txt")).unwrap();
    let planted = expected.lines().nth(7).unwrap().to_owned();
    let (_, rest) = planted.split_once(' ').unwrap();
    *expected = expected.replacen(&planted, &format!("99 {rest}"), 1);
    let said = make(&files);
    assert!(!said.status.success());
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(text.contains("mismatch: event 7, value 0: expected 99, got "), "{text}");
}

#[test]
fn devices_of_other_vendors_are_refused() {
    let (graph, inputs) = constants();
    let module = netlists::tiny_dense();
    let plan = Plan::new(plan::device("xcvu9p").unwrap(), 5.0);
    for flavor in FLAVORS {
        for vendor in [Vendor::Amd, Vendor::Intel, Vendor::Other] {
            let mut design = netlists::design("tiny", &module);
            design.target.vendor = vendor;
            let outputs = Simulator::new(&graph).run(&inputs);
            let source = Source {
                design: &design,
                graph: &graph,
                plan: &plan,
                inputs: &inputs,
                outputs: &outputs,
            };
            match flavor.project(&source) {
                Ok(_) => assert!(flavor.builds_for.contains(&vendor)),
                Err(faults) => assert_eq!(faults[0].code, Code::P0305),
            }
        }
    }
}

/// Binary points so far apart that 128 bits do not hold both.
#[test]
fn values_that_plain_words_cannot_carry_are_refused() {
    let mut graph = Graph::default();
    let x = networks::input(&mut graph, Shape::vector(1), "fixed<60,62>");
    let node = ops::Quantize {
        quantizer: PerElement::Uniform("fixed<60,-4,TRN,WRAP>".parse().unwrap()),
        source: FormatSource::Model,
    };
    let node = networks::add(&mut graph, "far", node, &[x]);
    networks::output(&mut graph, node);
    let module = netlists::tiny_dense();
    let design = netlists::design("tiny", &module);
    let plan = Plan::new(plan::device("xcvu9p").unwrap(), 5.0);
    let source = Source { design: &design, graph: &graph, plan: &plan, inputs: &[], outputs: &[] };
    let faults = VITIS.project(&source).unwrap_err();
    assert_eq!(faults[0].code, Code::P0306);
    assert_eq!(faults[0].place.as_deref(), Some("node `far` (quantize)"));
}
