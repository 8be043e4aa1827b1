//! What the page of a search shows.

use std::collections::BTreeMap;

use super::table::{Row, Shown, short, text};
use super::trial::{Figure, Outcome};
use crate::report::data::{Search, SearchAxis, SearchTrial};

/// An axis of numbers: what each trial has there, in words too; none where no network came out.
struct Numbers {
    name: String,
    cells: Vec<Option<(f64, String)>>,
    words: Box<dyn Fn(f64) -> String>,
}

/// Trials as their page shows them, from the best to the worst. The files have no names yet.
pub(super) fn shown(shown: Shown<'_>, rows: &[Row<'_>]) -> Search {
    let space = &shown.plan.space;
    let ends = |place: f64| space.values(&vec![place; space.parameters.len()]);
    let varied = space.parameters.iter().zip(ends(0.0)).zip(ends(1.0));
    let mut axes: Vec<SearchAxis> = varied
        .map(|((parameter, low), high)| SearchAxis {
            name: parameter.path.clone(),
            low: short(&low),
            high: short(&high),
        })
        .collect();
    // Equal values stand at one place: the middle of those that were drawn.
    let mut same: BTreeMap<(usize, String), Vec<f64>> = BTreeMap::new();
    for row in rows {
        let values = space.values(&row.trial.point);
        for (parameter, (value, place)) in values.iter().zip(&row.trial.point).enumerate() {
            same.entry((parameter, short(value))).or_default().push(*place);
        }
    }
    let place = |(parameter, value): (usize, &String)| {
        let drawn = &same[&(parameter, value.clone())];
        let [low, high] =
            [f64::min, f64::max].map(|pick| drawn.iter().copied().fold(drawn[0], pick));
        f64::midpoint(low, high)
    };
    let mut trials: Vec<SearchTrial> = rows
        .iter()
        .map(|Row { trial, front, .. }| {
            let values: Vec<String> = space.values(&trial.point).iter().map(short).collect();
            let places = values.iter().enumerate().map(place).collect();
            SearchTrial { number: trial.number, front: *front, values, places }
        })
        .collect();
    for Numbers { name, cells, words } in numbers(shown, rows) {
        let values = || cells.iter().flatten().map(|(value, _)| *value);
        let ends = values().reduce(f64::min).zip(values().reduce(f64::max));
        let (low, high) = ends.unwrap_or_default();
        axes.push(SearchAxis { name, low: words(low), high: words(high) });
        for (trial, cell) in trials.iter_mut().zip(cells) {
            let Some((value, text)) = cell else { continue };
            trial.values.push(text);
            trial.places.push(if high > low { (value - low) / (high - low) } else { 0.5 });
        }
    }
    Search { axes, trials, ..Search::default() }
}

/// The epochs where trials are cut short, and the figures.
fn numbers(shown: Shown<'_>, rows: &[Row<'_>]) -> Vec<Numbers> {
    let mut found = Vec::new();
    if !shown.schedule.stops.is_empty() {
        let cell = |row: &Row<'_>| {
            let epochs = row.epochs?;
            let number = f64::from(u32::try_from(epochs).expect("fewer than 2^32 epochs"));
            Some((number, epochs.to_string()))
        };
        let words = Box::new(|epochs: f64| format!("{epochs:.0}"));
        let cells = rows.iter().map(cell).collect();
        found.push(Numbers { name: "epochs".to_owned(), cells, words });
    }
    found.extend(shown.plan.figures().into_iter().map(|figure| {
        let cell = |row: &Row<'_>| match row.trial.last().1 {
            Outcome::Failed => None,
            Outcome::Finished(figures) => {
                Some((figures[&figure].mean, text(&figure, figures[&figure])))
            }
        };
        let (name, cells) = (figure.title(), rows.iter().map(cell).collect());
        let words = move |mean: f64| text(&figure, Figure { mean, deviation: None });
        Numbers { name, cells, words: Box::new(words) }
    }));
    found
}
