//! What training makes small: [`Loss`], the mean over weighted events.
//!
//! - `significance`: objectives of counts of signal and background, not of single events;
//! - `metric`: what networks are chosen by.

pub mod metric;
pub mod significance;

use burn::tensor::activation::{log_sigmoid, log_softmax, sigmoid};
use burn::tensor::{Device, Tensor};
use serde::Deserialize;

use super::fused::cross_entropy::cross_entropy;
use super::parameter::{single, tensor, values};
use crate::diag::{Code, Diagnostic};

/// What is made small. With `y` the outputs of an event and `t` its targets:
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Loss {
    /// `- sum_c t_c log softmax(y)_c`: one class of several.
    CrossEntropy,
    /// `- sum_c t_c (1 - p_c)^gamma log p_c` with `p = softmax(y)`: events that are found already count
    /// less (T.-Y. Lin et al., arXiv:1708.02002).
    Focal {
        /// How much less.
        gamma: f64,
    },
    /// `- t log p - (1 - t) log(1 - p)` with `p = sigmoid(y)`, the mean over the outputs.
    BinaryCrossEntropy,
    /// The focal loss of `p = sigmoid(y)`, the mean over the outputs.
    BinaryFocal {
        /// How much less events count that are found already.
        gamma: f64,
    },
    /// The mean over the outputs of `(y - t)^2`.
    MeanSquaredError,
    /// The mean over the outputs of `|y - t|`.
    MeanAbsoluteError,
    /// The mean over the outputs of `(y - t)^2 / 2`, which beyond `delta` goes on as a straight line.
    Huber {
        /// Where it becomes straight, in units of the outputs.
        delta: f64,
    },
    /// The mean over the outputs of `(y - t)^4`.
    FourthPower,
    /// `(s + b) / s^2`: see [`significance`](significance::inverse).
    Significance {
        /// The events of signal that are expected before any cut.
        signal: f64,
        /// The events of background that are expected before any cut.
        background: f64,
        /// For so many epochs the binary cross entropy is made small first.
        #[serde(default = "pretraining")]
        pretraining: usize,
    },
    /// `1 / Z`, with the Asimov significance: see [`significance`](significance::inverse_asimov).
    Asimov {
        /// The events of signal that are expected before any cut.
        signal: f64,
        /// The events of background that are expected before any cut.
        background: f64,
        /// The uncertainty of the background, as a part of it.
        systematic: f64,
        /// For so many epochs the binary cross entropy is made small first.
        #[serde(default = "pretraining")]
        pretraining: usize,
    },
}

fn pretraining() -> usize {
    5
}

/// What the targets of an event are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    /// The number of its class.
    Class,
    /// A number from 0 to 1 for each output.
    Probabilities,
    /// 1 for signal, 0 for background.
    Signal,
    /// A number for each output.
    Values,
}

impl Loss {
    /// What the targets of an event are.
    pub fn targets(self) -> Targets {
        match self {
            Self::CrossEntropy | Self::Focal { .. } => Targets::Class,
            Self::BinaryCrossEntropy | Self::BinaryFocal { .. } => Targets::Probabilities,
            Self::Significance { .. } | Self::Asimov { .. } => Targets::Signal,
            Self::MeanSquaredError
            | Self::MeanAbsoluteError
            | Self::Huber { .. }
            | Self::FourthPower => Targets::Values,
        }
    }

    /// What is made small in an epoch: the loss itself, or that of its pre-training.
    #[must_use]
    pub fn in_epoch(self, epoch: usize) -> Self {
        match self {
            Self::Significance { pretraining, .. } | Self::Asimov { pretraining, .. }
                if epoch < pretraining =>
            {
                Self::BinaryCrossEntropy
            }
            own => own,
        }
    }

    /// True when events of these targets and weights have a loss: some objectives need both signal
    /// and background.
    pub fn is_defined(self, targets: &[f32], weights: &[f32]) -> bool {
        match self.targets() {
            Targets::Signal => {
                let has = |wanted: bool| {
                    let mut rows = targets.iter().zip(weights);
                    rows.any(|(target, weight)| (*target > 0.5) == wanted && *weight > 0.0)
                };
                has(true) && has(false)
            }
            Targets::Class | Targets::Probabilities | Targets::Values => {
                weights.iter().any(|weight| *weight > 0.0)
            }
        }
    }

    /// Checks its numbers, and that a network of so many outputs has it.
    ///
    /// # Errors
    /// C0401 for what is not possible.
    pub fn check(self, outputs: usize) -> Result<(), Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        let positive = |value: f64| value.is_finite() && value > 0.0;
        match self {
            Self::Focal { gamma } | Self::BinaryFocal { gamma }
                if !(gamma.is_finite() && gamma >= 0.0) =>
            {
                refuse(
                    format!("`gamma` of {gamma} is not possible"),
                    "write for example `gamma = 2.0`",
                )
            }
            Self::Huber { delta } if !positive(delta) => refuse(
                format!("`delta` of {delta} is not possible"),
                "write for example `delta = 1.0`",
            ),
            Self::Significance { signal, background, .. }
            | Self::Asimov { signal, background, .. }
                if !(positive(signal) && positive(background)) =>
            {
                let help = "write for example `signal = 50.0, background = 1000.0`";
                refuse("the expected events of signal and background are positive".to_owned(), help)
            }
            Self::Asimov { systematic, .. } if !(systematic.is_finite() && systematic >= 0.0) => {
                let message = format!("an uncertainty of {systematic} is not possible");
                refuse(message, "write for example `systematic = 0.3` for 30 %")
            }
            Self::Significance { .. } | Self::Asimov { .. } if outputs != 1 => {
                let message = format!("a significance is that of one output, not of {outputs}");
                refuse(message, "give the last layer `outputs = 1`")
            }
            _ if outputs == 1 && self.targets() == Targets::Class => {
                let help = "write `loss = \"binary_cross_entropy\"`, or give the last layer an output for each class";
                refuse("one output cannot tell classes apart by this loss".to_owned(), help)
            }
            Self::CrossEntropy
            | Self::Focal { .. }
            | Self::BinaryCrossEntropy
            | Self::BinaryFocal { .. }
            | Self::MeanSquaredError
            | Self::MeanAbsoluteError
            | Self::Huber { .. }
            | Self::FourthPower
            | Self::Significance { .. }
            | Self::Asimov { .. } => Ok(()),
        }
    }
}

/// The loss of events, each a row; `weights` is one column.
pub fn loss(kind: Loss, outputs: Tensor<2>, targets: Tensor<2>, weights: Tensor<2>) -> Tensor<1> {
    let each = match kind {
        Loss::CrossEntropy => return cross_entropy(&outputs, &targets, &weights),
        Loss::Focal { gamma } => {
            let log = log_softmax(outputs, 1);
            let missed = (log.clone().exp().neg() + 1.0).clamp_min(NEVER_ZERO).powf_scalar(gamma);
            (missed * log * targets).sum_dim(1).neg()
        }
        Loss::BinaryCrossEntropy => binary(outputs, targets, log_sigmoid),
        Loss::BinaryFocal { gamma } => binary(outputs, targets, |y| {
            let missed = (log_sigmoid(y.clone().neg()) * gamma).exp();
            missed * log_sigmoid(y)
        }),
        Loss::MeanSquaredError => (outputs - targets).square().mean_dim(1),
        Loss::MeanAbsoluteError => (outputs - targets).abs().mean_dim(1),
        Loss::Huber { delta } => {
            let apart = (outputs - targets).abs();
            let bent = apart.clone().clamp_max(delta);
            (bent.clone().square() * 0.5 + (apart - bent) * delta).mean_dim(1)
        }
        Loss::FourthPower => (outputs - targets).square().square().mean_dim(1),
        Loss::Significance { signal, background, .. } => {
            return of_counts(
                outputs,
                targets,
                weights,
                [signal, background],
                significance::inverse,
            );
        }
        Loss::Asimov { signal, background, systematic, .. } => {
            return of_counts(outputs, targets, weights, [signal, background], |s, b| {
                significance::inverse_asimov(s, b, systematic)
            });
        }
    };
    (each * weights.clone()).sum() / weights.sum()
}

/// Keeps powers of what vanishes differentiable.
const NEVER_ZERO: f64 = 1e-6;

/// The mean over outputs of `- t f(y) - (1 - t) f(-y)`.
fn binary(outputs: Tensor<2>, targets: Tensor<2>, f: impl Fn(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
    let other = targets.clone().neg() + 1.0;
    (targets * f(outputs.clone()) + other * f(outputs.neg())).mean_dim(1).neg()
}

/// An objective of the counts `s` and `b`: what is expected of signal and background, times the
/// weighted share that passes, an event by `sigmoid(y)`.
///
/// The objective and its derivatives are those of double precision, which the differences of
/// logarithms in it need.
fn of_counts(
    outputs: Tensor<2>,
    targets: Tensor<2>,
    weights: Tensor<2>,
    [signal, background]: [f64; 2],
    objective: impl Fn(f64, f64) -> significance::Objective,
) -> Tensor<1> {
    let passes = sigmoid(outputs);
    let count = |mask: Tensor<2>, expected: f64| {
        (passes.clone() * mask.clone()).sum() / mask.sum() * expected
    };
    let s = count(weights.clone() * targets.clone(), signal);
    let b = count(weights * (targets.neg() + 1.0), background);
    let number = |count: &Tensor<1>| f64::from(values(count.clone())[0]);
    let own = objective(number(&s), number(&b));
    // Zero, with the gradient of the objective.
    let part = |count: Tensor<1>, by: f64| (count.clone() - count.detach()) * by;
    part(s, own.by_signal) + part(b, own.by_background) + own.value
}

/// How many events are looked at together, where the loss is a mean over events.
const CHUNK: usize = 4096;

/// The loss of numbers, event after event; the sum over events is in double precision.
pub fn loss_of(kind: Loss, outputs: &[f64], targets: &[f32], weights: &[f32]) -> f64 {
    let columns = targets.len() / weights.len().max(1);
    let chunk = match kind.targets() {
        Targets::Signal => weights.len(),
        Targets::Class | Targets::Probabilities | Targets::Values => CHUNK,
    };
    let device = Device::flex();
    let (mut sum, mut total) = (0.0, 0.0);
    let parts = outputs.chunks(chunk * columns).zip(targets.chunks(chunk * columns));
    for ((outputs, targets), weights) in parts.zip(weights.chunks(chunk)) {
        let weight: f64 = weights.iter().map(|own| f64::from(*own)).sum();
        if weight > 0.0 {
            let shape = [weights.len(), columns];
            let outputs = tensor(outputs.iter().map(|own| single(*own)).collect(), shape, &device);
            let targets = tensor(targets.to_vec(), shape, &device);
            let weights = tensor(weights.to_vec(), [shape[0], 1], &device);
            sum += weight * f64::from(values(loss(kind, outputs, targets, weights))[0]);
        }
        total += weight;
    }
    sum / total
}
