//! A constant matrix times computed values, whatever grid its weights lie on.

use crate::diag::Code;
use crate::onnx::context::Context;
use crate::onnx::fault::Import;
use crate::onnx::scaling;
use crate::onnx::tensor::Tensor;
use crate::onnx::value::{Dim, Wires, describe};
use crate::ops::Dense;

/// `W x + b` over the last dimension of `x`; `weights` is `[outputs, inputs]`.
///
/// Weights on a grid of powers of two are exact. Weights on other grids stay
/// integers, and the scale of each output follows in an `Affine`.
pub(super) fn dense(
    cx: &mut Context<'_>,
    x: &Wires,
    weights: &Tensor,
    bias: Option<&Tensor>,
) -> Import<Wires> {
    let (outputs, inputs) = (weights.shape[0], weights.shape[1]);
    let mut layout = x.layout.clone();
    match layout.pop() {
        Some(Dim::Of(len)) if len == inputs => {}
        Some(Dim::Batch) => return Err(cx.mixes()),
        Some(Dim::Of(_)) | None => {
            let message = format!("a matrix of {inputs} columns is given {}", describe(&x.layout));
            return Err(cx.shapes(message));
        }
    }
    layout.push(Dim::Of(outputs));
    cx.check_layout(&layout)?;
    let zeros = || scaling::exact(cx, vec![0.0; outputs]);
    let bias_constants = match bias {
        None => zeros()?,
        Some(bias) => scaling::like(cx, bias, bias.floats())?,
    };
    let values = weights.floats();
    let result = |node, layout| Wires { node, layout, element: x.element, codes: None };
    let scaled_rows = match (&weights.steps, weights.exact_steps()) {
        (Some(steps), None) => Some(row_steps(cx, steps, &values, inputs)?),
        (Some(_), Some(_)) | (None, _) => None,
    };
    let Some(rows) = scaled_rows else {
        let weights = match weights.exact_steps() {
            Some(_) => scaling::exact(cx, values)?,
            None => scaling::float(cx, values)?,
        };
        let node = cx.add(Dense { inputs, outputs, weights, bias: bias_constants }, &[x.node])?;
        return Ok(result(node, layout));
    };
    let steps = weights.steps.as_deref().expect("scaled rows have steps");
    let integers = values.iter().zip(steps).map(|(value, step)| (value / step).round()).collect();
    let weights = scaling::exact(cx, integers)?;
    let node = cx.add(Dense { inputs, outputs, weights, bias: zeros()? }, &[x.node])?;
    let y = result(node, layout);
    let repeat = |row: &[f64]| row.iter().copied().cycle().take(y.len()).collect::<Vec<f64>>();
    let scale = scaling::float(cx, repeat(&rows))?;
    let offset = match bias {
        None => scaling::exact(cx, vec![0.0; y.len()])?,
        Some(bias) => scaling::like(cx, bias, repeat(bias_constants.values()))?,
    };
    scaling::affine(cx, &y, scale, offset)
}

/// The step of each row of a matrix.
fn row_steps(cx: &Context<'_>, steps: &[f64], values: &[f64], inputs: usize) -> Import<Vec<f64>> {
    let mut rows = Vec::with_capacity(steps.len() / inputs);
    for (row, values) in steps.chunks_exact(inputs).zip(values.chunks_exact(inputs)) {
        // The step of a zero does not matter.
        let mut used = row.iter().zip(values).filter(|(_, value)| **value != 0.0);
        let step = used.next().map_or(row[0], |(step, _)| *step);
        if used.any(|(other, _)| other.to_bits() != step.to_bits()) {
            let help = "quantize the weights per tensor or per output, or with powers of two";
            let message = "its weights have a scale for each input, which does not separate";
            return Err(cx.fault(Code::Q0206, message, help));
        }
        rows.push(step);
    }
    Ok(rows)
}
