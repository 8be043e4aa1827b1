//! [`Table`]: the one kind of table of the page.

use askama::Template;

use super::super::words::Tone;

/// A table whose columns sort at a click.
#[derive(Template)]
#[template(path = "report/table.html")]
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

struct Column {
    title: String,
    class: &'static str,
}

/// A cell of a table.
pub(super) struct Cell {
    text: String,
    class: &'static str,
    /// What the column is sorted by, where it is not the text.
    key: Option<f64>,
    /// The length of a bar beside the number, in percent.
    bar: Option<f64>,
    /// The tone of a badge around the text.
    badge: Option<&'static str>,
}

impl Table {
    /// A table; each column is aligned as the cell of its first row.
    pub(super) fn new(titles: &[&str], rows: Vec<Vec<Cell>>) -> Self {
        let class = |index: usize| {
            let cell = rows.first().and_then(|row| row.get(index));
            cell.map_or("", |cell| cell.class)
        };
        let columns = titles
            .iter()
            .enumerate()
            .map(|(index, title)| Column { title: (*title).to_owned(), class: class(index) })
            .collect();
        Self { columns, rows }
    }

    /// The table as an element, or nothing where it has no row.
    pub(super) fn html(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        self.render().expect("writing to a string")
    }
}

impl Cell {
    /// Words.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), class: "", key: None, bar: None, badge: None }
    }

    /// A name or a format, in the type of code.
    pub(super) fn code(text: impl Into<String>) -> Self {
        Self { class: "code", ..Self::text(text) }
    }

    /// A number, written as `text`.
    pub(super) fn number(key: f64, text: impl Into<String>) -> Self {
        Self { class: "number", key: Some(key), ..Self::text(text) }
    }

    /// A number that is not known.
    pub(super) fn unknown() -> Self {
        Self { class: "number", key: Some(-1.0), ..Self::text("–") }
    }

    /// A word in a badge.
    pub(super) fn badge(text: impl Into<String>, tone: Tone) -> Self {
        Self { badge: Some(super::class(tone)), ..Self::text(text) }
    }

    /// The same with a bar that takes `part` of the cell.
    pub(super) fn with_bar(self, part: f64) -> Self {
        Self { bar: Some(100.0 * part.clamp(0.0, 1.0)), ..self }
    }
}
