//! [`Grid`]: a table as all tables on a terminal look.

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle,
};

use super::words::Tone;

/// Whether the text may use escape sequences; without them it says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Plain text.
    Plain,
    /// Bold titles and colored verdicts.
    Color,
}

/// What the text is written on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// The columns that a table may take.
    pub columns: u16,
    /// Whether there are colors.
    pub paint: Paint,
}

impl Screen {
    /// A file, a pipe or a log: 100 columns of plain text.
    pub const FILE: Self = Self { columns: 100, paint: Paint::Plain };
}

/// A table in the house style: a rule below the header and nothing else.
pub(super) struct Grid {
    table: Table,
    paint: Paint,
}

impl Grid {
    pub(super) fn new(header: &[&str], screen: Screen) -> Self {
        let mut table = Table::new();
        table
            .load_style(
                TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')),
            )
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(screen.columns)
            .force_no_tty();
        if screen.paint == Paint::Color {
            table.enforce_styling();
        }
        table
            .set_header(header.iter().map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
        Self { table, paint: screen.paint }
    }

    pub(super) fn row(&mut self, cells: Vec<Content>) {
        let paint = self.paint;
        if self.table.row_count() == 0 {
            // Numbers stand right, and so do their titles; a column is what its first cell is.
            for (index, cell) in cells.iter().enumerate() {
                if let (true, Some(column)) = (cell.right, self.table.column_mut(index)) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        self.table.add_row(cells.into_iter().map(|cell| cell.draw(paint)));
    }

    pub(super) fn finish(self) -> String {
        let lines = self.table.lines().map(|line| line.trim_end().to_owned() + "\n");
        lines.collect()
    }
}

/// A cell before it is drawn.
pub(super) struct Content {
    text: String,
    tone: Option<Tone>,
    right: bool,
}

impl Content {
    pub(super) fn right(self) -> Self {
        Self { right: true, ..self }
    }

    fn draw(self, paint: Paint) -> Cell {
        let cell = Cell::new(self.text);
        match self.tone {
            Some(tone) if paint == Paint::Color => cell.fg(match tone {
                Tone::Good => Color::Green,
                Tone::Open => Color::DarkGrey,
                Tone::Doubtful => Color::Yellow,
                Tone::Bad => Color::Red,
            }),
            _ => cell,
        }
    }
}

pub(super) fn text_cell(text: impl Into<String>) -> Content {
    Content { text: text.into(), tone: None, right: false }
}

pub(super) fn number_cell(text: String) -> Content {
    text_cell(text).right()
}

pub(super) fn toned(text: impl Into<String>, tone: Tone) -> Content {
    Content { tone: Some(tone), ..text_cell(text) }
}

/// What stands where there is no value.
pub(super) fn dash() -> String {
    "–".to_owned()
}
