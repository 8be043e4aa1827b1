//! A [`Search`] as one HTML file: its trials as lines over parallel axes.

use askama::Template;

use super::super::data::{Search, SearchTrial};
use super::super::words::{self, Tone};
use super::page::{Page, Part, Section};
use super::svg::{Axis, Point, Rect, Svg};
use super::table::{Cell, Table};

/// The drawing, and the table below it that follows what is chosen in it.
#[derive(Template)]
#[template(path = "report/search.html")]
struct Chosen {
    figure: String,
    table: String,
}

/// The search as a complete HTML document.
pub fn render(search: &Search) -> String {
    let name = search.plan.rsplit(['/', '\\']).next().unwrap_or(&search.plan);
    let front = search.trials.iter().filter(|trial| trial.front).count();
    let count = u64::try_from(search.trials.len()).expect("a count is at most 64 bits");
    let all = words::several(count, "trial");
    let chosen = Chosen { figure: figure(search), table: table(search) };
    let lines = Section {
        id: "trials",
        title: "Trials",
        about: format!(
            "Each line is a trial, from the values it was trained with to what came out. Thick lines \
             are the front: {front} of {all}, which no other that was trained to the end beats in \
             every objective. A line that ends early came to no network. Below, the best stand first."
        ),
        parts: vec![Part::html("", chosen.render().expect("writing to a string"))],
    };
    let page = Page {
        name,
        model: &search.recipe,
        facts: vec![all],
        passed: true,
        judged: false,
        cards: Vec::new(),
        diagnostics: Vec::new(),
        sections: if search.trials.is_empty() { Vec::new() } else { vec![lines] },
        hash: "",
        version: env!("CARGO_PKG_VERSION"),
    };
    page.render().expect("writing to a string")
}

/// Parallel coordinates (A. Inselberg, The Visual Computer 1, 69, 1985).
fn figure(search: &Search) -> String {
    const GAP: f64 = 150.0;
    const TOP: f64 = 40.0;
    const BOTTOM: f64 = 320.0;
    let axes = words::size(search.axes.len().max(2)) - 1.0;
    let mut svg = Svg::new((GAP * (axes + 1.0), BOTTOM + 30.0), "trials over parallel axes");
    let x = |axis: usize| GAP * (words::size(axis) + 0.5);
    for (index, axis) in search.axes.iter().enumerate() {
        svg.line("axis", (x(index), TOP), (x(index), BOTTOM));
        svg.text("label middle", (x(index), TOP - 24.0), &axis.name);
        svg.text("label middle", (x(index), TOP - 8.0), &axis.high);
        svg.text("label middle", (x(index), BOTTOM + 18.0), &axis.low);
    }
    let up = Axis { values: (0.0, 1.0), places: (BOTTOM, TOP) };
    let mut draw = |trial: &SearchTrial| {
        let places = trial.places.iter().enumerate();
        let points: Vec<Point> = places.map(|(axis, place)| (x(axis), up.at(*place))).collect();
        let class = if trial.front { "curve trial front" } else { "curve trial" };
        svg.trial(class, trial.number, &points, &hint(search, trial));
    };
    // What is best stands above the rest.
    search.trials.iter().rev().filter(|trial| !trial.front).for_each(&mut draw);
    search.trials.iter().rev().filter(|trial| trial.front).for_each(&mut draw);
    // What is chosen on an axis, and where the pointer chooses.
    for index in 0..search.axes.len() {
        let along =
            |width: f64, height: f64| Rect { x: x(index) - width / 2.0, y: TOP, width, height };
        svg.rect("brush", along(18.0, 0.0));
        svg.rect("reach", along(40.0, BOTTOM - TOP));
    }
    svg.finish()
}

/// A trial in words, axis after axis.
fn hint(search: &Search, trial: &SearchTrial) -> String {
    let values = search.axes.iter().zip(&trial.values);
    let values: Vec<String> =
        values.map(|(axis, value)| format!("{} {value}", axis.name)).collect();
    format!("trial {}: {}", trial.number, values.join(", "))
}

fn table(search: &Search) -> String {
    let mut titles = vec!["trial", "front"];
    titles.extend(search.axes.iter().map(|axis| axis.name.as_str()));
    let row = |trial: &SearchTrial| {
        let number = Cell::number(f64::from(trial.number), trial.number.to_string());
        let front = if trial.front { Cell::badge("front", Tone::Good) } else { Cell::text("") };
        let mut row = vec![number, front];
        row.extend(
            trial
                .values
                .iter()
                .zip(&trial.places)
                .map(|(value, place)| Cell::number(*place, value.clone())),
        );
        row.resize_with(titles.len(), Cell::unknown);
        row
    };
    Table::new(&titles, search.trials.iter().map(row).collect()).html()
}

#[cfg(test)]
mod tests {
    use super::super::super::data::SearchAxis;
    use super::*;

    #[test]
    fn each_trial_is_a_line_and_a_row() {
        let axis = |name: &str| SearchAxis {
            name: name.to_owned(),
            low: "1".to_owned(),
            high: "9".to_owned(),
        };
        let trial = |number, front, places: &[f64]| SearchTrial {
            number,
            front,
            values: places.iter().map(f64::to_string).collect(),
            places: places.to_vec(),
        };
        let page = render(&Search {
            plan: "<plan>.toml".to_owned(),
            recipe: "recipe.toml".to_owned(),
            axes: vec![axis("a<b"), axis("LUT")],
            trials: vec![trial(7, true, &[0.0, 1.0]), trial(3, false, &[0.5])],
        });
        let mut reader = quick_xml::Reader::from_str(&page);
        while reader.read_event().expect("well-formed") != quick_xml::events::Event::Eof {}
        assert_eq!(page.matches("<polyline class=\"curve trial").count(), 2);
        // The script finds each line, its row, and the place to drag on each axis.
        for (found, count) in [
            ("data-trial=\"7\"", 1),
            ("<td class=\"number\" data-key=\"7\">7<", 1),
            ("<rect class=\"reach\"", 2),
            ("<rect class=\"brush\"", 2),
        ] {
            assert_eq!(page.matches(found).count(), count, "{found}");
        }
        assert!(page.contains("<title>trial 7: a&lt;b 0, LUT 1</title>"));
        assert!(page.contains("a&lt;b") && !page.contains("<plan>"));
        assert_eq!(render(&Search::default()).matches("<section").count(), 0);
    }
}
