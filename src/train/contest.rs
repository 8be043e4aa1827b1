//! [`Contest`]: a network against its adversary, step by step.

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::adversary::Rival;
use super::dataset::Dataset;
use super::objective::{Objective, Outputs};
use super::parameter::{single, tensor, values};

/// How a network meets the adversary of its objective, if there is one.
#[derive(Clone, Copy, Debug)]
pub struct Contest<'a> {
    /// What has the adversary.
    pub objective: &'a Objective,
}

/// How a network and its adversary stand after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// What the network gained by what the adversary missed.
    pub lambda: f64,
    /// The adversary's own loss, where any event counts.
    pub loss: Option<f64>,
    /// How much the scores depend on the nuisance, from 0 to 1.
    pub dependence: f64,
}

/// Something of an adversary is no number any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diverges;

impl Contest<'_> {
    /// Lets the adversary learn from the outputs for events by steps of length `rate`, and gives the scores
    /// that it saw.
    ///
    /// # Errors
    /// Where it diverges.
    pub fn practice(
        self,
        rival: Option<&mut Rival>,
        rate: f64,
        events: &Dataset,
        heads: &[Tensor<2>],
    ) -> Result<Option<Tensor<2>>, Diverges> {
        let Some((adversary, rival)) = self.objective.adversary().zip(rival) else {
            return Ok(None);
        };
        let outputs = heads[adversary.head()].clone();
        let targets = self.objective.targets(events, adversary.head()).into_owned();
        let targets = tensor(targets, outputs.dims(), &outputs.device());
        let scores = adversary.scores(outputs, targets);
        if adversary.learn(rival, rate, &scores, events) { Ok(Some(scores)) } else { Err(Diverges) }
    }

    /// What the adversary misses of scores, times what the network gains by it in an epoch.
    pub fn missed(
        self,
        rival: Option<(&Rival, Tensor<2>)>,
        epoch: usize,
        events: &Dataset,
    ) -> Option<Tensor<1>> {
        let (adversary, (rival, scores)) = self.objective.adversary().zip(rival)?;
        let lambda = adversary.lambda(epoch);
        if lambda <= 0.0 {
            return None;
        }
        let leaves = rival.parameters.leaves(&scores.device());
        adversary.loss(&leaves, scores, events).map(|loss| loss * lambda)
    }

    /// How both stand on events that a network has these outputs for.
    pub fn stand(
        self,
        rival: Option<&Rival>,
        epoch: usize,
        events: &Dataset,
        outputs: &Outputs,
    ) -> Option<Match> {
        let (adversary, rival) = self.objective.adversary().zip(rival)?;
        let (head, device) = (adversary.head(), Device::flex());
        let shape = [events.events(), outputs[head].len() / events.events()];
        let own = outputs[head].iter().map(|value| single(*value)).collect();
        let targets = self.objective.targets(events, head).into_owned();
        let [own, targets] = [own, targets].map(|own| tensor(own, shape, &device));
        let leaves = rival.parameters.leaves(&device);
        let loss = adversary.loss(&leaves, adversary.scores(own, targets), events);
        Some(Match {
            lambda: adversary.lambda(epoch),
            loss: loss.map(|loss| f64::from(values(loss)[0])),
            dependence: self.objective.dependence(events, outputs)?,
        })
    }
}
