//! A trial: a recipe with other values, trained and compiled.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use crate::cli::train::events;
use crate::cli::train::points::{self, Made, Making, Point};
use crate::cli::{Failure, load};
use crate::data::Shares;
use crate::train::dataset::Split;
use crate::train::fit::{State, Trainer};
use crate::train::recipe::Recipe;
use crate::train::tune::objective::Objective;
use crate::train::tune::plan::Plan;
use crate::train::watch::{Ending, Event, Wish};

/// A trial of which something is finished.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Trial {
    /// Counted from 0.
    pub(super) number: u32,
    /// Its place from 0 to 1 for each parameter.
    pub(super) point: Vec<f64>,
    /// What came out at each rung that it reached; at least one.
    pub(super) outcomes: BTreeMap<usize, Outcome>,
}

/// What came out of a trial: the figures of its network with the best metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// It was trained and compiled.
    Finished(BTreeMap<Objective, Figure>),
    /// No network came out: the loss, or its gradient, was no number any more, or it was not defined as
    /// no batch had both signal and background; or a figure of the network is no number.
    Failed,
}

/// A figure of a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figure {
    /// The figure of the network, or the mean over those of the folds.
    pub(super) mean: f64,
    /// The standard deviation of the folds.
    pub(super) deviation: Option<f64>,
}

/// What is done for a trial.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    /// The text of its recipe.
    pub(super) recipe: &'a str,
    /// The recipe, as messages name it.
    pub(super) path: &'a str,
    /// Where the files of the recipe stand.
    pub(super) folder: &'a Path,
    /// What is wanted of it.
    pub(super) plan: &'a Plan,
    /// The epochs after which it is compared, where that is not the end.
    pub(super) until: Option<usize>,
    /// Whether to stop.
    pub(super) stop: &'a AtomicBool,
}

/// A trial that reached what it was trained for.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    /// Where each of its networks is; none where it failed.
    pub(super) states: Vec<State>,
}

impl Trial {
    /// What came out at the highest rung that it reached.
    pub(super) fn last(&self) -> (usize, &Outcome) {
        let (rung, outcome) = self.outcomes.last_key_value().expect("a trial has an outcome");
        (*rung, outcome)
    }
}

impl Outcome {
    /// What it costs; less is better in each.
    pub(super) fn costs(&self, objectives: &[Objective]) -> Vec<f64> {
        let cost = |objective: &Objective| match self {
            Self::Failed => f64::INFINITY,
            Self::Finished(figures) => objective.cost(figures[objective].mean),
        };
        objectives.iter().map(cost).collect()
    }
}

impl Figure {
    /// The figure of one network, or of several.
    fn of(values: &[f64]) -> Self {
        let count = |count: usize| f64::from(u32::try_from(count).expect("folds are few"));
        let mean = values.iter().sum::<f64>() / count(values.len());
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (values.len() > 1).then(|| (squares / count(values.len() - 1)).sqrt());
        Self { mean, deviation }
    }
}

/// Trains the networks of a trial from where they are, or from the start, and compiles them; none when it
/// was stopped before the end.
pub(super) fn run(work: Work<'_>, states: &[State]) -> Result<Option<Ended>, Failure> {
    let Work { path, plan, .. } = work;
    let mut recipe = Recipe::parse(work.recipe, path)?;
    recipe.front.points = 1;
    plan.check(&recipe, work.until).map_err(|fault| fault.at(path))?;
    let figures = plan.figures();
    let mut data_hash = Sha256::new();
    let all = events::read(&recipe, work.folder, &mut data_hash)?;
    let data_hash = load::hexadecimal(data_hash);
    let separations = plan.separations(&recipe, &all).map_err(|fault| fault.at(path))?;
    let shares = Shares { validation: recipe.data.validation, test: recipe.data.test };
    let mut states = states.iter();
    let (mut ends, mut values) = (Vec::new(), vec![Vec::new(); figures.len()]);
    for fold in 0..plan.folds.unwrap_or(1) {
        let split = match plan.folds {
            None => all.split(shares.validation, shares.test),
            Some(folds) => all.fold(shares, folds, fold),
        };
        let Split { training, validation, test } = split.map_err(|fault| fault.at(path))?;
        let trainer = Trainer::new(&recipe, training, validation);
        // What is not there is trained again, to the same bits.
        let known = states.next().filter(|state| trainer.accepts(state));
        let mut state = known.cloned().unwrap_or_else(|| trainer.start());
        points::check(&recipe, &trainer, &state)?;
        match train(work, &recipe, &trainer, &mut state)? {
            Ending::Refit => unreachable!("it is no end"),
            Ending::Stopped => return Ok(None),
            Ending::Diverged { .. } | Ending::Undefined { .. } => {
                return Ok(Some(Ended { outcome: Outcome::Failed, states: Vec::new() }));
            }
            Ending::Finished | Ending::Early => {}
        }
        let making = Making { recipe: work.recipe, data_hash: &data_hash };
        let (recipe, trainer, test, separations) = (&recipe, &trainer, &test, &*separations);
        let made = Made { recipe, making, trainer, test, separations };
        let wish = || if work.stop.load(Ordering::Relaxed) { Wish::Stop } else { Wish::GoOn };
        let Some(left) = points::compile(made, &state, &mut |_| wish())? else { return Ok(None) };
        let (point, _) = left.points.last().expect("a finished run has a network");
        for (values, figure) in values.iter_mut().zip(&figures) {
            values.push(value(figure, point));
        }
        ends.push(state);
    }
    let found: BTreeMap<Objective, Figure> =
        figures.into_iter().zip(values.iter().map(|own| Figure::of(own))).collect();
    if found.values().any(|figure| figure.mean.is_nan()) {
        return Ok(Some(Ended { outcome: Outcome::Failed, states: Vec::new() }));
    }
    Ok(Some(Ended { outcome: Outcome::Finished(found), states: ends }))
}

/// Trains until the end, or until it is compared; that is then its end.
fn train(
    work: Work<'_>,
    recipe: &Recipe,
    trainer: &Trainer<'_>,
    state: &mut State,
) -> Result<Ending, Failure> {
    let is_stopped = || work.stop.load(Ordering::Relaxed);
    let is_there = |state: &State| work.until == Some(state.epoch) && state.batch == 0;
    loop {
        let ending = trainer.run(state, &mut |state, event| {
            let is_there = matches!(event, Event::Epoch(_)) && is_there(state);
            if is_there || is_stopped() { Wish::Stop } else { Wish::GoOn }
        });
        match ending {
            Ending::Refit => points::refit(recipe, trainer, state)?,
            Ending::Stopped if is_there(state) && !is_stopped() => return Ok(Ending::Finished),
            ending => return Ok(ending),
        }
    }
}

/// A figure of a network.
fn value(figure: &Objective, point: &Point) -> f64 {
    let number = |count: u64| {
        f64::from(u32::try_from(count).expect("circuits have fewer than 2^32 parts of a kind"))
    };
    match figure {
        Objective::Metric => point.metric,
        // The metric of an only output is that of the run.
        Objective::Output(name) => point.outputs.get(name).copied().unwrap_or(point.metric),
        Objective::Separation(own) => point.separations[own],
        Objective::Dependence => point.dependence.expect("the recipe has an adversary"),
        Objective::Lut => number(point.lut),
        Objective::Ff => number(point.ff),
        Objective::LutFf => number(point.lut + point.ff),
        Objective::Dsp => number(point.dsp),
        Objective::Latency => point.latency_ns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_have_a_mean_and_a_deviation() {
        assert_eq!(Figure::of(&[3.0]), Figure { mean: 3.0, deviation: None });
        let figure = Figure { mean: 4.0, deviation: Some(2.0) };
        assert_eq!(Figure::of(&[2.0, 4.0, 6.0]), figure);
    }
}
