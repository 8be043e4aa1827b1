//! The page: every string that the template puts in its place.

use askama::Template;

use super::super::data::{Diagnostic, Report, Severity};
use super::super::words;
use super::cards::{self, Card};
use super::charts::{self, Figure};
use super::{markup, tables};

/// The report as a complete HTML document, which is also well-formed XML.
pub fn render(report: &Report) -> String {
    Page::new(report).render().expect("writing to a string")
}

/// What the template shows; markup stands in the fields whose names end in `html`.
#[derive(Template)]
#[template(path = "report/report.html")]
pub(super) struct Page<'a> {
    pub(super) name: &'a str,
    pub(super) model: &'a str,
    pub(super) facts: Vec<String>,
    pub(super) passed: bool,
    pub(super) judged: bool,
    /// Row by row.
    pub(super) cards: Vec<Vec<Card>>,
    pub(super) diagnostics: Vec<Message<'a>>,
    pub(super) sections: Vec<Section>,
    pub(super) hash: &'a str,
    pub(super) version: &'a str,
}

/// A diagnostic as shown, its texts in markup.
pub(super) struct Message<'a> {
    code: &'a str,
    severity: &'static str,
    tone: &'static str,
    text: String,
    notes: Vec<String>,
    help: String,
}

impl<'a> Message<'a> {
    fn new(found: &'a Diagnostic) -> Self {
        let place = found.place.iter().map(|place| format!("at {place}"));
        Self {
            code: &found.code,
            severity: found.severity.name(),
            tone: match found.severity {
                Severity::Warning => "doubtful",
                Severity::Error => "bad",
            },
            text: markup::with_code(&found.message),
            notes: place
                .chain(found.notes.iter().cloned())
                .map(|note| markup::with_code(&note))
                .collect(),
            help: markup::with_code(&found.help),
        }
    }
}

/// A part of the page with its own place in the navigation.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) about: String,
    /// Tables and drawings in the order of reading.
    pub(super) parts: Vec<Part>,
}

/// A table, a drawing, or drawings side by side.
pub(super) struct Part {
    pub(super) title: &'static str,
    pub(super) html: String,
    pub(super) figures: Vec<Figure>,
}

impl Part {
    pub(super) fn html(title: &'static str, html: String) -> Self {
        Self { title, html, figures: Vec::new() }
    }

    pub(super) fn figures(title: &'static str, figures: Vec<Figure>) -> Self {
        Self { title, html: String::new(), figures }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.html.is_empty() && self.figures.is_empty()
    }
}

impl<'a> Page<'a> {
    fn new(report: &'a Report) -> Self {
        let design = &report.design;
        let mut facts = Vec::new();
        if let Some(device) = &design.device {
            facts.push(format!("{} ({})", device.part, device.family));
        }
        if let Some(clock_ns) = design.clock_ns.filter(|clock_ns| *clock_ns > 0.0) {
            let frequency = words::number(1000.0 / clock_ns);
            facts.push(format!("{} ns clock ({frequency} MHz)", words::number(clock_ns)));
        }
        Self {
            name: &design.name,
            model: &design.model,
            facts,
            passed: report.passed(),
            judged: !report.gates.is_empty() || !report.passed(),
            cards: [cards::figures(report), cards::usage(report)]
                .into_iter()
                .filter(|row| !row.is_empty())
                .collect(),
            diagnostics: report.diagnostics.iter().map(Message::new).collect(),
            sections: sections(report),
            hash: &design.hash,
            version: &design.version,
        }
    }
}

/// The sections that the report has something to say in.
fn sections(report: &Report) -> Vec<Section> {
    let sections = [
        gates(report),
        physics(report),
        verification(report),
        pipeline(report),
        resources(report),
        formats(report),
        ranges(report),
        loss(report),
        interface(report),
    ];
    sections
        .into_iter()
        .map(|section| Section {
            parts: section.parts.into_iter().filter(|part| !part.is_empty()).collect(),
            ..section
        })
        .filter(|section| !section.parts.is_empty())
        .collect()
}

fn gates(report: &Report) -> Section {
    let (kept, all) = words::tally(&report.gates, |outcome| outcome.passed);
    Section {
        id: "gates",
        title: "Gates",
        about: format!("{kept} of {all} bounds are kept."),
        parts: vec![Part::html("", tables::gates(report).html())],
    }
}

fn physics(report: &Report) -> Section {
    let metrics = report.metrics();
    let labels = metrics.map_or("", |metrics| metrics.labels.as_str());
    Section {
        id: "physics",
        title: "Physics performance",
        about: format!(
            "Floating point against fixed point, with the labels of {labels}. Lower curves are \
             better: less background at the same signal efficiency."
        ),
        parts: vec![
            Part::figures("", metrics.map(charts::roc::figures).unwrap_or_default()),
            Part::html("", metrics.map(|it| tables::classes(it).html()).unwrap_or_default()),
        ],
    }
}

fn verification(report: &Report) -> Section {
    Section {
        id: "verification",
        title: "Verification",
        about: "Every engine computes the network's integers on the same events; a single bit \
                that differs is a failure."
            .to_owned(),
        parts: vec![Part::html("", tables::engines(report.comparisons()).html())],
    }
}

fn pipeline(report: &Report) -> Section {
    let clock = report.design.clock_ns;
    let drawing = report.timing.as_ref().map(|timing| {
        let layers = report.resources.as_ref().map_or(&[][..], |resources| &resources.layers);
        charts::pipeline::drawing(timing, layers, clock)
    });
    Section {
        id: "pipeline",
        title: "Pipeline",
        about: "Stages from left to right, one clock cycle each; below them the estimated delay \
                of the slowest path of each stage against the clock period."
            .to_owned(),
        parts: vec![Part::html("", drawing.unwrap_or_default())],
    }
}

fn resources(report: &Report) -> Section {
    let resources = report.resources.as_ref();
    Section {
        id: "resources",
        title: "Resources",
        about: "What the design takes of the device, and which layer takes it. Products and \
                tables are built from look-up tables; multiplier blocks and block memory are not \
                used."
            .to_owned(),
        parts: vec![
            Part::html(
                "Budget",
                resources.map(|it| tables::budgets(it).html()).unwrap_or_default(),
            ),
            Part::html("Layers", resources.map(|it| tables::layers(it).html()).unwrap_or_default()),
        ],
    }
}

fn formats(report: &Report) -> Section {
    Section {
        id: "formats",
        title: "Formats",
        about: "Proved: no input whatever can overflow. Calibrated: no event did. Saturating: \
                values were clipped. Violated: values wrapped, and are wrong."
            .to_owned(),
        parts: vec![
            Part::html("", tables::formats(report).html()),
            Part::html("Scales that are no power of two", tables::scales(report).html()),
        ],
    }
}

fn ranges(report: &Report) -> Section {
    let activations = report.activations.iter().map(charts::magnitudes::Row::from);
    let weights = report.weights.iter().map(charts::magnitudes::Row::from);
    Section {
        id: "ranges",
        title: "Ranges",
        about: "Magnitudes in powers of two. The band is what the format can hold, from its \
                lowest bit to its largest value; the box spans half of the values, the line all \
                of them. Right of the band is overflow, left of it is lost."
            .to_owned(),
        parts: vec![
            Part::html(
                "Activations",
                charts::magnitudes::drawing(&activations.collect::<Vec<_>>()),
            ),
            Part::html("Weights", charts::magnitudes::drawing(&weights.collect::<Vec<_>>())),
            Part::figures("Weight distributions", charts::histogram::weights(&report.weights)),
        ],
    }
}

fn loss(report: &Report) -> Section {
    let found = report.verification.as_ref();
    let exact = found.is_some_and(|it| it.outputs.iter().all(|out| out.max_abs_error == 0.0));
    let costs = found.is_some_and(|it| it.layers.iter().any(|it| it.output_error > Some(0.0)));
    let about = if exact && costs {
        "Fixed point gives exactly the float model's results, whose quantizers are part of it. \
         Each of them is held against the network without any."
    } else {
        "What fixed point adds to the float model's result, and where."
    };
    Section {
        id: "loss",
        title: "Quantization loss",
        about: about.to_owned(),
        parts: vec![
            Part::figures("", found.map(charts::loss::figures).unwrap_or_default()),
            Part::html("", found.map(|it| tables::outputs(it).html()).unwrap_or_default()),
        ],
    }
}

fn interface(report: &Report) -> Section {
    Section {
        id: "interface",
        title: "Interface",
        about: "The ports of the top module carry these tensors, element by element.".to_owned(),
        parts: vec![Part::html("", tables::ports(&report.design).html())],
    }
}
