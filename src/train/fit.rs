//! [`Trainer`]: the loop over epochs and batches.
//!
//! The state between two steps is one value, [`State`]; what is drawn depends on
//! the seed and the epoch alone. So a run that is stopped anywhere and resumed
//! goes on as if nothing had been.

use burn::tensor::Device;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::adversary::{Adversary, Rival};
use super::contest::Contest;
use super::dataset::Dataset;
use super::front::{Candidate, Front};
use super::model::{Network, Run};
use super::objective::{Objective, Outputs};
use super::optimizer::{self, Memory, Rule};
use super::parameter::{Parameters, values};
use super::random::Random;
use super::recipe::Recipe;
use super::recipe::training::Calibrate;
use super::recipe::wiring::Place;
use super::schedule;
use super::slope::{Slope, Step};
use super::standard::Standard;
use super::watch::{Ending, Epoch, Event, Wish};

/// How many events are evaluated at a time.
const CHUNK: usize = 1024;

/// Streams of drawn numbers from here on are those of epochs; the ones below belong to layers.
const FIRST_EPOCH_STREAM: u64 = 1 << 32;

/// Streams from here on are those of steps.
const FIRST_STEP_STREAM: u64 = 1 << 33;

/// How fast the statistics of batches are forgotten.
const FORGET_BATCH: f32 = 0.95;

/// Everything that changes while training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The epoch that is under way, counted from 0.
    pub epoch: usize,
    /// The batches of it that are done.
    pub batch: usize,
    /// The network.
    pub parameters: Parameters,
    /// The best networks so far.
    pub front: Front,
    /// What every finished epoch was like.
    pub history: Vec<Epoch>,
    /// The epoch before which prices were fitted last.
    #[serde(default)]
    fitted: Option<usize>,
    memory: Memory,
    /// The adversary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rival: Option<Rival>,
    /// The loss of the epoch under way, summed over the steps that were made.
    loss: f64,
    steps: u32,
}

/// A recipe with its events.
#[derive(Debug)]
pub struct Trainer<'a> {
    recipe: &'a Recipe,
    network: Network,
    objective: Objective,
    first: Parameters,
    rival: Option<Rival>,
    training: Dataset,
    validation: Dataset,
    plain: Device,
}

impl<'a> Trainer<'a> {
    /// A run over events that are split already.
    pub fn new(recipe: &'a Recipe, training: Dataset, validation: Dataset) -> Self {
        let standard = Standard::of(&training);
        let (network, first) = Network::new(recipe, standard.clone());
        let (adversary, rival) = Self::adversary(recipe, &training);
        let objective = Objective::new(recipe, standard, adversary);
        let plain = Device::flex();
        Self { recipe, network, objective, first, rival, training, validation, plain }
    }

    fn adversary(recipe: &Recipe, training: &Dataset) -> (Option<Adversary>, Option<Rival>) {
        let head = recipe.adversary.as_ref().and_then(|own| own.head(&recipe.outputs()));
        let columns = recipe.columns(training.columns).expect("recipes fit their events");
        let place = head.map(|head| recipe.outputs()[head].place);
        let outputs = match place {
            Some(Place::Layer(index)) => columns[index],
            Some(Place::Input) | None => training.columns,
        };
        Adversary::new(recipe, training, outputs).unzip()
    }

    /// The network, whose numbers are those of a [`State`].
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The events that validate.
    pub fn validation(&self) -> &Dataset {
        &self.validation
    }

    /// At most so many of the events that train, drawn from a stream of the seed.
    pub fn sample(&self, stream: u64, most: usize) -> Dataset {
        let mut random = Random::new(self.recipe.train.seed, stream);
        let mut events = random.permutation(self.training.events());
        events.truncate(most);
        self.training.select(&events)
    }

    /// What is made small, and what networks are chosen by.
    pub fn objective(&self) -> &Objective {
        &self.objective
    }

    /// The number of steps in an epoch.
    pub fn batches(&self) -> usize {
        self.training.events().div_ceil(self.recipe.train.batch_size)
    }

    /// The state before the first step.
    pub fn start(&self) -> State {
        State {
            epoch: 0,
            batch: 0,
            parameters: self.first.clone(),
            front: Front::default(),
            history: Vec::new(),
            fitted: None,
            memory: Memory::default(),
            rival: self.rival.clone(),
            loss: 0.0,
            steps: 0,
        }
    }

    /// True when a state, read from somewhere, is one of this network.
    pub fn accepts(&self, state: &State) -> bool {
        let form = |parameters: &Parameters| -> Vec<_> {
            let rows = parameters.0.iter();
            rows.map(|own| (own.name.clone(), own.shape, own.values.len(), own.role)).collect()
        };
        let all = state.front.0.iter().map(|own| &own.parameters).chain([&state.parameters]);
        let rival = |own: &Option<Rival>| own.as_ref().map(|own| form(&own.parameters));
        all.into_iter().all(|own| form(own) == form(&self.first))
            && rival(&state.rival) == rival(&self.rival)
    }

    /// Trains from `state` to the end, or until `watch` wishes to stop.
    pub fn run(
        &self,
        state: &mut State,
        watch: &mut dyn FnMut(&State, Event<'_>) -> Wish,
    ) -> Ending {
        while state.epoch < self.recipe.train.epochs {
            if self.is_stuck(state) {
                return Ending::Early;
            }
            if self.refit_is_due(state) {
                return Ending::Refit;
            }
            let is_first = self.recipe.train.calibrate.is_some_and(|own| own.epoch == state.epoch);
            if is_first && state.batch == 0 {
                self.calibrate(state);
            }
            let before = state.clone();
            let order = self.order(state.epoch);
            let batches = order.chunks(self.recipe.train.batch_size).skip(state.batch);
            for batch in batches {
                let events = self.training.select(batch);
                if !self.objective.is_defined(state.epoch, &events) {
                    // Without signal, or without background, a significance says nothing.
                    state.batch += 1;
                    continue;
                }
                let Some(loss) = self.step(state, &events) else {
                    let (epoch, batch) = (state.epoch, state.batch);
                    *state = before;
                    return Ending::Diverged { epoch, batch };
                };
                state.loss += loss;
                state.steps += 1;
                state.batch += 1;
                // A finished epoch is told as such, below.
                if state.batch < self.batches() && watch(state, Event::Step(loss)) == Wish::Stop {
                    return Ending::Stopped;
                }
            }
            if state.steps == 0 {
                let epoch = state.epoch;
                *state = before;
                return Ending::Undefined { epoch };
            }
            self.finish_epoch(state);
            let epoch = state.history.last().expect("an epoch was finished").clone();
            if watch(state, Event::Epoch(&epoch)) == Wish::Stop {
                return Ending::Stopped;
            }
        }
        Ending::Finished
    }

    fn refit_is_due(&self, state: &State) -> bool {
        let every = self.recipe.resources.refit;
        let is_epoch = every.is_some_and(|every| state.epoch.is_multiple_of(every));
        is_epoch && state.batch == 0 && state.fitted != Some(state.epoch)
    }

    /// Sets the prices of dense layers, by their names, so that they come to so many look-up tables.
    pub fn refit(&self, state: &mut State, luts: impl Fn(&str) -> u64) {
        let leaves = state.parameters.leaves(&self.plain);
        let events = self.validation.select(&[0]).tensor(&self.plain);
        let output = self.network.forward(&leaves, &events, &mut Run::default());
        self.network.refit(&mut state.parameters, &output, luts);
        state.fitted = Some(state.epoch);
    }

    fn is_stuck(&self, state: &State) -> bool {
        let Some(patience) = self.recipe.train.patience else { return false };
        // What came before an adversary had its full weight is no measure.
        let first = self.recipe.first_epoch();
        let counted = state.history.iter().rev().filter(|epoch| epoch.epoch >= first);
        let best = counted.max_by(|a, b| a.metric.total_cmp(&b.metric));
        best.is_some_and(|best| state.epoch > best.epoch + patience)
    }

    /// How ranges come from the training events in an epoch; none where they do not.
    fn calibration(&self, epoch: usize) -> Option<Calibrate> {
        self.recipe.train.calibrate.filter(|own| epoch >= own.epoch)
    }

    /// Gives formats of values the ranges of the training events, where they come from these.
    fn calibrate(&self, state: &mut State) {
        if let Some(own) = self.calibration(state.epoch) {
            self.network.calibrate(&mut state.parameters, &self.training, own.margin);
        }
    }

    fn contest(&self) -> Contest<'_> {
        Contest { objective: &self.objective }
    }

    fn order(&self, epoch: usize) -> Vec<usize> {
        let stream = FIRST_EPOCH_STREAM + u64::try_from(epoch).expect("fewer than 2^64 epochs");
        Random::new(self.recipe.train.seed, stream).permutation(self.training.events())
    }

    /// The length of a step, counted from 0 over the run.
    fn rate(&self, state: &State, step: usize) -> f64 {
        let metrics = metrics(state);
        let progress = schedule::Progress { step, batches: self.batches(), metrics: &metrics };
        schedule::rate(&self.recipe.train, progress)
    }

    /// That of the adversary's steps before it; zero where there is none.
    fn adversary_rate(&self, state: &State, step: usize) -> f64 {
        let metrics = metrics(state);
        let progress = schedule::Progress { step, batches: self.batches(), metrics: &metrics };
        let own = self.recipe.adversary.as_ref();
        own.map_or(0.0, |own| schedule::adversary_rate(own, self.recipe.train.epochs, progress))
    }

    fn beta(&self, epoch: usize) -> f64 {
        schedule::beta(self.recipe.resources, epoch, self.recipe.train.epochs)
    }

    /// One step; the loss before it, unless it is no number.
    fn step(&self, state: &mut State, events: &Dataset) -> Option<f64> {
        let step = state.epoch * self.batches() + state.batch;
        let stream = FIRST_STEP_STREAM + u64::try_from(step).expect("fewer than 2^64 steps");
        let under_way = Step {
            network: &self.network,
            objective: &self.objective,
            epoch: state.epoch,
            beta: self.beta(state.epoch),
            adversary_rate: self.adversary_rate(state, step),
            drawn: Random::new(self.recipe.train.seed, stream),
        };
        let slope = under_way.slope(&state.parameters, state.rival.as_mut(), events)?;
        let Slope { loss, mut gradients, statistics } = slope;
        optimizer::penalize(&self.recipe.train, &state.parameters, &mut gradients);
        let norm = optimizer::clip(&mut gradients, self.recipe.train.clip_gradient);
        if !(loss.is_finite() && norm.is_finite()) {
            return None;
        }
        let rate = self.rate(state, step);
        let calibration = self.calibration(state.epoch);
        let State { memory, parameters, .. } = state;
        let ranges = match calibration {
            Some(_) => self.network.ranges(parameters),
            None => Vec::new(),
        };
        let kept: Vec<_> = ranges.iter().map(|range| parameters[*range].values.clone()).collect();
        optimizer::step(Rule::of(&self.recipe.train), memory, parameters, &gradients, rate);
        for (range, values) in ranges.into_iter().zip(kept) {
            parameters[range].values = values;
        }
        for (id, batch) in statistics {
            for (value, batch) in parameters[id].values.iter_mut().zip(batch) {
                *value = FORGET_BATCH * *value + (1.0 - FORGET_BATCH) * batch;
            }
        }
        self.network.constrain(parameters);
        parameters.are_finite().then_some(loss)
    }

    fn finish_epoch(&self, state: &mut State) {
        self.calibrate(state);
        let events = &self.validation;
        let evaluation = self.evaluate(&state.parameters, events);
        let epoch = Epoch {
            epoch: state.epoch,
            loss: state.loss / f64::from(state.steps),
            validation_loss: self.objective.loss_of(state.epoch, events, &evaluation.outputs),
            metric: evaluation.metric,
            outputs: self.objective.parts(events, &evaluation.outputs).into_iter().collect(),
            adversary: self.contest().stand(
                state.rival.as_ref(),
                state.epoch,
                events,
                &evaluation.outputs,
            ),
            ebops: evaluation.cost,
            beta: self.beta(state.epoch),
            learning_rate: self.rate(state, (state.epoch + 1) * self.batches() - 1),
        };
        if state.epoch >= self.recipe.first_epoch() {
            state.front.offer(Candidate {
                epoch: epoch.epoch,
                metric: epoch.metric,
                cost: epoch.ebops,
                parameters: state.parameters.clone(),
            });
        }
        state.history.push(epoch);
        state.epoch += 1;
        state.batch = 0;
        state.loss = 0.0;
        state.steps = 0;
    }

    /// What a network is worth on events.
    pub fn evaluate(&self, parameters: &Parameters, events: &Dataset) -> Evaluation {
        let leaves = parameters.leaves(&self.plain);
        let all: Vec<usize> = (0..events.events()).collect();
        let chunks = all.par_chunks(CHUNK).map(|chunk| {
            let events = events.select(chunk).tensor(&self.plain);
            let output = self.network.forward(&leaves, &events, &mut Run::default());
            let heads: Vec<Vec<f32>> = output.heads.into_iter().map(values).collect();
            (f64::from(values(output.cost)[0]), heads)
        });
        let chunks: Vec<_> = chunks.collect();
        let cost = chunks.last().map_or(0.0, |(cost, _)| *cost);
        let mut outputs: Outputs = vec![Vec::new(); events.targets.len()];
        for (_, heads) in chunks {
            for (own, head) in outputs.iter_mut().zip(heads) {
                own.extend(head.into_iter().map(f64::from));
            }
        }
        let metric = self.objective.metric(events, &outputs);
        Evaluation { metric, cost, outputs }
    }
}

/// What a network is worth on events.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The [metric](Objective::metric); more is better.
    pub metric: f64,
    /// The effective bit operations.
    pub cost: f64,
    /// The outputs.
    pub outputs: Outputs,
}

/// The metric after each epoch that is finished.
fn metrics(state: &State) -> Vec<f64> {
    state.history.iter().map(|epoch| epoch.metric).collect()
}
