//! [`Front`]: the networks that no other beats in both metric and cost.

use serde::{Deserialize, Serialize};

use super::parameter::Parameters;

/// A network at the end of an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The epoch, counted from 0.
    pub epoch: usize,
    /// The validation metric; more is better.
    pub metric: f64,
    /// The effective bit operations; fewer are better.
    pub cost: f64,
    /// The network.
    pub parameters: Parameters,
}

/// How many candidates are kept, so that a checkpoint stays small.
const MOST: usize = 32;

/// Candidates in order of rising cost, and so of rising metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Front(pub Vec<Candidate>);

impl Front {
    /// Takes a candidate in, unless one of no higher cost is as good, and drops those it beats.
    pub fn offer(&mut self, new: Candidate) {
        if self.0.iter().any(|own| own.metric >= new.metric && own.cost <= new.cost) {
            return;
        }
        self.0.retain(|own| own.metric > new.metric || own.cost < new.cost);
        let place = self.0.partition_point(|own| own.cost < new.cost);
        self.0.insert(place, new);
        if self.0.len() > MOST {
            self.0 = self.spread(MOST).cloned().collect();
        }
    }

    /// At most `count` candidates from the cheapest to the best, evenly by the logarithm of cost.
    pub fn spread(&self, count: usize) -> impl Iterator<Item = &Candidate> {
        let mut kept: Vec<usize> = (0..self.0.len()).collect();
        while kept.len() > count.max(1) {
            // The best stays; of the others the one closest to its neighbors goes.
            let gap = |place: usize| {
                let cost = |place: usize| self.0[kept[place]].cost.max(1.0).ln();
                let below = place.checked_sub(1).map_or(f64::NEG_INFINITY, cost);
                let below = if below.is_finite() { below } else { cost(place) - 1.0 };
                cost(place + 1) - below
            };
            let closest = (0..kept.len() - 1).min_by(|a, b| gap(*a).total_cmp(&gap(*b)));
            kept.remove(closest.expect("more than one is left"));
        }
        kept.into_iter().map(|index| &self.0[index])
    }
}
