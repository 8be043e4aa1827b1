//! `trigforge evaluate`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::load::{self, Events, ModelOptions};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, dataset, render, write};
use crate::data::{self, Array, File, Place, Use, Wanted};
use crate::diag::{Code, Diagnostic};
use crate::graph::{Graph, eval};
use crate::numeric::tensor::Block;
use crate::report::data::Evaluation;
use crate::report::{evaluation as terminal, html, json};
use crate::sim::tensors::Simulator;
use crate::verify::evaluation::{Meaning, Request, evaluate, importance};
use crate::verify::physical;

/// Measure how well a network tells classes apart, with errors.
///
/// ROC curves and areas with bands, background rejection, working points, confusion, calibration,
/// significance, sculpting and the importance of inputs, of the integers that the circuit computes. Files may have `:NAME` behind
/// them for an array or a column.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge evaluate tagger.onnx --data jets.npy --labels labels.npy -o evaluation
  trigforge evaluate tagger.onnx --data jets.npz:x --labels jets.npz:y --nuisance jets.npz:mass
  trigforge evaluate run/front/tagger_3.onnx --data recipe.toml
  trigforge evaluate run --data recipe.toml
  trigforge evaluate autoencoder.onnx --data x.npy --labels is_signal.npy --anomaly")]
pub(super) struct Options {
    #[command(flatten)]
    model: ModelOptions,
    /// Events (a data file, or `FILE:NAME` for an array or a table of it), or a recipe: the events of
    /// its test, or else its validation.
    #[arg(long, value_name = "FILE|RECIPE.toml")]
    data: String,
    /// The class of each event; with `--anomaly` 1 for the signal.
    #[arg(long, value_name = "FILE")]
    labels: Option<String>,
    /// The weight of each event.
    #[arg(long, value_name = "FILE")]
    weights: Option<String>,
    /// What the score should not depend on, such as the mass: one value for each event.
    #[arg(long, value_name = "FILE")]
    nuisance: Option<String>,
    /// The names of the classes, in the order of the outputs.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    classes: Vec<String>,
    /// Take for the score how odd an event is: the only output, or else the mean squared distance of
    /// the outputs from the inputs.
    #[arg(long)]
    anomaly: bool,
    /// Write `evaluation.html` and `evaluation.json` into this directory.
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// What networks are measured with.
struct Sample {
    /// Where it comes from, in words.
    origin: String,
    inputs: Vec<Array>,
    labels: (String, Array),
    weights: Option<Vec<f64>>,
    /// With its name.
    nuisance: Option<(String, Vec<f64>)>,
    names: Vec<String>,
    /// The names of the inputs, as far as they have some.
    columns: Vec<String>,
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let model = of_run(&options.model)?;
    let options = &Options { model, ..options.clone() };
    let progress = Progress::new(output);
    progress.step("reading the events");
    let sample = sample(options)?;
    let read = |graph: &Graph| {
        let wanted: Vec<Wanted<'_>> = graph
            .inputs
            .iter()
            .map(|port| Wanted { name: &port.name, shape: &graph[port.node].ty.shape })
            .collect();
        let blocks = data::events(&options.data, &sample.inputs, &wanted)?;
        Ok(Events { file: options.data.clone(), blocks })
    };
    let network = load::network_on(&options.model, Some(&read), &progress)?;
    let events = &network.events.as_ref().expect("data was given").blocks;
    progress.step("simulating");
    let graph = &network.quantized.graph;
    let inputs = eval::quantize_inputs(graph, events).expect("events were checked");
    let first = Simulator::new(graph).run_parallel(&inputs).into_iter().next();
    let values = physical(&first.expect("graphs have an output"));
    let (scores, meaning) = scores(options, graph, events, values)?;
    let (file, labels) = &sample.labels;
    let labels = data::classes_of(file, labels, scores.events, scores.elements())?;
    progress.step("following the scores back to the inputs");
    let inputs = match meaning {
        Meaning::Anomaly => Vec::new(),
        Meaning::Logit | Meaning::Probability => {
            importance(graph, events, &labels, sample.weights.as_deref(), &sample.columns)
        }
    };
    progress.step("drawing events anew for the intervals");
    let evaluation = Evaluation {
        model: options.model.model.display().to_string(),
        data: sample.origin.clone(),
        nuisance: sample.nuisance.as_ref().map(|(name, _)| name.clone()),
        inputs,
        ..evaluate(&Request {
            scores: &scores,
            meaning,
            labels: &labels,
            weights: sample.weights.as_deref(),
            names: &sample.names,
            nuisance: sample.nuisance.as_ref().map(|(_, values)| values.as_slice()),
        })
    };
    drop(progress);
    if evaluation.classes.is_empty() {
        let message = "no class has events of any weight, and others beside it";
        let help = "give events of two classes or more";
        return Err(Diagnostic::error(Code::D0505, message, help).at(file).into());
    }
    if let Some(folder) = &options.output {
        write::make_directory(folder)?;
        write::file(&folder.join("evaluation.html"), html::evaluation(&evaluation).as_bytes())?;
        write::file(&folder.join("evaluation.json"), json::pretty(&evaluation).as_bytes())?;
    }
    match output.format {
        Format::Json => render::result(json::pretty(&evaluation).trim_end()),
        Format::Text => {
            render::warnings(&network.quantized.warnings, output);
            render::result(terminal::render(&evaluation, render::screen()).trim_end());
            if let Some(folder) = options.output.as_ref().filter(|_| !output.quiet) {
                render::message(&format!("wrote {}", folder.join("evaluation.html").display()));
            }
        }
    }
    Ok(Exit::Done)
}

/// The model; of the directory of a training run, the best network of its front.
fn of_run(options: &ModelOptions) -> Result<ModelOptions, Diagnostic> {
    let front = options.model.join("front.json");
    if !front.is_file() {
        return Ok(options.clone());
    }
    let parsed = serde_json::from_slice::<Front>(&load::read(&front)?).ok();
    let points = parsed.map(|front| front.points).unwrap_or_default();
    let best = points.into_iter().max_by(|a, b| a.metric.total_cmp(&b.metric));
    let Some(Best { file, .. }) = best else {
        let message = "the file names no network of the run";
        let help = "name a network: `trigforge evaluate RUN/front/NAME_1.onnx`";
        return Err(Diagnostic::error(Code::C0403, message, help).at(front.display().to_string()));
    };
    Ok(ModelOptions { model: options.model.join(file), ..options.clone() })
}

/// What is read of `front.json` here.
#[derive(Deserialize)]
struct Front {
    points: Vec<Best>,
}

/// A network in it.
#[derive(Deserialize)]
struct Best {
    file: PathBuf,
    metric: f64,
}

/// The events that the options name.
fn sample(options: &Options) -> Result<Sample, Diagnostic> {
    if Path::new(&options.data).extension().is_some_and(|extension| extension == "toml") {
        return sample_of_recipe(options);
    }
    let Some(labels) = &options.labels else {
        let help = "add `--labels FILE`, or give a recipe: `--data recipe.toml`";
        return Err(Diagnostic::error(Code::D0504, "there are no labels", help).at(&options.data));
    };
    let place = Place::parse(labels);
    let file = open(labels)?;
    let array = if options.classes.is_empty() {
        file.pick(place.name)?
    } else {
        data::named_classes(&file, place.name, &options.classes).or_else(|fault| {
            // There may also be a column for each class.
            file.pick(place.name).map_err(|_| fault)
        })?
    };
    let mut columns = Vec::new();
    let inputs = match Place::parse(&options.data) {
        Place { file, name: None } => {
            let bytes = load::read(Path::new(file))?;
            let inputs = data::read(file, &bytes)?;
            if let [array] = inputs.as_slice() {
                columns =
                    File::decode(file, &bytes)?.names().into_iter().map(str::to_owned).collect();
                // A file may have a name for the whole array.
                columns.truncate(if columns.len() == array.columns() { columns.len() } else { 0 });
            }
            inputs
        }
        Place { name, .. } => vec![Array { name: None, ..open(&options.data)?.pick(name)? }],
    };
    let events = array.events();
    Ok(Sample {
        origin: options.data.clone(),
        inputs,
        labels: (place.file.to_owned(), array),
        weights: column(options.weights.as_deref(), events, 0.0)?,
        nuisance: named(
            options.nuisance.as_deref(),
            column(options.nuisance.as_deref(), events, f64::NEG_INFINITY)?,
        ),
        names: options.classes.clone(),
        columns,
    })
}

/// The events of a recipe that did not train.
fn sample_of_recipe(options: &Options) -> Result<Sample, Diagnostic> {
    let given = [
        ("--labels", &options.labels),
        ("--weights", &options.weights),
        ("--nuisance", &options.nuisance),
    ];
    if let Some((name, _)) = given.iter().find(|(_, value)| value.is_some()) {
        let message = format!("the events are those of a recipe, and `{name}` gives others");
        let help = format!("leave out `{name}`, or give a data file");
        return Err(Diagnostic::error(Code::C0401, message, help).at(&options.data));
    }
    let path = Path::new(&options.data);
    let source = dataset::source(path)?;
    let events = dataset::gather(&source, path.parent().unwrap_or(Path::new(".")), &mut |_| ())?;
    let (wanted, word) =
        if source.test > 0.0 { (Use::Test, "test") } else { (Use::Validation, "validation") };
    let events = events.only(source.shares(), wanted);
    if events.keys.is_empty() {
        let message = format!("no event is left for {word}");
        let help = "give more events, or another share: `test = 0.2`";
        return Err(Diagnostic::error(Code::D0505, message, help).at(&options.data));
    }
    let names =
        if options.classes.is_empty() { source.classes.clone() } else { options.classes.clone() };
    let (Some(place), Some(labels)) = (&source.labels, events.labels) else {
        let message = "the events of the recipe have no labels";
        let help = "give a data file, and `--labels` with 1 for the signal";
        return Err(Diagnostic::error(Code::D0504, message, help).at(&options.data));
    };
    let count = events.keys.len();
    let column = |place: &Option<String>, array: Option<Array>, least: f64| {
        let both = place.as_deref().zip(array);
        both.map(|(place, array)| checked(place, array, count, least)).transpose()
    };
    Ok(Sample {
        origin: format!("{}, {word}", options.data),
        inputs: vec![events.inputs],
        labels: (place.clone(), labels),
        weights: column(&source.weights, events.weights, 0.0)?,
        nuisance: named(
            source.nuisance.as_deref(),
            column(&source.nuisance, events.nuisance, f64::NEG_INFINITY)?,
        ),
        names,
        columns: events.columns,
    })
}

/// Values with the name that their place gives them.
fn named(place: Option<&str>, values: Option<Vec<f64>>) -> Option<(String, Vec<f64>)> {
    let name = Place::parse(place?).name.unwrap_or("the nuisance").to_owned();
    values.map(|values| (name, values))
}

fn open(place: &str) -> Result<File, Diagnostic> {
    let file = Place::parse(place).file;
    File::decode(file, &load::read(Path::new(file))?)
}

/// One value for each event, not below `least`.
fn column(place: Option<&str>, events: usize, least: f64) -> Result<Option<Vec<f64>>, Diagnostic> {
    let Some(place) = place else { return Ok(None) };
    let array = open(place)?.pick(Place::parse(place).name)?;
    checked(place, array, events, least).map(Some)
}

fn checked(place: &str, array: Array, events: usize, least: f64) -> Result<Vec<f64>, Diagnostic> {
    if array.events() != events || array.columns() != 1 {
        let message = format!("{} for {events} events", values(&array));
        let help = "give one value for each event";
        return Err(Diagnostic::error(Code::D0501, message, help).at(place));
    }
    match array.values.iter().position(|value| !(value.is_finite() && *value >= least)) {
        None => Ok(array.values),
        Some(row) => {
            let message = format!("row {row} is {}", array.values[row]);
            let help = "remove such events; weights are not negative";
            Err(Diagnostic::error(Code::D0502, message, help).at(place).note("rows count from 0"))
        }
    }
}

fn values(array: &Array) -> String {
    format!("{} rows of {} values", array.events(), array.columns())
}

/// What is evaluated, and what it says.
fn scores(
    options: &Options,
    graph: &Graph,
    events: &[Block<f64>],
    values: Block<f64>,
) -> Result<(Block<f64>, Meaning), Diagnostic> {
    let model = options.model.model.display().to_string();
    if options.anomaly {
        let [inputs] = events else {
            let message = format!("the network has {} inputs", events.len());
            let help = "leave out `--anomaly`: it needs a network that gives its only input back";
            return Err(Diagnostic::error(Code::D0501, message, help).at(model));
        };
        if values.elements() == 1 && inputs.elements() > 1 {
            // The circuit computes the distance itself.
            return Ok((values, Meaning::Anomaly));
        }
        let scores = distances(inputs, &values).ok_or_else(|| {
            let message = format!("{} outputs for {} inputs", values.elements(), inputs.elements());
            let help = "leave out `--anomaly`: it needs a network that gives its input back, or how odd it is";
            Diagnostic::error(Code::D0501, message, help).at(&model)
        })?;
        return Ok((scores, Meaning::Anomaly));
    }
    let meaning = Meaning::of(graph, graph.outputs[0].node).ok_or_else(|| {
        let message = "the network gives the number of a class, and no scores";
        let help = "compile it with `head = \"logits\"`, and evaluate the build directory";
        Diagnostic::error(Code::D0501, message, help).at(&model)
    })?;
    Ok((values, meaning))
}

/// The mean squared distance of what comes out from what went in, event by event.
fn distances(inputs: &Block<f64>, outputs: &Block<f64>) -> Option<Block<f64>> {
    let elements = inputs.elements();
    if elements != outputs.elements() || elements == 0 {
        return None;
    }
    let count = f64::from(u32::try_from(elements).ok()?);
    let distance = |event: usize| {
        let square = |element: usize| {
            (outputs.element(element)[event] - inputs.element(element)[event]).powi(2)
        };
        (0..elements).map(square).sum::<f64>() / count
    };
    Some(Block { events: inputs.events, frac: 0, data: (0..inputs.events).map(distance).collect() })
}
