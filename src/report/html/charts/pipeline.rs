//! The pipeline: layers as blocks over the stages, and the delay of each stage.

use super::super::super::data::{BUNCH_CROSSING_NS, LayerResources, Timing};
use super::super::super::words;
use super::super::svg::{Axis, Rect, Svg};

const GUTTER: f64 = 130.0;
const WIDTH: f64 = 1120.0;
const ROW: f64 = 28.0;
const TOP: f64 = 34.0;
const DELAYS: f64 = 120.0;

/// The drawing, or nothing where there is no stage.
pub(in super::super) fn drawing(
    timing: &Timing,
    layers: &[LayerResources],
    clock_ns: Option<f64>,
) -> String {
    if timing.stages.is_empty() {
        return String::new();
    }
    let rows: Vec<&LayerResources> = layers.iter().filter(|layer| layer.stages.is_some()).collect();
    let n_stages = words::size(timing.stages.len());
    let column = ((WIDTH - GUTTER - 20.0) / n_stages).clamp(30.0, 120.0);
    let width = GUTTER + column * n_stages + 20.0;
    let blocks_end = TOP + ROW * words::size(rows.len()) + 6.0;
    let delays_end = blocks_end + 26.0 + DELAYS;
    let mut svg = Svg::new((width, delays_end + 42.0), "pipeline stages, layers and delays");

    svg.text("label", (0.0, 18.0), "stage");
    for index in 0..=timing.stages.len() {
        let x = GUTTER + column * words::size(index);
        svg.line("grid", (x, TOP - 8.0), (x, delays_end));
        if index < timing.stages.len() {
            let number = (index + 1).to_string();
            svg.text("label middle", (x + column / 2.0, 18.0), &number);
        }
    }
    blocks(&mut svg, &rows, column);
    if let Some(clock_ns) = clock_ns.filter(|clock_ns| *clock_ns > 0.0) {
        crossings(&mut svg, clock_ns, (column, width - 20.0), delays_end);
    }
    delays(&mut svg, timing, clock_ns, Delays { column, top: blocks_end + 26.0, end: delays_end });
    svg.finish()
}

fn blocks(svg: &mut Svg, rows: &[&LayerResources], column: f64) {
    let largest = rows.iter().map(|layer| layer.estimate.lut).max().unwrap_or_default().max(1);
    for (index, layer) in rows.iter().enumerate() {
        let Some(stages) = layer.stages else { continue };
        let y = TOP + ROW * words::size(index);
        svg.text("name end", (GUTTER - 12.0, y + 17.0), &shortened(&layer.name, 18));
        let first = f64::from(stages.first);
        let span = f64::from(stages.last) - first + 1.0;
        let rect = Rect {
            x: GUTTER + column * first + 2.0,
            y,
            width: column * span - 4.0,
            height: ROW - 6.0,
        };
        let share = words::approximate(layer.estimate.lut) / words::approximate(largest);
        let class = if share > 0.5 {
            "block heavy"
        } else if share > 0.1 {
            "block medium"
        } else {
            "block light"
        };
        let lut = words::count(layer.estimate.lut);
        let hint = format!("{} ({}): {lut} LUT", layer.name, layer.operator);
        svg.rect_with_hint(class, rect, &hint);
        let label = format!("{} · {lut} LUT", layer.operator);
        let room = rect.width - 12.0;
        let label = if text_width(&label) > room { lut } else { label };
        if text_width(&label) <= room {
            let class = if share > 0.5 { "on-heavy middle" } else { "value middle" };
            svg.text(class, (rect.x + rect.width / 2.0, y + 15.5), &label);
        }
    }
}

/// A mark every 25 ns.
fn crossings(svg: &mut Svg, clock_ns: f64, (column, end): (f64, f64), bottom: f64) {
    let step = column * BUNCH_CROSSING_NS / clock_ns;
    let mut number = 0.0;
    while step >= 8.0 && GUTTER + step * number <= end + 0.5 {
        let x = GUTTER + step * number;
        svg.line("crossing", (x, TOP - 8.0), (x, bottom + 8.0));
        if step >= 60.0 || number % 5.0 == 0.0 {
            let label = format!("{} ns", words::number(BUNCH_CROSSING_NS * number));
            svg.text("label middle", (x, bottom + 38.0), &label);
        }
        number += 1.0;
    }
}

struct Delays {
    column: f64,
    top: f64,
    end: f64,
}

fn delays(svg: &mut Svg, timing: &Timing, clock_ns: Option<f64>, place: Delays) {
    let Delays { column, top, end } = place;
    let slowest = timing.stages.iter().map(|stage| stage.delay_ns).fold(0.0, f64::max);
    let axis = Axis {
        values: (0.0, 1.1 * clock_ns.unwrap_or_default().max(slowest).max(1e-3)),
        places: (end, top),
    };
    svg.text("label end", (GUTTER - 12.0, end), "delay (ns)");
    svg.text("label end", (GUTTER - 12.0, end + 18.0), "register bits");
    for (index, stage) in timing.stages.iter().enumerate() {
        let x = GUTTER + column * words::size(index);
        let y = axis.at(stage.delay_ns);
        let class = match clock_ns {
            Some(clock_ns) if stage.delay_ns > clock_ns => "bar bad",
            Some(clock_ns) if stage.delay_ns > 0.95 * clock_ns => "bar doubtful",
            _ => "bar",
        };
        let inset = (column * 0.22).min(24.0);
        let rect = Rect { x: x + inset, y, width: column - 2.0 * inset, height: end - y };
        let registers = words::count(stage.registers);
        let hint = format!(
            "stage {}: {} ns, {registers} register bits",
            index + 1,
            words::number(stage.delay_ns)
        );
        svg.rect_with_hint(class, rect, &hint);
        let middle = x + column / 2.0;
        if column >= 34.0 {
            svg.text("value middle", (middle, y - 5.0), &format!("{:.2}", stage.delay_ns));
        }
        if text_width(&registers) <= column {
            svg.text("label middle", (middle, end + 18.0), &registers);
        }
    }
    let right = GUTTER + column * words::size(timing.stages.len());
    svg.line("axis", (GUTTER, end), (right, end));
    if let Some(clock_ns) = clock_ns {
        let y = axis.at(clock_ns);
        svg.line("limit", (GUTTER - 6.0, y), (right, y));
        let label = format!("{} ns clock", words::number(clock_ns));
        svg.text("limit-label end", (GUTTER - 12.0, y + 4.0), &label);
    }
}

/// About as wide as `text` is at the size of a label.
fn text_width(text: &str) -> f64 {
    6.4 * words::size(text.chars().count())
}

/// `name` with its middle left out where it is longer than `most`.
pub(super) fn shortened(name: &str, most: usize) -> String {
    let characters: Vec<char> = name.chars().collect();
    if characters.len() <= most {
        return name.to_owned();
    }
    let head: String = characters[..most / 2 - 1].iter().collect();
    let tail: String = characters[characters.len() - most / 2..].iter().collect();
    format!("{head}…{tail}")
}
