//! [`Metric`]: what networks are chosen by.

use super::{Loss, Targets, loss_of};

/// What is made large by choosing among networks, as the loss that trained them asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// The weighted share of events whose highest output is that of their class.
    Accuracy,
    /// The weighted share of outputs on the right side of zero.
    BinaryAccuracy,
    /// How significant an excess of what passes is: 1 over the square root of `(s + b) / s^2`, or `Z`.
    Significance(Loss),
    /// Minus the loss.
    Error(Loss),
}

impl Metric {
    /// The metric of what a loss trains.
    pub fn of(loss: Loss) -> Self {
        match loss.targets() {
            Targets::Class => Self::Accuracy,
            Targets::Probabilities => Self::BinaryAccuracy,
            Targets::Signal => Self::Significance(loss),
            Targets::Values => Self::Error(loss),
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy | Self::BinaryAccuracy => "accuracy",
            Self::Significance(_) => "significance",
            Self::Error(Loss::MeanAbsoluteError) => "absolute error",
            Self::Error(Loss::Huber { .. }) => "Huber error",
            Self::Error(Loss::FourthPower) => "fourth power of error",
            Self::Error(_) => "squared error",
        }
    }

    /// A value in a report.
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Accuracy | Self::BinaryAccuracy => format!("{:.2} %", 100.0 * value),
            Self::Significance(_) => format!("{value:.4}"),
            Self::Error(_) => format!("{:.4e}", -value),
        }
    }

    /// The value for outputs and targets, event after event.
    pub fn value(self, outputs: &[f64], targets: &[f32], weights: &[f32]) -> f64 {
        let is_right = |(y, t): (&f64, &f32)| f64::from(u8::from((*y > 0.0) == (*t > 0.5)));
        match self {
            Self::Accuracy => mean(outputs, targets, weights, |outputs, targets| {
                f64::from(u8::from(targets[highest(outputs)] > 0.5))
            }),
            Self::BinaryAccuracy => mean(outputs, targets, weights, |outputs, targets| {
                let count = u32::try_from(outputs.len()).expect("fewer than 2^32 outputs");
                outputs.iter().zip(targets).map(is_right).sum::<f64>() / f64::from(count)
            }),
            Self::Significance(loss @ Loss::Significance { .. }) => {
                loss_of(loss, outputs, targets, weights).sqrt().recip()
            }
            Self::Significance(loss) => loss_of(loss, outputs, targets, weights).recip(),
            Self::Error(loss) => -loss_of(loss, outputs, targets, weights),
        }
    }
}

/// The weighted mean over events.
fn mean(
    outputs: &[f64],
    targets: &[f32],
    weights: &[f32],
    of: impl Fn(&[f64], &[f32]) -> f64,
) -> f64 {
    let columns = (outputs.len() / weights.len().max(1)).max(1);
    let (mut sum, mut total) = (0.0, 0.0);
    let rows = outputs.chunks_exact(columns).zip(targets.chunks_exact(columns));
    for ((outputs, targets), weight) in rows.zip(weights) {
        let weight = f64::from(*weight);
        total += weight;
        sum += weight * of(outputs, targets);
    }
    sum / total
}

/// The first of the largest.
fn highest(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}
