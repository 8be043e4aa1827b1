//! The classes of events.

use super::file::{File, read};
use super::read::Array;
use crate::diag::{Code, Diagnostic};

/// The class of each of `events` events: from integers, one column for each class of which one is
/// largest, or 0 and 1 for a network with one output.
///
/// `classes` is the number of outputs, so that of classes is at least two.
///
/// # Errors
/// D0503 when the bytes do not decode, D0504 when they are no such labels.
pub fn labels(
    name: &str,
    bytes: &[u8],
    events: usize,
    classes: usize,
) -> Result<Vec<usize>, Diagnostic> {
    let arrays = read(name, bytes)?;
    let [array] = arrays.as_slice() else {
        let help = "save the labels as the only array of their file";
        return Err(unfit(name, format!("there are {} arrays", arrays.len()), help));
    };
    classes_of(name, array, events, classes)
}

/// As [`labels`], of an array that was read from the file `name`.
///
/// # Errors
/// D0504 when they are no such labels.
pub fn classes_of(
    name: &str,
    array: &Array,
    events: usize,
    classes: usize,
) -> Result<Vec<usize>, Diagnostic> {
    if array.events() != events {
        let help = "give a label for each event";
        return Err(unfit(name, format!("{} labels for {events} events", array.events()), help));
    }
    let classes = classes.max(2);
    match array.columns() {
        1 => array
            .values
            .iter()
            .enumerate()
            .map(|(row, value)| {
                class(*value, classes).ok_or_else(|| {
                    let last = classes - 1;
                    let help =
                        format!("number the classes from 0 to {last}, in the outputs' order");
                    unfit(name, format!("row {row}: {value} is no class of {classes}"), &help)
                })
            })
            .collect(),
        columns if columns == classes => array
            .values
            .chunks_exact(columns)
            .enumerate()
            .map(|(row, values)| {
                hot(values).ok_or_else(|| {
                    let help = "one column is 1 and the others are 0";
                    unfit(name, format!("row {row} names no single class"), help)
                })
            })
            .collect(),
        columns => {
            let help = "give one column of class numbers, or one column for each class";
            let message = format!("{columns} columns, but the network has {classes} classes");
            Err(unfit(name, message, help))
        }
    }
}

#[expect(clippy::float_cmp, reason = "classes are whole numbers")]
fn class(value: f64, classes: usize) -> Option<usize> {
    (0..classes).find(|class| {
        f64::from(u32::try_from(*class).expect("networks have fewer than 2^32 outputs")) == value
    })
}

/// The one column that is 1 while the others are 0.
#[expect(clippy::float_cmp, reason = "0 and 1 are exact")]
fn hot(values: &[f64]) -> Option<usize> {
    let hot = values.iter().position(|value| *value == 1.0)?;
    let others = values.iter().enumerate().all(|(index, value)| index == hot || *value == 0.0);
    others.then_some(hot)
}

fn unfit(name: &str, message: String, help: &str) -> Diagnostic {
    Diagnostic::error(Code::D0504, message, help).at(name)
}

/// The number of the class that each label of a file names, or is.
///
/// # Errors
/// D0504 where a label is none of `classes`, D0507 where there is no such column.
pub fn named_classes(
    file: &File,
    column: Option<&str>,
    classes: &[String],
) -> Result<Array, Diagnostic> {
    let words = file.words(column)?;
    let class = |(row, word): (usize, &String)| {
        let named = classes.iter().position(|name| name == word);
        let numbered = || word.parse().ok().filter(|number| *number < classes.len());
        let class = named.or_else(numbered).ok_or_else(|| {
            let message = format!("row {row}: `{word}` is none of the classes");
            let help = format!("the labels are {}", classes.join(", "));
            Diagnostic::error(Code::D0504, message, help).at(file.name())
        })?;
        Ok(f64::from(u32::try_from(class).expect("fewer than 2^32 classes are named")))
    };
    let values: Vec<f64> =
        words.iter().enumerate().map(class).collect::<Result<_, Diagnostic>>()?;
    Ok(Array { name: None, shape: vec![values.len()], values })
}
