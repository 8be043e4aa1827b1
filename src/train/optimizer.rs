//! One step of an optimizer, on plain vectors: its state is part of a checkpoint, to the bit.

use serde::{Deserialize, Serialize};

use super::parameter::{Parameters, Role, bits, single};
use super::recipe::training::{Optimizer, Train};

/// How fast Adam forgets gradients, and their squares; what keeps it from dividing by zero.
const FORGET_FIRST: f32 = 0.9;
const FORGET_SECOND: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// How steps are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// By what rule.
    pub optimizer: Optimizer,
    /// How much of its speed a step keeps.
    pub momentum: f64,
    /// The decay of weights, in units of the length of a step.
    pub weight_decay: f64,
    /// How many times longer steps of bit widths are.
    pub width_rate: f64,
}

impl Rule {
    /// The rule of a network.
    pub fn of(train: &Train) -> Self {
        let Train { optimizer, momentum, weight_decay, width_rate, .. } = *train;
        Self { optimizer, momentum, weight_decay, width_rate }
    }
}

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

/// Adds the gradient of `l1 sum |w| + l2 sum w^2` over the weights; biases are free.
pub fn penalize(train: &Train, parameters: &Parameters, gradients: &mut [Vec<f32>]) {
    if train.l1 <= 0.0 && train.l2 <= 0.0 {
        return;
    }
    let (l1, l2) = (single(train.l1), single(train.l2));
    for (parameter, gradient) in parameters.0.iter().zip(gradients) {
        if parameter.role != Role::Weight {
            continue;
        }
        for (gradient, weight) in gradient.iter_mut().zip(&parameter.values) {
            let sign = if *weight == 0.0 { 0.0 } else { weight.signum() };
            *gradient += l1 * sign + 2.0 * l2 * weight;
        }
    }
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
    rule: Rule,
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
            Role::Weight => (rate, rule.weight_decay),
            Role::Bias => (rate, 0.0),
            Role::Width => (rate * rule.width_rate, 0.0),
        };
        let kept = match rule.optimizer {
            Optimizer::AdamW => single(1.0 - rate * decay),
            Optimizer::Adam | Optimizer::Sgd | Optimizer::Nesterov => 1.0,
        };
        let (momentum, rate) = (single(rule.momentum), single(rate));
        let own = Moved { moments, values: &mut parameter.values, gradient };
        match rule.optimizer {
            Optimizer::Sgd => own.velocity(momentum, |_, velocity| rate * velocity),
            Optimizer::Nesterov => {
                own.velocity(momentum, |gradient, velocity| {
                    rate * (gradient + momentum * velocity)
                });
            }
            Optimizer::Adam | Optimizer::AdamW => own.adam(time, rate, kept),
        }
    }
}

/// A parameter that is moved by its gradient.
struct Moved<'a> {
    moments: &'a mut Moments,
    values: &'a mut [f32],
    gradient: &'a [f32],
}

impl Moved<'_> {
    fn velocity(self, momentum: f32, length: impl Fn(f32, f32) -> f32) {
        let Self { moments, values, gradient } = self;
        moments.first.resize(gradient.len(), 0.0);
        for ((velocity, gradient), value) in moments.first.iter_mut().zip(gradient).zip(values) {
            *velocity = momentum * *velocity + gradient;
            *value -= length(*gradient, *velocity);
        }
    }

    fn adam(self, time: i32, rate: f32, kept: f32) {
        let Self { moments: Moments { first, second }, values, gradient } = self;
        first.resize(gradient.len(), 0.0);
        second.resize(gradient.len(), 0.0);
        let first_bias = 1.0 - FORGET_FIRST.powi(time);
        let second_bias = 1.0 - FORGET_SECOND.powi(time);
        let moments = first.iter_mut().zip(second);
        for (((first, second), gradient), value) in moments.zip(gradient).zip(values) {
            *first = FORGET_FIRST * *first + (1.0 - FORGET_FIRST) * gradient;
            *second = FORGET_SECOND * *second + (1.0 - FORGET_SECOND) * gradient * gradient;
            let moved = (*first / first_bias) / ((*second / second_bias).sqrt() + EPSILON);
            *value = *value * kept - rate * moved;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The path of one weight from 1 along the gradient `w`, two steps of length 0.1.
    fn path(lines: &str) -> Vec<f64> {
        let text = format!("loss = \"mean_squared_error\"\nepochs = 1\nbatch_size = 1\n{lines}");
        let train: Train = toml::from_str(&format!("learning_rate = 0.1\n{text}")).unwrap();
        let mut parameters = Parameters::default();
        let id = parameters.add("w".to_owned(), [1, 1], vec![1.0], Role::Weight);
        let mut memory = Memory::default();
        let steps = (0..2).map(|_| {
            let mut gradients = [parameters[id].values.clone()];
            penalize(&train, &parameters, &mut gradients);
            step(Rule::of(&train), &mut memory, &mut parameters, &gradients, 0.1);
            f64::from(parameters[id].values[0])
        });
        steps.collect()
    }

    #[test]
    fn steps_are_those_of_their_rules() {
        for (lines, expected) in [
            ("optimizer = \"sgd\"", [0.9, 0.81]),
            // v = 1, then 0.5 + 0.9.
            ("optimizer = \"sgd\"\nmomentum = 0.5", [0.9, 0.76]),
            // g + 0.5 v = 1.5; then v = 0.5 + 0.85, g + 0.5 v = 1.525.
            ("optimizer = \"nesterov\"\nmomentum = 0.5", [0.85, 0.6975]),
            // The first step of Adam has the length of the rate.
            ("optimizer = \"adam\"", [0.9, 0.9 - 0.1 * ADAM]),
            ("optimizer = \"adamw\"\nweight_decay = 0.5", [0.85, 0.85 * 0.95 - 0.1 * ADAMW]),
            ("optimizer = \"sgd\"\nl1 = 0.5", [0.85, 0.85 - 0.1 * 1.35]),
            ("optimizer = \"sgd\"\nl2 = 0.5", [0.8, 0.64]),
        ] {
            for (found, expected) in path(lines).iter().zip(expected) {
                assert!((found - expected).abs() < 1e-5, "{lines}: {found}, expected {expected}");
            }
        }
    }

    // (0.09 + 0.1 g) / 0.19 over the root of (0.000999 + 0.001 g^2) / 0.001999, with g = 0.9 and 0.85.
    const ADAM: f64 = 0.995_877_72;
    const ADAMW: f64 = 0.992_515_58;

    #[test]
    fn long_gradients_are_shortened() {
        let mut gradients = [vec![3.0], vec![0.0, 4.0]];
        assert!((clip(&mut gradients, Some(10.0)) - 5.0).abs() < 1e-12);
        assert_eq!(gradients, [vec![3.0], vec![0.0, 4.0]]);
        clip(&mut gradients, Some(1.0));
        assert!((clip(&mut gradients, None) - 1.0).abs() < 1e-6);
    }
}
