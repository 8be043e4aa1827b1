//! One step of an optimizer, on plain vectors: its state is part of a checkpoint, to the bit.

use serde::{Deserialize, Serialize};

use super::parameter::{Parameters, Role, bits};
use super::recipe::{Optimizer, Train};

/// How fast Adam forgets gradients, and their squares; what keeps it from dividing by zero.
const FORGET_FIRST: f32 = 0.9;
const FORGET_SECOND: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// What an optimizer remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// How many steps were made.
    pub steps: i32,
    moments: Vec<Moments>,
}

/// What an optimizer remembers of a parameter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Moments {
    /// The mean of gradients; for SGD the velocity.
    #[serde(with = "bits")]
    first: Vec<f32>,
    /// The mean of their squares.
    #[serde(with = "bits")]
    second: Vec<f32>,
}

/// Shortens gradients to a norm of `longest` over all of them; gives back the norm they had.
pub fn clip(gradients: &mut [Vec<f32>], longest: Option<f64>) -> f64 {
    let squares = gradients.iter().flatten().map(|own| f64::from(*own).powi(2));
    let norm = squares.sum::<f64>().sqrt();
    if let Some(longest) = longest
        && norm > longest
    {
        let factor = single(longest / norm);
        gradients.iter_mut().flatten().for_each(|own| *own *= factor);
    }
    norm
}

/// Moves every parameter by its gradient; `rate` is the length of the step.
pub fn step(
    train: &Train,
    memory: &mut Memory,
    parameters: &mut Parameters,
    gradients: &[Vec<f32>],
    rate: f64,
) {
    memory.steps += 1;
    let time = memory.steps;
    memory.moments.resize_with(parameters.0.len(), Moments::default);
    let rows = parameters.0.iter_mut().zip(&mut memory.moments).zip(gradients);
    for ((parameter, moments), gradient) in rows {
        let (rate, decay) = match parameter.role {
            Role::Fixed => continue,
            Role::Weight => (rate, train.weight_decay),
            Role::Width => (rate * train.width_rate, 0.0),
        };
        let moved = match train.optimizer {
            Optimizer::Sgd => moments.velocity(gradient, single(train.momentum)),
            Optimizer::Adam | Optimizer::AdamW => moments.adam(gradient, time),
        };
        let kept = match train.optimizer {
            Optimizer::AdamW => single(1.0 - rate * decay),
            Optimizer::Adam | Optimizer::Sgd => 1.0,
        };
        for (value, moved) in parameter.values.iter_mut().zip(moved) {
            *value = *value * kept - single(rate) * moved;
        }
    }
}

impl Moments {
    fn velocity(&mut self, gradient: &[f32], momentum: f32) -> Vec<f32> {
        self.first.resize(gradient.len(), 0.0);
        for (velocity, gradient) in self.first.iter_mut().zip(gradient) {
            *velocity = momentum * *velocity + gradient;
        }
        self.first.clone()
    }

    fn adam(&mut self, gradient: &[f32], time: i32) -> Vec<f32> {
        self.first.resize(gradient.len(), 0.0);
        self.second.resize(gradient.len(), 0.0);
        let first_bias = 1.0 - FORGET_FIRST.powi(time);
        let second_bias = 1.0 - FORGET_SECOND.powi(time);
        let moments = self.first.iter_mut().zip(&mut self.second);
        let each = moments.zip(gradient).map(|((first, second), gradient)| {
            *first = FORGET_FIRST * *first + (1.0 - FORGET_FIRST) * gradient;
            *second = FORGET_SECOND * *second + (1.0 - FORGET_SECOND) * gradient * gradient;
            (*first / first_bias) / ((*second / second_bias).sqrt() + EPSILON)
        });
        each.collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "training computes in single precision")]
fn single(value: f64) -> f32 {
    value as f32
}
