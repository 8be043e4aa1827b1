//! What is emitted computes what the netlist means: integers of the tools equal those of the interpreter.

use std::collections::BTreeSet;
use std::path::Path;

use trigforge::cosim::executable::Executable;
use trigforge::cosim::lint::{Linter, lint};
use trigforge::cosim::tool::Tool;
use trigforge::cosim::{CosimError, icarus, verilator, yosys};
use trigforge::emit::Artifacts;
use trigforge::emit::interface::Interface;
use trigforge::emit::verilog::scripts::Hierarchy;
use trigforge::emit::verilog::{Verilog, interface, module_names};
use trigforge::netlist::{Builder, Module, eval, verify};
use trigforge::numeric::interval::Interval;
use trigforge::numeric::tensor::Block;

use crate::netlists::{self, Draw};

/// True when all of `tools` are there; else says so, or fails where tools are required.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn available(tools: &[Tool]) -> bool {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| tool.find().is_err()).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(
        std::env::var_os("TRIGFORGE_REQUIRE_TOOLS").is_none_or(|value| value != "1"),
        "tools are missing: {missing:?}"
    );
    eprintln!("SKIPPED: tools are missing: {missing:?}");
    false
}

type Build = fn(&Interface, &Artifacts, &Path) -> Result<Executable, CosimError>;

/// Holds an engine's outputs against the interpreter's.
fn check(build: Build, module: &Module, inputs: &[Block<i64>]) {
    verify::verify(module).unwrap();
    let design = netlists::design("drawn/model.onnx", module);
    let folder = tempfile::tempdir().unwrap();
    let executable = build(&interface(&design), &Verilog.emit(&design), folder.path()).unwrap();
    let outputs = executable.run(inputs).unwrap();
    let expected = eval::eval(module, inputs);
    assert_eq!(outputs.len(), expected.len());
    for (port, (found, wanted)) in module.outputs.iter().zip(outputs.iter().zip(&expected)) {
        for (index, net) in port.nets.iter().enumerate() {
            let cell = module.nets[*net].cell;
            let place = format!("{}[{index}], {net}: {cell:?}", port.name);
            assert_eq!(found.element(index), wanted.element(index), "{place}");
        }
    }
}

const SEEDS: [(u64, u32); 4] = [(1, 2), (2, 0), (3, 1), (4, 3)];

#[test]
fn drawn_netlists_have_every_cell() {
    let mut kinds = BTreeSet::new();
    let module = netlists::drawn(&mut Draw(SEEDS[0].0), SEEDS[0].1, 120);
    kinds.extend(module.nets.values().map(|net| net.cell.name()));
    let all = [
        "add", "constant", "input", "less", "lookup", "multiply", "register", "select", "shift",
        "subtract", "sum", "truncate",
    ];
    assert_eq!(kinds, BTreeSet::from(all));
}

#[test]
fn verilator_computes_what_the_netlist_means() {
    if !available(&[Tool::Verilator, Tool::Gxx, Tool::Make]) {
        return;
    }
    for (seed, stages) in SEEDS.into_iter().take(2) {
        let mut draw = Draw(seed);
        let module = netlists::drawn(&mut draw, stages, 120);
        let inputs = netlists::events(&mut draw, &module, 500);
        check(verilator::build, &module, &inputs);
    }
}

#[test]
fn icarus_computes_what_the_netlist_means() {
    if !available(&[Tool::Iverilog, Tool::Vvp]) {
        return;
    }
    for (seed, stages) in SEEDS {
        let mut draw = Draw(seed);
        let module = netlists::drawn(&mut draw, stages, 240);
        let inputs = netlists::events(&mut draw, &module, 200);
        check(icarus::build, &module, &inputs);
    }
}

#[test]
fn no_tool_has_anything_to_say() {
    for linter in Linter::ALL {
        if !available(&[linter.tool()]) {
            continue;
        }
        // Yosys takes its time over wide multiplications.
        let n_seeds = if linter == Linter::Yosys { 1 } else { SEEDS.len() };
        for (seed, stages) in SEEDS.into_iter().take(n_seeds) {
            let module = netlists::drawn(&mut Draw(seed), stages, 120);
            let design = netlists::design("drawn", &module);
            let folder = tempfile::tempdir().unwrap();
            let files = Verilog.emit(&design);
            let said = lint(linter, &files, &interface(&design).top, folder.path());
            assert_eq!(said.unwrap(), "", "{linter:?}, seed {seed}");
        }
    }
}

/// Ranges may say more than the operands' ranges do: wires are then fewer than the sum would need.
#[test]
fn proved_ranges_take_their_wires_away() {
    if !available(&[Tool::Iverilog, Tool::Vvp]) {
        return;
    }
    let mut builder = Builder::new(netlists::layer("x", "input"));
    let x = builder.input("x", &["fixed<5,3>".parse().unwrap(), "ufixed<4,2>".parse().unwrap()]);
    builder.begin_layer(netlists::layer("wires", "test"));
    let sum = builder.add(x[0], x[1], 0);
    let back = builder.subtract(sum, x[1], 0);
    let back = builder.prove(back, builder.range(x[0]));
    let twice = builder.add(back, x[0], 0);
    let formats = [back, twice].map(|net| builder.net(net).format());
    builder.output("y", vec![back, twice], formats.to_vec());
    let mut module = builder.finish(0);
    // The same value added to itself is even: its lowest bit needs no wire.
    let range = module.nets[twice].range;
    module.nets[twice].range = Interval::new(range.lo() / 2, range.hi() / 2, range.frac() - 1);
    assert_eq!([back, twice].map(|net| module.nets[net].width()), [5, 5]);
    let inputs = netlists::events(&mut Draw(9), &module, 300);
    check(icarus::build, &module, &inputs);
}

/// Names that Verilog, C++ or Verilator have taken become legal, and the harness still compiles.
#[test]
fn any_names_will_do() {
    if !available(&[Tool::Verilator, Tool::Gxx, Tool::Make]) {
        return;
    }
    let mut builder = Builder::new(netlists::layer("module", "input"));
    let format = "fixed<5,5>".parse().unwrap();
    let names = ["clock", "eval", "template", "name", "linux", "x y", "x_y", "\u{b5}\"\\\n"];
    let inputs: Vec<_> = names.iter().map(|name| builder.input(name, &[format])[0]).collect();
    for (index, net) in inputs.iter().enumerate() {
        builder.begin_layer(netlists::layer(names[index], "*/ `endif \n module"));
        let sum = builder.add(*net, inputs[0], 0);
        let sum = builder.register(sum);
        let sum_format = builder.net(sum).format();
        builder.output(names[index], vec![sum], vec![sum_format]);
    }
    let module = builder.finish(1);
    let inputs = netlists::events(&mut Draw(7), &module, 20);
    check(verilator::build, &module, &inputs);
}

/// A testbench that is given wrong expectations says where, in both engines.
#[test]
fn testbenches_find_a_planted_fault() {
    let module = netlists::tiny_pipeline();
    let design = netlists::design("tiny", &module);
    let pins = interface(&design);
    let inputs = netlists::events(&mut Draw(5), &module, 50);
    let mut outputs = eval::eval(&module, &inputs);
    let mut files = Verilog.emit(&design);
    let right = outputs[0].element(0)[17];
    outputs[0].element_mut(0)[17] = right ^ 1;
    trigforge::emit::testbench::emit_vectors(&pins, &inputs, &outputs, &mut files);
    let expected = format!(
        "mismatch: event 17, probability[0]: expected {}, got {right}\n50 events, 1 different",
        right ^ 1
    );
    let folder = tempfile::tempdir().unwrap();
    let engines: [(&[Tool], Build); 2] = [
        (&[Tool::Verilator, Tool::Gxx, Tool::Make], verilator::build),
        (&[Tool::Iverilog, Tool::Vvp], icarus::build),
    ];
    for (tools, build) in engines {
        if !available(tools) {
            continue;
        }
        let executable = build(&pins, &files, folder.path()).unwrap();
        let error = executable.check().unwrap_err();
        let CosimError::Failed { status, log, .. } = error else { panic!("{error}") };
        assert_eq!((status.code(), log.as_str()), (Some(1), expected.as_str()));
    }
}

#[test]
fn yosys_counts_cells_for_each_layer() {
    if !available(&[Tool::Yosys]) {
        return;
    }
    let module = netlists::tiny_pipeline();
    let design = netlists::design("tiny", &module);
    let files = Verilog.emit(&design);
    let folder = tempfile::tempdir().unwrap();
    let report = |hierarchy, command| {
        let synthesis = yosys::Synthesis { artifacts: &files, top: "tiny", command, hierarchy };
        yosys::synthesize(synthesis, folder.path()).unwrap()
    };
    let kept = report(Hierarchy::Kept, "synth_xilinx -family xcup");
    let registers = module
        .nets
        .values()
        .filter(|net| matches!(net.cell, trigforge::netlist::Cell::Register { .. }));
    let bits: u64 = registers.map(|net| u64::from(net.width())).sum();
    assert_eq!(kept.total.ff, bits);
    let mut layers: Vec<String> = module_names(&design).into_values().collect();
    layers.sort();
    assert_eq!(layers, ["tiny_class", "tiny_sigmoid", "tiny_sum", "tiny_x"]);
    assert_eq!(layers, kept.modules.keys().cloned().collect::<Vec<_>>());
    assert_eq!(kept.total.lut, kept.modules.values().map(|module| module.lut).sum::<u64>());
    for command in ["synth_xilinx -family xc7", "synth_ecp5", "synth_ice40"] {
        let flat = report(Hierarchy::Flattened, command);
        assert!(flat.modules.is_empty() && flat.total.lut > 0 && flat.total.ff > 0, "{command}");
        assert_eq!((flat.total.dsp, flat.total.bram), (0, 0), "{command}");
    }
}
