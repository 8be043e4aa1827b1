//! Every engine held against the definition: tensors, netlist, and the Verilog in its simulators.

use super::formats::count;
use super::locate::first_wire;
use crate::compile::Compilation;
use crate::cosim::executable::Executable;
use crate::cosim::tool::Tool;
use crate::cosim::{CosimError, csim, icarus, verilator};
use crate::diag::{Code, Diagnostic};
use crate::emit::interface::Interface;
use crate::emit::{Artifacts, Design, verilog};
use crate::graph::{Graph, eval};
use crate::netlist::{Module, Role};
use crate::numeric::tensor::Block;
use crate::report::data::{self, Engine};
use crate::sim;
use crate::verify::compare;

/// How many events the definition itself is run on; it is plain and slow.
pub(super) const DEFINED_EVENTS: usize = 1000;

/// How many events Icarus is given; it interprets.
const ICARUS_EVENTS: usize = 1000;

/// Which simulators run the Verilog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rtl {
    /// Verilator and Icarus, each if it is installed.
    Auto,
    /// Verilator and Icarus.
    Require,
    /// Verilator.
    Verilator,
    /// None.
    Skip,
}

/// Verilog, and the integers that it must give.
#[derive(Clone, Copy, Debug)]
pub struct Emitted<'a> {
    /// The design.
    pub design: &'a Design<'a>,
    /// What was emitted for it.
    pub artifacts: &'a Artifacts,
    /// What goes in, one block for each input.
    pub inputs: &'a [Block<i64>],
    /// What must come out, one block for each output.
    pub expected: &'a [Block<i64>],
}

/// What to tell the user about engines that differ.
pub fn disagreement(comparison: &data::Comparison) -> Diagnostic {
    let message = format!(
        "{} and {} differ in {} integers over {} events",
        comparison.reference.name(),
        comparison.candidate.name(),
        comparison.mismatches,
        comparison.events
    );
    let help = "do not use this firmware; report the model and the command as a bug of trigforge";
    let fault = Diagnostic::error(Code::G0602, message, help);
    match &comparison.first_difference {
        Some(first) => fault.note(format!("first: {first}")),
        None => fault,
    }
}

/// The fast tensor simulator, whose outputs are `fixed`, against the operators' own definition.
pub(super) fn against_definition(
    graph: &Graph,
    inputs: &[Block<i64>],
    fixed: &[Block<i64>],
) -> data::Comparison {
    let inputs: Vec<_> = inputs.iter().map(|block| block.first_events(DEFINED_EVENTS)).collect();
    let events = inputs.first().map_or(0, |block| block.events);
    let values = eval::eval(graph, &inputs);
    let defined: Vec<Block<i64>> = graph
        .outputs
        .iter()
        .map(|port| values[port.node.index()].clone().expect("every node has a value"))
        .collect();
    let fixed: Vec<_> = fixed.iter().map(|block| block.first_events(events)).collect();
    let outcome = compare::compare("tensors", &fixed, "definition", &defined);
    reported(&outcome, Engine::Definition, Engine::Tensors)
}

/// The netlist against the tensors.
pub(super) fn against_tensors(
    module: &Module,
    inputs: &[Block<i64>],
    fixed: &[Block<i64>],
) -> data::Comparison {
    let mut found = sim::netlist::NetlistSimulator::new(module).run_parallel(inputs);
    // Overflow flags are no tensors.
    found.truncate(module.outputs.iter().filter(|port| port.role == Role::Tensor).count());
    let outcome = compared(module, Engine::Netlist, &found, fixed);
    reported(&outcome, Engine::Tensors, Engine::Netlist)
}

/// Runs emitted Verilog in the simulators that are asked for.
///
/// Where an output differs, the first wire that is wrong is looked for.
///
/// # Errors
/// When a tool that is needed is missing or fails.
pub fn run_verilog(
    emitted: Emitted<'_>,
    rtl: Rtl,
    progress: &dyn Fn(&str),
) -> Result<Vec<data::Comparison>, CosimError> {
    type Build = fn(&Interface, &Artifacts, &std::path::Path) -> Result<Executable, CosimError>;
    let engines: [(Engine, Tool, Build, usize); 2] = [
        (Engine::Verilator, Tool::Verilator, verilator::build, usize::MAX),
        (Engine::Icarus, Tool::Iverilog, icarus::build, ICARUS_EVENTS),
    ];
    let wanted = |engine: Engine, tool: Tool| match rtl {
        Rtl::Skip => false,
        Rtl::Require => true,
        Rtl::Verilator => engine == Engine::Verilator,
        Rtl::Auto => tool.find().is_ok(),
    };
    let Emitted { design, artifacts, .. } = emitted;
    let mut comparisons = Vec::new();
    for (engine, tool, build, limit) in engines {
        if !wanted(engine, tool) {
            continue;
        }
        progress(&format!("compiling the Verilog with {}", engine.name()));
        let folder = crate::cosim::temporary_folder()?;
        let program = build(&verilog::interface(design), artifacts, folder.path())?;
        progress(&format!("running the Verilog in {}", engine.name()));
        let inputs: Vec<_> = emitted.inputs.iter().map(|block| block.first_events(limit)).collect();
        let expected: Vec<_> =
            emitted.expected.iter().map(|block| block.first_events(limit)).collect();
        let found = program.run(&inputs)?;
        let mut outcome = compared(design.module, engine, &found, &expected);
        if let Some(first) = &mut outcome.first {
            progress("looking for the first wrong wire");
            let place = first.place.take().unwrap_or_default();
            first.place = Some(format!("{place}; {}", located(emitted, first.event)));
        }
        comparisons.push(reported(&outcome, Engine::Tensors, engine));
    }
    Ok(comparisons)
}

/// Runs emitted C++ as a plain compiler makes it.
///
/// # Errors
/// When the compiler is missing or fails.
pub(super) fn run_cpp(
    cpp: &Artifacts,
    compilation: &Compilation,
    inputs: &[Block<i64>],
    fixed: &[Block<i64>],
    progress: &dyn Fn(&str),
) -> Result<data::Comparison, CosimError> {
    progress("compiling the C++");
    let folder = crate::cosim::temporary_folder()?;
    let program = csim::build(cpp, folder.path())?;
    progress("running the C++");
    let found = program.run(&compilation.graph, inputs)?;
    let outcome = compared(&compilation.module, Engine::Cpp, &found, fixed);
    let compile_seconds = Some(program.compiled_in.as_secs_f64());
    let comparison = reported(&outcome, Engine::Tensors, Engine::Cpp);
    Ok(data::Comparison { compile_seconds, ..comparison })
}

/// What is known about the wire that makes the outputs of an event wrong.
fn located(emitted: Emitted<'_>, event: usize) -> String {
    match first_wire(emitted.design, emitted.artifacts, emitted.inputs, event) {
        Ok(Some(difference)) => difference.to_string(),
        Ok(None) => "no wire is wrong in Icarus".to_owned(),
        Err(CosimError::MissingTool { tool }) => {
            format!("the wire is not known, for `{tool}` is not installed")
        }
        Err(fault) => format!("the wire is not known: {fault}"),
    }
}

/// Compares with the tensors; the first difference has its layer.
fn compared(
    module: &Module,
    candidate: Engine,
    found: &[Block<i64>],
    expected: &[Block<i64>],
) -> compare::Comparison {
    let mut outcome = compare::compare(candidate.name(), found, Engine::Tensors.name(), expected);
    if let Some(first) = &mut outcome.first {
        let layer = compare::layer_of(module, first.output, first.element);
        first.place = layer.map(|layer| format!("layer `{layer}`"));
    }
    outcome
}

fn reported(
    outcome: &compare::Comparison,
    reference: Engine,
    candidate: Engine,
) -> data::Comparison {
    data::Comparison {
        reference,
        candidate,
        events: count(outcome.events),
        mismatches: count(outcome.mismatches),
        first_difference: outcome.first.as_ref().map(|first| {
            let place = first.place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
            format!(
                "event {}, output {}, element {}: {} instead of {}{place}",
                first.event, first.output, first.element, first.found, first.expected
            )
        }),
        compile_seconds: None,
    }
}
