//! Functions of single values, and of all values of an event.

use super::Inputs;
use crate::diag::{Code, Diagnostic};

/// `function` of every value of some columns; of all where none is named.
pub(super) fn map(
    step: &str,
    mut inputs: Inputs,
    columns: &[String],
    function: impl Fn(f64) -> f64,
) -> Result<Inputs, Diagnostic> {
    let place = "`[[data.transform]]`";
    let mut chosen = vec![columns.is_empty(); inputs.columns.len()];
    for name in columns {
        let index = inputs.columns.iter().position(|own| own == name).ok_or_else(|| {
            let message = format!("`{step}`: no input is called `{name}`");
            let help = format!("the inputs are {}", inputs.columns.join(", "));
            Diagnostic::error(Code::D0507, message, help).at(place)
        })?;
        chosen[index] = true;
    }
    for (row, values) in inputs.array.values.chunks_exact_mut(chosen.len().max(1)).enumerate() {
        for (column, value) in values.iter_mut().enumerate().filter(|(column, _)| chosen[*column]) {
            let result = function(*value);
            if !result.is_finite() {
                let name = &inputs.columns[column];
                let message = format!("row {row}: the `{step}` of `{name}` = {value} is {result}");
                let help = "name the columns that have no such value, with `columns`";
                let fault = Diagnostic::error(Code::D0502, message, help).at(place);
                return Err(fault.note("rows count from 0"));
            }
            *value = result;
        }
    }
    Ok(inputs)
}

/// The values of each event, divided by their sum.
pub(super) fn normalize(mut inputs: Inputs) -> Inputs {
    let columns = inputs.array.columns().max(1);
    for event in inputs.array.values.chunks_exact_mut(columns) {
        let sum: f64 = event.iter().sum();
        if sum != 0.0 {
            for value in event {
                *value /= sum;
            }
        }
    }
    inputs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Array;

    fn inputs(values: &[f64]) -> Inputs {
        let columns = ["e", "f"].map(str::to_owned).to_vec();
        let array = Array { name: None, shape: vec![values.len() / 2, 2], values: values.to_vec() };
        Inputs { columns, array }
    }

    #[test]
    fn functions_reach_the_columns_that_are_named() {
        let check = |columns: &[&str], function: fn(f64) -> f64, expected: [f64; 4]| {
            let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
            let found = map("step", inputs(&[0.0, 4.0, 9.0, 1.0]), &columns, function).unwrap();
            assert_eq!(found.array.values, expected);
        };
        check(&[], f64::sqrt, [0.0, 2.0, 3.0, 1.0]);
        check(&["e"], f64::sqrt, [0.0, 4.0, 3.0, 1.0]);
        check(&["f"], f64::ln, [0.0, 4_f64.ln(), 9.0, 0.0]);
        check(&[], |x| x.clamp(1.0, 5.0), [1.0, 4.0, 5.0, 1.0]);
    }

    #[test]
    fn results_that_are_no_number_are_refused() {
        let fault = map("log", inputs(&[1.0, 0.0]), &[], f64::ln).unwrap_err();
        assert_eq!(fault.code, Code::D0502);
        assert_eq!(fault.message, "row 0: the `log` of `f` = 0 is -inf");
        let unknown = ["g".to_owned()];
        assert_eq!(
            map("log", inputs(&[1.0, 1.0]), &unknown, f64::ln).unwrap_err().code,
            Code::D0507
        );
    }

    #[test]
    fn sums_become_one_where_there_is_anything() {
        let found = normalize(inputs(&[1.0, 3.0, 0.0, 0.0]));
        assert_eq!(found.array.values, [0.25, 0.75, 0.0, 0.0]);
    }
}
