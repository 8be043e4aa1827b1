//! The report as markdown, short enough for the summary page of a CI job.

use std::fmt::Write;

use super::data::{Comparison, Report, Severity, Verdict};
use super::gate;
use super::words::{self, Tone};

/// All `reports`, one section each; of several, a table of them all comes first.
pub fn render(reports: &[Report]) -> String {
    let mut text = String::new();
    if reports.len() > 1 {
        text += &overview(reports);
    }
    for report in reports {
        text += &section(report);
    }
    text
}

fn overview(reports: &[Report]) -> String {
    let rows = reports.iter().map(|report| {
        let lut = report.resources.as_ref().map(|resources| words::count(resources.total.lut));
        let accuracy = report.metrics().and_then(|metrics| metrics.accuracy);
        vec![
            report.design.name.clone(),
            sign(report.passed()).to_owned(),
            report.timing.as_ref().map_or_else(dash, |timing| ns(timing.latency_ns)),
            lut.unwrap_or_else(dash),
            accuracy.map_or_else(dash, |accuracy| words::percent(accuracy.fixed)),
            report.violations().count().to_string(),
        ]
    });
    let header = ["model", "", "latency", "LUT", "accuracy", "violated"];
    format!("# trigforge check\n\n{}", table(&header, rows))
}

fn section(report: &Report) -> String {
    let design = &report.design;
    let mut text = format!("## {} `{}`\n\n", sign(report.passed()), design.name);
    let mut facts = vec![format!("`{}`", design.model)];
    facts.extend(
        design.device.as_ref().map(|device| format!("{} ({})", device.part, device.family)),
    );
    facts.extend(design.clock_ns.map(|clock| format!("clock {}", ns(clock))));
    let _ = writeln!(text, "{}\n", facts.join(" · "));
    text += &gates(report);
    text += &figures(report);
    text += &resources(report);
    text += &classes(report);
    text += &verdicts(report);
    text += &engines(report.comparisons());
    text += &diagnostics(report);
    text += &layers(report);
    text
}

fn gates(report: &Report) -> String {
    if report.gates.is_empty() {
        return String::new();
    }
    let rows = report.gates.iter().map(|outcome| {
        vec![
            sign(outcome.passed).to_owned(),
            format!("`{}`", outcome.gate.key()),
            outcome.value.map_or_else(
                || "not measured".to_owned(),
                |value| gate::quantity(outcome.gate, value),
            ),
            gate::quantity(outcome.gate, outcome.bound),
            gate::reason(outcome),
        ]
    });
    table(&["", "gate", "value", "bound", ""], rows)
}

/// Latency, throughput and accuracy in one line each.
fn figures(report: &Report) -> String {
    let mut lines = Vec::new();
    if let Some(timing) = &report.timing {
        lines.push(format!(
            "**latency** {} = {} = {} bx, one event every {}",
            words::several(timing.latency_cycles.into(), "cycle"),
            ns(timing.latency_ns),
            words::number(timing.latency_bx),
            words::several(timing.initiation_interval.into(), "cycle"),
        ));
    }
    if let Some(accuracy) = report.metrics().and_then(|metrics| metrics.accuracy) {
        lines.push(format!(
            "**accuracy** {} in fixed point, {} in float ({})",
            words::percent(accuracy.fixed),
            words::percent(accuracy.float),
            words::points(-accuracy.loss()),
        ));
    }
    let outputs = report.verification.iter().flat_map(|verification| &verification.outputs);
    lines.extend(outputs.map(|output| {
        format!(
            "**output** `{}`: error at most {}, {} in the mean, {}",
            output.name,
            words::number(output.max_abs_error),
            words::number(output.mean_abs_error),
            words::decibel(output.sqnr_db),
        )
    }));
    list(lines)
}

fn resources(report: &Report) -> String {
    let Some(resources) = &report.resources else { return String::new() };
    let synthesized = resources.synthesis.as_ref();
    let rows = words::budgets(resources).into_iter().map(|budget| {
        let share = budget.utilization(budget.synthesis.unwrap_or(budget.estimate));
        vec![
            format!("{}{}", budget.name, budget.unit),
            words::number(budget.estimate),
            budget.synthesis.map_or_else(dash, words::number),
            share.map_or_else(dash, words::percent),
        ]
    });
    let tool = synthesized.map_or("synthesis", |synthesis| synthesis.tool.as_str());
    table(&["resource", "estimate", tool, "of the device"], rows)
}

fn classes(report: &Report) -> String {
    let Some(metrics) = report.metrics().filter(|metrics| !metrics.classes.is_empty()) else {
        return String::new();
    };
    let rows = metrics.classes.iter().map(|class| {
        let efficiency = class.efficiency;
        vec![
            format!("`{}`", class.name),
            format!("{:.4}", class.auc.float),
            format!("{:.4}", class.auc.fixed),
            efficiency.map_or_else(dash, |it| words::percent(it.signal.float)),
            efficiency.map_or_else(dash, |it| words::percent(it.signal.fixed)),
            efficiency.map_or_else(dash, |it| words::rate(it.background_rate)),
        ]
    });
    let header = [
        "class",
        "AUC float",
        "AUC fixed",
        "efficiency float",
        "efficiency fixed",
        "at background",
    ];
    table(&header, rows)
}

/// How many verdicts there are of each kind, and the tensors to be looked at.
fn verdicts(report: &Report) -> String {
    if report.formats.is_empty() {
        return String::new();
    }
    let counts = words::verdict_counts(&report.formats);
    let counts: Vec<String> = counts.iter().map(|(name, n)| format!("{n} {name}")).collect();
    let mut text = format!("**formats** {}\n\n", counts.join(", "));
    let doubtful = |verdict: &Verdict| match words::verdict_tone(verdict) {
        Tone::Good => false,
        Tone::Open | Tone::Doubtful | Tone::Bad => true,
    };
    let rows: Vec<_> = report
        .formats
        .iter()
        .filter(|row| doubtful(&row.verdict))
        .map(|row| {
            vec![
                format!("`{}`", row.node),
                format!("`{}` {} {}", row.format, row.rounding, row.overflow),
                row.verdict.name().to_owned(),
                words::verdict(&row.verdict),
            ]
        })
        .collect();
    if !rows.is_empty() {
        text += &table(&["tensor", "format", "verdict", ""], rows.into_iter());
    }
    text
}

fn engines(comparisons: &[Comparison]) -> String {
    list(comparisons.iter().map(|comparison| {
        let pair = words::pair(comparison);
        let events = words::several(comparison.events, "event");
        if comparison.mismatches == 0 {
            return format!("{pair} over {events}");
        }
        let first = comparison.first_difference.as_deref().unwrap_or("place unknown");
        let mismatches = words::several(comparison.mismatches, "integer");
        format!("❌ **{pair}** in {mismatches} over {events}; first: {first}")
    }))
}

fn diagnostics(report: &Report) -> String {
    list(report.diagnostics.iter().map(|found| {
        let sign = match found.severity {
            Severity::Error => "❌",
            Severity::Warning => "⚠️",
        };
        let place = found.place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
        format!("{sign} **{}** {}{place}; help: {}", found.code, found.message, found.help)
    }))
}

fn layers(report: &Report) -> String {
    let Some(resources) = &report.resources else { return String::new() };
    let rows = resources.layers.iter().map(|layer| {
        let (shape, format) = words::tensor(layer);
        vec![
            format!("`{}`", layer.name),
            layer.operator.clone(),
            shape,
            format!("`{format}`"),
            words::count(layer.estimate.lut),
            words::count(layer.estimate.ff),
            words::stages(layer.stages),
        ]
    });
    let header = ["layer", "operator", "shape", "format", "LUT", "FF", "stages"];
    format!("<details><summary>layers</summary>\n\n{}</details>\n\n", table(&header, rows))
}

fn list(lines: impl IntoIterator<Item = String>) -> String {
    let lines: Vec<String> =
        lines.into_iter().map(|line| format!("- {}", line_safe(&line))).collect();
    if lines.is_empty() { String::new() } else { lines.join("\n") + "\n\n" }
}

fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(header.iter().map(|title| cell(title)).collect());
    text += &line(vec!["---".to_owned(); header.len()]);
    for row in rows {
        text += &line(row.iter().map(|content| cell(content)).collect());
    }
    text + "\n"
}

/// A bar would end the cell, even in code.
fn cell(content: &str) -> String {
    line_safe(content).replace('|', "\\|")
}

/// A line break would end the row, and `<` outside code would begin a tag.
fn line_safe(content: &str) -> String {
    let mut in_code = false;
    let mut text = String::with_capacity(content.len());
    for character in content.chars() {
        in_code ^= character == '`';
        match character {
            '\n' | '\r' => text.push(' '),
            '<' if !in_code => text.push_str("&lt;"),
            other => text.push(other),
        }
    }
    text
}

fn sign(passed: bool) -> &'static str {
    if passed { "✅" } else { "❌" }
}

fn ns(time: f64) -> String {
    format!("{} ns", words::number(time))
}

fn dash() -> String {
    "–".to_owned()
}
