//! [`peel`]: weights with fewer signed digits, as long as the metric allows it.
//!
//! A greedy search over the weights of a trained network: the change comes next whose
//! saved digits, each as wide as the input that it multiplies, raise the loss on training
//! events least. How much changes raise it is computed again only when their turn comes
//! (M. Minoux, "Accelerated greedy algorithms for maximizing submodular set functions",
//! 1978). The bias of the neuron makes up for the mean of what its sum loses (M. Nagel et
//! al., arXiv:1906.04721). So many of the changes are kept, from the first on, as leave
//! the metric on the validation events above a bound: these events choose one number, and
//! not among thousands of changes, which would fit them and no others.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::dataset::Dataset;
use super::digits::{digits, shorter};
use super::fit::Trainer;
use super::model::Network;
use super::model::change::{Change, Weight};
use super::model::replay::Replay;
use super::objective::{Objective, Outputs};
use super::parameter::Parameters;
use super::watch::Wish;

/// The most training events that a loss is measured on.
const SAMPLE: usize = 8192;

/// The stream of numbers that draws them; those of layers are below.
const SAMPLE_STREAM: u64 = 1 << 30;

/// How many weights are looked at between two looks at whoever watches.
const CHUNK: usize = 64;

/// After so many changes in a row with too low a metric the search ends.
const PATIENCE: usize = 100;

/// The last form of losses that change over epochs.
const LAST_EPOCH: usize = usize::MAX;

/// How far peeling is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The digits that are gone.
    pub removed: u32,
    /// Those that there were.
    pub digits: u32,
}

/// A network and the changes that peel it.
#[derive(Clone, Debug, PartialEq)]
pub struct Peeled {
    /// The network before, with its weights and biases where their formats put them.
    settled: Parameters,
    /// In the order in which they were made.
    pub changes: Vec<Change>,
}

impl Peeled {
    /// The network after the first of its changes.
    pub fn after(&self, network: &Network, changes: usize) -> Parameters {
        network.changed(&self.settled, &self.changes[..changes])
    }
}

/// The digits of the weights that become a circuit.
pub fn digits_of(network: &Network, parameters: &Parameters) -> u32 {
    network.weights(parameters).into_iter().map(|(_, value)| digits(value)).sum()
}

/// Peels a network, which may lose so much of the metric on the validation events; none when `watch` wishes
/// to stop.
pub fn peel(
    trainer: &Trainer<'_>,
    parameters: &Parameters,
    allowance: f64,
    watch: &mut dyn FnMut(Progress) -> Wish,
) -> Option<Peeled> {
    let (network, objective) = (trainer.network(), trainer.objective());
    let settled = network.changed(parameters, &[]);
    let (sample, validation) = (trainer.sample(SAMPLE_STREAM, SAMPLE), trainer.validation());
    let mut search = Search {
        objective,
        events: &sample,
        replay: Replay::new(network, &settled, &sample),
        changes: Vec::new(),
        loss: 0.0,
    };
    search.loss = search.loss_of(&search.replay.outputs());
    let mut validated = Replay::new(network, &settled, validation);
    let least = objective.metric(validation, &validated.outputs()) - allowance;
    let mut progress = Progress { removed: 0, digits: digits_of(network, &settled) };
    let mut kept = 0;
    let mut queue = BinaryHeap::new();
    for weights in network.weights(&settled).chunks(CHUNK) {
        if watch(progress) == Wish::Stop {
            return None;
        }
        queue.extend(search.offers(weights));
    }
    while let Some(offer) = queue.pop() {
        if watch(progress) == Wish::Stop {
            return None;
        }
        if offer.after != search.changes.len() {
            queue.extend(search.again(&offer));
            continue;
        }
        progress.removed += offer.digits;
        queue.extend(search.make(&offer));
        validated.make(&offer.change);
        let changes = search.changes.len();
        if objective.metric(validation, &validated.outputs()) >= least {
            kept = changes;
        } else if changes - kept >= PATIENCE {
            break;
        }
    }
    let mut changes = search.changes;
    changes.truncate(kept);
    Some(Peeled { settled, changes })
}

/// A change that could be made.
#[derive(Clone, Copy, Debug)]
struct Offer {
    change: Change,
    /// The weight that it takes away.
    from: f64,
    /// The digits that it saves.
    digits: u32,
    /// The loss after it.
    loss: f64,
    /// How much it raises the loss for each bit of a saved digit.
    rise: f64,
    /// How many changes were made when that was computed.
    after: usize,
}

/// A network that is being peeled.
struct Search<'a> {
    objective: &'a Objective,
    events: &'a Dataset,
    replay: Replay<'a>,
    changes: Vec<Change>,
    /// The loss after them.
    loss: f64,
}

impl Search<'_> {
    fn loss_of(&self, outputs: &Outputs) -> f64 {
        self.objective.loss_of(LAST_EPOCH, self.events, outputs)
    }

    /// The changes of some weights that save digits.
    fn offers(&self, weights: &[(Weight, f64)]) -> Vec<Offer> {
        weights.par_iter().flat_map_iter(|(weight, _)| self.of_weight(*weight)).collect()
    }

    fn of_weight(&self, weight: Weight) -> Vec<Offer> {
        let values = shorter(self.replay.weight(weight));
        values.into_iter().filter_map(|value| self.offer(weight, value)).collect()
    }

    /// What another value of a weight would bring, if its format holds it.
    fn offer(&self, weight: Weight, value: f64) -> Option<Offer> {
        let change = self.replay.change(weight, value)?;
        let loss = self.loss_of(&self.replay.outputs_after(&change));
        let from = self.replay.weight(weight);
        let digits = digits(from) - digits(value);
        let bits = f64::from(digits * self.replay.width(weight).max(1));
        let rise = (loss - self.loss) / bits;
        Some(Offer { change, from, digits, loss, rise, after: self.changes.len() })
    }

    /// An offer after other changes; none where its weight has changed itself.
    fn again(&self, offer: &Offer) -> Option<Offer> {
        let Change { weight, value, .. } = offer.change;
        let is_same = self.replay.weight(weight) - offer.from == 0.0;
        if is_same { self.offer(weight, value) } else { None }
    }

    /// Makes a change, and gives what else could be made of its weight.
    fn make(&mut self, offer: &Offer) -> Vec<Offer> {
        self.replay.make(&offer.change);
        self.changes.push(offer.change);
        self.loss = offer.loss;
        self.of_weight(offer.change.weight)
    }
}

/// The offer that raises the loss least is the greatest.
impl Ord for Offer {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_rise = other.rise.total_cmp(&self.rise);
        let by_weight = other.change.weight.cmp(&self.change.weight);
        by_rise.then(by_weight).then(other.change.value.total_cmp(&self.change.value))
    }
}

impl PartialOrd for Offer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Offer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Offer {}
