//! [`Objective`]: what training makes small over all outputs of a network, and what networks are
//! chosen by.

use std::borrow::Cow;

use burn::tensor::Tensor;

use super::adversary::Adversary;
use super::dataset::{Dataset, Target};
use super::loss::metric::Metric;
use super::loss::{Loss, Targets, loss, loss_of};
use super::parameter::tensor;
use super::recipe::Recipe;
use super::standard::Standard;

/// The loss of each output, and how much it counts.
#[derive(Clone, Debug)]
pub struct Objective {
    heads: Vec<Head>,
    /// What autoencoders compare with.
    standard: Standard,
    /// What its outputs should not depend on, and how much that counts.
    adversary: Option<(Adversary, f64)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Head {
    name: String,
    loss: Loss,
    weight: f64,
}

/// Outputs of a network, head by head; each event after event.
pub type Outputs = Vec<Vec<f64>>;

impl Objective {
    /// The objective of a recipe.
    pub fn new(recipe: &Recipe, standard: Standard, adversary: Option<Adversary>) -> Self {
        let heads = recipe.outputs().into_iter().map(|head| Head {
            name: head.name.to_owned(),
            loss: head.loss,
            weight: head.weight,
        });
        let lambda = recipe.adversary.as_ref().map(|own| own.lambda);
        Self { heads: heads.collect(), standard, adversary: adversary.zip(lambda) }
    }

    /// What the output of a head should be, event after event.
    pub fn targets<'a>(&self, events: &'a Dataset, head: usize) -> Cow<'a, [f32]> {
        match &events.targets[head] {
            Target::Values { values, .. } => Cow::Borrowed(values),
            Target::Inputs => Cow::Owned(self.standard.apply(events)),
        }
    }

    /// True when events have a loss: some objectives need both signal and background.
    pub fn is_defined(&self, epoch: usize, events: &Dataset) -> bool {
        self.heads.iter().enumerate().all(|(index, head)| {
            head.loss.in_epoch(epoch).is_defined(&self.targets(events, index), &events.weights)
        })
    }

    /// True when the loss of events is more than the mean of the losses of each.
    pub fn joins_events(&self, epoch: usize) -> bool {
        let joins = |head: &Head| head.loss.in_epoch(epoch).targets() == Targets::Signal;
        self.adversary.is_some() || self.heads.iter().any(joins)
    }

    /// The loss of events in an epoch: the sum over outputs, each times its weight.
    pub fn loss(&self, epoch: usize, events: &Dataset, outputs: Vec<Tensor<2>>) -> Tensor<1> {
        let device = outputs[0].device();
        let rows = events.events();
        let weights = tensor(events.weights.clone(), [rows, 1], &device);
        let each = outputs.into_iter().enumerate().map(|(index, outputs)| {
            let targets = self.targets(events, index).into_owned();
            let targets = tensor(targets, outputs.dims(), &device);
            let head = &self.heads[index];
            loss(head.loss.in_epoch(epoch), outputs, targets, weights.clone()) * head.weight
        });
        each.reduce(|a, b| a + b).expect("networks have an output")
    }

    /// The same of numbers; the sum over events is in double precision.
    pub fn loss_of(&self, epoch: usize, events: &Dataset, outputs: &Outputs) -> f64 {
        self.sum(events, outputs, |loss| loss.in_epoch(epoch))
    }

    fn sum(&self, events: &Dataset, outputs: &Outputs, kind: impl Fn(Loss) -> Loss) -> f64 {
        let heads = self.heads.iter().zip(outputs).enumerate();
        let each = heads.map(|(index, (head, outputs))| {
            let targets = self.targets(events, index);
            head.weight * loss_of(kind(head.loss), outputs, &targets, &events.weights)
        });
        each.sum()
    }

    /// What networks are chosen by, more being better: the [`Metric`] of the only output, or minus the
    /// loss of several. With an adversary it is minus the loss and `lambda` times the
    /// [dependence](Objective::dependence).
    pub fn metric(&self, events: &Dataset, outputs: &Outputs) -> f64 {
        let loss = || self.sum(events, outputs, |loss| loss);
        match (&self.adversary, self.metrics(events, outputs).as_slice()) {
            (Some((_, lambda)), _) => {
                -loss() - lambda * self.dependence(events, outputs).unwrap_or(0.0)
            }
            (None, [only]) => *only,
            (None, _) => -loss(),
        }
    }

    /// How much the scores that an adversary sees depend on the nuisance, from 0 to 1; none without one.
    pub fn dependence(&self, events: &Dataset, outputs: &Outputs) -> Option<f64> {
        let (adversary, _) = self.adversary.as_ref()?;
        let head = adversary.head();
        Some(adversary.dependence(events, &outputs[head], &self.targets(events, head)))
    }

    /// The adversary.
    pub fn adversary(&self) -> Option<&Adversary> {
        self.adversary.as_ref().map(|(adversary, _)| adversary)
    }

    /// The metric of the only output, where that is what networks are chosen by.
    fn only(&self) -> Option<Metric> {
        match (&self.adversary, self.heads.as_slice()) {
            (None, [only]) => Some(Metric::of(only.loss)),
            _ => None,
        }
    }

    /// The metric of each output by itself.
    pub fn metrics(&self, events: &Dataset, outputs: &Outputs) -> Vec<f64> {
        let heads = self.heads.iter().zip(outputs).enumerate();
        let each = heads.map(|(index, (head, outputs))| {
            let targets = self.targets(events, index);
            Metric::of(head.loss).value(outputs, &targets, &events.weights)
        });
        each.collect()
    }

    /// The name of [`Objective::metric`] in reports.
    pub fn name(&self) -> &'static str {
        match (self.only(), &self.adversary) {
            (Some(metric), _) => metric.name(),
            (None, None) => "loss",
            (None, Some(_)) => "loss and dependence",
        }
    }

    /// A value of [`Objective::metric`] in a report.
    pub fn text(&self, value: f64) -> String {
        self.only().map_or_else(|| format!("{:.4e}", -value), |metric| metric.text(value))
    }

    /// The name of each output with its metric; none of an only one, whose metric is all.
    pub fn parts(&self, events: &Dataset, outputs: &Outputs) -> Vec<(String, f64)> {
        let names = self.kinds().into_iter().map(|(name, _)| name.to_owned());
        names.zip(self.metrics(events, outputs)).collect()
    }

    /// The name of each output with the kind of its metric; none of an only one, whose metric is all.
    pub fn kinds(&self) -> Vec<(&str, Metric)> {
        if self.only().is_some() {
            return Vec::new();
        }
        self.heads.iter().map(|head| (head.name.as_str(), Metric::of(head.loss))).collect()
    }
}
