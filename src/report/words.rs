//! How figures, verdicts and gates are put into words, the same in every rendering.

use super::data::{
    Comparison, FormatRow, LayerError, LayerResources, Range, Report, Resources, ScaleMethod,
    ScaleNote, StageRange, ToolReport, Usage, Verdict,
};

/// `value` as a float, for a ratio or a length: counts beyond 2^53 lose their last digits.
#[expect(clippy::cast_precision_loss, reason = "a figure for the eye")]
pub(super) fn approximate(value: u64) -> f64 {
    value as f64
}

/// The size of something in memory as a float, for places in a drawing.
pub(super) fn size(size: usize) -> f64 {
    approximate(size.try_into().expect("a size fits 64 bits"))
}

/// A count with its thousands apart: `42,399`.
pub(super) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with four significant digits: `45`, `0.0333`, `96,768`, `1.2e-7`.
pub(super) fn number(value: f64) -> String {
    rounded(value, 4)
}

/// A number with `digits` significant digits, all of those before the point, and no zeros behind.
fn rounded(value: f64, digits: usize) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e9).contains(&magnitude) {
        return format!("{value:.1e}");
    }
    let powers = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0, 1e-1, 1e-2, 1e-3];
    let before = powers.iter().position(|power| magnitude >= *power).unwrap_or(powers.len());
    let decimals = (digits + before).saturating_sub(10);
    let fixed = format!("{magnitude:.decimals$}");
    let (whole, fraction) = fixed.split_once('.').unwrap_or((&fixed, ""));
    let whole = count(whole.parse().expect("at most 1e9"));
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0.0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// A fraction in percent: `76.1 %`.
pub(super) fn percent(fraction: f64) -> String {
    let value = 100.0 * fraction;
    match value.abs() {
        0.0 => "0 %".to_owned(),
        tiny if tiny < 0.01 => "<0.01 %".to_owned(),
        small if small < 1.0 => format!("{value:.2} %"),
        _ => format!("{value:.1} %"),
    }
}

/// A fraction that someone chose, in percent: `10 %`.
pub(super) fn rate(fraction: f64) -> String {
    format!("{} %", number(100.0 * fraction))
}

/// A difference of two fractions in points, with its sign: `+0.3 points`.
pub(super) fn points(difference: f64) -> String {
    let text = format!("{:+.2}", 100.0 * difference);
    if text == "-0.00" { "+0.00 points".to_owned() } else { format!("{text} points") }
}

/// A difference of two figures of merit, with its sign: `-0.0021`.
pub(super) fn change(difference: f64) -> String {
    let text = format!("{difference:+.4}");
    if text == "-0.0000" { "+0.0000".to_owned() } else { text }
}

/// `several(1, "event")` is `1 event`, `several(2, "event")` is `2 events`.
pub(super) fn several(n: u64, noun: &str) -> String {
    plural(&count(n), noun)
}

/// A number and what it counts: `1 event`, `2 events`.
pub(super) fn plural(number: &str, noun: &str) -> String {
    format!("{number} {noun}{}", if number == "1" { "" } else { "s" })
}

/// A figure that tools of vendors report, beside the estimate of it.
pub(super) struct Figure {
    /// What it is, with its unit.
    pub(super) name: &'static str,
    /// What was estimated or planned.
    pub(super) estimate: Option<f64>,
    /// What each tool says.
    pub(super) reported: Vec<Option<f64>>,
}

/// The figures that at least one tool reports.
pub(super) fn figures(report: &Report) -> Vec<Figure> {
    type Reported = fn(&ToolReport) -> Option<f64>;
    let total = report.resources.as_ref().map(|resources| resources.total);
    let timing = report.timing.as_ref();
    let rows: [(&str, Option<f64>, Reported); 9] = [
        ("LUT", total.map(|total| approximate(total.lut)), |tool| tool.lut.map(approximate)),
        ("ALM (two LUTs each)", None, |tool| tool.alm.map(approximate)),
        ("FF", total.map(|total| approximate(total.ff)), |tool| tool.ff.map(approximate)),
        ("DSP", total.map(|total| approximate(total.dsp)), |tool| tool.dsp.map(approximate)),
        ("block memory, kbit", total.map(|total| total.bram_kbit), |tool| tool.bram_kbit),
        ("clock period, ns", report.design.clock_ns, |tool| tool.clock_ns),
        ("slack, ns", None, |tool| tool.slack_ns),
        ("latency, cycles", timing.map(|timing| timing.latency_cycles.into()), |tool| {
            tool.latency_cycles.map(f64::from)
        }),
        ("cycles between events", timing.map(|timing| timing.initiation_interval.into()), |tool| {
            tool.initiation_interval.map(f64::from)
        }),
    ];
    let figures = rows.into_iter().map(|(name, estimate, reported)| Figure {
        name,
        estimate,
        reported: report.tools.iter().map(reported).collect(),
    });
    figures.filter(|figure| figure.reported.iter().any(Option::is_some)).collect()
}

/// A shape: `16×4`; a scalar is `1`.
pub(super) fn shape(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "1".to_owned();
    }
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}

/// A range: `[-1, 0.96875]`. It has more digits than other numbers, for the largest value of a
/// format is not the power of two beside it.
pub(super) fn range(range: Range) -> String {
    format!("[{}, {}]", rounded(range.lo, 7), rounded(range.hi, 7))
}

/// What layers of a report without a tensor of their own show for shape and format is a dash.
pub(super) fn tensor(layer: &LayerResources) -> (String, String) {
    match layer.format.as_str() {
        "" => ("–".to_owned(), "–".to_owned()),
        format => (shape(&layer.shape), format.to_owned()),
    }
}

/// The noise of a layer: `26.1 dB`, `exact`, and a dash where it was not measured.
pub(super) fn noise(layer: &LayerError) -> String {
    match (layer.sqnr_db, layer.exact) {
        (None, false) => "–".to_owned(),
        (sqnr_db, _) => decibel(sqnr_db),
    }
}

/// A signal-to-noise ratio: `26.1 dB`, and `exact` without noise.
pub(super) fn decibel(sqnr: Option<f64>) -> String {
    sqnr.map_or_else(|| "exact".to_owned(), |sqnr| format!("{sqnr:.1} dB"))
}

/// How a thing is to be taken; each rendering has a color or a sign for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// As it should be.
    Good,
    /// Neither good nor bad, for it was not looked at.
    Open,
    /// To be looked at.
    Doubtful,
    /// Wrong.
    Bad,
}

/// How a verdict is to be taken.
pub(super) fn verdict_tone(verdict: &Verdict) -> Tone {
    match verdict {
        Verdict::Proved | Verdict::Calibrated { .. } => Tone::Good,
        Verdict::Unchecked => Tone::Open,
        Verdict::Saturates { .. } => Tone::Doubtful,
        Verdict::Violated { .. } => Tone::Bad,
    }
}

/// How the use of a part of the device is to be taken: above 80 percent routing suffers.
pub(super) fn utilization_tone(part: f64) -> Tone {
    match part {
        full if full > 1.0 => Tone::Bad,
        high if high > 0.8 => Tone::Doubtful,
        _ => Tone::Good,
    }
}

/// How many of `items` are `good`, and how many there are.
pub(super) fn tally<T>(items: &[T], good: impl Fn(&T) -> bool) -> (usize, usize) {
    (items.iter().filter(|item| good(item)).count(), items.len())
}

/// The reason behind a verdict.
pub(super) fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Proved => "no input can overflow".to_owned(),
        Verdict::Calibrated { events, margin_bits } => {
            format!("{}, {} bits of margin", several(*events, "event"), number(*margin_bits))
        }
        Verdict::Violated { event, element, value, by, events, of } => format!(
            "{} in event {event}, element {element}, is {} outside; {} of {}",
            number(*value),
            number(*by),
            count(*events),
            several(*of, "event"),
        ),
        Verdict::Saturates { events, of } => {
            format!("clipped in {} of {}", count(*events), several(*of, "event"))
        }
        Verdict::Unchecked => "neither a proof nor events".to_owned(),
    }
}

/// How many tensors there are of each verdict, the best first, without the empty kinds.
pub(super) fn verdict_counts(rows: &[FormatRow]) -> Vec<(&'static str, usize)> {
    ["proved", "calibrated", "saturating", "unchecked", "violated"]
        .into_iter()
        .map(|name| (name, rows.iter().filter(|row| row.verdict.name() == name).count()))
        .filter(|(_, n)| *n > 0)
        .collect()
}

/// Pipeline stages, counted from one as people do: `3–5`.
pub(super) fn stages(stages: Option<StageRange>) -> String {
    match stages {
        None => "–".to_owned(),
        Some(StageRange { first, last }) if first == last => (first + 1).to_string(),
        Some(StageRange { first, last }) => format!("{}–{}", first + 1, last + 1),
    }
}

/// Two engines and how they relate: `tensors = Verilator`.
pub(super) fn pair(comparison: &Comparison) -> String {
    let relation = match (comparison.events, comparison.mismatches) {
        (0, _) => "?",
        (_, 0) => "=",
        (_, _) => "≠",
    };
    format!("{} {relation} {}", comparison.reference.name(), comparison.candidate.name())
}

/// Whether two engines agree, in a word.
pub(super) fn agreement(comparison: &Comparison) -> (&'static str, Tone) {
    match (comparison.events, comparison.mismatches) {
        (0, _) => ("not run", Tone::Open),
        (_, 0) => ("equal", Tone::Good),
        (_, _) => ("DIFFER", Tone::Bad),
    }
}

/// What became of a scale.
pub(super) fn scale(note: &ScaleNote) -> String {
    match note.method {
        ScaleMethod::Rescaled { multiplier_bits, error_steps, same_results } => {
            let outcome =
                if same_results { "equal results" } else { "results not shown to be equal" };
            format!(
                "factor of {multiplier_bits} bits and a shift, at most {} steps off before rounding: {outcome}",
                number(error_steps)
            )
        }
        ScaleMethod::Rounded { multiplier_bits, error } => {
            format!("rounded to {multiplier_bits} bits, values at most {} off", number(error))
        }
        ScaleMethod::Thresholds { count: n } => {
            format!("{} per channel, nothing lost", several(n, "integer threshold"))
        }
    }
}

/// One of the four resources, as far as it is known.
pub(super) struct Budget {
    /// `LUT`, `FF`, `DSP` or `BRAM`.
    pub(super) name: &'static str,
    /// What stands behind a number of it, such as ` kbit`.
    pub(super) unit: &'static str,
    /// The estimate.
    pub(super) estimate: f64,
    /// What synthesis used.
    pub(super) synthesis: Option<f64>,
    /// What the device has.
    pub(super) capacity: Option<f64>,
}

impl Budget {
    /// The part of the device that `amount` takes.
    pub(super) fn utilization(&self, amount: f64) -> Option<f64> {
        self.capacity.filter(|capacity| *capacity > 0.0).map(|capacity| amount / capacity)
    }
}

/// The four resources with their estimate, synthesis and capacity.
pub(super) fn budgets(resources: &Resources) -> [Budget; 4] {
    let synthesis = resources.synthesis.as_ref().map(|synthesis| synthesis.usage);
    let row = |name, unit, amount: fn(&Usage) -> f64| Budget {
        name,
        unit,
        estimate: amount(&resources.total),
        synthesis: synthesis.as_ref().map(amount),
        capacity: resources.capacity.as_ref().map(amount),
    };
    [
        row("LUT", "", |usage| approximate(usage.lut)),
        row("FF", "", |usage| approximate(usage.ff)),
        row("DSP", "", |usage| approximate(usage.dsp)),
        row("BRAM", " kbit", |usage| usage.bram_kbit),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits() {
        let check = |value: f64, expected: &str| assert_eq!(number(value), expected);
        check(0.0, "0");
        check(45.0, "45");
        check(-1.8, "-1.8");
        check(42_399.0, "42,399");
        check(0.033_304, "0.0333");
        check(0.96875, "0.9688");
        check(9.999_96, "10");
        check(-999_999.9, "-1,000,000");
        check(123_456.7, "123,457");
        check(0.000_12, "0.00012");
        check(1.25e-7, "1.2e-7");
        check(3.0e12, "3.0e12");
    }

    #[test]
    fn counts_and_fractions() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1_728_000), "1,728,000");
        assert_eq!(percent(0.761), "76.1 %");
        assert_eq!(percent(0.0027), "0.27 %");
        assert_eq!(percent(0.00001), "<0.01 %");
        assert_eq!(points(0.003), "+0.30 points");
        assert_eq!(points(-0.000_01), "+0.00 points");
        assert_eq!(shape(&[3, 4]), "3×4");
        assert_eq!(shape(&[]), "1");
        assert_eq!(range(Range { lo: -128.0, hi: 127.998_046_875 }), "[-128, 127.998]");
        assert_eq!(several(1, "event"), "1 event");
    }
}
