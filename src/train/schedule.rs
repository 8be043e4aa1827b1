//! How the length of steps and the price of bits change over a run.

use std::f64::consts::PI;

use super::recipe::Resources;
use super::recipe::adversary::Adversary;
use super::recipe::training::{Schedule, Train};

/// Where a run is: steps counted from 0, and the metric after each epoch that is finished.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The step that comes next.
    pub step: usize,
    /// The steps of an epoch.
    pub batches: usize,
    /// What [`Schedule::Plateau`] looks at; more is better.
    pub metrics: &'a [f64],
}

/// The length of a step: the learning rate, after a linear rise, by the schedule.
pub fn rate(train: &Train, progress: Progress<'_>) -> f64 {
    let rise = train.rise * progress.batches;
    let risen = if progress.step < rise { share(progress.step + 1, rise) } else { 1.0 };
    let step = progress.step.saturating_sub(rise);
    let steps = (train.epochs * progress.batches).saturating_sub(rise);
    train.learning_rate * risen * part(train.schedule, step, steps, progress)
}

/// The length of a step of the adversary in a run of so many epochs, by its own schedule.
pub fn adversary_rate(adversary: &Adversary, epochs: usize, progress: Progress<'_>) -> f64 {
    let steps = epochs * progress.batches;
    adversary.learning_rate * part(adversary.schedule, progress.step, steps, progress)
}

fn part(schedule: Schedule, step: usize, steps: usize, progress: Progress<'_>) -> f64 {
    let half_cosine = |share: f64| f64::midpoint(1.0, (PI * share).cos());
    match schedule {
        Schedule::Constant => 1.0,
        Schedule::Cosine => half_cosine(share(step, steps)),
        Schedule::Restarts { every, factor } => {
            let cycle = every * progress.batches;
            power(factor, step / cycle) * half_cosine(share(step % cycle, cycle))
        }
        Schedule::Steps { every, factor } => power(factor, step / (every * progress.batches)),
        Schedule::Exponential { factor } => factor.powf(float(step) / float(progress.batches)),
        Schedule::Plateau { patience, factor } => {
            power(factor, plateaus(progress.metrics, patience))
        }
    }
}

/// How often `patience` epochs in a row were no better than all before.
fn plateaus(metrics: &[f64], patience: usize) -> usize {
    let (mut best, mut waited, mut plateaus) = (f64::NEG_INFINITY, 0, 0);
    for metric in metrics {
        if *metric > best {
            (best, waited) = (*metric, 0);
        } else {
            waited += 1;
        }
        if waited == patience {
            (waited, plateaus) = (0, plateaus + 1);
        }
    }
    plateaus
}

/// The price of one effective bit operation in epoch `epoch` of `epochs`.
pub fn beta(resources: Resources, epoch: usize, epochs: usize) -> f64 {
    let Some([first, last]) = resources.beta else { return 0.0 };
    let rising = epoch.saturating_sub(resources.warmup);
    let span = epochs.saturating_sub(resources.warmup + 1).max(1);
    first * (last / first).powf(share(rising, span))
}

fn share(part: usize, whole: usize) -> f64 {
    float(part.min(whole)) / float(whole.max(1))
}

fn power(factor: f64, times: usize) -> f64 {
    factor.powi(i32::try_from(times).unwrap_or(i32::MAX))
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("fewer than 2^32 steps"))
}
