//! What whoever watches a run is told, and wants: [`Event`], [`Wish`], [`Ending`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::contest::Match;

/// What an epoch was like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Which one, counted from 0.
    pub epoch: usize,
    /// The mean loss of its batches, the price of bits not counted.
    pub loss: f64,
    /// The loss on the validation events, after the epoch.
    pub validation_loss: f64,
    /// The [metric](super::objective::Objective::metric) on the validation events; more is better.
    pub metric: f64,
    /// The metric of each of several outputs, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, f64>,
    /// What an adversary that was met did, on the validation events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adversary: Option<Match>,
    /// The effective bit operations.
    pub ebops: f64,
    /// The price of one of them.
    pub beta: f64,
    /// The length of the last step.
    pub learning_rate: f64,
}

/// What whoever watches a run is told.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A step was made; the loss of its batch.
    Step(f64),
    /// An epoch ended.
    Epoch(&'a Epoch),
}

/// What whoever watches a run wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Go on.
    GoOn,
    /// Stop before the next step.
    Stop,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// After its last epoch.
    Finished,
    /// Because the metric did not get better any more.
    Early,
    /// Because whoever watches wished so.
    Stopped,
    /// It did not: [`Trainer::refit`](super::fit::Trainer::refit) comes before the next step.
    Refit,
    /// No batch of an epoch has both signal and background, as its loss needs; the state is that before.
    Undefined {
        /// The epoch, counted from 0.
        epoch: usize,
    },
    /// The loss, or its gradient, is no number; the state is that before the epoch of this step.
    Diverged {
        /// The epoch, counted from 0.
        epoch: usize,
        /// The batch in it, counted from 0.
        batch: usize,
    },
}
