//! QONNX: quantizers of arbitrary width, as the `qonnx` package defines them.

use std::sync::Arc;

use super::grid::{self, Grid, ZeroIs};
use super::rounding::Mode;
use crate::numeric::interval::scale;
use crate::onnx::context::{Context, Operand};
use crate::onnx::element::whole;
use crate::onnx::fault::Import;
use crate::onnx::scaling;
use crate::onnx::tensor::{Data, Tensor};
use crate::onnx::value::{Dim, Value};
use crate::onnx::wiring;
use crate::ops::types::PerElement;

/// The most bits of a quantizer.
const MAX_BITS: i64 = 60;

/// `Quant`: `q = round(clamp(x / scale + zero_point))`, `y = (q - zero_point) * scale`.
///
/// One signed bit is the sign of `x / scale + zero_point`, as -1 or 1.
pub(super) fn quant(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let parameters = [cx.constant(1)?, cx.constant(2)?, cx.constant(3)?];
    let (signed, narrow) = (cx.flag("signed", true)?, cx.flag("narrow", false)?);
    let mode = mode(cx, "ROUND")?;
    let x = cx.operand(0)?;
    let layout = match &x {
        Operand::Constant(x) => x.shape.iter().copied().map(Dim::Of).collect(),
        Operand::Wires(x) => x.layout.clone(),
    };
    let [step, zero, bits] = [
        per_element(cx, &parameters[0], &layout)?,
        per_element(cx, &parameters[1], &layout)?,
        per_element(cx, &parameters[2], &layout)?,
    ];
    grid::check_steps(cx, step.as_slice())?;
    let signs = signed && bits.as_slice().contains(&1.0);
    if signs && bits.as_slice().len() > 1 {
        return Err(grid::refuse(cx, "only some of its elements have one bit"));
    }
    let mut ranges = Vec::with_capacity(bits.as_slice().len());
    for bits in bits.as_slice() {
        ranges.push(range(cx, *bits, signed, narrow)?);
    }
    let codes = match ranges.as_slice() {
        [range] => PerElement::Uniform(*range),
        _ => PerElement::from_elements(ranges),
    };
    match x {
        Operand::Constant(x) => {
            let round = |x: f64| if signs { 1.0_f64.copysign(x + 0.0) } else { mode.apply(x) };
            let codes = if signs { PerElement::Uniform((-1, 1)) } else { codes };
            scaling::check_finite(cx, &x.floats())?;
            let tensor = quantized_constant(&x, &step, &zero, &codes, round);
            Ok(vec![Value::Constant(Arc::new(tensor))])
        }
        Operand::Wires(_) => {
            let x = cx.float_wires(0)?;
            let y = if signs {
                let reached = |index| -zero.at(index) * step.at(index);
                grid::bipolar(cx, &x, grid::per_element(x.len(), reached))?
            } else {
                let (step, zero) = (step.clone(), zero.clone());
                let zero_is = ZeroIs::AddedBeforeRounding;
                grid::quantized(cx, &x, &Grid { step, zero, codes, mode, zero_is })?
            };
            Ok(vec![Value::Wires(grid::dequantized(cx, &y, &step, &zero)?)])
        }
    }
}

/// `BipolarQuant`: `scale` where `x >= 0`, else `-scale`.
pub(super) fn bipolar_quant(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let scale = cx.constant(1)?;
    let zero = PerElement::Uniform(0.0);
    match cx.operand(0)? {
        Operand::Constant(x) => {
            let layout: Vec<Dim> = x.shape.iter().copied().map(Dim::Of).collect();
            let step = per_element(cx, &scale, &layout)?;
            scaling::check_finite(cx, &x.floats())?;
            let codes = PerElement::Uniform((-1, 1));
            let sign = |x: f64| 1.0_f64.copysign(x + 0.0);
            let unit = PerElement::Uniform(1.0);
            let mut tensor = quantized_constant(&x, &unit, &zero, &codes, sign);
            let values = tensor.floats();
            let at = |index: usize| step.at(index);
            let scaled = values.iter().enumerate().map(|(index, sign)| sign * at(index)).collect();
            tensor.data = Data::Float(scaled);
            tensor.steps = Some((0..values.len()).map(|index| at(index).abs()).collect());
            Ok(vec![Value::Constant(Arc::new(tensor))])
        }
        Operand::Wires(_) => {
            let x = cx.float_wires(0)?;
            let step = per_element(cx, &scale, &x.layout)?;
            let y = grid::bipolar(cx, &x, vec![0.0; x.len()])?;
            Ok(vec![Value::Wires(grid::dequantized(cx, &y, &step, &zero)?)])
        }
    }
}

/// `Trunc`: drops low bits of quantized values.
///
/// With five operands (version 1) the codes `k = round(x / scale + zero_point)`
/// become `q = round(k / 2^(input bits - output bits))` and
/// `y = (q - zero_point) * scale`. With six (version 2) the divisor is
/// `2^round(log2(output scale / scale))`, `q` saturates to the output bits, and
/// `y = (q - zero_point / divisor) * output scale`.
pub(super) fn trunc(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let second = cx.n_operands() == 6;
    let scalar = |cx: &Context<'_>, position: usize| {
        let tensor = cx.constant(position)?;
        tensor.scalar().ok_or_else(|| {
            grid::refuse(cx, format!("operand {position} is not the same for all elements"))
        })
    };
    let step = scalar(cx, 1)?;
    let zero = scalar(cx, 2)?;
    let input_bits = scalar(cx, 3)?;
    grid::check_steps(cx, &[step])?;
    let input_range = range(cx, input_bits + 1.0, true, false)?;
    let (divisor_exponent, output_step, output_range) = if second {
        let (output_step, output_bits) = (scalar(cx, 4)?, scalar(cx, 5)?);
        grid::check_steps(cx, &[output_step])?;
        let range = range(cx, output_bits, cx.flag("signed", true)?, cx.flag("narrow", false)?)?;
        (libm::log2(output_step / step).round_ties_even(), output_step, range)
    } else {
        let output_bits = scalar(cx, 4)?;
        // Nothing saturates in version 1: the range is the one of what is divided.
        (input_bits - output_bits, step, input_range)
    };
    let mode = mode(cx, "FLOOR")?;
    let exponent = whole(divisor_exponent).and_then(|exponent| i32::try_from(exponent).ok());
    let Some(exponent) = exponent.filter(|exponent| (0..=60).contains(exponent)) else {
        return Err(grid::refuse(cx, format!("it divides by 2^{divisor_exponent}")));
    };
    let divisor = f64::from(2).powi(exponent);
    let x = cx.float_wires(0)?;
    let uniform = PerElement::Uniform;
    let codes = Grid {
        step: uniform(step),
        zero: uniform(zero),
        codes: PerElement::Uniform(input_range),
        mode: Mode::To(crate::numeric::round::Rounding::NearestEven),
        zero_is: ZeroIs::AddedBeforeRounding,
    };
    let k = grid::quantized(cx, &x, &codes)?;
    let k = grid::dequantized(cx, &k, &uniform(1.0), &uniform(0.0))?;
    let fewer = Grid {
        step: uniform(divisor),
        zero: uniform(0.0),
        codes: PerElement::Uniform(output_range),
        mode,
        zero_is: ZeroIs::AddedBeforeRounding,
    };
    let q = grid::quantized(cx, &k, &fewer)?;
    let output_zero = if second { zero / divisor } else { zero };
    Ok(vec![Value::Wires(grid::dequantized(cx, &q, &uniform(output_step), &uniform(output_zero))?)])
}

/// The lowest and the highest code of so many bits.
fn range(cx: &Context<'_>, bits: f64, signed: bool, narrow: bool) -> Import<(i64, i64)> {
    let Some(bits) = whole(bits).filter(|bits| (1..=MAX_BITS).contains(bits)) else {
        return Err(grid::refuse(cx, format!("it has {bits} bits, not 1 to {MAX_BITS}")));
    };
    let narrow = i64::from(narrow);
    Ok(if signed {
        (narrow - (1 << (bits - 1)), (1 << (bits - 1)) - 1)
    } else {
        (0, (1 << bits) - 1 - narrow)
    })
}

fn mode(cx: &Context<'_>, default: &'static str) -> Import<Mode> {
    let name = cx.text("rounding_mode", default)?;
    Mode::named(name)
        .ok_or_else(|| grid::refuse(cx, format!("rounding mode `{name}` is not known")))
}

/// A parameter of a quantizer, for each element of an event.
pub(super) fn per_element(
    cx: &Context<'_>,
    parameter: &Tensor,
    layout: &[Dim],
) -> Import<PerElement<f64>> {
    let values = parameter.floats();
    if let [value] = values.as_slice() {
        return Ok(PerElement::Uniform(*value));
    }
    let indices = wiring::expand_constant(cx, &parameter.shape, layout)?;
    Ok(PerElement::from_elements(indices.iter().map(|index| values[*index]).collect()))
}

/// A constant through a quantizer, in the arithmetic of its element type.
fn quantized_constant(
    x: &Tensor,
    step: &PerElement<f64>,
    zero: &PerElement<f64>,
    codes: &PerElement<(i64, i64)>,
    round: impl Fn(f64) -> f64,
) -> Tensor {
    let value = |(index, x_value): (usize, &f64)| {
        let quotient = x.element.round(x_value / step.at(index));
        let quotient = x.element.round(quotient + zero.at(index));
        let (lo, hi) = codes.at(index);
        let code = round(quotient).clamp(scale(lo, 0), scale(hi, 0));
        (code - zero.at(index)) * step.at(index)
    };
    let values: Vec<f64> = x.floats().iter().enumerate().map(value).collect();
    let on_grid = zero.as_slice().iter().all(|zero| whole(*zero).is_some());
    let steps = on_grid.then(|| (0..values.len()).map(|index| step.at(index)).collect());
    Tensor {
        shape: x.shape.clone(),
        element: x.element,
        data: Data::Float(values),
        steps,
        from_batch: x.from_batch,
    }
}
