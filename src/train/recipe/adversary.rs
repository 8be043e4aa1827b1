//! [`Adversary`]: what keeps scores from depending on a nuisance.

use serde::Deserialize;

use super::Recipe;
use super::output::Head;
use super::training::{Optimizer, Schedule};
use crate::data;
use crate::diag::{Code, Diagnostic};
use crate::train::loss::Targets;

/// A second network, in floating point, that guesses the nuisance from the scores; the network is
/// trained against it, and does not export it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adversary {
    /// How much the network gains by what the adversary misses.
    pub lambda: f64,
    /// The neurons of its hidden layers.
    #[serde(default = "layers")]
    pub layers: Vec<usize>,
    /// The number of parts of equal weight that the range of the nuisance has.
    #[serde(default = "bins")]
    pub bins: usize,
    /// The classes whose scores should not depend on the nuisance; all events when left out.
    #[serde(default)]
    pub classes: Vec<usize>,
    /// The output whose scores it sees, by its name; the first when left out.
    pub output: Option<String>,
    /// For so many epochs it learns alone, without `lambda`.
    #[serde(default)]
    pub warmup: usize,
    /// In so many epochs after that `lambda` rises in a straight line.
    #[serde(default)]
    pub rise: usize,
    /// How many steps it makes before each one of the network.
    #[serde(default = "steps")]
    pub steps: usize,
    /// The rule of its steps.
    #[serde(default)]
    pub optimizer: Optimizer,
    /// How much of its speed a step keeps, for `sgd` and `nesterov`.
    #[serde(default)]
    pub momentum: f64,
    /// The length of its first step.
    pub learning_rate: f64,
    /// How the length changes over the run.
    #[serde(default = "schedule")]
    pub schedule: Schedule,
}

fn layers() -> Vec<usize> {
    vec![32, 32]
}

fn bins() -> usize {
    8
}

fn steps() -> usize {
    1
}

fn schedule() -> Schedule {
    Schedule::Constant
}

impl Adversary {
    /// What the network gains in an epoch by what the adversary misses.
    pub fn lambda(&self, epoch: usize) -> f64 {
        if epoch < self.warmup {
            return 0.0;
        }
        let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let risen = float(epoch - self.warmup + 1) / float(self.rise + 1);
        self.lambda * risen.min(1.0)
    }

    /// The first epoch with all of `lambda`; networks before it are not what is asked for.
    pub fn first_epoch(&self) -> usize {
        self.warmup + self.rise
    }

    /// The index of the output that it sees; none where there is no such output.
    pub fn head(&self, heads: &[Head<'_>]) -> Option<usize> {
        let Some(name) = &self.output else { return Some(0) };
        heads.iter().position(|head| head.name == name)
    }

    /// Checks it against what is trained.
    pub(super) fn check(&self, recipe: &Recipe, heads: &[Head<'_>]) -> Result<(), Diagnostic> {
        let refuse = |message: &str, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        let Some(head) = self.head(heads).map(|index| &heads[index]) else {
            let names: Vec<&str> = heads.iter().map(|head| head.name).collect();
            let help = format!("the outputs are {}", names.join(", "));
            return refuse("`output` of `[adversary]` is no output", &help);
        };
        if recipe.data.nuisance.is_none() {
            let help = "write for example `nuisance = \"jets.npz:mass\"` into `[data]`";
            return refuse("an adversary needs a nuisance to guess", help);
        }
        if !(self.lambda.is_finite() && self.lambda >= 0.0) {
            return refuse("`lambda` is not negative", "write for example `lambda = 1.0`");
        }
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            let help = "write for example `learning_rate = 1e-2`";
            return refuse("the learning rate of the adversary is positive", help);
        }
        self.schedule.check()?;
        let has_momentum = matches!(self.optimizer, Optimizer::Sgd | Optimizer::Nesterov);
        if !(0.0..1.0).contains(&self.momentum) || (self.momentum > 0.0 && !has_momentum) {
            let help = "write `optimizer = \"sgd\"` and for example `momentum = 0.9`";
            return refuse("this momentum of the adversary is not possible", help);
        }
        if self.bins < 2 || self.steps == 0 || self.layers.contains(&0) {
            let help = "write for example `bins = 8`, `steps = 1` and `layers = [32, 32]`";
            return refuse("the adversary has no bins, steps or neurons", help);
        }
        if self.first_epoch() >= recipe.train.epochs {
            let help = "write more `epochs`, or a smaller `warmup` or `rise`";
            return refuse("the run ends before `lambda` has risen", help);
        }
        let has_classes = match head.loss.targets() {
            Targets::Class | Targets::Probabilities | Targets::Signal => true,
            Targets::Values => false,
        };
        if !self.classes.is_empty() && (!has_classes || head.targets == data::Targets::Inputs) {
            let help = "leave out `classes` of `[adversary]`";
            return refuse("the output that the adversary sees has no classes", help);
        }
        Ok(())
    }
}
