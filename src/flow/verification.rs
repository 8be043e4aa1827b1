//! Holds every engine against the definition, and fixed point against float.
//!
//! The definition is [`eval`](crate::graph::eval), the operators' own. The fast tensor simulator
//! is held against it on the first events, and then stands for it on all.

use super::formats::count;
use super::statistics::{first_events, histogram};
use super::{Subject, design};
use crate::compile::Compilation;
use crate::cosim::executable::Executable;
use crate::cosim::tool::Tool;
use crate::cosim::{CosimError, icarus, verilator};
use crate::diag::{Code, Diagnostic};
use crate::emit::{Backend, verilog};
use crate::graph::{Graph, eval};
use crate::numeric::interval::scale;
use crate::numeric::tensor::Block;
use crate::report::data::{self, Engine};
use crate::sim;
use crate::verify::{attribution, compare, metrics};

/// How many events the definition itself is run on; it is plain and slow.
const DEFINED_EVENTS: usize = 1000;

/// How many events Icarus is given; it interprets.
const ICARUS_EVENTS: usize = 1000;

/// How many events the emitted testbench replays.
const TESTBENCH_EVENTS: usize = 1000;

/// The background rate at which signal efficiencies are quoted.
const BACKGROUND_RATE: f64 = 0.01;

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

/// The class of each event.
#[derive(Clone, Debug)]
pub struct Labels {
    /// The file that they were read from.
    pub file: String,
    /// The classes.
    pub classes: Vec<usize>,
}

/// What is to be verified.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The design's name.
    pub subject: &'a Subject,
    /// The design.
    pub compilation: &'a Compilation,
    /// The file of the events.
    pub data: &'a str,
    /// The events, one block for each input.
    pub events: &'a [Block<f64>],
    /// The class of each event.
    pub labels: Option<&'a Labels>,
    /// Which simulators run the Verilog.
    pub rtl: Rtl,
}

/// Runs all engines on all events and measures the loss of quantization.
///
/// # Errors
/// When a tool that is needed is missing or fails.
pub fn verify(
    request: &Request<'_>,
    progress: &dyn Fn(&str),
) -> Result<data::Verification, CosimError> {
    let Compilation { float, graph, .. } = request.compilation;
    progress("simulating in floating point and in fixed point");
    let inputs = eval::quantize_inputs(graph, request.events).expect("events are finite");
    let fixed = sim::tensors::Simulator::new(graph).run_parallel(&inputs);
    let reference = float_outputs(float, request.events);
    let mut engines = vec![against_definition(graph, &inputs, &fixed)];
    progress("simulating the netlist");
    let netlist = sim::netlist::Simulator::new(&request.compilation.module).run_parallel(&inputs);
    engines.push(comparison(graph, (Engine::Tensors, &fixed), (Engine::Netlist, &netlist)));
    engines.extend(run_verilog(request, &inputs, &fixed, progress)?);
    progress("finding out which layers cost most");
    let values: Vec<Block<f64>> = fixed.iter().map(numbers).collect();
    Ok(data::Verification {
        events: count(inputs.first().map_or(0, |block| block.events)),
        data: request.data.to_owned(),
        outputs: graph
            .outputs
            .iter()
            .zip(reference.iter().zip(&values))
            .map(|(port, (float, fixed))| output_error(&port.name, float, fixed))
            .collect(),
        metrics: request.labels.map(|labels| with_labels(labels, &reference[0], &values[0])),
        layers: attribution::attribute(float, graph, request.events),
        engines,
    })
}

/// Vectors for the emitted testbench: given events, or values drawn from the inputs' formats.
pub fn testbench_vectors(
    graph: &Graph,
    events: Option<&[Block<f64>]>,
) -> (Vec<Block<i64>>, Vec<Block<i64>>) {
    let inputs = match events {
        Some(events) => {
            let events: Vec<Block<f64>> =
                events.iter().map(|block| first_events(block, TESTBENCH_EVENTS)).collect();
            eval::quantize_inputs(graph, &events).expect("events are finite")
        }
        None => drawn(graph),
    };
    let outputs = sim::tensors::Simulator::new(graph).run(&inputs);
    (inputs, outputs)
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

/// Reproducible raw inputs over the whole range of each format.
fn drawn(graph: &Graph) -> Vec<Block<i64>> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let draw = |port: &crate::graph::Port| {
        let ty = &graph[port.node].ty;
        let formats = ty.formats().expect("a compiled graph is fixed point");
        let mut block = Block::zeros(ty.shape.len(), TESTBENCH_EVENTS, ty.frac());
        for index in 0..ty.shape.len() {
            let format = formats.at(index);
            let finer = ty.frac().abs_diff(format.frac());
            let values = (1_u64 << format.width()) - 1;
            for raw in block.element_mut(index) {
                *raw = (format.min_raw() + (next() & values).cast_signed()) << finer;
            }
        }
        block
    };
    graph.inputs.iter().map(draw).collect()
}

/// The outputs of the floating-point network, block by block to bound memory.
fn float_outputs(float: &Graph, events: &[Block<f64>]) -> Vec<Block<f64>> {
    let values = eval::eval_f64(float, events);
    let total = events.first().map_or(0, |block| block.events);
    let output = |port: &crate::graph::Port| {
        let block = values[port.node.index()].clone().expect("every node has a value");
        repeat(block, total)
    };
    float.outputs.iter().map(output).collect()
}

/// A constant output is one event that stands for all.
fn repeat(block: Block<f64>, events: usize) -> Block<f64> {
    if block.events == events {
        return block;
    }
    let data = block.data.iter().flat_map(|value| std::iter::repeat_n(*value, events)).collect();
    Block { events, data, ..block }
}

fn numbers(block: &Block<i64>) -> Block<f64> {
    let data = block.data.iter().map(|raw| scale(*raw, block.frac)).collect();
    Block { events: block.events, frac: 0, data }
}

fn against_definition(
    graph: &Graph,
    inputs: &[Block<i64>],
    fixed: &[Block<i64>],
) -> data::Comparison {
    let inputs: Vec<_> = inputs.iter().map(|block| first_events(block, DEFINED_EVENTS)).collect();
    let events = inputs.first().map_or(0, |block| block.events);
    let values = eval::eval(graph, &inputs);
    let defined: Vec<Block<i64>> = graph
        .outputs
        .iter()
        .map(|port| values[port.node.index()].clone().expect("every node has a value"))
        .collect();
    let fixed: Vec<_> = fixed.iter().map(|block| first_events(block, events)).collect();
    comparison(graph, (Engine::Definition, &defined), (Engine::Tensors, &fixed))
}

fn comparison(
    graph: &Graph,
    (reference, expected): (Engine, &[Block<i64>]),
    (candidate, found): (Engine, &[Block<i64>]),
) -> data::Comparison {
    let names: Vec<&str> = graph.outputs.iter().map(|port| port.name.as_str()).collect();
    let outcome = compare::compare(&names, expected, found);
    data::Comparison {
        reference,
        candidate,
        events: count(outcome.events),
        mismatches: count(outcome.mismatches),
        first_difference: outcome.first.map(|first| first.to_string()),
    }
}

/// Runs the emitted Verilog in the simulators that were asked for.
fn run_verilog(
    request: &Request<'_>,
    inputs: &[Block<i64>],
    fixed: &[Block<i64>],
    progress: &dyn Fn(&str),
) -> Result<Vec<data::Comparison>, CosimError> {
    type Build = fn(
        &crate::emit::interface::Interface,
        &crate::emit::Artifacts,
        &std::path::Path,
    ) -> Result<Executable, CosimError>;
    let engines: [(Engine, Tool, Build, usize); 2] = [
        (Engine::Verilator, Tool::Verilator, verilator::build, usize::MAX),
        (Engine::Icarus, Tool::Iverilog, icarus::build, ICARUS_EVENTS),
    ];
    let wanted = |engine: Engine, tool: Tool| match request.rtl {
        Rtl::Skip => false,
        Rtl::Require => true,
        Rtl::Verilator => engine == Engine::Verilator,
        Rtl::Auto => tool.find().is_ok(),
    };
    let mut comparisons = Vec::new();
    for (engine, tool, build, limit) in engines {
        if !wanted(engine, tool) {
            continue;
        }
        progress(&format!("compiling the Verilog with {}", engine.name()));
        let design = design(request.subject, request.compilation);
        let folder = crate::cosim::temporary_folder()?;
        let artifacts = verilog::Verilog.emit(&design);
        let program = build(&verilog::interface(&design), &artifacts, folder.path())?;
        progress(&format!("running the Verilog in {}", engine.name()));
        let inputs: Vec<_> = inputs.iter().map(|block| first_events(block, limit)).collect();
        let fixed: Vec<_> = fixed.iter().map(|block| first_events(block, limit)).collect();
        let found = program.run(&inputs)?;
        let graph = &request.compilation.graph;
        comparisons.push(comparison(graph, (Engine::Tensors, &fixed), (engine, &found)));
    }
    Ok(comparisons)
}

fn output_error(name: &str, float: &Block<f64>, fixed: &Block<f64>) -> data::OutputError {
    let error = metrics::error(float, fixed);
    let differences: Vec<f64> =
        fixed.data.iter().zip(&float.data).map(|(fixed, float)| fixed - float).collect();
    let reach = differences.iter().fold(0.0_f64, |reach, error| reach.max(error.abs()));
    data::OutputError {
        name: name.to_owned(),
        max_abs_error: error.max_abs,
        mean_abs_error: error.mean_abs,
        sqnr_db: error.sqnr_db,
        histogram: Some(histogram(&differences, data::Range { lo: -reach, hi: reach })),
    }
}

fn with_labels(labels: &Labels, float: &Block<f64>, fixed: &Block<f64>) -> data::Metrics {
    let both = |f: &dyn Fn(&Block<f64>) -> f64| data::FloatFixed { float: f(float), fixed: f(fixed) };
    let classes = &labels.classes;
    let class = |class: usize| data::ClassMetrics {
        name: format!("class {class}"),
        auc: both(&|scores| metrics::auc(scores, classes, class)),
        efficiency: Some(data::Efficiency {
            background_rate: BACKGROUND_RATE,
            signal: both(&|scores| metrics::efficiency(scores, classes, class, BACKGROUND_RATE)),
        }),
        roc: Some(data::Roc {
            float: metrics::roc(float, classes, class),
            fixed: metrics::roc(fixed, classes, class),
        }),
    };
    let n_classes = float.elements();
    let scored = if n_classes == 1 { 1..2 } else { 0..n_classes };
    data::Metrics {
        labels: labels.file.clone(),
        accuracy: Some(both(&|scores| metrics::accuracy(scores, classes))),
        classes: scored.map(class).collect(),
    }
}
