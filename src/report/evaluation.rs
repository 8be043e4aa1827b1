//! An [`Evaluation`] as tables for a terminal.

use super::data::{Estimate, Evaluation, InputImportance, Rejection};
use super::grid::{Grid, Screen, dash, number_cell, text_cell};
use super::words;

/// Everything but the curves.
pub fn render(evaluation: &Evaluation, screen: Screen) -> String {
    let mut text = heading(evaluation) + "\n" + &classes(evaluation, screen);
    for part in [
        rejections(evaluation, screen),
        working_points(evaluation, screen),
        confusion(evaluation, screen),
        sculpting(evaluation, screen),
        inputs(evaluation, screen),
    ] {
        if !part.is_empty() {
            text += "\n";
            text += &part;
        }
    }
    text
}

fn heading(evaluation: &Evaluation) -> String {
    let events = words::several(evaluation.events, "event");
    let weighted = if evaluation.weighted { ", weighted" } else { "" };
    let mut lines =
        vec![format!("{}: {events} of {}{weighted}", evaluation.model, evaluation.data)];
    lines.extend(evaluation.accuracy.as_ref().map(|own| format!("accuracy {}", percent(own))));
    lines.extend(evaluation.calibration.as_ref().map(|calibration| {
        format!("calibration error {}", words::percent(calibration.expected_error))
    }));
    lines.push("intervals hold 68 % of the replicas of the bootstrap".to_owned());
    lines.join("\n") + "\n"
}

/// How well each class is told from all others.
fn classes(evaluation: &Evaluation, screen: Screen) -> String {
    let header = ["class", "signal", "background", "AUC", "best s/√(s+b)", "at cut"];
    let mut grid = Grid::new(&header, screen);
    for class in &evaluation.classes {
        grid.row(vec![
            text_cell(&class.name),
            number_cell(words::number(class.signal)),
            number_cell(words::number(class.background)),
            number_cell(area(&class.auc)),
            number_cell(words::number(class.significance.best)),
            number_cell(words::number(class.significance.best_cut)),
        ]);
    }
    grid.finish()
}

/// One over the background that is left at fixed signal efficiencies.
fn rejections(evaluation: &Evaluation, screen: Screen) -> String {
    let first = evaluation.classes.first();
    let efficiencies = first.map_or(&[][..], |class| &class.rejections);
    let titles: Vec<String> = efficiencies
        .iter()
        .map(|own| format!("at {} signal", words::rate(own.signal_efficiency)))
        .collect();
    let mut header = vec!["1/background"];
    header.extend(titles.iter().map(String::as_str));
    let mut grid = Grid::new(&header, screen);
    for class in &evaluation.classes {
        let mut row = vec![text_cell(&class.name)];
        row.extend(class.rejections.iter().map(|own| number_cell(rejection(own))));
        grid.row(row);
    }
    grid.finish()
}

fn working_points(evaluation: &Evaluation, screen: Screen) -> String {
    let header = ["class", "working point", "background", "cut", "kept", "signal"];
    let mut grid = Grid::new(&header, screen);
    for class in &evaluation.classes {
        for point in &class.working_points {
            grid.row(vec![
                text_cell(&class.name),
                text_cell(&point.name),
                number_cell(format!("≤ {}", words::rate(point.background_rate))),
                number_cell(point.cut.map_or_else(dash, words::number)),
                number_cell(words::percent(point.background)),
                number_cell(percent(&point.signal)),
            ]);
        }
    }
    grid.finish()
}

fn confusion(evaluation: &Evaluation, screen: Screen) -> String {
    if evaluation.confusion.is_empty() {
        return String::new();
    }
    let titles: Vec<String> = evaluation.names.iter().map(|name| format!("said {name}")).collect();
    let mut header = vec!["class"];
    header.extend(titles.iter().map(String::as_str));
    let mut grid = Grid::new(&header, screen);
    for (name, row) in evaluation.names.iter().zip(&evaluation.confusion) {
        let all: f64 = row.iter().sum();
        let mut cells = vec![text_cell(name)];
        cells
            .extend(row.iter().map(|own| {
                number_cell(if all > 0.0 { words::percent(own / all) } else { dash() })
            }));
        grid.row(cells);
    }
    grid.finish()
}

fn sculpting(evaluation: &Evaluation, screen: Screen) -> String {
    let Some(nuisance) = &evaluation.nuisance else { return String::new() };
    let title = format!("loose background over {nuisance}");
    let header = ["class", title.as_str(), "divergence"];
    let mut grid = Grid::new(&header, screen);
    for class in &evaluation.classes {
        let Some(sculpting) = &class.sculpting else { continue };
        let least = sculpting.efficiency.iter().copied().fold(f64::INFINITY, f64::min);
        let most = sculpting.efficiency.iter().copied().fold(0.0, f64::max);
        grid.row(vec![
            text_cell(&class.name),
            number_cell(format!("{} to {}", words::percent(least), words::percent(most))),
            number_cell(
                sculpting
                    .divergence
                    .map_or_else(dash, |own| format!("{} bits", words::number(own))),
            ),
        ]);
    }
    grid.finish()
}

/// What the inputs do to the scores, the most important first.
fn inputs(evaluation: &Evaluation, screen: Screen) -> String {
    const MOST: usize = 20;
    if evaluation.inputs.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new(&["input", "gradient × input", "relevance"], screen);
    let sorted = by_importance(&evaluation.inputs);
    for input in sorted.iter().take(MOST) {
        grid.row(vec![
            text_cell(&input.name),
            number_cell(words::percent(input.gradient)),
            number_cell(words::percent(input.relevance)),
        ]);
    }
    let others = sorted.len().saturating_sub(MOST);
    let more = if others > 0 { format!("and {others} less important\n") } else { String::new() };
    grid.finish() + &more
}

/// The inputs, those first that do most to the scores.
pub(super) fn by_importance(inputs: &[InputImportance]) -> Vec<&InputImportance> {
    let mut sorted: Vec<&InputImportance> = inputs.iter().collect();
    sorted.sort_by(|a, b| b.gradient.total_cmp(&a.gradient));
    sorted
}

/// `76.1 % (75.2 to 77.0 %)`.
pub(super) fn percent(estimate: &Estimate) -> String {
    let [value, low, high] = [estimate.value, estimate.low, estimate.high].map(words::percent);
    format!("{value} ({} to {high})", low.trim_end_matches(" %"))
}

/// `0.9431 (0.9410 to 0.9452)`.
pub(super) fn area(estimate: &Estimate) -> String {
    format!("{:.4} ({:.4} to {:.4})", estimate.value, estimate.low, estimate.high)
}

/// `31.2 (28.0 to 35.1)`; more than the sample can tell where no background is left.
pub(super) fn rejection(rejection: &Rejection) -> String {
    let one_over =
        |part: f64| if part > 0.0 { words::number(1.0 / part) } else { "∞".to_owned() };
    let Estimate { value, low, high } = rejection.background;
    format!("{} ({} to {})", one_over(value), one_over(high), one_over(low))
}
