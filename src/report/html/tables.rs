//! The tables of the page, one function each.

use super::super::data::{
    Comparison, Design, Metrics, Port, Report, Resources, Usage, Verification,
};
use super::super::gate;
use super::super::words::{self, Tone};
use super::table::{Cell, Table};

pub(super) fn gates(report: &Report) -> Table {
    let rows = report.gates.iter().map(|outcome| {
        let value = outcome.value.map_or_else(Cell::unknown, |value| {
            Cell::number(value, gate::quantity(outcome.gate, value))
        });
        vec![
            passed(outcome.passed),
            Cell::code(outcome.gate.key()),
            value,
            Cell::number(outcome.bound, gate::quantity(outcome.gate, outcome.bound)),
            Cell::text(gate::reason(outcome)),
        ]
    });
    Table::new(&["", "gate", "value", "bound", ""], rows.collect())
}

pub(super) fn budgets(resources: &Resources) -> Table {
    let mut titles = vec!["resource", "estimate"];
    if let Some(synthesis) = &resources.synthesis {
        titles.extend([synthesis.tool.as_str(), "estimate / synthesis"]);
    }
    titles.extend(["device", "used"]);
    let rows = words::budgets(resources).into_iter().map(|budget| {
        let used = budget.utilization(budget.synthesis.unwrap_or(budget.estimate));
        let mut row = vec![
            Cell::text(format!("{}{}", budget.name, budget.unit)),
            Cell::number(budget.estimate, words::number(budget.estimate)),
        ];
        if resources.synthesis.is_some() {
            row.push(optional(budget.synthesis, words::number));
            row.push(ratio(budget.estimate, budget.synthesis));
        }
        row.push(optional(budget.capacity, words::number));
        row.push(used.map_or_else(Cell::unknown, |used| {
            Cell::number(used, words::percent(used)).with_utilization(used)
        }));
        row
    });
    Table::new(&titles, rows.collect())
}

pub(super) fn layers(resources: &Resources) -> Table {
    let synthesized = resources.layers.iter().any(|layer| layer.synthesis.is_some());
    let largest = |amount: fn(&Usage) -> u64| {
        let all = resources.layers.iter().map(|layer| amount(&layer.estimate));
        words::approximate(all.max().unwrap_or_default().max(1))
    };
    let (most_lut, most_ff) = (largest(|usage| usage.lut), largest(|usage| usage.ff));
    let mut titles = vec!["layer", "operator", "shape", "output format", "adders", "LUT"];
    if synthesized {
        titles.extend(["synthesis", "ratio"]);
    }
    titles.extend(["FF", "DSP", "BRAM kbit", "stages"]);
    let rows = resources.layers.iter().map(|layer| {
        let estimate = layer.estimate;
        let elements = layer.shape.iter().product::<usize>();
        let (shape, format) = words::tensor(layer);
        let mut row = vec![
            Cell::code(&layer.name),
            Cell::text(&layer.operator),
            count(elements.try_into().expect("a size fits 64 bits"), shape),
            Cell::code(format),
            count(layer.adders, words::count(layer.adders)),
            count(estimate.lut, words::count(estimate.lut))
                .with_bar(words::approximate(estimate.lut) / most_lut),
        ];
        if synthesized {
            let lut = layer.synthesis.map(|usage| words::approximate(usage.lut));
            row.push(optional(lut, words::number));
            row.push(ratio(words::approximate(estimate.lut), lut));
        }
        row.extend([
            count(estimate.ff, words::count(estimate.ff))
                .with_bar(words::approximate(estimate.ff) / most_ff),
            count(estimate.dsp, words::count(estimate.dsp)),
            Cell::number(estimate.bram_kbit, words::number(estimate.bram_kbit)),
            Cell::number(
                layer.stages.map_or(-1.0, |stages| f64::from(stages.first)),
                words::stages(layer.stages),
            ),
        ]);
        row
    });
    Table::new(&titles, rows.collect())
}

pub(super) fn formats(report: &Report) -> Table {
    let rows = report.formats.iter().map(|row| {
        vec![
            Cell::code(&row.node),
            Cell::code(&row.format),
            Cell::text(&row.rounding),
            Cell::text(&row.overflow),
            Cell::text(row.source.name()),
            Cell::code(row.range.map_or_else(String::new, words::range)),
            Cell::code(row.bounds.map_or_else(String::new, words::range)),
            Cell::badge(row.verdict.name(), words::verdict_tone(&row.verdict)),
            Cell::text(words::verdict(&row.verdict)),
        ]
    });
    let titles = [
        "tensor",
        "format",
        "rounding",
        "overflow",
        "from",
        "values",
        "format holds",
        "verdict",
        "",
    ];
    Table::new(&titles, rows.collect())
}

pub(super) fn scales(report: &Report) -> Table {
    let rows = report.scales.iter();
    let rows = rows.map(|note| vec![Cell::code(&note.node), Cell::text(words::scale(note))]);
    Table::new(&["node", "became"], rows.collect())
}

pub(super) fn engines(comparisons: &[Comparison]) -> Table {
    let compiled = comparisons.iter().any(|comparison| comparison.compile_seconds.is_some());
    let rows = comparisons.iter().map(|comparison| {
        let (word, tone) = words::agreement(comparison);
        let mut row = vec![
            Cell::text(words::pair(comparison)),
            Cell::badge(word, tone),
            count(comparison.events, words::count(comparison.events)),
            count(comparison.mismatches, words::count(comparison.mismatches)),
            comparison.first_difference.as_ref().map_or_else(Cell::unknown, Cell::code),
        ];
        if compiled {
            let seconds = comparison.compile_seconds;
            let cell = |seconds| Cell::number(seconds, format!("{seconds:.2} s"));
            row.push(seconds.map_or_else(Cell::unknown, cell));
        }
        row
    });
    let mut titles = vec!["engines", "", "events", "integers that differ", "first difference"];
    if compiled {
        titles.push("compiled in");
    }
    Table::new(&titles, rows.collect())
}

pub(super) fn classes(metrics: &Metrics) -> Table {
    let rows = metrics.classes.iter().map(|class| {
        let mut row = vec![Cell::code(&class.name)];
        let (auc, loss) = (class.auc, -class.auc.loss());
        row.extend([
            Cell::number(auc.float, format!("{:.4}", auc.float)),
            Cell::number(auc.fixed, format!("{:.4}", auc.fixed)),
            Cell::number(loss, words::change(loss)),
        ]);
        if let Some(efficiency) = class.efficiency {
            let (signal, loss) = (efficiency.signal, -efficiency.signal.loss());
            row.extend([
                Cell::number(efficiency.background_rate, words::rate(efficiency.background_rate)),
                Cell::number(signal.float, words::percent(signal.float)),
                Cell::number(signal.fixed, words::percent(signal.fixed)),
                Cell::number(loss, words::points(loss)),
            ]);
        }
        row
    });
    let mut titles = vec!["class", "AUC float", "AUC fixed", "change"];
    if metrics.classes.iter().any(|class| class.efficiency.is_some()) {
        titles.extend(["at background", "efficiency float", "efficiency fixed", "change"]);
    }
    Table::new(&titles, rows.collect())
}

pub(super) fn outputs(found: &Verification) -> Table {
    let rows = found.outputs.iter().map(|output| {
        vec![
            Cell::code(&output.name),
            Cell::number(output.max_abs_error, words::number(output.max_abs_error)),
            Cell::number(output.mean_abs_error, words::number(output.mean_abs_error)),
            Cell::number(output.sqnr_db.unwrap_or(1e9), words::decibel(output.sqnr_db)),
        ]
    });
    let titles = ["output", "largest error", "mean error", "signal to noise"];
    Table::new(&titles, rows.collect())
}

pub(super) fn ports(design: &Design) -> Table {
    let row = |direction, port: &Port| {
        vec![
            Cell::text(direction),
            Cell::code(&port.name),
            Cell::text(words::shape(&port.shape)),
            Cell::code(&port.format),
        ]
    };
    let inputs = design.inputs.iter().map(|port| row("input", port));
    let outputs = design.outputs.iter().map(|port| row("output", port));
    Table::new(&["", "name", "shape", "format"], inputs.chain(outputs).collect())
}

fn passed(passed: bool) -> Cell {
    if passed { Cell::badge("passed", Tone::Good) } else { Cell::badge("failed", Tone::Bad) }
}

fn count(key: u64, text: String) -> Cell {
    Cell::number(words::approximate(key), text)
}

fn optional(value: Option<f64>, text: fn(f64) -> String) -> Cell {
    value.map_or_else(Cell::unknown, |value| Cell::number(value, text(value)))
}

/// Estimate over synthesis, where there is something to divide by.
fn ratio(estimate: f64, synthesis: Option<f64>) -> Cell {
    let ratio = synthesis.filter(|used| *used > 0.0).map(|used| estimate / used);
    optional(ratio, |ratio| format!("{ratio:.2}"))
}
