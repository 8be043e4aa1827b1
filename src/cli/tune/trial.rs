//! A trial: a recipe with other values, trained and compiled.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use crate::cli::train::events;
use crate::cli::train::points::{self, Made, Making};
use crate::cli::{Failure, load};
use crate::train::dataset::Split;
use crate::train::fit::Trainer;
use crate::train::recipe::Recipe;
use crate::train::tune::plan::Objective;
use crate::train::watch::{Ending, Wish};

/// A finished trial.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Trial {
    /// Counted from 0.
    pub(super) number: u32,
    /// Its place from 0 to 1 for each parameter.
    pub(super) point: Vec<f64>,
    /// What came out.
    pub(super) outcome: Outcome,
}

/// What came out of a trial: the figures of its network with the best metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outcome {
    /// It was trained and compiled.
    Finished {
        /// The metric of the integers on the validation events; more is better.
        metric: f64,
        /// The look-up tables.
        lut: u32,
        /// The latency.
        latency_ns: f64,
    },
    /// No network came out: the loss, or its gradient, was no number any more, or it was not defined as
    /// no batch had both signal and background.
    Failed,
}

impl Outcome {
    /// What it costs; less is better in each.
    pub(super) fn costs(self, objectives: &[Objective]) -> Vec<f64> {
        let cost = |objective: &Objective| match (self, objective) {
            (Self::Failed, _) => f64::INFINITY,
            (Self::Finished { metric, .. }, Objective::Metric) => -metric,
            (Self::Finished { lut, .. }, Objective::Lut) => f64::from(lut),
            (Self::Finished { latency_ns, .. }, Objective::Latency) => latency_ns,
        };
        objectives.iter().map(cost).collect()
    }
}

/// Trains a recipe and compiles its best network; none when it was stopped before the end.
pub(super) fn run(
    text: &str,
    path: &str,
    folder: &Path,
    stop: &AtomicBool,
) -> Result<Option<Outcome>, Failure> {
    let mut recipe = Recipe::parse(text, path)?;
    recipe.front.points = 1;
    let mut data_hash = Sha256::new();
    let all = events::read(&recipe, folder, &mut data_hash)?;
    let data_hash = load::hexadecimal(data_hash);
    let Split { training, validation, test } =
        all.split(recipe.data.validation, recipe.data.test).map_err(|fault| fault.at(path))?;
    let trainer = Trainer::new(&recipe, training, validation);
    let mut state = trainer.start();
    points::check(&recipe, &trainer, &state)?;
    loop {
        let ending = trainer.run(&mut state, &mut |_, _| {
            if stop.load(Ordering::Relaxed) { Wish::Stop } else { Wish::GoOn }
        });
        match ending {
            Ending::Refit => points::refit(&recipe, &trainer, &mut state)?,
            Ending::Stopped => return Ok(None),
            Ending::Diverged { .. } | Ending::Undefined { .. } => return Ok(Some(Outcome::Failed)),
            Ending::Finished | Ending::Early => break,
        }
    }
    let making = Making { recipe: text, data_hash: &data_hash };
    let made = Made { recipe: &recipe, making, trainer: &trainer, test: &test };
    let points = points::compile(made, &state, &|_| ())?;
    let (point, _) = points.last().expect("a finished run has a network");
    let lut = u32::try_from(point.lut).expect("circuits have fewer than 2^32 look-up tables");
    let outcome = Outcome::Finished { metric: point.metric, lut, latency_ns: point.latency_ns };
    Ok(Some(outcome))
}
