//! [`Adversary`]: a second network that guesses a nuisance from the scores of the first.
//!
//! Before each step of the network, with the loss `L`, the adversary makes steps
//! that lower its own loss `A`, the cross entropy of the bin in which the nuisance
//! of an event lies; then the network lowers `L - lambda A`. Where it wins, scores say
//! nothing about the nuisance. Method: G. Louppe, M. Kagan and K. Cranmer, "Learning
//! to pivot with adversarial networks", arXiv:1611.01046; with bins of the mass as in
//! C. Shimmin et al., arXiv:1703.03507.
//!
//! The scores of classes are their probabilities, that of an autoencoder is the
//! logarithm of the mean squared distance from its inputs.

use burn::tensor::activation::{log_softmax, relu, sigmoid, softmax};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::correlation::distance_correlation;
use super::dataset::{Dataset, Target};
use super::loss::Targets;
use super::optimizer::{self, Memory, Rule};
use super::parameter::{Leaves, ParameterId, Parameters, Role, single, tensor, values};
use super::random::Random;
use super::recipe;
use super::recipe::Recipe;
use crate::data;
use crate::diag::{Code, Diagnostic};

/// Streams of drawn numbers from here on are those of the adversary's layers.
const FIRST_STREAM: u64 = 1 << 31;

/// Keeps the logarithm of a distance finite.
const LEAST_DISTANCE: f64 = 1e-6;

/// The most events between which dependence is measured.
const MOST_EVENTS: usize = 1000;

/// The adversary of a recipe; its numbers stand in a [`Rival`].
#[derive(Clone, Debug)]
pub struct Adversary {
    own: recipe::adversary::Adversary,
    /// The output whose scores it sees.
    head: usize,
    kind: Kind,
    /// Weights and biases of each layer.
    layers: Vec<[ParameterId; 2]>,
    /// The bounds between bins, ascending.
    edges: Vec<f32>,
    clip: Option<f64>,
}

/// What a score is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The probabilities of classes.
    Classes,
    /// A probability for each output.
    Probabilities,
    /// The outputs themselves.
    Values,
    /// How far an autoencoder is from its inputs.
    Distance,
}

/// What changes of an adversary while training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rival {
    /// Its weights and biases.
    pub parameters: Parameters,
    memory: Memory,
}

impl Adversary {
    /// The adversary of a recipe that has one, for its training events, and what it starts with.
    pub fn new(recipe: &Recipe, training: &Dataset, outputs: usize) -> Option<(Self, Rival)> {
        let own = recipe.adversary.clone()?;
        let heads = recipe.outputs();
        let head = own.head(&heads).expect("recipes are checked");
        let kind = match (heads[head].targets, heads[head].loss.targets()) {
            (data::Targets::Inputs, _) => Kind::Distance,
            (_, Targets::Class) => Kind::Classes,
            (_, Targets::Probabilities | Targets::Signal) => Kind::Probabilities,
            (_, Targets::Values) => Kind::Values,
        };
        let scores = if kind == Kind::Distance { 1 } else { outputs };
        let mut parameters = Parameters::default();
        let mut inputs = scores;
        let sizes = own.layers.iter().copied().chain([own.bins]);
        let mut layers = Vec::with_capacity(own.layers.len() + 1);
        for (stream, outputs) in (FIRST_STREAM..).zip(sizes) {
            let mut random = Random::new(recipe.train.seed, stream);
            let weights = random.weights(inputs, outputs);
            let name = |part: &str| format!("adversary{}.{part}", layers.len());
            let (weights_name, bias_name) = (name("weights"), name("bias"));
            layers.push([
                parameters.add(weights_name, [inputs, outputs], weights, Role::Weight),
                parameters.add(bias_name, [1, outputs], vec![0.0; outputs], Role::Bias),
            ]);
            inputs = outputs;
        }
        let edges = edges(training, &weights(&own.classes, head, training), own.bins);
        let clip = recipe.train.clip_gradient;
        let adversary = Self { own, head, kind, layers, edges, clip };
        Some((adversary, Rival { parameters, memory: Memory::default() }))
    }

    /// The output whose scores it sees.
    pub fn head(&self) -> usize {
        self.head
    }

    /// The scores of outputs, a row for each event.
    pub fn scores(&self, outputs: Tensor<2>, targets: Tensor<2>) -> Tensor<2> {
        match self.kind {
            Kind::Classes => softmax(outputs, 1),
            Kind::Probabilities => sigmoid(outputs),
            Kind::Values => outputs,
            Kind::Distance => ((outputs - targets).square().mean_dim(1) + LEAST_DISTANCE).log(),
        }
    }

    /// The loss of its guesses; none where no event counts.
    pub fn loss(&self, leaves: &Leaves, scores: Tensor<2>, events: &Dataset) -> Option<Tensor<1>> {
        let weights = weights(&self.own.classes, self.head, events);
        if !weights.iter().any(|weight| *weight > 0.0) {
            return None;
        }
        let (device, rows) = (&leaves.device, events.events());
        let last = self.layers.len() - 1;
        let hidden = self.layers[..last]
            .iter()
            .fold(scores, |x, [w, b]| relu(x.matmul(leaves[*w].clone()) + leaves[*b].clone()));
        let [w, b] = self.layers[last];
        let guesses = log_softmax(hidden.matmul(leaves[w].clone()) + leaves[b].clone(), 1);
        let mut wanted = vec![0.0; rows * self.own.bins];
        for (row, value) in nuisance(events).iter().enumerate() {
            let bin = self.edges.partition_point(|edge| edge <= value);
            wanted[row * self.own.bins + bin] = 1.0;
        }
        let each = (guesses * tensor(wanted, [rows, self.own.bins], device)).sum_dim(1).neg();
        let weights = tensor(weights, [rows, 1], device);
        Some((each * weights.clone()).sum() / weights.sum())
    }

    /// Lets it learn from scores, which do not change by that, by steps of length `rate`; false where
    /// something is no number.
    pub fn learn(
        &self,
        rival: &mut Rival,
        rate: f64,
        scores: &Tensor<2>,
        events: &Dataset,
    ) -> bool {
        let (rows, columns) = (events.events(), scores.dims()[1]);
        let scores = values(scores.clone().detach());
        let rule = Rule {
            optimizer: self.own.optimizer,
            momentum: self.own.momentum,
            weight_decay: 0.0,
            width_rate: 1.0,
        };
        for _ in 0..self.own.steps {
            let leaves = rival.parameters.leaves(&Device::flex().autodiff());
            let scores = tensor(scores.clone(), [rows, columns], &leaves.device);
            let Some(loss) = self.loss(&leaves, scores, events) else { return true };
            let tape = loss.backward();
            let gradient = |leaf: &Tensor<2>| leaf.grad(&tape).map(values).unwrap_or_default();
            let mut gradients: Vec<Vec<f32>> = leaves.tensors.iter().map(gradient).collect();
            optimizer::clip(&mut gradients, self.clip);
            let Rival { parameters, memory } = rival;
            optimizer::step(rule, memory, parameters, &gradients, rate);
            if !parameters.are_finite() {
                return false;
            }
        }
        true
    }

    /// What the network gains in an epoch by what the adversary misses.
    pub fn lambda(&self, epoch: usize) -> f64 {
        self.own.lambda(epoch)
    }

    /// The distance correlation of scores and nuisance, over the first events that count; `outputs` and
    /// `targets` are those of its output.
    pub fn dependence(&self, events: &Dataset, outputs: &[f64], targets: &[f32]) -> f64 {
        let weights = weights(&self.own.classes, self.head, events);
        let count = |event: &usize| weights[*event] > 0.0;
        let chosen: Vec<usize> = (0..events.events()).filter(count).take(MOST_EVENTS).collect();
        let columns = outputs.len() / events.events().max(1);
        let shape = [chosen.len(), columns];
        let rows = |event: &usize| event * columns..(event + 1) * columns;
        let own = chosen.iter().flat_map(|event| &outputs[rows(event)]);
        let own = tensor(own.map(|value| single(*value)).collect(), shape, &Device::flex());
        let wanted = chosen.iter().flat_map(|event| &targets[rows(event)]).copied().collect();
        let scores = self.scores(own, tensor(wanted, shape, &Device::flex()));
        let columns = scores.dims()[1];
        let scores: Vec<f64> = values(scores).into_iter().map(f64::from).collect();
        let all = nuisance(events);
        let pick = |all: &[f32]| -> Vec<f64> {
            chosen.iter().map(|event| f64::from(all[*event])).collect()
        };
        distance_correlation((&scores, columns), (&pick(all), 1), &pick(&weights))
    }
}

/// Checks that a recipe's adversary has something to guess.
///
/// # Errors
/// D0505 where no event is of its classes.
pub fn check(recipe: &Recipe, events: &Dataset) -> Result<(), Diagnostic> {
    let Some(own) = &recipe.adversary else { return Ok(()) };
    let head = own.head(&recipe.outputs()).expect("recipes are checked");
    if weights(&own.classes, head, events).iter().any(|weight| *weight > 0.0) {
        return Ok(());
    }
    let message = "no event of any weight is of the classes that the adversary sees";
    let help = "write other numbers into `classes` of `[adversary]`, or leave it out";
    Err(Diagnostic::error(Code::D0505, message, help))
}

fn nuisance(events: &Dataset) -> &[f32] {
    events.nuisance.as_deref().expect("recipes with an adversary have a nuisance")
}

/// The weights of events, zero outside of `classes`.
fn weights(classes: &[usize], head: usize, events: &Dataset) -> Vec<f32> {
    let Target::Values { columns, values } = &events.targets[head] else {
        return events.weights.clone();
    };
    if classes.is_empty() {
        return events.weights.clone();
    }
    let class = |targets: &[f32]| match targets {
        [only] => usize::from(*only > 0.5),
        several => several.iter().position(|own| *own > 0.5).unwrap_or(0),
    };
    let rows = events.weights.iter().zip(values.chunks_exact(*columns));
    rows.map(|(weight, own)| if classes.contains(&class(own)) { *weight } else { 0.0 }).collect()
}

/// Bounds that part the nuisance of events into bins of equal weight.
fn edges(events: &Dataset, weights: &[f32], bins: usize) -> Vec<f32> {
    let mut rows: Vec<(f32, f32)> =
        nuisance(events).iter().copied().zip(weights.iter().copied()).collect();
    rows.retain(|(_, weight)| *weight > 0.0);
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = rows.iter().map(|(_, weight)| f64::from(*weight)).sum();
    let float = |count: usize| f64::from(u32::try_from(count).expect("fewer than 2^32 bins"));
    let mut edges = Vec::with_capacity(bins - 1);
    let mut below = 0.0;
    for (value, weight) in rows {
        while edges.len() + 1 < bins && below >= total * float(edges.len() + 1) / float(bins) {
            edges.push(value);
        }
        below += f64::from(weight);
    }
    edges
}
