//! A [`DatasetSummary`] as tables for a terminal.

use super::data::{ClassCount, ColumnSummary, ColumnValues, DatasetSummary, Histogram};
use super::grid::{Grid, Screen, dash, number_cell, text_cell};
use super::words;

/// The heights of a bar, from an empty bin to the fullest.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The columns, and the classes where they are known.
pub fn render(summary: &DatasetSummary, screen: Screen) -> String {
    let heading = format!("{}: {}\n", summary.name, words::several(summary.events, "event"));
    let mut text = heading + "\n" + &columns(&summary.columns, screen);
    if !summary.classes.is_empty() {
        text += "\n";
        text += &classes(&summary.classes, screen);
    }
    text
}

fn columns(columns: &[ColumnSummary], screen: Screen) -> String {
    let header =
        ["column", "least", "mean", "most", "deviation", "zero", "not finite", "distribution"];
    let mut grid = Grid::new(&header, screen);
    for column in columns {
        let name = if column.shape.is_empty() {
            column.name.clone()
        } else {
            format!("{} {}", column.name, words::shape(&column.shape))
        };
        let mut row = vec![text_cell(name)];
        match &column.values {
            ColumnValues::Numbers { range, mean, deviation, zeros, histogram, not_finite } => {
                let figures = [range.lo, *mean, range.hi, *deviation].map(words::number);
                row.extend(figures.map(number_cell));
                row.extend([*zeros, *not_finite].map(|count| number_cell(words::count(count))));
                row.push(text_cell(bars(histogram)));
            }
            ColumnValues::Words { distinct, frequent } => {
                row.extend((0..6).map(|_| number_cell(dash())));
                row.push(text_cell(words_cell(*distinct, frequent)));
            }
            ColumnValues::Unread { why } => {
                row.extend((0..6).map(|_| number_cell(dash())));
                row.push(text_cell(why));
            }
        }
        grid.row(row);
    }
    grid.finish()
}

/// The distribution as one line of bars; a bin with any value has a bar.
fn bars(histogram: &Histogram) -> String {
    let most = words::approximate(histogram.counts.iter().copied().max().unwrap_or(0).max(1));
    let bar = |count: &u64| {
        let height = words::approximate(*count) / most * 8.0;
        let levels = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        BARS[levels.iter().filter(|level| height > **level).count()]
    };
    format!("│{}│", histogram.counts.iter().map(bar).collect::<String>())
}

fn words_cell(distinct: u64, frequent: &[(String, u64)]) -> String {
    let counts: Vec<String> =
        frequent.iter().map(|(word, count)| format!("{word} {}", words::count(*count))).collect();
    let others = distinct.saturating_sub(u64::try_from(frequent.len()).unwrap_or(u64::MAX));
    let more =
        if others > 0 { format!(", {} more words", words::count(others)) } else { String::new() };
    counts.join(", ") + &more
}

fn classes(classes: &[ClassCount], screen: Screen) -> String {
    let header = ["class", "events", "share", "weight", "training", "validation", "test"];
    let mut grid = Grid::new(&header, screen);
    let all: u64 = classes.iter().map(|class| class.events).sum();
    for class in classes {
        let share = words::approximate(class.events) / words::approximate(all.max(1));
        grid.row(vec![
            text_cell(&class.name),
            number_cell(words::count(class.events)),
            number_cell(words::percent(share)),
            number_cell(words::number(class.weight)),
            number_cell(words::count(class.training)),
            number_cell(words::count(class.validation)),
            number_cell(words::count(class.test)),
        ]);
    }
    grid.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::data::Range;

    #[test]
    fn bars_are_as_high_as_counts() {
        let histogram = Histogram { range: Range::default(), counts: vec![0, 1, 8, 4, 16, 2] };
        assert_eq!(bars(&histogram), "│ ▁▄▂█▁│");
    }
}
