//! What the page of a search shows.

use std::collections::BTreeMap;

use super::trial::{Outcome, Trial};
use crate::report::data::{Search, SearchAxis, SearchTrial};
use crate::train::tune::space::Space;

/// Trials as their page shows them; `order` names them from the best to the worst, with whether they are
/// on the front. The files have no names yet.
pub(super) fn shown(space: &Space, trials: &[Trial], order: &[(usize, bool)]) -> Search {
    let ends = |place: f64| space.values(&vec![place; space.parameters.len()]);
    let named =
        |name: &str, low: String, high: String| SearchAxis { name: name.to_owned(), low, high };
    let varied = space.parameters.iter().zip(ends(0.0)).zip(ends(1.0));
    let mut axes: Vec<SearchAxis> = varied
        .map(|((parameter, low), high)| named(&parameter.path, short(&low), short(&high)))
        .collect();
    let figures: Vec<[f64; 3]> = trials
        .iter()
        .filter_map(|trial| match trial.outcome {
            Outcome::Finished { metric, lut, latency_ns } => {
                Some([metric, f64::from(lut), latency_ns])
            }
            Outcome::Failed => None,
        })
        .collect();
    let bound = |figure: usize, pick: fn(f64, f64) -> f64| {
        figures.iter().map(|own| own[figure]).reduce(pick).unwrap_or_default()
    };
    let ranges = [0, 1, 2].map(|figure| [bound(figure, f64::min), bound(figure, f64::max)]);
    let text = |figure: usize, value: f64| match figure {
        0 => format!("{value:.4}"),
        1 => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    };
    for (figure, name) in ["metric", "LUT", "ns"].into_iter().enumerate() {
        let [low, high] = ranges[figure].map(|value| text(figure, value));
        axes.push(named(name, low, high));
    }
    // Equal values stand at one place: the middle of those that were drawn.
    let mut same: BTreeMap<(usize, String), Vec<f64>> = BTreeMap::new();
    for trial in trials {
        let values = space.values(&trial.point);
        for (parameter, (value, place)) in values.iter().zip(&trial.point).enumerate() {
            same.entry((parameter, short(value))).or_default().push(*place);
        }
    }
    let place = |(parameter, value): (usize, &String)| {
        let drawn = &same[&(parameter, value.clone())];
        let [low, high] =
            [f64::min, f64::max].map(|pick| drawn.iter().copied().fold(drawn[0], pick));
        f64::midpoint(low, high)
    };
    let row = |(own, front): &(usize, bool)| {
        let trial = &trials[*own];
        let mut values: Vec<String> = space.values(&trial.point).iter().map(short).collect();
        let mut places: Vec<f64> = values.iter().enumerate().map(place).collect();
        if let Outcome::Finished { metric, lut, latency_ns } = trial.outcome {
            for (figure, value) in [metric, f64::from(lut), latency_ns].into_iter().enumerate() {
                let [low, high] = ranges[figure];
                values.push(text(figure, value));
                places.push(if high > low { (value - low) / (high - low) } else { 0.5 });
            }
        }
        SearchTrial { number: trial.number, front: *front, values, places }
    };
    let trials = order.iter().map(row).collect();
    Search { axes, trials, ..Search::default() }
}

/// A value with as many digits as are read.
pub(super) fn short(value: &toml::Value) -> String {
    match value {
        toml::Value::Float(number) => format!("{number:.4e}"),
        toml::Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
