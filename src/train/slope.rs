//! [`Slope`]: what a batch says about the parameters.
//!
//! Where nothing but the mean of losses joins events, the halves of a large batch go
//! through the network side by side, and the slope is their mean by weight. The halves
//! are always the same and added in the same order, so the number of threads does not change a bit.

use burn::tensor::Device;

use super::adversary::Rival;
use super::contest::Contest;
use super::dataset::Dataset;
use super::model::{Network, Run};
use super::objective::Objective;
use super::parameter::{ParameterId, Parameters, single, values};
use super::random::Random;

/// The fewest events of a half: with fewer there is more to do for each parameter than for each event.
const LEAST_HALF: usize = 256;

/// The loss of a batch, and its gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct Slope {
    /// The loss, without the price of bits.
    pub loss: f64,
    /// The gradient of each parameter, that of the price too.
    pub gradients: Vec<Vec<f32>>,
    /// The mean and the variance of the batch, to be followed by parameters.
    pub statistics: Vec<(ParameterId, Vec<f32>)>,
}

/// All that a slope depends on, but parameters and events.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// The network.
    pub network: &'a Network,
    /// What is made small.
    pub objective: &'a Objective,
    /// The epoch, counted from 0.
    pub epoch: usize,
    /// The price of a bit operation.
    pub beta: f64,
    /// The length of the adversary's steps.
    pub adversary_rate: f64,
    /// What is drawn from.
    pub drawn: Random,
}

impl Step<'_> {
    /// The slope of a batch, after the adversary learned from it; none where something is no number.
    pub fn slope(
        &self,
        parameters: &Parameters,
        rival: Option<&mut Rival>,
        events: &Dataset,
    ) -> Option<Slope> {
        let half = events.events() / 2;
        if rival.is_some() || half < LEAST_HALF || self.joins_events() {
            return self.of_all(parameters, rival, events);
        }
        let halves = [0..half, half..events.events()]
            .map(|range| events.select(&range.collect::<Vec<usize>>()));
        if !halves.iter().all(|events| self.objective.is_defined(self.epoch, events)) {
            return self.of_all(parameters, rival, events);
        }
        let own = |events: &Dataset| self.of_all(parameters, None, events);
        let (first, second) = rayon::join(|| own(&halves[0]), || own(&halves[1]));
        let weight = |events: &Dataset| events.weights.iter().copied().map(f64::from).sum::<f64>();
        let [a, b] = [weight(&halves[0]), weight(&halves[1])];
        Some(first?.times(a / (a + b)).plus(&second?.times(b / (a + b))))
    }

    /// True where the loss of an event depends on others, or on how many came before it.
    fn joins_events(&self) -> bool {
        self.network.joins_events() || self.objective.joins_events(self.epoch)
    }

    fn of_all(
        &self,
        parameters: &Parameters,
        mut rival: Option<&mut Rival>,
        events: &Dataset,
    ) -> Option<Slope> {
        let leaves = parameters.leaves(&Device::flex().autodiff());
        let mut run = Run::training(self.drawn);
        let output = self.network.forward(&leaves, &events.tensor(&leaves.device), &mut run);
        let contest = Contest { objective: self.objective };
        let practice = rival.as_deref_mut();
        let scores = contest.practice(practice, self.adversary_rate, events, &output.heads).ok()?;
        let own = self.objective.loss(self.epoch, events, output.heads);
        let mut total = own.clone() + output.paid * self.beta;
        let rival = rival.as_deref().zip(scores);
        if let Some(missed) = contest.missed(rival, self.epoch, events) {
            total = total - missed;
        }
        let loss = f64::from(values(own)[0]);
        let tape = total.backward();
        // What the loss does not depend on stays where it is.
        let gradients = leaves.tensors.iter().zip(&parameters.0).map(|(leaf, own)| {
            leaf.grad(&tape).map_or_else(|| vec![0.0; own.values.len()], values)
        });
        Some(Slope { loss, gradients: gradients.collect(), statistics: run.statistics })
    }
}

impl Slope {
    fn times(mut self, share: f64) -> Self {
        self.loss *= share;
        self.gradients.iter_mut().flatten().for_each(|own| *own *= single(share));
        self
    }

    fn plus(mut self, other: &Self) -> Self {
        self.loss += other.loss;
        let pairs = self.gradients.iter_mut().flatten().zip(other.gradients.iter().flatten());
        pairs.for_each(|(own, other)| *own += other);
        self
    }
}
