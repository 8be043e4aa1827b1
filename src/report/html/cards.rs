//! The summary: one card per figure that people ask for first.

use super::super::data::{Report, Timing, Verification};
use super::super::words::{self, Tone};

/// A figure with a line on what it means.
pub(super) struct Card {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) unit: String,
    pub(super) note: String,
    /// The style-sheet class of its tone.
    pub(super) tone: &'static str,
    /// The length of a bar, in percent.
    pub(super) bar: Option<f64>,
}

impl Card {
    pub(super) fn new(label: &str, value: String, note: String, tone: Tone) -> Self {
        let tone = super::class(tone);
        Self { label: label.to_owned(), value, unit: String::new(), note, tone, bar: None }
    }

    fn unit(self, unit: &str) -> Self {
        Self { unit: unit.to_owned(), ..self }
    }
}

/// What the design does, as far as it is known.
pub(super) fn figures(report: &Report) -> Vec<Card> {
    let mut cards = Vec::new();
    if let Some(timing) = &report.timing {
        cards.extend(speed(timing, report.design.clock_ns));
    }
    cards.extend(report.verification.iter().flat_map(quality));
    cards.extend(formats(report));
    cards
}

/// What the design takes of the device.
pub(super) fn usage(report: &Report) -> Vec<Card> {
    let Some(resources) = &report.resources else { return Vec::new() };
    let cards = words::budgets(resources).into_iter().map(|budget| {
        let amount = budget.synthesis.unwrap_or(budget.estimate);
        let used = budget.utilization(amount);
        let origin = if budget.synthesis.is_some() { "synthesized" } else { "estimated" };
        let note = match used {
            Some(used) => format!("{origin} · {} of the device", words::percent(used)),
            None => origin.to_owned(),
        };
        let tone = used.map_or(Tone::Open, words::utilization_tone);
        Card {
            bar: used.map(bar),
            ..Card::new(budget.name, words::number(amount), note, tone).unit(budget.unit.trim())
        }
    });
    cards.collect()
}

/// The length of a bar for a part of the device; a small part is still seen.
fn bar(used: f64) -> f64 {
    if used > 0.0 { (100.0 * used).clamp(1.0, 100.0) } else { 0.0 }
}

fn speed(timing: &Timing, clock_ns: Option<f64>) -> Vec<Card> {
    let cycles = words::several(timing.latency_cycles.into(), "cycle");
    let note = format!("{cycles} · {} bunch crossings", words::number(timing.latency_bx));
    let latency = Card::new("latency", words::number(timing.latency_ns), note, Tone::Good);
    let mut cards = vec![latency.unit("ns")];
    if let Some(clock_ns) = clock_ns.filter(|clock_ns| *clock_ns > 0.0) {
        let interval = f64::from(timing.initiation_interval);
        let note = match timing.initiation_interval {
            1 => "one event every cycle".to_owned(),
            n => format!("one event every {n} cycles"),
        };
        let rate = words::number(1000.0 / (clock_ns * interval));
        cards.push(Card::new("throughput", rate, note, Tone::Good).unit("M events/s"));
    }
    cards
}

fn quality(found: &Verification) -> Vec<Card> {
    let mut cards = Vec::new();
    let metrics = found.metrics.as_ref();
    if let Some(accuracy) = metrics.and_then(|metrics| metrics.accuracy) {
        let note = format!(
            "{} against {} in float",
            words::points(-accuracy.loss()),
            words::percent(accuracy.float)
        );
        let tone = if accuracy.loss() > 0.005 { Tone::Doubtful } else { Tone::Good };
        cards.push(Card::new("accuracy", words::percent(accuracy.fixed), note, tone));
    }
    if !found.engines.is_empty() {
        let (agree, all) = words::tally(&found.engines, |it| it.events > 0 && it.mismatches == 0);
        let differing: u64 = found.engines.iter().map(|comparison| comparison.mismatches).sum();
        let (note, tone) = match (differing, agree == all) {
            (0, true) => {
                (format!("bit for bit over {}", words::several(found.events, "event")), Tone::Good)
            }
            (0, false) => ("some were not run".to_owned(), Tone::Open),
            (n, _) => (format!("{} differ", words::several(n, "integer")), Tone::Bad),
        };
        let value = format!("{agree} / {all}");
        cards.push(Card::new("engines that agree", value, note, tone));
    }
    cards
}

fn formats(report: &Report) -> Option<Card> {
    let tones: Vec<Tone> =
        report.formats.iter().map(|row| words::verdict_tone(&row.verdict)).collect();
    let worst = [Tone::Bad, Tone::Open, Tone::Doubtful, Tone::Good]
        .into_iter()
        .find(|tone| tones.contains(tone))?;
    let (safe, all) = words::tally(&tones, |tone| *tone == Tone::Good);
    let counts = words::verdict_counts(&report.formats);
    let counts: Vec<String> = counts.iter().map(|(name, n)| format!("{n} {name}")).collect();
    Some(Card::new("tensors that fit", format!("{safe} / {all}"), counts.join(" · "), worst))
}
