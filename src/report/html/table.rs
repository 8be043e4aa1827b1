//! [`Table`]: the one kind of table of the page.

use askama::Template;

use super::super::words::{self, Tone};
use super::markup;

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
    html: String,
    class: &'static str,
    /// What the column is sorted by, where it is not the text.
    key: Option<f64>,
    /// The length of a bar beside the number, in percent.
    bar: Option<f64>,
    /// The tone of that bar, where it stands for a part of the device.
    bar_tone: &'static str,
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
    /// Words; what stands between backticks is code.
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self {
            html: markup::with_code(text.as_ref()),
            class: "",
            key: None,
            bar: None,
            bar_tone: "",
            badge: None,
        }
    }

    /// A name or a format, in the type of code; a long name may break behind its slashes.
    pub(super) fn code(text: impl AsRef<str>) -> Self {
        let html = markup::escaped(text.as_ref()).replace('/', "/<wbr/>");
        Self { html, class: "code", ..Self::text("") }
    }

    /// A number, written as `text`.
    pub(super) fn number(key: f64, text: impl AsRef<str>) -> Self {
        Self { class: "number", key: Some(key), ..Self::text(text) }
    }

    /// A number that is not known.
    pub(super) fn unknown() -> Self {
        Self { class: "number", key: Some(-1.0), ..Self::text("–") }
    }

    /// A word in a badge.
    pub(super) fn badge(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { badge: Some(super::class(tone)), ..Self::text(text) }
    }

    /// The same with a bar that takes `part` of the cell.
    pub(super) fn with_bar(self, part: f64) -> Self {
        Self { bar: Some(100.0 * part.clamp(0.0, 1.0)), ..self }
    }

    /// The same with a bar for a part of the device, colored by how full that is.
    pub(super) fn with_utilization(self, part: f64) -> Self {
        let bar_tone = super::class(words::utilization_tone(part));
        Self { bar_tone, ..self.with_bar(part) }
    }
}
