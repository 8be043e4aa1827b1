//! Holds every engine against the definition, and fixed point against float.
//!
//! The definition is [`eval`], the operators' own. The fast tensor simulator
//! is held against it on the first events, and then stands for it on all.

use std::collections::BTreeMap;

use super::engines::{self, DEFINED_EVENTS, Emitted, Rtl};
use super::formats::count;
use super::statistics::histogram;
use super::{Subject, design};
use crate::compile::Compilation;
use crate::cosim::CosimError;
use crate::emit::{Artifacts, verilog};
use crate::graph::{Graph, eval};
use crate::numeric::tensor::Block;
use crate::report::data;
use crate::sim;
use crate::verify::attribution::{LayerCost, Source};
use crate::verify::{self, ClassVerification, Classification, OutputVerification, metrics};

/// How many events the emitted testbench replays.
const TESTBENCH_EVENTS: usize = 1000;

/// The background rate at which reports quote signal efficiencies.
const BACKGROUND_RATE: f64 = 0.01;

/// The most points of a ROC curve in a report.
const ROC_POINTS: usize = 200;

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
    /// The C++ that is compiled and run, if any.
    pub cpp: Option<&'a Artifacts>,
}

/// Runs all engines on all events and measures the loss of quantization.
///
/// # Errors
/// When a tool that is needed is missing or fails.
pub fn verify(
    request: &Request<'_>,
    progress: &dyn Fn(&str),
) -> Result<data::Verification, CosimError> {
    let Compilation { float, prepared, graph, module, .. } = request.compilation;
    progress("holding fixed point against floating point");
    let labels = request.labels.map(|labels| labels.classes.as_slice());
    let measured = verify::verify(float, prepared, graph, None, request.events, labels)
        .expect("events were checked when they were read");
    progress("simulating the network and the netlist");
    let inputs = eval::quantize_inputs(graph, request.events).expect("events are finite");
    let fixed = sim::tensors::Simulator::new(graph).run_parallel(&inputs);
    let mut engines = vec![
        engines::against_definition(graph, &inputs, &fixed),
        engines::against_tensors(module, &inputs, &fixed),
    ];
    let design = design(request.subject, request.compilation);
    let artifacts = verilog::Verilog.emit(&design);
    let emitted =
        Emitted { design: &design, artifacts: &artifacts, inputs: &inputs, expected: &fixed };
    engines.extend(engines::run_verilog(emitted, request.rtl, progress)?);
    if let Some(cpp) = request.cpp {
        engines.push(engines::run_cpp(cpp, request.compilation, &inputs, &fixed, progress)?);
    }
    let reference = float_outputs(float, request.events);
    let values: Vec<Block<f64>> = fixed.iter().map(verify::physical).collect();
    let outputs = measured.outputs.iter().zip(reference.iter().zip(&values));
    Ok(data::Verification {
        events: count(measured.events),
        data: request.data.to_owned(),
        outputs: outputs.filter_map(|(output, blocks)| output_error(output, blocks)).collect(),
        metrics: request.labels.zip(measured.classification).map(|(labels, classification)| {
            with_labels(labels, &classification, &reference[0], &values[0])
        }),
        layers: layer_errors(prepared, graph, request.events, &measured.layers),
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
                events.iter().map(|block| block.first_events(TESTBENCH_EVENTS)).collect();
            eval::quantize_inputs(graph, &events).expect("events are finite")
        }
        None => drawn(graph),
    };
    let outputs = sim::tensors::Simulator::new(graph).run(&inputs);
    (inputs, outputs)
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

fn output_error(
    output: &OutputVerification,
    (float, fixed): (&Block<f64>, &Block<f64>),
) -> Option<data::OutputError> {
    // A head that was dropped has another shape than the model's; there is nothing to compare.
    let errors = output.errors?;
    let differences: Vec<f64> =
        fixed.data.iter().zip(&float.data).map(|(fixed, float)| fixed - float).collect();
    Some(data::OutputError {
        name: output.name.clone(),
        max_abs_error: errors.max,
        mean_abs_error: errors.mean,
        sqnr_db: errors.sqnr_db,
        histogram: Some(histogram(&differences, data::Range { lo: -errors.max, hi: errors.max })),
    })
}

/// What each source of error costs at the outputs, and how much noise there is behind it.
fn layer_errors(
    prepared: &Graph,
    graph: &Graph,
    events: &[Block<f64>],
    costs: &[LayerCost],
) -> Vec<data::LayerError> {
    let events: Vec<_> = events.iter().map(|block| block.first_events(DEFINED_EVENTS)).collect();
    let inputs = eval::quantize_inputs(graph, &events).expect("events are finite");
    let (floats, integers) = (eval::eval_f64(prepared, &events), eval::eval(graph, &inputs));
    let mut noise = BTreeMap::new();
    for node in graph.topological() {
        let name = graph.imported(node).0;
        let original = prepared
            .topological()
            .into_iter()
            .rev()
            .find(|node| prepared.imported(*node).0 == name);
        let float = original.and_then(|node| floats[node.index()].as_ref());
        let fixed = integers[node.index()].as_ref().map(verify::physical);
        if let Some((float, fixed)) = float.zip(fixed) {
            noise.insert(name, metrics::errors(float, &fixed));
        }
    }
    let row = |cost: &LayerCost| {
        let (name, errors) = match cost.source {
            Source::Values => (cost.name.clone(), noise.get(cost.name.as_str()).copied().flatten()),
            Source::Constants => (format!("{} weights", cost.name), None),
        };
        data::LayerError {
            name,
            sqnr_db: errors.and_then(|errors| errors.sqnr_db),
            exact: errors.is_some_and(|errors| errors.max == 0.0),
            output_error: Some(cost.rms),
        }
    };
    costs.iter().map(row).collect()
}

fn with_labels(
    labels: &Labels,
    classification: &Classification,
    float: &Block<f64>,
    fixed: &Block<f64>,
) -> data::Metrics {
    let class = |measured: &ClassVerification| {
        let signal: Vec<bool> =
            labels.classes.iter().map(|class| *class == measured.class).collect();
        let element = if float.elements() == 1 { 0 } else { measured.class };
        let curve =
            |scores: &Block<f64>| Some(roc_curve(&metrics::roc(scores.element(element), &signal)?));
        let efficiency = measured
            .efficiencies
            .iter()
            .find(|efficiency| efficiency.background_rate >= BACKGROUND_RATE);
        Some(data::ClassMetrics {
            name: measured.class.to_string(),
            auc: data::FloatFixed { float: measured.float_auc?, fixed: measured.fixed_auc? },
            efficiency: efficiency.and_then(|efficiency| {
                let signal =
                    data::FloatFixed { float: efficiency.float?, fixed: efficiency.fixed? };
                Some(data::Efficiency { background_rate: efficiency.background_rate, signal })
            }),
            roc: curve(float).zip(curve(fixed)).map(|(float, fixed)| data::Roc { float, fixed }),
        })
    };
    data::Metrics {
        labels: labels.file.clone(),
        accuracy: Some(data::FloatFixed {
            float: classification.float_accuracy,
            fixed: classification.fixed_accuracy,
        }),
        classes: classification.classes.iter().filter_map(class).collect(),
    }
}

/// A curve thinned to what a plot can show.
fn roc_curve(points: &[metrics::RocPoint]) -> data::RocCurve {
    let stride = points.len().div_ceil(ROC_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let kept = points
        .iter()
        .enumerate()
        .filter(|(index, _)| index % stride == 0 || *index == last)
        .map(|(_, point)| point);
    let (background, signal) = kept.map(|point| (point.background, point.signal)).unzip();
    data::RocCurve { background, signal }
}
