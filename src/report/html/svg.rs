//! [`Svg`]: a drawing made of rectangles, lines and words, colored by the page's style sheet.

use std::fmt::Write;

use super::markup::escaped;

/// A drawing in the making; classes name what a shape is, and the style sheet its color.
pub(super) struct Svg {
    width: f64,
    height: f64,
    label: String,
    body: String,
}

/// A point in a drawing: from the left and from the top.
pub(super) type Point = (f64, f64);

/// A rectangle in a drawing.
#[derive(Clone, Copy)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Svg {
    /// An empty drawing; `label` is what a screen reader says of it.
    pub(super) fn new((width, height): Point, label: &str) -> Self {
        Self { width, height, label: escaped(label), body: String::new() }
    }

    /// A rectangle with rounded corners.
    pub(super) fn rect(&mut self, class: &str, rect: Rect) {
        self.push(format_args!("{}/>", open_rect(class, rect)));
    }

    /// A rectangle that says more when the pointer rests on it.
    pub(super) fn rect_with_hint(&mut self, class: &str, rect: Rect, hint: &str) {
        let hint = escaped(hint);
        self.push(format_args!("{}><title>{hint}</title></rect>", open_rect(class, rect)));
    }

    /// A straight line.
    pub(super) fn line(&mut self, class: &str, from: Point, to: Point) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.push(format_args!(
            r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#
        ));
    }

    /// A line through many points.
    pub(super) fn curve(&mut self, class: &str, points: &[Point]) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let points = points.join(" ");
        self.push(format_args!(r#"<polyline class="{class}" points="{points}"/>"#));
    }

    /// A line through many points that scripts know by its trial, and that says more when the pointer rests
    /// on it.
    pub(super) fn trial(&mut self, class: &str, trial: u32, points: &[Point], hint: &str) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let (points, hint) = (points.join(" "), escaped(hint));
        self.push(format_args!(
            r#"<polyline class="{class}" data-trial="{trial}" points="{points}"><title>{hint}</title></polyline>"#
        ));
    }

    /// The area inside a closed line through many points.
    pub(super) fn area(&mut self, class: &str, points: &[Point]) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let points = points.join(" ");
        self.push(format_args!(r#"<polygon class="{class}" points="{points}"/>"#));
    }

    /// A dot that says more when the pointer rests on it.
    pub(super) fn dot(&mut self, class: &str, (x, y): Point, hint: &str) {
        let hint = escaped(hint);
        self.push(format_args!(
            r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="4"><title>{hint}</title></circle>"#
        ));
    }

    /// Words on a baseline; the classes `middle` and `end` anchor them.
    pub(super) fn text(&mut self, class: &str, (x, y): Point, words: &str) {
        let words = escaped(words);
        self.push(format_args!(r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{words}</text>"#));
    }

    /// Words that run upward, on a baseline to their right.
    pub(super) fn text_up(&mut self, class: &str, (x, y): Point, words: &str) {
        let words = escaped(words);
        self.push(format_args!(
            r#"<text class="{class}" transform="translate({x:.1} {y:.1}) rotate(-90)">{words}</text>"#
        ));
    }

    /// The drawing as an element of a page, as wide as it was made if there is room.
    pub(super) fn finish(self) -> String {
        let Self { width, height, label, body } = self;
        format!(
            "<svg viewBox=\"0 0 {width:.0} {height:.0}\" style=\"max-width:{width:.0}px\" \
             role=\"img\" aria-label=\"{label}\">\n{body}</svg>"
        )
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        writeln!(self.body, "{element}").expect("writing to a string");
    }
}

/// A linear map from the values on an axis to places in a drawing.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// The values at the two ends.
    pub(super) values: (f64, f64),
    /// The places of the two ends.
    pub(super) places: (f64, f64),
}

impl Axis {
    /// The place of `value`, held within the axis.
    pub(super) fn at(self, value: f64) -> f64 {
        let (low, high) = self.values;
        let (start, end) = self.places;
        if high <= low {
            return f64::midpoint(start, end);
        }
        start + (end - start) * ((value - low) / (high - low)).clamp(0.0, 1.0)
    }
}

fn open_rect(class: &str, Rect { x, y, width, height }: Rect) -> String {
    let (width, height) = (width.max(0.0), height.max(0.0));
    format!(
        r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="2""#
    )
}
