//! An [`Evaluation`] as one HTML file, in the look of a report.

use askama::Template;

use super::super::data::{ClassEvaluation, Estimate, Evaluation};
use super::super::words::{self, Tone};
use super::super::{data, evaluation as terminal};
use super::cards::Card;
use super::charts::evaluation as charts;
use super::page::{Page, Part, Section};
use super::table::{Cell, Table};

/// The evaluation as a complete HTML document.
pub fn render(evaluation: &Evaluation) -> String {
    let name = evaluation.model.rsplit(['/', '\\']).next().unwrap_or(&evaluation.model);
    let sections = [
        curves(evaluation),
        working_points(evaluation),
        confusion(evaluation),
        calibration(evaluation),
        significance(evaluation),
        sculpting(evaluation),
        inputs(evaluation),
    ];
    let events = words::several(evaluation.events, "event");
    let weighted = if evaluation.weighted { ", weighted" } else { "" };
    let page = Page {
        name,
        model: &evaluation.model,
        facts: vec![format!("{events} of {}{weighted}", evaluation.data)],
        passed: true,
        judged: false,
        cards: [whole(evaluation), areas(evaluation)]
            .into_iter()
            .filter(|row| !row.is_empty())
            .collect(),
        diagnostics: Vec::new(),
        sections: sections.into_iter().filter(|section| !section.parts.is_empty()).collect(),
        hash: "",
        version: env!("CARGO_PKG_VERSION"),
    };
    page.render().expect("writing to a string")
}

/// What is said of all classes at once.
fn whole(evaluation: &Evaluation) -> Vec<Card> {
    let mut cards = Vec::new();
    if let Some(accuracy) = &evaluation.accuracy {
        let note = interval(accuracy, words::percent);
        cards.push(Card::new("accuracy", words::percent(accuracy.value), note, Tone::Good));
    }
    if let Some(calibration) = &evaluation.calibration {
        let note = "probabilities against what is right, in the mean".to_owned();
        let value = words::percent(calibration.expected_error);
        cards.push(Card::new("calibration error", value, note, Tone::Open));
    }
    cards
}

/// The areas under the ROC curves of the first classes.
fn areas(evaluation: &Evaluation) -> Vec<Card> {
    const MOST: usize = 6;
    let area = |value: f64| format!("{value:.4}");
    let card = |class: &ClassEvaluation| {
        let label = format!("AUC, class {}", class.name);
        Card::new(&label, area(class.auc.value), interval(&class.auc, area), Tone::Good)
    };
    evaluation.classes.iter().take(MOST).map(card).collect()
}

fn interval(estimate: &Estimate, text: fn(f64) -> String) -> String {
    format!("68 % between {} and {}", text(estimate.low), text(estimate.high))
}

fn section(id: &'static str, title: &'static str, about: String, parts: Vec<Part>) -> Section {
    let parts = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Section { id, title, about, parts }
}

fn curves(evaluation: &Evaluation) -> Section {
    let about = format!(
        "Each class against all others; lower is better. Bands hold 68 % of {} replicas of the \
         bootstrap, dots are the working points.",
        evaluation.replicas
    );
    let rejections = rejections(&evaluation.classes);
    let figures = charts::rocs(&evaluation.classes);
    section(
        "physics",
        "ROC curves",
        about,
        vec![Part::figures("", figures), Part::html("", rejections)],
    )
}

fn rejections(classes: &[ClassEvaluation]) -> String {
    let first = classes.first().map_or(&[][..], |class| &class.rejections);
    let titles: Vec<String> = first
        .iter()
        .map(|own| format!("1 / background at {} signal", words::rate(own.signal_efficiency)))
        .collect();
    let mut header = vec!["class", "signal", "background", "AUC"];
    header.extend(titles.iter().map(String::as_str));
    let row = |class: &ClassEvaluation| {
        let mut row = vec![
            Cell::text(&class.name),
            Cell::number(class.signal, words::number(class.signal)),
            Cell::number(class.background, words::number(class.background)),
            Cell::number(class.auc.value, terminal::area(&class.auc)),
        ];
        row.extend(
            class
                .rejections
                .iter()
                .map(|own| Cell::number(own.factor.unwrap_or(f64::MAX), terminal::rejection(own))),
        );
        row
    };
    Table::new(&header, classes.iter().map(row).collect()).html()
}

fn working_points(evaluation: &Evaluation) -> Section {
    let about = "The loosest cut that keeps at most a part of the background: an event passes with \
                 this score or a higher one.";
    let mut rows = Vec::new();
    for class in &evaluation.classes {
        for point in &class.working_points {
            rows.push(vec![
                Cell::text(&class.name),
                Cell::text(&point.name),
                Cell::number(point.background_rate, words::rate(point.background_rate)),
                point.cut.map_or_else(Cell::unknown, |cut| Cell::number(cut, words::number(cut))),
                Cell::number(point.background, words::percent(point.background)),
                Cell::number(point.signal.value, terminal::percent(&point.signal))
                    .with_bar(point.signal.value),
            ]);
        }
    }
    let header = ["class", "working point", "background at most", "cut", "background", "signal"];
    let table = Table::new(&header, rows).html();
    section("working-points", "Working points", about.to_owned(), vec![Part::html("", table)])
}

fn confusion(evaluation: &Evaluation) -> Section {
    let about = "Rows are what events are, columns what the network says; each row sums to 100 %.";
    let titles: Vec<String> = evaluation.names.iter().map(|name| format!("said {name}")).collect();
    let mut header = vec!["class"];
    header.extend(titles.iter().map(String::as_str));
    let row = |(name, row): (&String, &Vec<f64>)| {
        let all: f64 = row.iter().sum();
        let mut cells = vec![Cell::text(name)];
        cells.extend(row.iter().map(|own| match own / all {
            part if part.is_finite() => Cell::number(part, words::percent(part)).with_bar(part),
            _ => Cell::unknown(),
        }));
        cells
    };
    let rows = evaluation.names.iter().zip(&evaluation.confusion).map(row).collect();
    let table = Table::new(&header, rows).html();
    section("confusion", "Confusion", about.to_owned(), vec![Part::html("", table)])
}

fn calibration(evaluation: &Evaluation) -> Section {
    let about = "How often the network is right against the probability that it gives the class it \
                 says. On the diagonal probabilities are what they say; below it they promise too \
                 much.";
    let figure = |found: &data::Calibration| vec![charts::reliability(found)];
    let figures = evaluation.calibration.as_ref().map(figure).unwrap_or_default();
    section("calibration", "Calibration", about.to_owned(), vec![Part::figures("", figures)])
}

fn significance(evaluation: &Evaluation) -> Section {
    let about = "Signal over the root of all that a cut keeps, with the weights of the events as \
                 yields.";
    let figures = evaluation.classes.iter().filter_map(charts::significance).collect();
    section("significance", "Significance", about.to_owned(), vec![Part::figures("", figures)])
}

fn sculpting(evaluation: &Evaluation) -> Section {
    let nuisance = evaluation.nuisance.as_deref().unwrap_or_default();
    let about = format!(
        "The background that passes the loose cut, against {nuisance}, in bins of equal background. \
         A score that does not depend on it is flat."
    );
    let classes = evaluation.classes.iter();
    let figures = classes.filter_map(|class| charts::sculpting(class, nuisance)).collect();
    section("sculpting", "Sculpting", about, vec![Part::figures("", figures)])
}

fn inputs(evaluation: &Evaluation) -> Section {
    let about = "What each input does to the score of an event's own class, whatever the sign, as a \
                 part of what all inputs do. The gradient tells what a small change does, relevance \
                 shares the score out among the inputs.";
    let row = |input: &data::InputImportance| {
        let bar = |part: f64| Cell::number(part, words::percent(part)).with_bar(part);
        vec![Cell::text(&input.name), bar(input.gradient), bar(input.relevance)]
    };
    let rows: Vec<_> = terminal::by_importance(&evaluation.inputs).into_iter().map(row).collect();
    let table = if rows.is_empty() {
        String::new()
    } else {
        Table::new(&["input", "gradient × input", "relevance"], rows).html()
    };
    section("inputs", "Inputs", about.to_owned(), vec![Part::html("", table)])
}

#[cfg(test)]
mod tests {
    use super::super::super::data::{
        Calibration, ReliabilityBin, RocBand, Sculpting, Significance, WorkingPoint,
    };
    use super::*;

    #[test]
    fn the_page_is_well_formed_and_shows_what_there_is() {
        let class = ClassEvaluation {
            name: "b<\"&\">".to_owned(),
            auc: Estimate { value: 0.9, low: 0.8, high: 1.0 },
            roc: RocBand {
                signal: vec![0.5, 1.0],
                background: vec![0.0, 1.0],
                low: vec![0.0, 0.9],
                high: vec![0.1, 1.0],
            },
            working_points: vec![WorkingPoint { cut: Some(0.5), ..WorkingPoint::default() }],
            significance: Significance {
                cuts: vec![1.0, 0.0],
                values: vec![1.0, 2.0],
                best_cut: 0.0,
                best: 2.0,
            },
            sculpting: Some(Sculpting {
                edges: vec![0.0, 1.0, 2.0],
                efficiency: vec![0.1, 0.2],
                divergence: None,
            }),
            ..ClassEvaluation::default()
        };
        let bin =
            ReliabilityBin { from: 0.5, to: 0.6, events: 2.0, confidence: 0.55, accuracy: 0.5 };
        let calibration =
            Calibration { bins: vec![bin], expected_error: 0.05, largest_error: 0.05 };
        let page = render(&Evaluation {
            model: "a/<model>.onnx".to_owned(),
            names: vec!["<a>".to_owned(), class.name.clone()],
            confusion: vec![vec![0.0, 0.0], vec![1.0, 3.0]],
            classes: vec![class],
            calibration: Some(calibration),
            nuisance: Some("<mass>".to_owned()),
            inputs: vec![data::InputImportance {
                name: "<pt>".to_owned(),
                gradient: 0.75,
                relevance: 1.0,
            }],
            ..Evaluation::default()
        });
        let mut reader = quick_xml::Reader::from_str(&page);
        while reader.read_event().expect("well-formed") != quick_xml::events::Event::Eof {}
        for id in [
            "physics",
            "working-points",
            "confusion",
            "calibration",
            "significance",
            "sculpting",
            "inputs",
        ] {
            assert!(page.contains(&format!("<section id=\"{id}\">")), "{id}");
        }
        assert!(page.contains("75.0 %") && !page.contains("<mass>") && !page.contains("NaN<"));
        let empty = render(&Evaluation::default());
        assert_eq!(empty.matches("<section").count(), 0, "nothing is said of nothing");
    }
}
