//! The tables of a front, and of what peeling brought to it, as the terminal shows them.

use super::peel::Gain;
use super::points::Point;
use crate::cli::render;
use crate::report::terminal;
use crate::train::objective::Objective;

/// The networks of a front, those of the directory `run`: what each is worth and what it takes, and then,
/// where there are several outputs or an adversary, what each output is worth. Figures of test events
/// stand beside the others where there are any.
pub(super) fn front(run: &str, points: &[Point], objective: &Objective) -> String {
    let name = objective.name();
    let tested = points.iter().any(|point| point.test_metric.is_some());
    let test = format!("{name}, test");
    let mut header = vec!["network", name];
    header.extend(tested.then_some(test.as_str()));
    header.extend(["EBOPs", "LUT", "FF", "DSP", "cycles", "ns"]);
    let network = |point: &Point| format!("{run}/{}", point.file);
    let row = |point: &Point| {
        let mut row = vec![network(point), objective.text(point.metric)];
        row.extend(point.test_metric.map(|value| objective.text(value)));
        row.extend([
            format!("{:.0}", point.ebops),
            point.lut.to_string(),
            point.ff.to_string(),
            point.dsp.to_string(),
            point.latency_cycles.to_string(),
            format!("{:.1}", point.latency_ns),
        ]);
        row
    };
    let rows: Vec<Vec<String>> = points.iter().map(row).collect();
    let whole = terminal::table(&header, &rows, 1, render::screen());
    let mut header = vec!["network", "output", "figure", "validation"];
    header.extend(tested.then_some("test"));
    let parts = points.iter().flat_map(|point| parts(point, network(point), objective));
    let parts: Vec<Vec<String>> = parts.collect();
    if parts.is_empty() {
        return whole;
    }
    format!("{whole}\n{}", terminal::table(&header, &parts, 3, render::screen()))
}

/// What peeling brought to each network that was compiled, before and after it.
pub(super) fn gains(gains: &[Gain], objective: &Objective) -> String {
    let name = objective.name();
    let test = format!("{name}, test");
    let mut header = vec!["peeled", "digits", "LUT", name];
    header.extend(gains.iter().any(|gain| gain.test_metric.is_some()).then_some(test.as_str()));
    let both = |[before, after]: [String; 2]| format!("{before} -> {after}");
    let metric = |values: [f64; 2]| both(values.map(|value| objective.text(value)));
    let row = |gain: &Gain| {
        let mut row = vec![
            format!("epoch {}", gain.epoch),
            both(gain.digits.map(|own| own.to_string())),
            both(gain.lut.map(|own| own.to_string())),
            metric(gain.metric),
        ];
        row.extend(gain.test_metric.map(metric));
        row
    };
    let rows: Vec<Vec<String>> = gains.iter().map(row).collect();
    terminal::table(&header, &rows, 1, render::screen())
}

/// A row for each output of a network, and one for how much scores depend on the nuisance.
fn parts(point: &Point, network: String, objective: &Objective) -> Vec<Vec<String>> {
    let kinds = objective.kinds();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (output, kind) in &kinds {
        let mut row = vec![String::new(), (*output).to_owned(), kind.name().to_owned()];
        let both = [point.outputs.get(*output), point.test_outputs.get(*output)];
        row.extend(both.into_iter().flatten().map(|value| kind.text(*value)));
        rows.push(row);
    }
    if let Some(adversary) = objective.adversary() {
        let (output, _) = kinds[adversary.head()];
        let mut row = vec![String::new(), output.to_owned(), "dependence".to_owned()];
        let both = [point.dependence, point.test_dependence];
        row.extend(both.into_iter().flatten().map(|value| format!("{value:.4}")));
        rows.push(row);
    }
    if let Some(first) = rows.first_mut() {
        first[0] = network;
    }
    rows
}
