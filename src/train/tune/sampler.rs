//! [`Sampler`]: which points of a space are tried.

use super::rank::ranks;
use super::space::{Domain, Space, choice};
use crate::train::random::Random;

/// How many trials are proposed from the same knowledge. Trials of a round run side by side, and what is
/// tried does not depend on how many do.
pub const ROUND: usize = 4;

/// So many trials are drawn at random before any is proposed.
pub const FIRST: usize = 8;

/// The best of this share of trials are good.
const GOOD_SHARE: f64 = 0.25;

/// Of so many candidates the most promising is tried.
const CANDIDATES: usize = 24;

/// How points are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampler {
    /// All combinations of evenly spaced values.
    Grid {
        /// The values of a range.
        steps: usize,
    },
    /// Drawn evenly.
    Random,
    /// Tree-structured Parzen estimators (J. Bergstra et al., NIPS 2011): the densities of good and of
    /// other trials, parameter by parameter, and the candidate of the first that is least likely in
    /// the second. With several objectives the good ones are those of the lowest rank.
    Tpe,
}

/// A trial that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Its place from 0 to 1 for each parameter.
    pub point: Vec<f64>,
    /// What it costs; less is better in each.
    pub costs: Vec<f64>,
}

impl Sampler {
    /// The point of a trial, counted from 0; `known` are trials of the rounds before its own.
    pub fn point(self, space: &Space, seed: u64, trial: u32, known: &[Known]) -> Vec<f64> {
        let mut random = Random::new(seed, u64::from(trial));
        match self {
            Self::Grid { steps } => grid(space, steps, trial),
            Self::Tpe if known.len() >= FIRST => tpe(space, known, &mut random),
            Self::Random | Self::Tpe => space.parameters.iter().map(|_| random.unit()).collect(),
        }
    }
}

fn grid(space: &Space, steps: usize, trial: u32) -> Vec<f64> {
    let mut rest = usize::try_from(trial).expect("32 bits fit");
    let place = |domain: &Domain| {
        let count = domain.grid(steps).max(1);
        let own = rest % count;
        rest /= count;
        match domain {
            // The middle of a choice, and both ends of a range.
            Domain::Choose(_) => (number(own) + 0.5) / number(count),
            Domain::Range { .. } if count == 1 => 0.5,
            Domain::Range { .. } => number(own) / number(count - 1),
        }
    };
    space.parameters.iter().map(|parameter| &parameter.domain).map(place).collect()
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn tpe(space: &Space, known: &[Known], random: &mut Random) -> Vec<f64> {
    let costs: Vec<Vec<f64>> = known.iter().map(|own| own.costs.clone()).collect();
    let ranks = ranks(&costs);
    let mut order: Vec<usize> = (0..known.len()).collect();
    order.sort_by_key(|own| ranks[*own]);
    let wanted = number(known.len()) * GOOD_SHARE;
    let good = (1..known.len()).find(|count| number(*count) >= wanted).unwrap_or(1);
    let places = |trials: &[usize], parameter: usize| -> Vec<f64> {
        trials.iter().map(|own| known[*own].point[parameter]).collect()
    };
    let densities: Vec<[Density; 2]> = (0..space.parameters.len())
        .map(|own| {
            let domain = &space.parameters[own].domain;
            let (good, other) = order.split_at(good);
            [places(good, own), places(other, own)].map(|places| Density::new(domain, places))
        })
        .collect();
    let candidates = (0..CANDIDATES).map(|_| {
        let point: Vec<f64> = densities.iter().map(|[good, _]| good.draw(random)).collect();
        let pairs = densities.iter().zip(&point);
        let gain: f64 = pairs.map(|([good, other], x)| good.at(*x).ln() - other.at(*x).ln()).sum();
        (gain, point)
    });
    let best = candidates.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.expect("there are candidates").1
}

/// How likely a place is, with the places seen.
#[derive(Clone, Debug, PartialEq)]
enum Density {
    /// The weights of choices, each seen once more than it was.
    Choice(Vec<f64>),
    /// Normal distributions at each place with a width, and an even one.
    Kernels(Vec<(f64, f64)>),
}

impl Density {
    fn new(domain: &Domain, mut places: Vec<f64>) -> Self {
        if let Domain::Choose(values) = domain {
            let mut weights = vec![1.0; values.len()];
            for place in places {
                weights[choice(place, values.len())] += 1.0;
            }
            let all: f64 = weights.iter().sum();
            return Self::Choice(weights.into_iter().map(|own| own / all).collect());
        }
        places.sort_by(f64::total_cmp);
        // As wide as the farther neighbor is away, the ends of the range among them.
        let least = 1.0 / number(places.len() + 1).min(100.0);
        let kernel = |index: usize| {
            let below = index.checked_sub(1).map_or(0.0, |index| places[index]);
            let above = places.get(index + 1).copied().unwrap_or(1.0);
            let own = places[index];
            (own, (own - below).max(above - own).clamp(least, 1.0))
        };
        Self::Kernels((0..places.len()).map(kernel).collect())
    }

    fn at(&self, place: f64) -> f64 {
        match self {
            Self::Choice(weights) => weights[choice(place, weights.len())],
            Self::Kernels(kernels) => {
                let kernel = |(center, width): &(f64, f64)| {
                    (-0.5 * ((place - center) / width).powi(2)).exp()
                        / (width * std::f64::consts::TAU.sqrt())
                };
                (1.0 + kernels.iter().map(kernel).sum::<f64>()) / number(kernels.len() + 1)
            }
        }
    }

    fn draw(&self, random: &mut Random) -> f64 {
        match self {
            Self::Choice(weights) => {
                let mut rest = random.unit();
                let found = weights.iter().position(|own| {
                    rest -= own;
                    rest < 0.0
                });
                let found = found.unwrap_or(weights.len() - 1);
                (number(found) + 0.5) / number(weights.len())
            }
            Self::Kernels(kernels) => match kernels.get(choice(random.unit(), kernels.len() + 1)) {
                None => random.unit(),
                Some((center, width)) => {
                    // Box and Muller; what falls outside is held at the edge.
                    let radius = (-2.0 * (1.0 - random.unit()).ln()).sqrt();
                    let normal = radius * (std::f64::consts::TAU * random.unit()).cos();
                    (center + width * normal).clamp(0.0, 1.0)
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> Space {
        let table = "a.x = { uniform = [0.0, 1.0] }\na.y = { uniform = [0.0, 1.0] }\n\
                     a.z = { choose = ['p', 'q', 'r'] }";
        Space::of(&table.parse().unwrap()).unwrap()
    }

    /// The least cost that a sampler finds in so many trials of a bowl with one good choice.
    fn least(sampler: Sampler, seed: u64, trials: usize) -> f64 {
        let space = space();
        let mut known: Vec<Known> = Vec::new();
        for trial in 0..trials {
            let number = u32::try_from(trial).unwrap();
            let point = sampler.point(&space, seed, number, &known[..trial / ROUND * ROUND]);
            assert!(point.iter().all(|place| (0.0..=1.0).contains(place)));
            let wrong = if choice(point[2], 3) == 1 { 0.0 } else { 0.5 };
            let cost = (point[0] - 0.3).powi(2) + (point[1] - 0.8).powi(2) + wrong;
            known.push(Known { point, costs: vec![cost] });
        }
        known.iter().map(|own| own.costs[0]).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn knowledge_beats_chance() {
        let sum = |sampler| (0..20).map(|seed| least(sampler, seed, 60)).sum::<f64>();
        let (guided, drawn) = (sum(Sampler::Tpe), sum(Sampler::Random));
        assert!(guided < drawn / 3.0, "{guided} {drawn}");
    }

    #[test]
    fn grids_have_every_combination_once() {
        let space = space();
        let mut points: Vec<Vec<String>> = (0..12)
            .map(|trial| Sampler::Grid { steps: 2 }.point(&space, 1, trial, &[]))
            .map(|point| space.values(&point).iter().map(ToString::to_string).collect())
            .collect();
        assert_eq!(points[0], ["0.0", "0.0", "\"p\""]);
        assert_eq!(points[11], ["1.0", "1.0", "\"r\""]);
        points.sort();
        points.dedup();
        assert_eq!(points.len(), 12);
    }

    #[test]
    fn the_seed_decides() {
        let space = space();
        let point = |seed, trial| Sampler::Random.point(&space, seed, trial, &[]);
        assert_eq!(point(1, 5), point(1, 5));
        assert_ne!(point(1, 5), point(2, 5));
        assert_ne!(point(1, 5), point(1, 6));
    }
}
