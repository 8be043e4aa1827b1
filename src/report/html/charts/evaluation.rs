//! Curves of an evaluation: ROC with bands, reliability, significance, sculpting.

use super::super::super::data::{Calibration, ClassEvaluation, Estimate, RocBand, Sculpting};
use super::super::super::words;
use super::super::svg::{Axis, Point, Rect, Svg};
use super::{Figure, roc};

const SIZE: Point = (356.0, 230.0);

/// One ROC curve for each class, with its band.
pub(in super::super) fn rocs(classes: &[ClassEvaluation]) -> Vec<Figure> {
    let rates = classes.iter().flat_map(|class| &class.roc.background);
    let least = rates.copied().filter(|rate| *rate > 0.0).fold(1.0, f64::min);
    let floor = least.log10().floor().clamp(-5.0, -1.0);
    classes.iter().map(|class| roc_curve(class, floor)).collect()
}

fn roc_curve(class: &ClassEvaluation, floor: f64) -> Figure {
    let (width, height) = roc::SIZE;
    let mut svg = Svg::new(roc::SIZE, &format!("ROC curve of class {}", class.name));
    let across = Axis { values: (0.0, 1.0), places: (60.0, width - 10.0) };
    let up = Axis { values: (floor, 0.0), places: (height - 36.0, 8.0) };
    let RocBand { signal, background, low, high } = &class.roc;
    let place = |(signal, rate): (&f64, &f64)| {
        let power = if *rate > 0.0 { rate.log10() } else { f64::MIN };
        (across.at(*signal), up.at(power))
    };
    let upper = signal.iter().zip(high).map(place);
    let lower = signal.iter().zip(low).map(place).rev();
    svg.area("band", &upper.chain(lower).collect::<Vec<_>>());
    roc::frame(&mut svg, across, up);
    svg.curve("curve fixed", &signal.iter().zip(background).map(place).collect::<Vec<_>>());
    for point in class.working_points.iter().filter(|point| point.cut.is_some()) {
        let hint = format!(
            "{}: {} of the signal at {} of the background",
            point.name,
            words::percent(point.signal.value),
            words::percent(point.background)
        );
        svg.dot("dot fixed", place((&point.signal.value, &point.background)), &hint);
    }
    let Estimate { value, low, high } = class.auc;
    Figure {
        title: format!("class {}", class.name),
        note: format!("AUC {value:.4}, from {low:.4} to {high:.4}"),
        html: svg.finish(),
    }
}

/// Accuracy against confidence.
pub(in super::super) fn reliability(calibration: &Calibration) -> Figure {
    let mut svg = Svg::new(SIZE, "accuracy against confidence");
    let (across, up) = frame(&mut svg, [(0.0, 1.0), (0.0, 1.0)], ["confidence", "accuracy"]);
    for bin in calibration.bins.iter().filter(|bin| bin.events > 0.0) {
        let (x, y) = (across.at(bin.from) + 1.0, up.at(bin.accuracy));
        let rect = Rect { x, y, width: across.at(bin.to) - x - 1.0, height: up.at(0.0) - y };
        let hint = format!(
            "{} events of confidence {}: {} right",
            words::number(bin.events),
            words::percent(bin.confidence),
            words::percent(bin.accuracy)
        );
        svg.rect_with_hint("block medium", rect, &hint);
        svg.dot("dot fixed", (across.at(bin.confidence), y), &hint);
    }
    svg.line("working-point", (across.at(0.0), up.at(0.0)), (across.at(1.0), up.at(1.0)));
    Figure {
        title: "reliability".to_owned(),
        note: format!(
            "expected calibration error {}, at most {}",
            words::percent(calibration.expected_error),
            words::percent(calibration.largest_error)
        ),
        html: svg.finish(),
    }
}

/// What cuts make of signal and background.
pub(in super::super) fn significance(class: &ClassEvaluation) -> Option<Figure> {
    let found = &class.significance;
    let (last, first) = (found.cuts.first()?, found.cuts.last()?);
    let mut svg = Svg::new(SIZE, &format!("significance of class {} against the cut", class.name));
    let bounds = [(*first, *last), (0.0, 1.08 * found.best.max(1e-9))];
    let (across, up) = frame(&mut svg, bounds, ["cut on the score", "s / √(s + b)"]);
    let pairs = found.cuts.iter().zip(&found.values);
    let points: Vec<Point> = pairs.map(|(cut, value)| (across.at(*cut), up.at(*value))).collect();
    svg.curve("curve fixed", &points);
    let hint = format!("{} at {}", words::number(found.best), words::number(found.best_cut));
    svg.dot("dot fixed", (across.at(found.best_cut), up.at(found.best)), &hint);
    Some(Figure {
        title: format!("class {}", class.name),
        note: format!("best {hint}"),
        html: svg.finish(),
    })
}

/// The background that passes against the nuisance.
pub(in super::super) fn sculpting(class: &ClassEvaluation, nuisance: &str) -> Option<Figure> {
    let Sculpting { edges, efficiency, divergence } = class.sculpting.as_ref()?;
    let (first, last) = (*edges.first()?, *edges.last()?);
    let most = efficiency.iter().copied().fold(0.0, f64::max);
    let mut svg = Svg::new(SIZE, &format!("background of class {} against {nuisance}", class.name));
    let bounds = [(first, last), (0.0, 1.08 * most.max(1e-9))];
    let (across, up) = frame(&mut svg, bounds, [nuisance, "background that passes"]);
    for (bounds, efficiency) in edges.array_windows().zip(efficiency) {
        let [from, to] = *bounds;
        let (x, y) = (across.at(from) + 0.5, up.at(*efficiency));
        let rect = Rect { x, y, width: across.at(to) - x - 0.5, height: up.at(0.0) - y };
        let hint = format!(
            "{} from {} to {}",
            words::percent(*efficiency),
            words::number(from),
            words::number(to)
        );
        svg.rect_with_hint("block medium", rect, &hint);
    }
    let note = divergence.map_or_else(
        || "nothing passes".to_owned(),
        |own| format!("Jensen–Shannon divergence {} bits", words::number(own)),
    );
    Some(Figure { title: format!("class {}", class.name), note, html: svg.finish() })
}

/// A grid with round numbers, and the names of both axes.
fn frame(
    svg: &mut Svg,
    bounds: [(f64, f64); 2],
    [across_name, up_name]: [&str; 2],
) -> (Axis, Axis) {
    let (width, height) = SIZE;
    let across = Axis { values: bounds[0], places: (60.0, width - 10.0) };
    let up = Axis { values: bounds[1], places: (height - 36.0, 8.0) };
    let (left, right) = across.places;
    let (bottom, top) = up.places;
    for tick in ticks(bounds[0]) {
        let x = across.at(tick);
        svg.line("grid", (x, top), (x, bottom));
        svg.text("label middle", (x, bottom + 15.0), &words::number(tick));
    }
    for tick in ticks(bounds[1]) {
        let y = up.at(tick);
        svg.line("grid", (left, y), (right, y));
        svg.text("label end", (left - 6.0, y + 4.0), &words::number(tick));
    }
    svg.text("label middle", (f64::midpoint(left, right), height - 4.0), across_name);
    svg.text_up("label middle", (10.0, f64::midpoint(top, bottom)), up_name);
    (across, up)
}

/// Round numbers within bounds, about five of them.
fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    let rough = (high - low) / 5.0;
    if !(rough.is_finite() && rough > 0.0) {
        return vec![low];
    }
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = steps.into_iter().find(|step| *step >= rough).unwrap_or(10.0 * power);
    let first = (low / step).ceil();
    let tick = |index: u8| (first + f64::from(index)) * step;
    (0..12).map(tick).take_while(|tick| *tick <= high + 1e-9 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let check = |bounds, expected: &[f64]| {
            let found = ticks(bounds);
            assert_eq!(found.len(), expected.len(), "{found:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
            }
        };
        check((0.0, 1.0), &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        check((-3.0, 8.5), &[0.0, 5.0]);
        check((0.0, 4200.0), &[0.0, 1000.0, 2000.0, 3000.0, 4000.0]);
        check((2.0, 2.0), &[2.0]);
    }
}
