//! How the length of steps and the price of bits change over a run.

use std::f64::consts::PI;

use super::recipe::{Resources, Schedule};

/// The length of step `step` of `steps`, as a part of the learning rate.
pub fn rate(schedule: Schedule, step: usize, steps: usize) -> f64 {
    match schedule {
        Schedule::Constant => 1.0,
        Schedule::Cosine => f64::midpoint(1.0, (PI * share(step, steps)).cos()),
    }
}

/// The price of one effective bit operation in epoch `epoch` of `epochs`.
pub fn beta(resources: Resources, epoch: usize, epochs: usize) -> f64 {
    let Some([first, last]) = resources.beta else { return 0.0 };
    let rising = epoch.saturating_sub(resources.warmup);
    let span = epochs.saturating_sub(resources.warmup + 1).max(1);
    first * (last / first).powf(share(rising, span))
}

fn share(part: usize, whole: usize) -> f64 {
    let float = |count: usize| f64::from(u32::try_from(count).expect("fewer than 2^32 steps"));
    float(part.min(whole)) / float(whole.max(1))
}
