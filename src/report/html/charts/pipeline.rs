//! The pipeline: layers as blocks over the stages, and the delay of each stage.

use super::super::super::data::{BUNCH_CROSSING_NS, LayerResources, Stage, Timing};
use super::super::super::words;
use super::super::svg::{Axis, Rect, Svg};
use super::Gutter;

const WIDTH: f64 = 1120.0;
const MARGIN: f64 = 20.0;
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
    let layout = Layout::new(&rows, &timing.stages);
    let clock_ns = clock_ns.filter(|clock_ns| *clock_ns > 0.0);

    let size = (layout.right() + MARGIN, layout.delays_end + 42.0);
    let mut svg = Svg::new(size, "pipeline stages, layers and delays");
    layout.stages(&mut svg);
    if let Some(clock_ns) = clock_ns {
        layout.crossings(&mut svg, clock_ns);
    }
    layout.blocks(&mut svg, &rows);
    layout.delays(&mut svg, &timing.stages, clock_ns);
    svg.finish()
}

/// Where things stand: a gutter for the names, a column per stage, the blocks above the delays.
struct Layout {
    gutter: Gutter,
    column: f64,
    n_stages: usize,
    delays_start: f64,
    delays_end: f64,
}

impl Layout {
    fn new(rows: &[&LayerResources], stages: &[Stage]) -> Self {
        let gutter = Gutter::of(rows.iter().map(|layer| layer.name.as_str()));
        let n_stages = stages.len();
        let column = ((WIDTH - gutter.width - MARGIN) / words::size(n_stages)).clamp(30.0, 120.0);
        let delays_start = TOP + ROW * words::size(rows.len()) + 32.0;
        Self { gutter, column, n_stages, delays_start, delays_end: delays_start + DELAYS }
    }

    /// The left edge of a stage.
    fn left(&self, stage: f64) -> f64 {
        self.gutter.width + self.column * stage
    }

    /// The right edge of the last stage.
    fn right(&self) -> f64 {
        self.left(words::size(self.n_stages))
    }

    /// Where the words in the gutter end.
    fn names(&self) -> f64 {
        self.gutter.width - 12.0
    }

    fn stages(&self, svg: &mut Svg) {
        svg.text("label end", (self.names(), 18.0), "stage");
        for index in 0..=self.n_stages {
            let x = self.left(words::size(index));
            svg.line("grid", (x, TOP - 8.0), (x, self.delays_end));
            if index < self.n_stages {
                let number = (index + 1).to_string();
                svg.text("label middle", (x + self.column / 2.0, 18.0), &number);
            }
        }
    }

    /// A mark every 25 ns.
    fn crossings(&self, svg: &mut Svg, clock_ns: f64) {
        let step = self.column * BUNCH_CROSSING_NS / clock_ns;
        let mut number = 0.0;
        while step >= 8.0 && self.left(0.0) + step * number <= self.right() + 0.5 {
            let x = self.left(0.0) + step * number;
            svg.line("crossing", (x, TOP - 8.0), (x, self.delays_end + 8.0));
            if step >= 60.0 || number % 5.0 == 0.0 {
                let label = format!("{} ns", words::number(BUNCH_CROSSING_NS * number));
                svg.text("label middle", (x, self.delays_end + 38.0), &label);
            }
            number += 1.0;
        }
    }

    fn blocks(&self, svg: &mut Svg, rows: &[&LayerResources]) {
        let largest = rows.iter().map(|layer| layer.estimate.lut).max().unwrap_or_default().max(1);
        for (index, layer) in rows.iter().enumerate() {
            let Some(stages) = layer.stages else { continue };
            let y = TOP + ROW * words::size(index);
            svg.text("name end", (self.names(), y + 17.0), &self.gutter.name(&layer.name));
            let (start, end) =
                (self.left(f64::from(stages.first)), self.left(f64::from(stages.last) + 1.0));
            let rect = Rect { x: start + 2.0, y, width: end - start - 4.0, height: ROW - 6.0 };
            let lut = words::count(layer.estimate.lut);
            let hint = format!("{} ({}): {lut} LUT", layer.name, layer.operator);
            let share = words::approximate(layer.estimate.lut) / words::approximate(largest);
            let (block, ink) = match share {
                share if share > 0.5 => ("block heavy", "on-heavy middle"),
                share if share > 0.1 => ("block medium", "value middle"),
                _ => ("block light", "value middle"),
            };
            svg.rect_with_hint(block, rect, &hint);
            let long = format!("{} · {lut} LUT", layer.operator);
            let room = rect.width - 12.0;
            if let Some(label) = [long, lut].iter().find(|label| text_width(label) <= room) {
                svg.text(ink, (rect.x + rect.width / 2.0, y + 15.5), label);
            }
        }
    }

    fn delays(&self, svg: &mut Svg, stages: &[Stage], clock_ns: Option<f64>) {
        let end = self.delays_end;
        let slowest = stages.iter().map(|stage| stage.delay_ns).fold(0.0, f64::max);
        let up = Axis {
            values: (0.0, 1.1 * clock_ns.unwrap_or_default().max(slowest).max(1e-3)),
            places: (end, self.delays_start),
        };
        svg.text("label end", (self.names(), end), "delay (ns)");
        svg.text("label end", (self.names(), end + 18.0), "register bits");
        let inset = (self.column * 0.22).min(24.0);
        for (index, stage) in stages.iter().enumerate() {
            let x = self.left(words::size(index));
            let y = up.at(stage.delay_ns);
            let class = match clock_ns {
                Some(clock_ns) if stage.delay_ns > clock_ns => "bar bad",
                Some(clock_ns) if stage.delay_ns > 0.95 * clock_ns => "bar doubtful",
                _ => "bar",
            };
            let rect = Rect { x: x + inset, y, width: self.column - 2.0 * inset, height: end - y };
            let registers = words::count(stage.registers);
            let delay = words::number(stage.delay_ns);
            let hint = format!("stage {}: {delay} ns, {registers} register bits", index + 1);
            svg.rect_with_hint(class, rect, &hint);
            let middle = x + self.column / 2.0;
            if text_width("0.00") <= rect.width && rect.height > 20.0 {
                let delay = format!("{:.2}", stage.delay_ns);
                svg.text("on-heavy middle", (middle, y + 15.0), &delay);
            }
            if text_width(&registers) <= self.column {
                svg.text("label middle", (middle, end + 18.0), &registers);
            }
        }
        svg.line("axis", (self.left(0.0), end), (self.right(), end));
        if let Some(clock_ns) = clock_ns {
            let y = up.at(clock_ns);
            svg.line("limit", (self.left(0.0) - 6.0, y), (self.right(), y));
            let label = format!("{} ns clock", words::number(clock_ns));
            svg.text("limit-label end", (self.names(), y + 4.0), &label);
        }
    }
}

/// About as wide as `text` is at the size of a label.
fn text_width(text: &str) -> f64 {
    6.4 * words::size(text.chars().count())
}
