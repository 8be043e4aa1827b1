//! The table of a search.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::trial::{Figure, Outcome, Trial};
use crate::cli::{Format, OutputOptions, render};
use crate::report::terminal;
use crate::train::tune::objective::Objective;
use crate::train::tune::plan::Plan;
use crate::train::tune::rank::ranks;
use crate::train::tune::schedule::Schedule;
use crate::train::tune::separation::{Kind, Separation};

/// A trial in its place among the others.
pub(super) struct Row<'a> {
    pub(super) trial: &'a Trial,
    /// Whether no other that was trained to the end beats it in every objective.
    pub(super) front: bool,
    /// The epochs it was trained for, where trials are cut short.
    pub(super) epochs: Option<usize>,
}

/// A search whose trials are shown.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) plan: &'a Plan,
    pub(super) schedule: &'a Schedule,
    /// Those of the recipe.
    pub(super) epochs: usize,
}

impl Shown<'_> {
    /// The trials from the best to the worst: those that went farther first, as only trials of one rung
    /// are comparable.
    pub(super) fn rows(self, trials: &BTreeMap<u32, Trial>) -> Vec<Row<'_>> {
        let Self { plan, schedule, epochs } = self;
        let mut rows = Vec::with_capacity(trials.len());
        for rung in (0..=schedule.last()).rev() {
            let own: Vec<&Trial> = trials.values().filter(|own| own.last().0 == rung).collect();
            let costs: Vec<Vec<f64>> =
                own.iter().map(|own| own.last().1.costs(&plan.objectives)).collect();
            let ranks = ranks(&costs);
            let mut order: Vec<usize> = (0..own.len()).collect();
            let better = |a: &usize, b: &usize| costs[*a][0].total_cmp(&costs[*b][0]);
            order.sort_by(|a, b| ranks[*a].cmp(&ranks[*b]).then_with(|| better(a, b)));
            let epochs = schedule.stops.get(rung).copied().unwrap_or(epochs);
            let epochs = (!schedule.stops.is_empty()).then_some(epochs);
            rows.extend(order.into_iter().map(|index| {
                let is_finished = matches!(own[index].last().1, Outcome::Finished(_));
                let front = rung == schedule.last() && ranks[index] == 0 && is_finished;
                Row { trial: own[index], front, epochs }
            }));
        }
        rows
    }

    /// Prints the trials.
    pub(super) fn print(self, rows: &[Row<'_>], output: OutputOptions) {
        match output.format {
            Format::Json => {
                let rows: Vec<serde_json::Value> = rows.iter().map(|row| self.json(row)).collect();
                render::result(&format!("{:#}", json!({ "trials": rows })));
            }
            Format::Text => {
                let figures = self.plan.figures();
                let mut header = vec!["trial".to_owned(), "front".to_owned()];
                header.extend((!self.schedule.stops.is_empty()).then(|| "epochs".to_owned()));
                let space = &self.plan.space;
                header.extend(space.parameters.iter().map(|own| own.path.clone()));
                header.extend(figures.iter().map(Objective::title));
                let header: Vec<&str> = header.iter().map(String::as_str).collect();
                let row = |Row { trial, front, epochs }: &Row<'_>| {
                    let mark = if *front { "*" } else { "" };
                    let mut row = vec![trial.number.to_string(), mark.to_owned()];
                    row.extend(epochs.map(|epochs| epochs.to_string()));
                    row.extend(space.values(&trial.point).iter().map(short));
                    match trial.last().1 {
                        Outcome::Failed => row.push("failed".to_owned()),
                        Outcome::Finished(own) => {
                            row.extend(figures.iter().map(|name| text(name, own[name])));
                        }
                    }
                    row.resize(header.len(), String::new());
                    row
                };
                let rows: Vec<Vec<String>> = rows.iter().map(row).collect();
                render::result(terminal::table(&header, &rows, 2, render::screen()).trim_end());
            }
        }
    }

    fn json(self, Row { trial, front, epochs }: &Row<'_>) -> serde_json::Value {
        let space = &self.plan.space;
        let pairs = space.parameters.iter().zip(space.values(&trial.point));
        let values: Map<String, serde_json::Value> =
            pairs.map(|(own, value)| (own.path.clone(), json!(value))).collect();
        let mut row = json!({ "trial": trial.number, "front": front, "values": values });
        if let Some(epochs) = epochs {
            row["epochs"] = json!(epochs);
        }
        row["figures"] = match trial.last().1 {
            Outcome::Failed => serde_json::Value::Null,
            Outcome::Finished(figures) => {
                let deviations: Map<String, serde_json::Value> = figures
                    .iter()
                    .filter_map(|(own, figure)| Some((key(own), json!(figure.deviation?))))
                    .collect();
                if !deviations.is_empty() {
                    row["deviations"] = json!(deviations);
                }
                let figure =
                    |(own, figure): (&Objective, &Figure)| (key(own), number(own, *figure));
                figures.iter().map(figure).collect::<Map<_, _>>().into()
            }
        };
        row
    }
}

/// The name of a figure in JSON.
fn key(figure: &Objective) -> String {
    match figure {
        Objective::Latency => "latency_ns".to_owned(),
        Objective::Metric
        | Objective::Output(_)
        | Objective::Separation(_)
        | Objective::Dependence
        | Objective::Lut
        | Objective::Ff
        | Objective::LutFf
        | Objective::Dsp => figure.to_string(),
    }
}

/// A figure in JSON; what one network counts is a whole number.
fn number(figure: &Objective, own: Figure) -> serde_json::Value {
    if figure.is_count() && own.deviation.is_none() {
        let count = format!("{:.0}", own.mean);
        return json!(count.parse::<u64>().expect("a count is a whole number"));
    }
    json!(own.mean)
}

/// A figure in words, with the deviation of folds.
pub(super) fn text(figure: &Objective, own: Figure) -> String {
    let digits = match figure {
        Objective::Metric
        | Objective::Output(_)
        | Objective::Dependence
        | Objective::Separation(Separation { kind: Kind::Auc, .. }) => 4,
        Objective::Lut | Objective::Ff | Objective::LutFf | Objective::Dsp => {
            usize::from(own.deviation.is_some())
        }
        Objective::Latency | Objective::Separation(Separation { kind: Kind::Rejection(_), .. }) => {
            1
        }
    };
    let deviation = own.deviation.map(|deviation| format!(" ± {deviation:.digits$}"));
    format!("{:.digits$}{}", own.mean, deviation.unwrap_or_default())
}

/// A value with as many digits as are read.
pub(super) fn short(value: &toml::Value) -> String {
    match value {
        toml::Value::Float(number) => format!("{number:.4e}"),
        toml::Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
