//! The networks that a run leaves: compiled, so that their size is that of the circuit.

use std::collections::BTreeMap;

use serde::Serialize;

use super::peel::{self, Gain};
use super::separation;
use crate::cli::Failure;
use crate::compile;
use crate::config::Config;
use crate::graph::{Graph, eval};
use crate::numeric::interval::scale;
use crate::numeric::tensor::Block;
use crate::onnx;
use crate::plan::Effort;
use crate::sim::tensors::Simulator;
use crate::train::dataset::Dataset;
use crate::train::fit::{State, Trainer};
use crate::train::front::Candidate;
use crate::train::objective::Outputs;
use crate::train::parameter::Parameters;
use crate::train::recipe::Recipe;
use crate::train::tune::separation::{Scores, Separation};
use crate::train::watch::Wish;

/// A network of the front, as `front.json` has it.
#[derive(Clone, Debug, Serialize)]
pub(in crate::cli) struct Point {
    /// The ONNX file, relative to the directory of the run.
    pub(super) file: String,
    /// The epoch, counted from 0.
    pub(super) epoch: usize,
    /// The metric of the integers on the validation events.
    pub(in crate::cli) metric: f64,
    /// The same on the test events, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test_metric: Option<f64>,
    /// The metric of each of several outputs, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::cli) outputs: BTreeMap<String, f64>,
    /// How much the scores depend on the nuisance, where there is an adversary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) dependence: Option<f64>,
    /// The same on the test events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test_dependence: Option<f64>,
    /// The metrics of outputs on the test events.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) test_outputs: BTreeMap<String, f64>,
    /// How well the scores separate the validation events, where that is asked for.
    #[serde(skip)]
    pub(in crate::cli) separations: BTreeMap<Separation, f64>,
    /// The digits of weights that were peeled off, where the recipe asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) peeled: Option<u32>,
    /// The effective bit operations.
    pub(super) ebops: f64,
    /// What the circuit is estimated to take.
    pub(in crate::cli) lut: u64,
    pub(in crate::cli) ff: u64,
    pub(in crate::cli) dsp: u64,
    pub(super) latency_cycles: u32,
    pub(in crate::cli) latency_ns: f64,
}

/// A point with its ONNX file.
pub(in crate::cli) type WithFile = (Point, Vec<u8>);

/// What a network says of its making, in its file.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Making<'a> {
    /// The text of the recipe.
    pub(in crate::cli) recipe: &'a str,
    /// The SHA-256 of the files that it names, one after another, each behind its length in eight
    /// bytes, the lowest first.
    pub(in crate::cli) data_hash: &'a str,
}

/// What the points of a front are made of.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Made<'a> {
    pub(in crate::cli) recipe: &'a Recipe,
    pub(in crate::cli) making: Making<'a>,
    pub(in crate::cli) trainer: &'a Trainer<'a>,
    /// The events that neither train nor choose.
    pub(in crate::cli) test: &'a Dataset,
    /// What is measured of scores on the validation events.
    pub(in crate::cli) separations: &'a [(Separation, Scores)],
}

/// What the integers of a network are worth on events.
pub(super) struct Measured {
    pub(super) metric: f64,
    outputs: BTreeMap<String, f64>,
    dependence: Option<f64>,
    /// The integers themselves, as physical values.
    values: Outputs,
}

/// What is left of a run.
pub(in crate::cli) struct Left {
    /// The points that no other beats in both metric and look-up tables, the smallest first.
    pub(in crate::cli) points: Vec<WithFile>,
    /// What peeling brought, where the recipe asks for it.
    pub(super) gains: Vec<Gain>,
}

/// Compiles the front, and peels it where the recipe asks for that; none when `step`, which is told what is
/// done, wishes to stop.
pub(in crate::cli) fn compile(
    made: Made<'_>,
    state: &State,
    step: &mut dyn FnMut(&str) -> Wish,
) -> Result<Option<Left>, Failure> {
    let recipe = made.recipe;
    let candidates: Vec<&Candidate> = state.front.spread(recipe.front.points).collect();
    let (mut points, mut gains) = (Vec::with_capacity(candidates.len()), Vec::new());
    for (index, candidate) in candidates.iter().enumerate() {
        let which = format!("network {} of {}", index + 1, candidates.len());
        if step(&format!("compiling {which}")) == Wish::Stop {
            return Ok(None);
        }
        let whole = point(made, candidate, 0)?;
        if let Some(own) = recipe.peel {
            let peeled = peel::peel(made, own, (candidate, &whole.0), &mut |what| {
                step(&format!("{what} {which}"))
            })?;
            let Some((point, gain)) = peeled else { return Ok(None) };
            points.push(point);
            gains.push(gain);
        }
        points.push(whole);
    }
    points.sort_by(|(a, _), (b, _)| a.lut.cmp(&b.lut).then(b.metric.total_cmp(&a.metric)));
    let mut best = f64::NEG_INFINITY;
    points.retain(|(point, _)| {
        let is_better = point.metric > best;
        best = best.max(point.metric);
        is_better
    });
    for (number, (point, _)) in points.iter_mut().enumerate() {
        point.file = format!("front/{}_{}.onnx", recipe.name, number + 1);
    }
    Ok(Some(Left { points, gains }))
}

/// Checks that the networks of a recipe can be written as it wants.
pub(in crate::cli) fn check(
    recipe: &Recipe,
    trainer: &Trainer<'_>,
    state: &State,
) -> Result<(), Failure> {
    let firmware = trainer.network().to_firmware(&state.parameters);
    let quantized = compile::quantize(&firmware, &Config::default(), None)?.graph;
    onnx::export::export(&quantized, recipe.export.dialect, &BTreeMap::new())?;
    Ok(())
}

/// Compiles the network as it is, and sets the prices of its layers to what they take.
pub(in crate::cli) fn refit(
    recipe: &Recipe,
    trainer: &Trainer<'_>,
    state: &mut State,
) -> Result<(), Failure> {
    let mut config = recipe.compile.clone();
    config.solver.effort = Effort::Fast;
    let firmware = trainer.network().to_firmware(&state.parameters);
    let estimate = compile::compile(firmware, &config, None)?.estimate;
    trainer.refit(state, |name| {
        let own = estimate.layers.iter().filter(|layer| layer.name == name);
        own.map(|layer| layer.cost.lut).sum()
    });
    Ok(())
}

/// What the integers of a network are worth on events.
pub(super) fn measured(
    trainer: &Trainer<'_>,
    parameters: &Parameters,
    events: &Dataset,
) -> Result<Measured, Failure> {
    let whole = trainer.network().to_measured(parameters);
    let whole = compile::quantize(&whole, &Config::default(), None)?.graph;
    let outputs = outputs(&whole, events);
    let objective = trainer.objective();
    Ok(Measured {
        metric: objective.metric(events, &outputs),
        outputs: objective.parts(events, &outputs).into_iter().collect(),
        dependence: objective.dependence(events, &outputs),
        values: outputs,
    })
}

/// Compiles and measures a network, from which so many digits were peeled off.
pub(super) fn point(
    made: Made<'_>,
    candidate: &Candidate,
    peeled: u32,
) -> Result<WithFile, Failure> {
    let Made { recipe, trainer, test, .. } = made;
    let value = |events: &Dataset| measured(trainer, &candidate.parameters, events);
    let validated = value(trainer.validation())?;
    let tested = if test.events() > 0 { Some(value(test)?) } else { None };
    let firmware = trainer.network().to_firmware(&candidate.parameters);
    let quantized = compile::quantize(&firmware, &Config::default(), None)?.graph;
    let estimate = compile::compile(firmware, &recipe.compile, None)?.estimate;
    let mut separations = BTreeMap::new();
    for (own, scores) in made.separations {
        let events = trainer.validation();
        let targets = trainer.objective().targets(events, scores.head);
        let outputs = &validated.values[scores.head];
        let figure = separation::figure((own, scores), outputs, &targets, &events.weights)?;
        separations.insert(own.clone(), figure);
    }
    let point = Point {
        file: String::new(),
        epoch: candidate.epoch,
        metric: validated.metric,
        outputs: validated.outputs,
        dependence: validated.dependence,
        test_metric: tested.as_ref().map(|tested| tested.metric),
        test_dependence: tested.as_ref().and_then(|tested| tested.dependence),
        test_outputs: tested.map(|tested| tested.outputs).unwrap_or_default(),
        separations,
        peeled: recipe.peel.map(|_| peeled),
        ebops: candidate.cost,
        lut: estimate.total.lut,
        ff: estimate.total.ff,
        dsp: estimate.total.dsp,
        latency_cycles: estimate.latency_cycles,
        latency_ns: estimate.latency_ns,
    };
    let bytes = onnx::export::export(&quantized, recipe.export.dialect, &metadata(made, &point))?;
    Ok((point, bytes))
}

/// What the file of a point says of it.
fn metadata(made: Made<'_>, point: &Point) -> BTreeMap<String, String> {
    let Made { recipe, making, trainer, .. } = made;
    let metric = trainer.objective().name();
    let mut properties = vec![
        ("name", recipe.name.clone()),
        ("recipe", making.recipe.to_owned()),
        ("seed", recipe.train.seed.to_string()),
        ("data_sha256", making.data_hash.to_owned()),
        ("epoch", point.epoch.to_string()),
        ("metric", metric.to_owned()),
        ("validation_metric", point.metric.to_string()),
        ("ebops", point.ebops.to_string()),
        ("lut", point.lut.to_string()),
        ("ff", point.ff.to_string()),
        ("dsp", point.dsp.to_string()),
        ("latency_ns", point.latency_ns.to_string()),
        ("device", recipe.compile.device.part.clone()),
    ];
    properties.extend(point.peeled.map(|digits| ("peeled_digits", digits.to_string())));
    properties.extend(point.test_metric.map(|value| ("test_metric", value.to_string())));
    properties.into_iter().map(|(key, value)| (format!("trigforge.{key}"), value)).collect()
}

/// What the integers of a graph say about events.
fn outputs(graph: &Graph, events: &Dataset) -> Outputs {
    let rows: Vec<f64> = events.inputs.iter().map(|value| f64::from(*value)).collect();
    let inputs = [Block::from_rows(&rows, events.columns, 0)];
    let inputs = eval::quantize_inputs(graph, &inputs).expect("datasets are finite");
    let outputs = Simulator::new(graph).run_parallel(&inputs);
    let values = |own: &Block<i64>| own.to_rows().iter().map(|raw| scale(*raw, own.frac)).collect();
    outputs.iter().map(values).collect()
}
