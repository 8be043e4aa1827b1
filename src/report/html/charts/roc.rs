//! ROC curves, float against fixed point.

use super::super::super::data::{ClassMetrics, Metrics, RocCurve};
use super::super::super::words;
use super::super::svg::{Axis, Point, Svg};
use super::Figure;

pub(super) const SIZE: Point = (356.0, 250.0);

/// One figure per class.
pub(in super::super) fn figures(metrics: &Metrics) -> Vec<Figure> {
    let floor = floor(metrics);
    metrics.classes.iter().filter_map(|class| figure(class, floor)).collect()
}

/// The lowest power of ten of the background axis: that of the least background seen.
fn floor(metrics: &Metrics) -> f64 {
    let curves = metrics.classes.iter().filter_map(|class| class.roc.as_ref());
    let rates = curves.flat_map(|roc| roc.float.background.iter().chain(&roc.fixed.background));
    let least = rates.copied().filter(|rate| *rate > 0.0).fold(1.0, f64::min);
    least.log10().floor().clamp(-5.0, -1.0)
}

fn figure(class: &ClassMetrics, floor: f64) -> Option<Figure> {
    let roc = class.roc.as_ref()?;
    let (width, height) = SIZE;
    let mut svg = Svg::new(SIZE, &format!("ROC curves of class {}", class.name));
    let across = Axis { values: (0.0, 1.0), places: (60.0, width - 10.0) };
    let up = Axis { values: (floor, 0.0), places: (height - 36.0, 8.0) };
    frame(&mut svg, across, up);
    let left = across.at(0.0);
    legend(&mut svg, left + 14.0);
    svg.curve("curve float", &points(&roc.float, across, up));
    svg.curve("curve fixed", &points(&roc.fixed, across, up));
    if let Some(efficiency) = class.efficiency {
        let y = up.at(efficiency.background_rate.max(1e-9).log10());
        svg.line("working-point", (left, y), (across.at(1.0), y));
        let hint = format!(
            "{} of the signal at {} of the background",
            words::percent(efficiency.signal.fixed),
            words::rate(efficiency.background_rate)
        );
        svg.dot("dot fixed", (across.at(efficiency.signal.fixed), y), &hint);
    }
    Some(Figure {
        title: format!("class {}", class.name),
        note: format!("AUC {:.4} fixed, {:.4} float", class.auc.fixed, class.auc.float),
        html: svg.finish(),
    })
}

/// The grid of signal and background efficiency, the latter in powers of ten.
pub(super) fn frame(svg: &mut Svg, across: Axis, up: Axis) {
    let (floor, height) = (up.values.0, SIZE.1);
    let (left, bottom) = (across.at(0.0), up.at(floor));
    for tenth in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
        let x = across.at(tenth);
        svg.line("grid", (x, 8.0), (x, bottom));
        svg.text("label middle", (x, bottom + 15.0), &words::number(tenth));
    }
    let mut power = floor;
    while power <= 0.0 {
        let y = up.at(power);
        svg.line("grid", (left, y), (across.at(1.0), y));
        svg.text("label end", (left - 6.0, y + 4.0), &words::number(10_f64.powf(power)));
        power += 1.0;
    }
    svg.text("label middle", (across.at(0.5), height - 4.0), "signal efficiency");
    svg.text_up("label middle", (10.0, up.at(floor / 2.0)), "background efficiency");
}

/// Which curve is which, in the corner that no curve comes to.
fn legend(svg: &mut Svg, left: f64) {
    for (name, class, y) in [("float", "curve float", 24.0), ("fixed", "curve fixed", 42.0)] {
        svg.curve(class, &[(left, y), (left + 24.0, y)]);
        svg.text("label", (left + 32.0, y + 4.0), name);
    }
}

/// The curve's points; those without any background lie on the floor.
fn points(curve: &RocCurve, across: Axis, up: Axis) -> Vec<Point> {
    let pairs = curve.background.iter().zip(&curve.signal);
    pairs
        .map(|(background, signal)| {
            let y = if *background > 0.0 { background.log10() } else { f64::MIN };
            (across.at(*signal), up.at(y))
        })
        .collect()
}
