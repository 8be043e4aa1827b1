//! Our own quantizers: those that neither ONNX nor QONNX has, as the exporter writes them.

use super::grid;
use super::qonnx::per_element;
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::{Quantizer, decompose};
use crate::onnx::context::Context;
use crate::onnx::element::whole;
use crate::onnx::fault::Import;
use crate::onnx::functions;
use crate::onnx::tensor::is_power_of_two;
use crate::onnx::value::Value;
use crate::ops::quantize::{FormatSource, Quantize};
use crate::ops::types::PerElement;

/// `Quantize_ROUNDING_OVERFLOW(x, step, low, high)`: `x` in codes from `low` to `high`.
pub(super) fn quantize(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let Some((rounding, overflow)) = functions::modes(&cx.node.operator) else {
        return Err(cx.unsupported("its name has no such rounding and overflow"));
    };
    let x = cx.float_wires(0)?;
    let mut parameters = Vec::with_capacity(3);
    for position in 1..4 {
        let constant = cx.constant(position)?;
        parameters.push(per_element(cx, &constant, &x.layout)?);
    }
    let [step, low, high] = <[_; 3]>::try_from(parameters).expect("three were pushed");
    grid::check_steps(cx, step.as_slice())?;
    let mut quantizers = Vec::with_capacity(x.len());
    for index in 0..x.len() {
        let format = format(step.at(index), low.at(index), high.at(index));
        let format = format.ok_or_else(|| grid::refuse(cx, "its codes fill no format"))?;
        quantizers.push(Quantizer { format, rounding, overflow });
    }
    let quantizer = PerElement::from_elements(quantizers);
    let y = cx.add_like(Quantize { quantizer, source: FormatSource::Model }, &x)?;
    Ok(vec![Value::Wires(y)])
}

/// The format that codes from `low` to `high` fill.
fn format(step: f64, low: f64, high: f64) -> Option<FixedFormat> {
    let (low, high) = (whole(low)?, whole(high)?);
    let frac = i8::try_from(-decompose(step).1).ok().filter(|_| is_power_of_two(step))?;
    let format = (low <= high).then(|| FixedFormat::covering(Interval::new(low, high, frac)));
    let format = format?.ok()?;
    (format.min_raw() == low && format.max_raw() == high).then_some(format)
}
