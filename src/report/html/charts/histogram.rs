//! Distributions in bins.

use super::super::super::data::{Histogram, OutputError, WeightStatistics};
use super::super::super::words;
use super::super::svg::{Axis, Point, Rect, Svg};
use super::Figure;

/// One figure per tensor of weights.
pub(in super::super) fn weights(all: &[WeightStatistics]) -> Vec<Figure> {
    let figures = all.iter().filter_map(|weights| {
        let histogram = weights.histogram.as_ref()?;
        let zeros = if weights.count == 0 {
            0.0
        } else {
            words::approximate(weights.zeros) / words::approximate(weights.count)
        };
        Some(Figure {
            title: weights.name.clone(),
            note: format!(
                "{} · {} · {} zero",
                words::several(weights.count, "value"),
                weights.format,
                words::percent(zeros)
            ),
            html: drawing(histogram, (260.0, 110.0), Height::Linear),
        })
    });
    figures.collect()
}

/// The figure of an output's error, where there is any.
pub(super) fn error(output: &OutputError) -> Option<Figure> {
    let histogram = output.histogram.as_ref().filter(|_| output.max_abs_error > 0.0)?;
    Some(Figure {
        title: format!("error of output {}", output.name),
        note: format!(
            "at most {}, {} in the mean, {}; counts on a logarithmic scale",
            words::number(output.max_abs_error),
            words::number(output.mean_abs_error),
            words::decibel(output.sqnr_db),
        ),
        html: drawing(histogram, (360.0, 170.0), Height::Logarithmic),
    })
}

/// How tall a bar is for its count.
#[derive(Clone, Copy)]
enum Height {
    Linear,
    /// So that single values in the tails are seen.
    Logarithmic,
}

impl Height {
    fn of(self, count: u64) -> f64 {
        match self {
            Self::Linear => words::approximate(count),
            Self::Logarithmic => words::approximate(count).ln_1p(),
        }
    }
}

fn drawing(histogram: &Histogram, (width, height): Point, scale: Height) -> String {
    let mut svg = Svg::new((width, height), "distribution of values");
    let bottom = height - 22.0;
    let range = histogram.range;
    let across = Axis { values: (range.lo, range.hi), places: (6.0, width - 6.0) };
    let largest = histogram.counts.iter().copied().max().unwrap_or_default().max(1);
    let up = Axis { values: (0.0, scale.of(largest)), places: (bottom, 6.0) };
    let bins = words::size(histogram.counts.len().max(1));
    let bin = (width - 12.0) / bins;
    for (index, count) in histogram.counts.iter().enumerate() {
        if *count == 0 {
            continue;
        }
        let y = up.at(scale.of(*count)).min(bottom - 1.0);
        let x = 6.0 + bin * words::size(index);
        let rect = Rect { x: x + 0.5, y, width: bin - 1.0, height: bottom - y };
        let from = range.lo + (range.hi - range.lo) * words::size(index) / bins;
        let hint = format!("from {}: {}", words::number(from), words::several(*count, "value"));
        svg.rect_with_hint("bar", rect, &hint);
    }
    svg.line("axis", (6.0, bottom), (width - 6.0, bottom));
    svg.text("label", (6.0, height - 6.0), &words::number(range.lo));
    svg.text("label end", (width - 6.0, height - 6.0), &words::number(range.hi));
    let zero = across.at(0.0);
    if range.lo < 0.0 && range.hi > 0.0 {
        svg.line("axis", (zero, bottom), (zero, bottom + 5.0));
        if zero > 60.0 && zero < width - 60.0 {
            svg.text("label middle", (zero, height - 6.0), "0");
        }
    }
    svg.finish()
}
