//! What quantization costs, layer by layer and at the outputs.

use super::super::super::data::{LayerError, Verification};
use super::super::super::words;
use super::super::svg::{Axis, Point, Rect, Svg};
use super::{Figure, histogram, shortened};

const WIDTH: f64 = 360.0;
const GUTTER: f64 = 104.0;
const ROW: f64 = 26.0;

/// The error of each output, the share of each layer in it, and the noise along the network.
pub(in super::super) fn figures(found: &Verification) -> Vec<Figure> {
    let mut figures: Vec<Figure> = found.outputs.iter().filter_map(histogram::error).collect();
    figures.extend(shares(&found.layers));
    figures.extend(noise(&found.layers));
    figures
}

fn shares(layers: &[LayerError]) -> Option<Figure> {
    let known: Vec<(&str, f64)> = layers
        .iter()
        .filter_map(|layer| Some((layer.name.as_str(), layer.output_error?)))
        .collect();
    let total: f64 = known.iter().map(|(_, error)| error).sum();
    if known.is_empty() || total <= 0.0 {
        return None;
    }
    let largest = known.iter().map(|(_, error)| *error).fold(0.0, f64::max);
    let axis = Axis { values: (0.0, largest), places: (GUTTER, WIDTH - 62.0) };
    let height = ROW * words::size(known.len()) + 8.0;
    let mut svg = Svg::new((WIDTH, height), "output error from each layer alone");
    for (index, (name, error)) in known.iter().enumerate() {
        let y = ROW * words::size(index) + 4.0;
        svg.text("name end", (GUTTER - 8.0, y + 15.0), &shortened(name, 14));
        let rect = Rect { x: GUTTER, y: y + 3.0, width: axis.at(*error) - GUTTER, height: 16.0 };
        let hint = format!("{name}: rms output error {} from it alone", words::number(*error));
        svg.rect_with_hint("bar", rect, &hint);
        svg.text("value", (axis.at(*error) + 6.0, y + 15.0), &words::percent(error / total));
    }
    svg.line("axis", (GUTTER, 0.0), (GUTTER, height));
    Some(Figure {
        title: "which layer costs most".to_owned(),
        note: "rms error of the outputs when it alone is quantized, as a share of the sum"
            .to_owned(),
        html: svg.finish(),
    })
}

fn noise(layers: &[LayerError]) -> Option<Figure> {
    let known: Vec<(&str, f64)> =
        layers.iter().filter_map(|layer| Some((layer.name.as_str(), layer.sqnr_db?))).collect();
    if known.len() < 2 {
        return None;
    }
    let highest = known.iter().map(|(_, sqnr)| *sqnr).fold(0.0, f64::max);
    let height = 190.0;
    let up = Axis { values: (0.0, 10.0 * (highest / 10.0).ceil()), places: (height - 30.0, 16.0) };
    let last = words::size(known.len() - 1);
    let across = Axis { values: (0.0, last), places: (62.0, WIDTH - 34.0) };
    let mut svg = Svg::new((WIDTH, height), "signal to quantization noise along the network");
    let mut decibel = 0.0;
    while decibel <= up.values.1 {
        let y = up.at(decibel);
        svg.line("grid", (40.0, y), (WIDTH - 12.0, y));
        svg.text("label end", (34.0, y + 4.0), &words::number(decibel));
        decibel += if up.values.1 > 60.0 { 20.0 } else { 10.0 };
    }
    let points: Vec<Point> = known
        .iter()
        .enumerate()
        .map(|(index, (_, sqnr))| (across.at(words::size(index)), up.at(*sqnr)))
        .collect();
    svg.curve("curve fixed", &points);
    let every = known.len().div_ceil(5);
    for (index, ((name, sqnr), point)) in known.iter().zip(&points).enumerate() {
        svg.dot("dot fixed", *point, &format!("{name}: {sqnr:.1} dB"));
        if index % every == 0 {
            svg.text("label middle", (point.0, height - 10.0), &shortened(name, 10));
            svg.text("value middle", (point.0, point.1 - 9.0), &format!("{sqnr:.0}"));
        }
    }
    Some(Figure {
        title: "noise along the network".to_owned(),
        note: "signal to quantization noise in dB, all layers quantized".to_owned(),
        html: svg.finish(),
    })
}
