//! [`Grid`]: what a quantizer of the model does, as nodes of the graph.
//!
//! A quantizer maps `x` to the code `q = saturate(round(x / step) + zero)`, which
//! stands for the value `(q - zero) * step`. A step that is a power of two makes
//! one `Quantize`. Any other one makes an `Affine` onto integers, a `Quantize` to
//! integers, and an `Affine` back, which later passes move and merge. Where the
//! codes do not fill a format, a `Clip` follows.

use super::rounding::Mode;
use crate::diag::Code;
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::{Interval, scale};
use crate::numeric::quantizer::{Quantizer, decompose};
use crate::numeric::round::{Overflow, Rounding};
use crate::onnx::context::Context;
use crate::onnx::element::whole;
use crate::onnx::fault::{Fault, Import};
use crate::onnx::scaling;
use crate::onnx::tensor::is_power_of_two;
use crate::onnx::value::{Codes, Wires};
use crate::ops::quantize::{FormatSource, Quantize};
use crate::ops::types::PerElement;
use crate::ops::{Clip, Threshold};

/// The parameters of a quantizer, for each element of an event.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// The value of one code, positive.
    pub step: PerElement<f64>,
    /// The code of zero.
    pub zero: PerElement<f64>,
    /// The lowest and the highest code.
    pub codes: PerElement<(i64, i64)>,
    /// How values between codes are rounded.
    pub mode: Mode,
    /// Whether `zero` is added before rounding or after.
    pub zero_is: ZeroIs,
}

/// When the zero point is added; for most roundings it makes no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ZeroIs {
    /// `round(x / step + zero)`, as in QONNX.
    AddedBeforeRounding,
    /// `round(x / step) + zero`, as in `QuantizeLinear`.
    AddedAfterRounding,
}

/// Checks that all steps are positive.
pub(super) fn check_steps(cx: &Context<'_>, steps: &[f64]) -> Import<()> {
    scaling::check_finite(cx, steps)?;
    match steps.iter().find(|step| **step <= 0.0) {
        None => Ok(()),
        Some(step) => Err(refuse(cx, format!("its scale is {step}, not positive"))),
    }
}

/// The codes of `x`, as values of the graph that [`Wires::codes`] interprets.
pub(super) fn quantized(cx: &mut Context<'_>, x: &Wires, grid: &Grid) -> Import<Wires> {
    check_steps(cx, grid.step.as_slice())?;
    let (x, grid) = &nearest_down(cx, x.clone(), grid.clone());
    let binary = grid.step.as_slice().iter().all(|step| is_power_of_two(*step));
    let early = grid.zero_is == ZeroIs::AddedBeforeRounding
        && !grid.zero.as_slice().iter().all(|zero| grid.mode.commutes_with(*zero));
    // Codes relative to zero, unless zero is among what is rounded.
    let relative = if early { grid.codes.clone() } else { relative_codes(cx, x, grid)? };
    let rounded_codes = match grid.mode {
        Mode::Ceiling => relative.map(negated),
        Mode::To(_) | Mode::AwayFromZero => relative.clone(),
    };
    let clipped = rounded_codes.as_slice().iter().any(|codes| fitting(*codes).is_none());
    let uniform = |n: usize| n == 1;
    let (n_ranges, n_steps) = (relative.as_slice().len(), grid.step.as_slice().len());
    if clipped && !uniform(n_ranges) {
        return late(cx, x, grid);
    }
    let integers = !binary || (clipped && !uniform(n_steps));
    let (x, unit) = if integers {
        (onto_integers(cx, x, &grid.step)?, PerElement::Uniform(1.0))
    } else {
        (x.clone(), grid.step.clone())
    };
    let x = if early {
        let offset = per_element(x.len(), |index| grid.zero.at(index) * unit.at(index));
        let offset = scaling::exact(cx, offset)?;
        scaling::shifted(cx, &x, offset)?
    } else {
        x
    };
    let (x, mode) = nearest_up(cx, x, &unit, grid.mode);
    let y = rounded(cx, &x, &unit, &relative, mode)?;
    let zero = if early { PerElement::Uniform(0.0) } else { grid.zero.clone() };
    Ok(Wires { codes: Some(Codes { step: unit, zero }), ..y })
}

/// The values that codes stand for: `(code - zero) * step`.
pub(super) fn dequantized(
    cx: &mut Context<'_>,
    x: &Wires,
    step: &PerElement<f64>,
    zero: &PerElement<f64>,
) -> Import<Wires> {
    let plain = Codes { step: PerElement::Uniform(1.0), zero: PerElement::Uniform(0.0) };
    let codes = x.codes.clone().unwrap_or(plain);
    let scale = per_element(x.len(), |index| step.at(index) / codes.step.at(index));
    let offset =
        per_element(x.len(), |index| (codes.zero.at(index) - zero.at(index)) * step.at(index));
    let binary = step.as_slice().iter().all(|step| is_power_of_two(*step));
    let offset = if binary { scaling::exact(cx, offset)? } else { scaling::guessed(cx, offset)? };
    let scale = scaling::guessed(cx, scale)?;
    Ok(Wires { codes: None, ..scaling::affine(cx, x, scale, offset)? })
}

/// The sign of `x` against `thresholds`: the code 1 where it is reached, else -1.
pub(super) fn bipolar(cx: &mut Context<'_>, x: &Wires, thresholds: Vec<f64>) -> Import<Wires> {
    let thresholds = scaling::guessed(cx, thresholds)?;
    let base_and_step = scaling::exact(cx, vec![-1.0, 2.0])?;
    let y = cx.add_like(Threshold { steps: 1, thresholds, base_and_step }, x)?;
    let codes = Codes { step: PerElement::Uniform(1.0), zero: PerElement::Uniform(0.0) };
    Ok(Wires { codes: Some(codes), ..y })
}

/// One value for each element.
pub(super) fn per_element(len: usize, f: impl FnMut(usize) -> f64) -> Vec<f64> {
    (0..len).map(f).collect()
}

/// The fault of a quantizer that no format expresses.
pub(super) fn refuse(cx: &Context<'_>, message: impl Into<String>) -> Fault {
    let help = "quantize with a scale per tensor or channel, an integer zero point, and ROUND";
    cx.fault(Code::Q0206, message, help)
}

/// Each element's own zero point leaves no common range to clip to, so codes are
/// shifted to where they have one before they are clipped.
fn late(cx: &mut Context<'_>, x: &Wires, grid: &Grid) -> Import<Wires> {
    let [codes] = grid.codes.as_slice() else {
        return Err(refuse(cx, "its elements have different ranges of codes"));
    };
    let (lo, hi) = *codes;
    let relative = relative_codes(cx, x, grid)?;
    let lowest = relative.as_slice().iter().map(|codes| codes.0).min().unwrap_or(lo);
    let highest = relative.as_slice().iter().map(|codes| codes.1).max().unwrap_or(hi);
    let around = format(cx, (lowest, highest), 0)?;
    let around = PerElement::Uniform((around.min_raw(), around.max_raw()));
    let x = onto_integers(cx, x, &grid.step)?;
    let unit = PerElement::Uniform(1.0);
    let y = rounded(cx, &x, &unit, &around, grid.mode)?;
    let zeros = scaling::exact(cx, per_element(x.len(), |index| grid.zero.at(index)))?;
    let y = scaling::shifted(cx, &y, zeros)?;
    let y = clip(cx, &y, (lo, hi), 1.0)?;
    Ok(Wires { codes: Some(Codes { step: unit, zero: PerElement::Uniform(0.0) }), ..y })
}

/// The codes minus the code of zero, which must be whole.
fn relative_codes(cx: &Context<'_>, x: &Wires, grid: &Grid) -> Import<PerElement<(i64, i64)>> {
    let relative = |index: usize| {
        let (lo, hi) = grid.codes.at(index);
        let zero = whole(grid.zero.at(index))?;
        Some((lo.checked_sub(zero)?, hi.checked_sub(zero)?))
    };
    let all: Option<Vec<(i64, i64)>> = (0..x.len()).map(relative).collect();
    all.map(PerElement::from_elements)
        .ok_or_else(|| refuse(cx, "its zero point is no whole number"))
}

/// The floor of half a step more is the nearest code, ties upward.
fn nearest_up(cx: &Context<'_>, x: Wires, unit: &PerElement<f64>, mode: Mode) -> (Wires, Mode) {
    if mode == Mode::To(Rounding::Floor)
        && let Some(node) = scaling::before_half_a_step(cx.graph, x.node, |index| unit.at(index))
    {
        return (Wires { node, ..x }, Mode::To(Rounding::NearestUp));
    }
    (x, mode)
}

/// The ceiling of half a step less is the nearest code, ties downward.
fn nearest_down(cx: &Context<'_>, x: Wires, grid: Grid) -> (Wires, Grid) {
    if grid.mode == Mode::Ceiling
        && let Some(node) = scaling::before_half_a_step(cx.graph, x.node, |i| -grid.step.at(i))
    {
        return (Wires { node, ..x }, Grid { mode: Mode::To(Rounding::NearestDown), ..grid });
    }
    (x, grid)
}

fn onto_integers(cx: &mut Context<'_>, x: &Wires, step: &PerElement<f64>) -> Import<Wires> {
    let inverse = per_element(x.len(), |index| 1.0 / step.at(index));
    let inverse = scaling::guessed(cx, inverse)?;
    scaling::multiplied(cx, x, inverse)
}

/// `x` rounded to multiples of `unit` within `codes` of them.
fn rounded(
    cx: &mut Context<'_>,
    x: &Wires,
    unit: &PerElement<f64>,
    codes: &PerElement<(i64, i64)>,
    mode: Mode,
) -> Import<Wires> {
    let rounding = match mode {
        Mode::To(rounding) => rounding,
        // The ceiling is minus the floor of the negated value.
        Mode::Ceiling => {
            let x = scaling::scaled(cx, x, -1.0)?;
            let codes = codes.map(negated);
            let y = rounded(cx, &x, unit, &codes, Mode::To(Rounding::Floor))?;
            return scaling::scaled(cx, &y, -1.0);
        }
        Mode::AwayFromZero => {
            return Err(refuse(cx, "it rounds away from zero (`UP`), which no format does"));
        }
    };
    let mut quantizers = Vec::with_capacity(x.len());
    for index in 0..x.len() {
        let codes = codes.at(index);
        let frac = -decompose(unit.at(index)).1;
        let format = format(cx, codes, frac)?;
        let overflow = fitting(codes).unwrap_or(Overflow::Saturate);
        quantizers.push(Quantizer { format, rounding, overflow });
    }
    let quantizer = PerElement::from_elements(quantizers);
    let y = cx.add_like(Quantize { quantizer, source: FormatSource::Model }, x)?;
    if codes.as_slice().iter().all(|codes| fitting(*codes).is_some()) {
        return Ok(y);
    }
    match (codes, unit) {
        (PerElement::Uniform(codes), PerElement::Uniform(unit)) => clip(cx, &y, *codes, *unit),
        (PerElement::Each(_), _) | (_, PerElement::Each(_)) => {
            Err(refuse(cx, "its elements saturate to different values that fill no format"))
        }
    }
}

/// The codes of the negated values.
fn negated((lo, hi): (i64, i64)) -> (i64, i64) {
    (-hi, -lo)
}

/// How the narrowest format around `codes` saturates to just them, if it can.
pub(super) fn fitting((lo, hi): (i64, i64)) -> Option<Overflow> {
    let format = FixedFormat::covering(Interval::new(lo, hi, 0)).ok()?;
    if format.max_raw() != hi {
        return None;
    }
    if format.min_raw() == lo {
        Some(Overflow::Saturate)
    } else if lo == -hi {
        Some(Overflow::SaturateSymmetric)
    } else {
        None
    }
}

fn format(cx: &Context<'_>, (lo, hi): (i64, i64), frac: i32) -> Import<FixedFormat> {
    let covering = i8::try_from(frac)
        .ok()
        .and_then(|frac| FixedFormat::covering(Interval::new(lo, hi, frac)).ok());
    covering.ok_or_else(|| refuse(cx, format!("no format holds codes {lo} to {hi} at its scale")))
}

fn clip(cx: &mut Context<'_>, x: &Wires, (lo, hi): (i64, i64), unit: f64) -> Import<Wires> {
    let bounds = scaling::exact(cx, vec![scale(lo, 0) * unit, scale(hi, 0) * unit])?;
    cx.add_like(Clip { bounds }, x)
}
