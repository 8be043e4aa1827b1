//! `QuantizeLinear` and `DequantizeLinear`: quantizers of 4 to 32 bits.

use std::sync::Arc;

use super::bound;
use super::grid::{self, Grid, ZeroIs};
use super::rounding::Mode;
use crate::diag::Code;
use crate::numeric::interval::scale;
use crate::numeric::round::Rounding;
use crate::onnx::context::{Context, Operand};
use crate::onnx::element::{ElementType, whole};
use crate::onnx::fault::Import;
use crate::onnx::index;
use crate::onnx::scaling;
use crate::onnx::tensor::Tensor;
use crate::onnx::value::{self, Dim, Value, Wires, dims};
use crate::ops::types::PerElement;

/// Scale and zero point of each element.
struct Parameters {
    step: PerElement<f64>,
    zero: PerElement<f64>,
    /// The type of the codes, if the zero point says it.
    codes: Option<ElementType>,
    /// The type of the values.
    values: ElementType,
}

/// `QuantizeLinear`: `saturate(round(x / scale) + zero_point)`, ties to even.
pub(super) fn quantize(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.operand(0)?;
    let Parameters { step, zero, codes, .. } = parameters(cx, &x.layout())?;
    let asked = match cx.int("output_dtype", 0)? {
        0 => None,
        code => Some(
            i32::try_from(code)
                .ok()
                .and_then(ElementType::from_code)
                .ok_or_else(|| cx.unsupported(format!("attribute `output_dtype` is {code}")))?,
        ),
    };
    let element = codes.or(asked).unwrap_or(ElementType::UInt8);
    let Some((lo, hi)) = element.int_range() else {
        return Err(cx.unsupported(format!("it quantizes to {element:?}")));
    };
    let value = match x {
        Operand::Constant(x) => {
            scaling::check_finite(cx, &x.floats())?;
            let code = |(index, value): (usize, &f64)| {
                let code = x.element.round(value / step.at(index)).round_ties_even();
                let code = (code + zero.at(index)).clamp(scale(lo, 0), scale(hi, 0));
                whole(code).expect("codes of at most 32 bits are whole")
            };
            let codes = x.floats().iter().enumerate().map(code).collect();
            let tensor = Tensor::int(x.shape.clone(), element, codes);
            Value::Constant(Arc::new(Tensor { from_batch: x.from_batch, ..tensor }))
        }
        Operand::Wires(_) => {
            let x = cx.float_wires(0)?;
            let grid = Grid {
                step,
                zero,
                codes: PerElement::Uniform((lo, hi)),
                mode: Mode::To(Rounding::NearestEven),
                zero_is: ZeroIs::AddedAfterRounding,
            };
            let (x, grid) = bound::without_bounds(cx, x, grid);
            Value::Wires(Wires { element, ..grid::quantized(cx, &x, &grid)? })
        }
    };
    Ok(vec![value])
}

/// `DequantizeLinear`: `(x - zero_point) * scale`.
pub(super) fn dequantize(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.operand(0)?;
    let Parameters { step, zero, codes, values: element } = parameters(cx, &x.layout())?;
    let own = match &x {
        Operand::Constant(x) => x.element,
        Operand::Wires(x) => x.element,
    };
    if own.is_float() || codes.is_some_and(|codes| codes != own) {
        let help = "quantize with `QuantizeLinear` first, with the same type of zero point";
        return Err(cx.fault(Code::O0011, format!("it is given values of type {own:?}"), help));
    }
    let value = match x {
        Operand::Constant(x) => {
            let value = |(index, code): (usize, &f64)| (code - zero.at(index)) * step.at(index);
            let values = x.floats().iter().enumerate().map(value).collect();
            let steps = (0..x.len()).map(|index| step.at(index)).collect();
            let tensor = Tensor::float(x.shape.clone(), element, values);
            let from_batch = x.from_batch;
            Value::Constant(Arc::new(Tensor { steps: Some(steps), from_batch, ..tensor }))
        }
        Operand::Wires(x) => {
            let y = grid::dequantized(cx, &x, &step, &zero)?;
            Value::Wires(Wires { element, ..y })
        }
    };
    Ok(vec![value])
}

/// Scale and zero point, one for all elements or one for each coordinate along `axis`.
fn parameters(cx: &Context<'_>, layout: &[Dim]) -> Import<Parameters> {
    if cx.int("block_size", 0)? != 0 {
        return Err(cx.unsupported("attribute `block_size` asks for scales by block"));
    }
    let step = cx.constant(1)?;
    let zero = cx.optional_constant(2)?;
    let steps = step.floats();
    grid::check_steps(cx, &steps)?;
    let zeros = zero.as_ref().map(|zero| zero.floats());
    let codes = zero.map(|zero| zero.element);
    let values = step.element;
    if codes.is_some_and(ElementType::is_float) {
        return Err(cx.unsupported("its zero point is no integer"));
    }
    let zeros = zeros.unwrap_or_else(|| vec![0.0; steps.len()]);
    if zeros.len() != steps.len() {
        return Err(cx.shapes("its scale and its zero point are not equally many"));
    }
    if let ([step], [zero]) = (steps.as_slice(), zeros.as_slice()) {
        let (step, zero) = (PerElement::Uniform(*step), PerElement::Uniform(*zero));
        return Ok(Parameters { step, zero, codes, values });
    }
    let axis = cx.axis("axis", 1, layout.len())?;
    if step.shape.len() != 1 || layout[axis] != Dim::Of(steps.len()) {
        let len = steps.len();
        return Err(cx.shapes(format!("{len} scales do not fit dimension {axis} of its operand")));
    }
    let own = dims(layout);
    let mut strides = vec![0; own.len()];
    let axis = value::event_axis(layout, axis).expect("it was just compared with a length");
    strides[axis] = 1;
    let channels = index::walk(&own, &strides);
    let each = |values: &[f64]| {
        PerElement::from_elements(channels.iter().map(|channel| values[*channel]).collect())
    };
    Ok(Parameters { step: each(&steps), zero: each(&zeros), codes, values })
}
