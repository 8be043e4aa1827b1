//! What events look like: ranges, distributions, class balance.

use std::collections::BTreeMap;

use super::file::File;
use super::read::Array;
use super::source::{Events, Source};
use super::split::Use;
use super::store::{Column, Store};
use crate::report::data::{
    ClassCount, ColumnSummary, ColumnValues, DatasetSummary, Histogram, Range,
};

/// The bins of a distribution.
const BINS: u32 = 16;

/// Arrays with more values for an event are one row.
const MOST_COLUMNS: usize = 40;

/// How many words are named.
const FREQUENT: usize = 5;

/// The most classes that labels without names may have; beyond, they are targets.
const MOST_CLASSES: usize = 100;

/// What stands in a file.
pub fn of_file(file: &File) -> DatasetSummary {
    let (columns, events) = if let Some(table) = file.table() {
        let columns = (0..table.columns()).map(|column| {
            let name = table.header.get(column).cloned().unwrap_or_else(|| format!("x[{column}]"));
            let values = match table.numbers(file.name(), &[column]) {
                Ok(array) => numbers(array.values.iter().copied()),
                Err(_) => words(table.words(column)),
            };
            ColumnSummary { name, shape: Vec::new(), values }
        });
        (columns.collect(), table.events())
    } else if let Some(store) = file.store() {
        of_store(store)
    } else {
        let arrays = file.arrays();
        let rows = arrays.iter().flat_map(|array| {
            let name = array.name.as_deref().unwrap_or("x");
            of_array(name, &names(name, array), array)
        });
        (rows.collect(), arrays.iter().map(Array::events).max().unwrap_or(0))
    };
    DatasetSummary {
        name: file.name().to_owned(),
        events: count(events),
        columns,
        classes: Vec::new(),
    }
}

/// Every column of a store with the largest number of events; one that is not read says why.
fn of_store(store: &Store) -> (Vec<ColumnSummary>, usize) {
    let mut summaries = Vec::new();
    let mut events = 0;
    for (index, path) in store.paths().iter().enumerate() {
        match store
            .read(&[index.into()])
            .map(|mut columns| columns.pop().expect("one was asked for"))
        {
            Ok(Column::Numbers(array)) => {
                events = events.max(array.events());
                summaries.extend(of_array(path, &names(path, &array), &array));
            }
            Ok(Column::Words(all)) => {
                events = events.max(all.len());
                let values = words(all.iter().map(String::as_str));
                summaries.push(ColumnSummary { name: path.clone(), shape: Vec::new(), values });
            }
            Err(fault) => {
                let values = ColumnValues::Unread { why: fault.message };
                summaries.push(ColumnSummary { name: path.clone(), shape: Vec::new(), values });
            }
        }
    }
    (summaries, events)
}

/// What the events of a recipe look like; `name` is that of the recipe.
pub fn of_events(name: &str, source: &Source, events: &Events) -> DatasetSummary {
    let mut columns = of_array("inputs", &events.columns, &events.inputs);
    let classes = classes(source, events);
    let labels = events.labels.as_ref().filter(|_| classes.is_empty());
    for (name, column, array) in [
        ("labels", "label", labels),
        ("weight", "weight", events.weights.as_ref()),
        ("nuisance", "nuisance", events.nuisance.as_ref()),
    ] {
        if let Some(array) = array {
            columns.extend(of_array(name, &names(column, array), array));
        }
    }
    DatasetSummary {
        name: name.to_owned(),
        events: count(events.inputs.events()),
        columns,
        classes,
    }
}

/// The name of each column.
fn names(name: &str, array: &Array) -> Vec<String> {
    match array.columns() {
        1 => vec![name.to_owned()],
        count => (0..count).map(|index| format!("{name}[{index}]")).collect(),
    }
}

/// One row for each column, or one for all of them where there are many.
fn of_array(name: &str, names: &[String], array: &Array) -> Vec<ColumnSummary> {
    let columns = array.columns();
    if columns > MOST_COLUMNS {
        let shape = array.shape.get(1..).unwrap_or_default().to_vec();
        let values = numbers(array.values.iter().copied());
        return vec![ColumnSummary { name: name.to_owned(), shape, values }];
    }
    let column = |(index, name): (usize, &String)| ColumnSummary {
        name: name.clone(),
        shape: Vec::new(),
        values: numbers(array.values.iter().skip(index).step_by(columns.max(1)).copied()),
    };
    names.iter().enumerate().map(column).collect()
}

fn numbers(all: impl Iterator<Item = f64>) -> ColumnValues {
    let (finite, others): (Vec<f64>, Vec<f64>) = all.partition(|value| value.is_finite());
    let bounds = finite.iter().fold(None, |bounds: Option<Range>, value| {
        let Range { lo, hi } = bounds.unwrap_or(Range { lo: *value, hi: *value });
        Some(Range { lo: lo.min(*value), hi: hi.max(*value) })
    });
    let range = bounds.unwrap_or_default();
    let mean = average(finite.iter().copied(), finite.len());
    let variance = average(finite.iter().map(|value| (value - mean).powi(2)), finite.len());
    ColumnValues::Numbers {
        range,
        mean,
        deviation: variance.sqrt(),
        zeros: count(finite.iter().filter(|value| **value == 0.0).count()),
        histogram: Histogram::of(finite, range, BINS),
        not_finite: count(others.len()),
    }
}

fn words<'a>(all: impl Iterator<Item = &'a str>) -> ColumnValues {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for word in all {
        *counts.entry(word).or_default() += 1;
    }
    let distinct = count(counts.len());
    let mut frequent: Vec<(String, u64)> =
        counts.into_iter().map(|(word, count)| (word.to_owned(), count)).collect();
    frequent.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    frequent.truncate(FREQUENT);
    ColumnValues::Words { distinct, frequent }
}

/// The classes of the labels; none where the labels are something else.
fn classes(source: &Source, events: &Events) -> Vec<ClassCount> {
    let Some(labels) = &events.labels else { return Vec::new() };
    let class = |value: &f64| {
        (0..MOST_CLASSES.max(source.classes.len())).find(|class| {
            let number = f64::from(u32::try_from(*class).expect("fewer than 2^32 classes"));
            number.to_bits() == (value + 0.0).to_bits()
        })
    };
    let Some(found) = labels.values.iter().map(class).collect::<Option<Vec<usize>>>() else {
        return Vec::new();
    };
    if labels.columns() != 1 {
        return Vec::new();
    }
    let present = found.iter().max().map_or(0, |last| last + 1);
    let mut classes: Vec<ClassCount> = (0..present.max(source.classes.len()))
        .map(|class| ClassCount {
            name: source.classes.get(class).cloned().unwrap_or_else(|| class.to_string()),
            ..ClassCount::default()
        })
        .collect();
    for (event, (class, key)) in found.iter().zip(&events.keys).enumerate() {
        let class = &mut classes[*class];
        let weights = events.weights.as_ref();
        let weight = weights.and_then(|own| own.values.get(event).copied()).unwrap_or(1.0);
        class.events += 1;
        class.weight += weight;
        if weight > 0.0 {
            match source.shares().of(*key) {
                Use::Training => class.training += 1,
                Use::Validation => class.validation += 1,
                Use::Test => class.test += 1,
            }
        }
    }
    classes
}

fn count(count: usize) -> u64 {
    u64::try_from(count).expect("a count is at most 64 bits")
}

#[expect(clippy::cast_precision_loss, reason = "a figure for the eye")]
fn average(values: impl Iterator<Item = f64>, count: usize) -> f64 {
    if count == 0 { 0.0 } else { values.sum::<f64>() / count as f64 }
}
