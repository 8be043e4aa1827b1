//! [`Dataset`]: events in single precision, checked and split.

use burn::tensor::{Device, Tensor};

use super::loss::{Loss, Targets};
use super::parameter::{single, tensor};
use crate::data::{self, Array, Shares, Use};
use crate::diag::{Code, Diagnostic};

/// Events with what the network should say about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// How many inputs an event has.
    pub columns: usize,
    /// The inputs, event after event.
    pub inputs: Vec<f32>,
    /// What is wanted of each output.
    pub targets: Vec<Target>,
    /// The weight of each event.
    pub weights: Vec<f32>,
    /// What the scores of each event should not depend on.
    pub nuisance: Option<Vec<f32>>,
    /// A hash of each event, which decides what it is used for.
    pub keys: Vec<u64>,
}

/// What is wanted of an output.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Numbers for each event.
    Values {
        /// How many.
        columns: usize,
        /// Event after event; for classes 1 for the right one, 0 for the others.
        values: Vec<f32>,
    },
    /// The inputs, as a [`Standard`](super::standard::Standard) has them.
    Inputs,
}

/// What an output should learn.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Classes, or targets, with the place they come from; none for an autoencoder.
    pub labels: Option<(&'a str, &'a Array)>,
    /// The number of values that the network gives.
    pub outputs: usize,
    /// What is made small.
    pub loss: Loss,
}

/// Events by their use.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Those that train.
    pub training: Dataset,
    /// Those that choose among networks.
    pub validation: Dataset,
    /// Those that do neither; none where their share is zero.
    pub test: Dataset,
}

/// The arrays that a dataset is made of, with the places they come from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The inputs.
    pub inputs: (&'a str, &'a Array),
    /// What each output should learn.
    pub wanted: &'a [Wanted<'a>],
    /// Weights of events.
    pub weights: Option<(&'a str, &'a Array)>,
    /// What scores should not depend on.
    pub nuisance: Option<(&'a str, &'a Array)>,
    /// A hash of each event; that of its inputs when left out.
    pub keys: Option<&'a [u64]>,
}

impl Dataset {
    /// Events for a network with some outputs.
    ///
    /// # Errors
    /// D0501 where shapes do not fit, D0502 where a value is not finite, D0504 where labels are no
    /// classes of the network, D0505 where a class or the weights are empty.
    pub fn new(sources: Sources<'_>) -> Result<Self, Diagnostic> {
        let (file, inputs) = sources.inputs;
        let events = inputs.events();
        finite(file, inputs)?;
        let targets = sources.wanted.iter().map(|wanted| target((file, inputs), *wanted));
        let targets = targets.collect::<Result<_, _>>()?;
        let weights = match sources.weights {
            None => vec![1.0; events],
            Some((file, weights)) => {
                finite(file, weights)?;
                same_events(file, weights, events)?;
                if weights.columns() != 1 || weights.values.iter().any(|own| *own < 0.0) {
                    let help = "give one weight for each event, none of them negative";
                    let message = "the weights are negative, or several for each event";
                    return Err(Diagnostic::error(Code::D0501, message, help).at(file));
                }
                weights.values.iter().map(|value| single(*value)).collect()
            }
        };
        let nuisance = match sources.nuisance {
            None => None,
            Some((file, nuisance)) => {
                finite(file, nuisance)?;
                same_events(file, nuisance, events)?;
                if nuisance.columns() != 1 {
                    let message = format!("{} nuisances for each event", nuisance.columns());
                    let help = "give one value for each event";
                    return Err(Diagnostic::error(Code::D0501, message, help).at(file));
                }
                Some(nuisance.values.iter().map(|value| single(*value)).collect())
            }
        };
        let keys = sources.keys.map_or_else(|| data::keys_of_inputs(inputs), <[u64]>::to_vec);
        let inputs = inputs.values.iter().map(|value| single(*value)).collect();
        let columns = sources.inputs.1.columns();
        Ok(Self { columns, inputs, targets, weights, nuisance, keys })
    }

    /// The number of events.
    pub fn events(&self) -> usize {
        self.weights.len()
    }

    /// The inputs as a tensor, a row for each event.
    pub fn tensor(&self, device: &Device) -> Tensor<2> {
        tensor(self.inputs.clone(), [self.events(), self.columns], device)
    }

    /// The inputs of an event.
    pub fn row(&self, event: usize) -> &[f32] {
        &self.inputs[event * self.columns..][..self.columns]
    }

    /// The events by their use; `validation` and `test` are shares of all.
    ///
    /// Which is which depends on the hash of an event alone, so the order of rows and other events do
    /// not matter, and equal events stay together. Events of no weight are left out.
    ///
    /// # Errors
    /// D0505 when a use with a share has no event of any weight.
    pub fn split(&self, validation: f64, test: f64) -> Result<Split, Diagnostic> {
        let shares = Shares { validation, test };
        let help = "give more events, or another share: `validation = 0.2`";
        self.split_by(test > 0.0, |key| shares.of(key), help)
    }

    /// The same where all events that do not test are in `folds` parts of about as many, of which the one
    /// of number `fold` validates.
    ///
    /// # Errors
    /// D0505 when a use with a share has no event of any weight.
    pub fn fold(&self, shares: Shares, folds: u32, fold: u32) -> Result<Split, Diagnostic> {
        let help = "give more events, or fewer `folds`";
        self.split_by(shares.test > 0.0, |key| shares.of_fold(key, folds, fold), help)
    }

    fn split_by(
        &self,
        tested: bool,
        of: impl Fn(u64) -> Use,
        help: &str,
    ) -> Result<Split, Diagnostic> {
        let (mut kept, mut validates, mut tests) = (Vec::new(), Vec::new(), Vec::new());
        for event in (0..self.events()).filter(|event| self.weights[*event] > 0.0) {
            match of(self.keys[event]) {
                Use::Training => kept.push(event),
                Use::Validation => validates.push(event),
                Use::Test => tests.push(event),
            }
        }
        let uses = [(&kept, "training"), (&validates, "validation"), (&tests, "test")];
        for (events, what) in uses.into_iter().take(if tested { 3 } else { 2 }) {
            if events.is_empty() {
                let message = format!("no event of any weight is left for {what}");
                return Err(Diagnostic::error(Code::D0505, message, help));
            }
        }
        let [training, validation, test] = [kept, validates, tests].map(|own| self.select(&own));
        Ok(Split { training, validation, test })
    }

    /// Some of the events, in the order given.
    #[must_use]
    pub fn select(&self, events: &[usize]) -> Self {
        let pick = |values: &[f32], len: usize| {
            let mut picked = Vec::with_capacity(events.len() * len);
            for event in events {
                picked.extend_from_slice(&values[event * len..][..len]);
            }
            picked
        };
        let target = |own: &Target| match own {
            Target::Values { columns, values } => {
                Target::Values { columns: *columns, values: pick(values, *columns) }
            }
            Target::Inputs => Target::Inputs,
        };
        Self {
            columns: self.columns,
            inputs: pick(&self.inputs, self.columns),
            targets: self.targets.iter().map(target).collect(),
            weights: pick(&self.weights, 1),
            nuisance: self.nuisance.as_ref().map(|nuisance| pick(nuisance, 1)),
            keys: events.iter().map(|event| self.keys[*event]).collect(),
        }
    }
}

/// What is wanted of an output for inputs.
fn target((inputs_file, inputs): (&str, &Array), wanted: Wanted<'_>) -> Result<Target, Diagnostic> {
    let Wanted { labels, outputs, loss } = wanted;
    let Some((file, labels)) = labels else {
        if inputs.columns() == outputs {
            return Ok(Target::Inputs);
        }
        let message = format!(
            "{} inputs for each event, but the network gives {outputs} values back",
            inputs.columns()
        );
        let help = format!("give the last layer `outputs = {}`", inputs.columns());
        return Err(Diagnostic::error(Code::D0501, message, help).at(inputs_file));
    };
    finite(file, labels)?;
    same_events(file, labels, inputs.events())?;
    let values = if loss.targets() == Targets::Class {
        classes(file, labels, outputs)?
    } else {
        if labels.columns() != outputs {
            let message = format!(
                "{} target values for each event, but the network has {outputs} outputs",
                labels.columns()
            );
            let help = "give the last layer as many outputs as there are targets";
            return Err(Diagnostic::error(Code::D0501, message, help).at(file));
        }
        probabilities(file, labels, loss.targets())?;
        labels.values.iter().map(|value| single(*value)).collect()
    };
    Ok(Target::Values { columns: outputs, values })
}

/// One column for each class.
fn classes(file: &str, labels: &Array, outputs: usize) -> Result<Vec<f32>, Diagnostic> {
    if labels.columns() != 1 {
        let message = format!("{} labels for each event", labels.columns());
        let help = "give one class number for each event, counted from 0";
        return Err(Diagnostic::error(Code::D0504, message, help).at(file));
    }
    let mut targets = vec![0.0; labels.values.len() * outputs];
    let mut counts = vec![0_usize; outputs];
    for (row, value) in labels.values.iter().enumerate() {
        let class = (0..outputs).find(|class| {
            let number = u32::try_from(*class).expect("networks have fewer than 2^32 outputs");
            f64::from(number).to_bits() == (value + 0.0).to_bits()
        });
        let Some(class) = class else {
            let message = format!("row {row}: {value} is no class of {outputs}");
            let help = format!("number the classes from 0 to {}, as the outputs", outputs - 1);
            return Err(Diagnostic::error(Code::D0504, message, help).at(file));
        };
        targets[row * outputs + class] = 1.0;
        counts[class] += 1;
    }
    if let Some(empty) = counts.iter().position(|count| *count == 0) {
        let message = format!("class {empty} of {outputs} has no event");
        let help = "give events of every class, or the last layer fewer outputs";
        return Err(Diagnostic::error(Code::D0505, message, help).at(file));
    }
    Ok(targets)
}

/// Checks targets that are probabilities, and that there are events of signal and background.
fn probabilities(file: &str, labels: &Array, targets: Targets) -> Result<(), Diagnostic> {
    let is_one = |value: f64| match targets {
        Targets::Class | Targets::Values => true,
        Targets::Probabilities => (0.0..=1.0).contains(&value),
        Targets::Signal => [0.0_f64, 1.0].contains(&value),
    };
    if let Some(row) = labels.values.iter().position(|value| !is_one(*value)) {
        let message =
            format!("row {}: {} is no target", row / labels.columns(), labels.values[row]);
        let help = "give 1 for signal and 0 for background";
        return Err(Diagnostic::error(Code::D0504, message, help).at(file));
    }
    let side = |wanted: f64| labels.values.iter().any(|value| (value - wanted).abs() < 0.5);
    if targets != Targets::Values && !(side(0.0) && side(1.0)) {
        let message = "the labels are all the same".to_owned();
        let help = "give events of signal (label 1) and of background (label 0)";
        return Err(Diagnostic::error(Code::D0505, message, help).at(file));
    }
    Ok(())
}

fn same_events(file: &str, array: &Array, events: usize) -> Result<(), Diagnostic> {
    if array.events() == events {
        return Ok(());
    }
    let message = format!("{} rows for {events} events", array.events());
    Err(Diagnostic::error(Code::D0501, message, "give one row for each event").at(file))
}

fn finite(file: &str, array: &Array) -> Result<(), Diagnostic> {
    let columns = array.columns().max(1);
    let inside = |value: &f64| value.abs() <= f64::from(f32::MAX);
    match array.values.iter().position(|value| !inside(value)) {
        None => Ok(()),
        Some(place) => {
            let (row, column) = (place / columns, place % columns);
            let message = format!("row {row}, column {column} is {}", array.values[place]);
            let help = "remove such events, or replace the value: `numpy.nan_to_num(x)`";
            Err(Diagnostic::error(Code::D0502, message, help).at(file))
        }
    }
}
