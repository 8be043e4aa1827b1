//! Matches the arrays of a file to the inputs of a network.

use super::Array;
use crate::diag::{Code, Diagnostic};
use crate::numeric::tensor::{Block, Shape};

/// An input that wants events.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Its name in the model.
    pub name: &'a str,
    /// The shape of one event.
    pub shape: &'a Shape,
}

/// The events for each input, in the inputs' order.
///
/// Named arrays go to the inputs of their names. A single array goes to a single
/// input; for several inputs it holds their values side by side. An array of one
/// event may lack the first dimension.
///
/// # Errors
/// D0501 when shapes or names do not match, D0502 when a value is not finite.
pub fn events(
    file: &str,
    arrays: &[Array],
    inputs: &[Wanted<'_>],
) -> Result<Vec<Block<f64>>, Diagnostic> {
    let blocks = match arrays {
        [array] if inputs.len() != 1 && array.name.is_none() => side_by_side(file, array, inputs)?,
        [array] if inputs.len() == 1 => vec![block(file, array, &inputs[0])?],
        _ => by_name(file, arrays, inputs)?,
    };
    let counts: Vec<usize> = blocks.iter().map(|block| block.events).collect();
    match counts.iter().find(|count| **count != counts[0]) {
        Some(other) => Err(mismatch(
            file,
            format!("the inputs have {} and {other} events", counts[0]),
            "give as many events for each input",
        )),
        None if counts.first() == Some(&0) => {
            Err(mismatch(file, "there is no event".to_owned(), "give at least one row"))
        }
        None => Ok(blocks),
    }
}

fn by_name(
    file: &str,
    arrays: &[Array],
    inputs: &[Wanted<'_>],
) -> Result<Vec<Block<f64>>, Diagnostic> {
    let named = |wanted: &Wanted<'_>| {
        arrays.iter().find(|array| array.name.as_deref() == Some(wanted.name)).ok_or_else(|| {
            let has: Vec<&str> = arrays.iter().filter_map(|array| array.name.as_deref()).collect();
            mismatch(
                file,
                format!("no array is called `{}`", wanted.name),
                &format!("save it as `numpy.savez(\"events.npz\", **{{\"{}\": x}})`", wanted.name),
            )
            .note(format!("the file has {}", has.join(", ")))
        })
    };
    inputs.iter().map(|wanted| block(file, named(wanted)?, wanted)).collect()
}

fn side_by_side(
    file: &str,
    array: &Array,
    inputs: &[Wanted<'_>],
) -> Result<Vec<Block<f64>>, Diagnostic> {
    let total: usize = inputs.iter().map(|wanted| wanted.shape.len()).sum();
    if array.columns() != total {
        let parts: Vec<String> =
            inputs.iter().map(|wanted| format!("`{}` {}", wanted.name, wanted.shape)).collect();
        return Err(mismatch(
            file,
            format!("{} values for each event, but the inputs take {total}", array.columns()),
            "put the inputs side by side, or give an .npz with an array for each input",
        )
        .note(format!("the inputs are {}", parts.join(", "))));
    }
    finite(file, array)?;
    let mut first = 0;
    let mut blocks = Vec::with_capacity(inputs.len());
    for wanted in inputs {
        let len = wanted.shape.len();
        let own: Vec<f64> = array
            .values
            .chunks_exact(total)
            .flat_map(|row| row[first..first + len].iter().copied())
            .collect();
        blocks.push(Block::from_rows(&own, len, 0));
        first += len;
    }
    Ok(blocks)
}

fn block(file: &str, array: &Array, wanted: &Wanted<'_>) -> Result<Block<f64>, Diagnostic> {
    let one_event = array.shape == wanted.shape.0;
    let flat = array.columns() == wanted.shape.len() && !array.shape.is_empty();
    if !one_event && !flat {
        let mut expected = vec!["events".to_owned()];
        expected.extend(wanted.shape.0.iter().map(ToString::to_string));
        let expected = expected.join(", ");
        return Err(mismatch(
            file,
            format!(
                "input `{}` takes [{expected}], but the data is {}",
                wanted.name,
                Shape(array.shape.clone())
            ),
            &format!("save the events as an array of shape [{expected}]"),
        ));
    }
    finite(file, array)?;
    Ok(Block::from_rows(&array.values, wanted.shape.len(), 0))
}

fn finite(file: &str, array: &Array) -> Result<(), Diagnostic> {
    let columns = array.columns().max(1);
    match array.values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => {
            let (row, column) = (place / columns, place % columns);
            let own = array.name.as_deref().map_or(String::new(), |name| format!(" of `{name}`"));
            Err(Diagnostic::error(
                Code::D0502,
                format!("row {row}, column {column}{own} is {}", array.values[place]),
                "remove such events, or replace the value: `numpy.nan_to_num(x)`",
            )
            .at(file)
            .note("rows and columns count from 0"))
        }
    }
}

fn mismatch(file: &str, message: String, help: &str) -> Diagnostic {
    Diagnostic::error(Code::D0501, message, help).at(file)
}
