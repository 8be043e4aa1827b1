//! [`Table`]: a csv file, as text until someone knows what its columns are.

use std::io::Read;

use super::read::{Array, undecodable};
use crate::diag::Diagnostic;

/// Rows of cells, one row for each event.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The names of the columns; none where the first row has a number.
    pub(super) header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    /// A table; a first row without numbers is a header.
    pub(super) fn decode(name: &str, bytes: impl Read) -> Result<Self, Diagnostic> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(bytes);
        let mut rows = Vec::new();
        for record in reader.records() {
            rows.push(record.map_err(|error| undecodable(name, &error.to_string()))?);
        }
        let is_header = |row: &csv::StringRecord| row.iter().all(|cell| number(cell).is_none());
        let header = match rows.first() {
            Some(first) if is_header(first) => rows.remove(0).iter().map(str::to_owned).collect(),
            Some(_) | None => Vec::new(),
        };
        if rows.is_empty() {
            return Err(undecodable(name, "it holds no row of numbers"));
        }
        Ok(Self { header, rows })
    }

    /// The number of columns.
    pub(super) fn columns(&self) -> usize {
        self.rows.first().map_or(0, csv::StringRecord::len)
    }

    /// The number of events.
    pub(super) fn events(&self) -> usize {
        self.rows.len()
    }

    /// Some columns as numbers, row by row, in the order given.
    ///
    /// # Errors
    /// D0503 where a cell is no number.
    pub(super) fn numbers(&self, name: &str, columns: &[usize]) -> Result<Array, Diagnostic> {
        let mut values = Vec::with_capacity(self.rows.len() * columns.len());
        for (row, cells) in self.rows.iter().enumerate() {
            for column in columns {
                let cell = &cells[*column];
                let value = number(cell).ok_or_else(|| {
                    let line = row + 1 + usize::from(!self.header.is_empty());
                    let place = format!("row {line}, column {}", column + 1);
                    undecodable(name, &format!("{place}: `{cell}` is not a number"))
                })?;
                values.push(value);
            }
        }
        Ok(Array { name: None, shape: vec![self.rows.len(), columns.len()], values })
    }

    /// The cells of a column.
    pub(super) fn words(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |cells| &cells[column])
    }
}

fn number(cell: &str) -> Option<f64> {
    cell.parse().ok()
}
