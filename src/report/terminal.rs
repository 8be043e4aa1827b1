//! The report as tables for a terminal.
//!
//! Every function returns its section as text that ends with a line break, and nothing at all
//! where the report has nothing to say on it.

use anstyle::Style;

use super::data::{Metrics, Report, Verification};
use super::gate;
use super::grid::{Grid, dash, number_cell, text_cell, toned};
pub use super::grid::{Paint, Screen};
use super::words::{self, Tone};

/// Which design, what it costs and how long it takes.
pub fn summary(report: &Report, screen: Screen) -> String {
    let design = &report.design;
    let mut facts = vec![design.model.clone()];
    facts.extend(
        design.device.as_ref().map(|device| format!("{} ({})", device.part, device.family)),
    );
    facts.extend(design.clock_ns.map(|clock| format!("{} ns clock", words::number(clock))));
    let heading = format!("{}  {}\n", bold(&design.name, screen), facts.join(", "));
    let latency = report.timing.as_ref().map(|timing| {
        format!(
            "latency {} = {} ns = {} bx, one event every {}\n",
            words::several(timing.latency_cycles.into(), "cycle"),
            words::number(timing.latency_ns),
            words::number(timing.latency_bx),
            words::several(timing.initiation_interval.into(), "cycle"),
        )
    });
    let text = heading + &latency.unwrap_or_default();
    let Some(resources) = &report.resources else { return text };
    let tool = resources.synthesis.as_ref().map(|synthesis| synthesis.tool.as_str());
    let synthesized = tool.is_some();
    let mut header = vec!["resource", "estimate"];
    header.extend(tool);
    header.extend(["device", "used"]);
    let mut grid = Grid::new(&header, screen);
    for budget in words::budgets(resources) {
        let used = budget.utilization(budget.synthesis.unwrap_or(budget.estimate));
        let mut row = vec![
            text_cell(format!("{}{}", budget.name, budget.unit)),
            number_cell(words::number(budget.estimate)),
        ];
        if synthesized {
            row.push(number_cell(budget.synthesis.map_or_else(dash, words::number)));
        }
        row.push(number_cell(budget.capacity.map_or_else(dash, words::number)));
        let tone = used.map_or(Tone::Open, words::utilization_tone);
        row.push(toned(used.map_or_else(dash, words::percent), tone).right());
        grid.row(row);
    }
    text + "\n" + &grid.finish()
}

/// One line per layer.
pub fn layers(report: &Report, screen: Screen) -> String {
    let Some(resources) = &report.resources else { return String::new() };
    let synthesized = resources.layers.iter().any(|layer| layer.synthesis.is_some());
    let mut header = vec!["layer", "operator", "shape", "format", "adders", "LUT"];
    if synthesized {
        header.push("synthesis");
    }
    header.extend(["FF", "DSP", "kbit", "stages"]);
    let mut grid = Grid::new(&header, screen);
    for layer in &resources.layers {
        let (shape, format) = words::tensor(layer);
        let mut row = vec![
            text_cell(&layer.name),
            text_cell(&layer.operator),
            number_cell(shape),
            text_cell(format),
            number_cell(words::count(layer.adders)),
            number_cell(words::count(layer.estimate.lut)),
        ];
        if synthesized {
            let usage = layer.synthesis.as_ref();
            row.push(number_cell(usage.map_or_else(dash, |usage| words::count(usage.lut))));
        }
        row.extend([
            number_cell(words::count(layer.estimate.ff)),
            number_cell(words::count(layer.estimate.dsp)),
            number_cell(words::number(layer.estimate.bram_kbit)),
            number_cell(words::stages(layer.stages)),
        ]);
        grid.row(row);
    }
    titled("layers", &grid.finish(), screen)
}

/// The estimate beside what vendors' tools reported.
pub fn tools(report: &Report, screen: Screen) -> String {
    if report.tools.is_empty() {
        return String::new();
    }
    let mut header = vec!["", "estimate"];
    let titles: Vec<String> =
        report.tools.iter().map(|tool| format!("{}, {}", tool.tool, tool.stage.name())).collect();
    header.extend(titles.iter().map(String::as_str));
    let mut grid = Grid::new(&header, screen);
    for figure in words::figures(report) {
        let mut row = vec![text_cell(figure.name)];
        let cells = [figure.estimate].into_iter().chain(figure.reported);
        row.extend(cells.map(|value| number_cell(value.map_or_else(dash, words::number))));
        grid.row(row);
    }
    titled("vendors' tools", &grid.finish(), screen)
}

/// One line per quantized tensor, with its verdict.
pub fn formats(report: &Report, screen: Screen) -> String {
    if report.formats.is_empty() {
        return String::new();
    }
    let header = ["tensor", "format", "modes", "from", "verdict", "because"];
    let mut grid = Grid::new(&header, screen);
    for row in &report.formats {
        let tone = words::verdict_tone(&row.verdict);
        grid.row(vec![
            text_cell(&row.node),
            text_cell(&row.format),
            text_cell(format!("{} {}", row.rounding, row.overflow)),
            text_cell(row.source.name()),
            toned(row.verdict.name(), tone),
            text_cell(words::verdict(&row.verdict)),
        ]);
    }
    titled("formats", &grid.finish(), screen)
}

/// What fixed point loses, and whether every engine computes the same integers.
pub fn verification(report: &Report, screen: Screen) -> String {
    let Some(found) = &report.verification else { return String::new() };
    let title = format!("{} of {}", words::several(found.events, "event"), found.data);
    titled(
        &title,
        &sections([
            physics(found, screen),
            errors(found, screen),
            attribution(found, screen),
            engines(found, screen),
        ]),
        screen,
    )
}

/// The outcome of each bound of `[gate]`.
pub fn gates(report: &Report, screen: Screen) -> String {
    if report.gates.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new(&["gate", "value", "bound", "", ""], screen);
    for outcome in &report.gates {
        let value = outcome.value.map(|value| gate::quantity(outcome.gate, value));
        let (word, tone) =
            if outcome.passed { ("passed", Tone::Good) } else { ("FAILED", Tone::Bad) };
        grid.row(vec![
            text_cell(outcome.gate.key()),
            number_cell(value.unwrap_or_else(|| "not measured".to_owned())),
            number_cell(gate::quantity(outcome.gate, outcome.bound)),
            toned(word, tone),
            text_cell(gate::reason(outcome)),
        ]);
    }
    titled("gates", &grid.finish(), screen)
}

/// One line per model: what `check` prints at the end.
pub fn overview(reports: &[Report], screen: Screen) -> String {
    let header = ["model", "LUT", "latency", "accuracy", "violated", "engines", "gates", ""];
    let mut grid = Grid::new(&header, screen);
    for report in reports {
        let lut = report.resources.as_ref().map(|resources| words::count(resources.total.lut));
        let latency = report.timing.as_ref().map(|timing| words::number(timing.latency_ns) + " ns");
        let accuracy = report.metrics().and_then(|metrics| metrics.accuracy);
        let (agree, all) = words::tally(report.comparisons(), |it| it.mismatches == 0);
        let (kept, gates) = words::tally(&report.gates, |it| it.passed);
        let (word, tone) =
            if report.passed() { ("passed", Tone::Good) } else { ("FAILED", Tone::Bad) };
        grid.row(vec![
            text_cell(&report.design.name),
            number_cell(lut.unwrap_or_else(dash)),
            number_cell(latency.unwrap_or_else(dash)),
            number_cell(accuracy.map_or_else(dash, |accuracy| words::percent(accuracy.fixed))),
            number_cell(report.violations().count().to_string()),
            number_cell(format!("{agree}/{all}")),
            number_cell(format!("{kept}/{gates}")),
            toned(word, tone),
        ]);
    }
    grid.finish()
}

/// Accuracy, and the figures of each class.
fn physics(found: &Verification, screen: Screen) -> String {
    let Some(metrics) = &found.metrics else { return String::new() };
    let accuracy = metrics.accuracy.map(|accuracy| {
        format!(
            "accuracy {} in float, {} in fixed point ({})\n",
            words::percent(accuracy.float),
            words::percent(accuracy.fixed),
            words::points(-accuracy.loss()),
        )
    });
    sections([accuracy.unwrap_or_default(), classes(metrics, screen)])
}

fn classes(metrics: &Metrics, screen: Screen) -> String {
    if metrics.classes.is_empty() {
        return String::new();
    }
    let rate = metrics.classes.iter().find_map(|class| class.efficiency);
    let efficiency = rate.map(|it| format!("efficiency at {}", words::rate(it.background_rate)));
    let mut header = vec!["class", "AUC float", "fixed", "change"];
    header.extend(
        efficiency.as_deref().map(|title| [title, "fixed", "change"]).into_iter().flatten(),
    );
    let mut grid = Grid::new(&header, screen);
    for class in &metrics.classes {
        let mut row = vec![
            text_cell(&class.name),
            number_cell(format!("{:.4}", class.auc.float)),
            number_cell(format!("{:.4}", class.auc.fixed)),
            number_cell(words::change(-class.auc.loss())),
        ];
        if let Some(efficiency) = class.efficiency {
            row.push(number_cell(words::percent(efficiency.signal.float)));
            row.push(number_cell(words::percent(efficiency.signal.fixed)));
            row.push(number_cell(words::points(-efficiency.signal.loss())));
        }
        grid.row(row);
    }
    grid.finish()
}

fn errors(found: &Verification, screen: Screen) -> String {
    if found.outputs.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new(&["output", "largest error", "mean error", "signal to noise"], screen);
    for output in &found.outputs {
        grid.row(vec![
            text_cell(&output.name),
            number_cell(words::number(output.max_abs_error)),
            number_cell(words::number(output.mean_abs_error)),
            number_cell(words::decibel(output.sqnr_db)),
        ]);
    }
    grid.finish()
}

/// Which layer costs most.
fn attribution(found: &Verification, screen: Screen) -> String {
    if found.layers.is_empty() {
        return String::new();
    }
    let header = ["layer", "signal to noise there", "rms output error from it alone"];
    let mut grid = Grid::new(&header, screen);
    for layer in &found.layers {
        grid.row(vec![
            text_cell(&layer.name),
            number_cell(words::noise(layer)),
            number_cell(layer.output_error.map_or_else(dash, words::number)),
        ]);
    }
    grid.finish()
}

fn engines(found: &Verification, screen: Screen) -> String {
    if found.engines.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new(&["engines", "events", "mismatches", "", "first difference"], screen);
    for comparison in &found.engines {
        let (word, tone) = words::agreement(comparison);
        grid.row(vec![
            text_cell(words::pair(comparison)),
            number_cell(words::count(comparison.events)),
            number_cell(words::count(comparison.mismatches)),
            toned(word, tone),
            text_cell(comparison.first_difference.clone().unwrap_or_else(dash)),
        ]);
    }
    grid.finish()
}

/// A table of texts in the house style; columns from `first_number` on stand right.
pub fn table(header: &[&str], rows: &[Vec<String>], first_number: usize, screen: Screen) -> String {
    let mut grid = Grid::new(header, screen);
    for row in rows {
        let cells = row.iter().enumerate().map(|(index, text)| {
            if index < first_number { text_cell(text) } else { number_cell(text.clone()) }
        });
        grid.row(cells.collect());
    }
    grid.finish()
}

fn titled(title: &str, body: &str, screen: Screen) -> String {
    format!("{}\n\n{body}", bold(title, screen))
}

/// The non-empty of `parts` with an empty line between them.
fn sections<const N: usize>(parts: [String; N]) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn bold(text: &str, screen: Screen) -> String {
    let style = match screen.paint {
        Paint::Plain => Style::new(),
        Paint::Color => Style::new().bold(),
    };
    format!("{style}{text}{style:#}")
}
