//! Values against formats, in powers of two.

use super::super::super::data::{ActivationStatistics, Percentile, Range, WeightStatistics};
use super::super::super::words;
use super::super::svg::{Axis, Rect, Svg};
use super::Gutter;

const WIDTH: f64 = 1120.0;
const ROW: f64 = 30.0;
const TOP: f64 = 2.0;

/// A tensor: what its format can hold, and how large its values are.
pub(in super::super) struct Row<'a> {
    name: &'a str,
    bounds: Option<Range>,
    step: Option<f64>,
    magnitudes: &'a [Percentile],
}

impl<'a> From<&'a WeightStatistics> for Row<'a> {
    fn from(of: &'a WeightStatistics) -> Self {
        Self { name: &of.name, bounds: of.bounds, step: of.step, magnitudes: &of.magnitudes }
    }
}

impl<'a> From<&'a ActivationStatistics> for Row<'a> {
    fn from(of: &'a ActivationStatistics) -> Self {
        Self { name: &of.name, bounds: of.bounds, step: of.step, magnitudes: &of.magnitudes }
    }
}

impl Row<'_> {
    /// The exponents of the format's lowest bit and of its largest magnitude.
    fn band(&self) -> Option<(f64, f64)> {
        let bounds = self.bounds?;
        let largest = bounds.lo.abs().max(bounds.hi.abs());
        Some((exponent(self.step?)?, exponent(largest)?))
    }

    /// The exponent of the magnitude at `percent`, between the two nearest that are known.
    fn at(&self, percent: f64) -> Option<f64> {
        let after = self.magnitudes.iter().position(|known| known.percent >= percent)?;
        let high = self.magnitudes[after];
        let low = self.magnitudes[after.saturating_sub(1)];
        let span = high.percent - low.percent;
        let part = if span > 0.0 { (percent - low.percent) / span } else { 1.0 };
        exponent(low.value + part * (high.value - low.value))
    }
}

/// The drawing, or nothing where there is no row.
pub(in super::super) fn drawing(rows: &[Row<'_>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let gutter = Gutter::of(rows.iter().map(|row| row.name));
    let bottom = TOP + ROW * words::size(rows.len());
    let mut svg = Svg::new((WIDTH, bottom + 34.0), "magnitudes of values against their formats");
    let (low, high) = span(rows);
    let axis = Axis { values: (low, high), places: (gutter.width, WIDTH - 16.0) };
    let every = if high - low > 24.0 { 4.0 } else { 2.0 };
    let mut power = low;
    while power <= high {
        let x = axis.at(power);
        svg.line("grid", (x, TOP), (x, bottom));
        if power % every == 0.0 {
            svg.text("power middle", (x, bottom + 20.0), &power_of_two(power));
        }
        power += 1.0;
    }
    for (index, row) in rows.iter().enumerate() {
        let top = TOP + ROW * words::size(index);
        svg.text("name end", (gutter.width - 14.0, top + ROW / 2.0 + 4.0), &gutter.name(row.name));
        draw(&mut svg, axis, row, top);
    }
    svg.finish()
}

/// All exponents that are to be seen: those of the formats and of most values, and not the
/// endless tail toward zero.
fn span(rows: &[Row<'_>]) -> (f64, f64) {
    let bands = rows.iter().filter_map(Row::band);
    let values = rows.iter().filter_map(|row| Some((row.at(5.0)?, row.at(100.0)?)));
    let all = bands.chain(values).fold(None, |span: Option<(f64, f64)>, (low, high)| {
        let (lowest, highest) = span.unwrap_or((low, high));
        Some((lowest.min(low), highest.max(high)))
    });
    let (low, high) = all.unwrap_or((-1.0, 1.0));
    (low.floor() - 1.0, high.ceil() + 1.0)
}

fn draw(svg: &mut Svg, axis: Axis, row: &Row<'_>, top: f64) {
    let middle = top + ROW / 2.0;
    let bar = |from: f64, to: f64, height: f64| Rect {
        x: axis.at(from),
        y: middle - height / 2.0,
        width: axis.at(to) - axis.at(from),
        height,
    };
    let band = row.band();
    if let Some((low, high)) = band {
        svg.rect("band", bar(low, high, ROW - 6.0));
    }
    let (Some(least), Some(most)) = (row.at(0.0), row.at(100.0)) else { return };
    svg.line("whisker", (axis.at(least), middle), (axis.at(most), middle));
    if let Some((low, high)) = band {
        if most > high {
            svg.line("whisker bad", (axis.at(high), middle), (axis.at(most), middle));
        }
        if least < low {
            svg.line(
                "whisker doubtful",
                (axis.at(least), middle),
                (axis.at(low.min(most)), middle),
            );
        }
    }
    let (Some(quarter), Some(half), Some(most_of)) = (row.at(25.0), row.at(50.0), row.at(75.0))
    else {
        return;
    };
    let hint = format!(
        "{}: half of the magnitudes lie within {} and {}, the largest is {}",
        row.name,
        words::number(quarter.exp2()),
        words::number(most_of.exp2()),
        words::number(most.exp2()),
    );
    svg.rect_with_hint("box", bar(quarter, most_of, 12.0), &hint);
    svg.line("median", (axis.at(half), middle - 8.0), (axis.at(half), middle + 8.0));
    svg.line("whisker", (axis.at(most), middle - 5.0), (axis.at(most), middle + 5.0));
}

fn exponent(magnitude: f64) -> Option<f64> {
    (magnitude > 0.0).then(|| magnitude.log2())
}

/// `2` with its exponent raised.
fn power_of_two(power: f64) -> String {
    let raised = |digit| match digit {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        other => other,
    };
    let exponent: String = format!("{power:.0}").chars().map(raised).collect();
    format!("2{}", if exponent == "⁻⁰" { "⁰" } else { &exponent })
}
