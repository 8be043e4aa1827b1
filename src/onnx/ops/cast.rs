//! `Cast`, where it changes no value that a network computes with.

use std::sync::Arc;

use crate::diag::Code;
use crate::onnx::context::{Context, Operand};
use crate::onnx::element::{ElementType, unsupported_name, whole};
use crate::onnx::fault::Import;
use crate::onnx::tensor::{Data, Tensor};
use crate::onnx::value::{Value, Wires};

/// `Cast`.
///
/// Constants are converted as ONNX says. Computed values may become float32 or
/// float64, whose rounding is far below that of any circuit, and integers may
/// become wider ones. Whatever drops bits that a network notices is refused.
pub(super) fn cast(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let code = cx.int("to", 0)?;
    let to = i32::try_from(code).ok().and_then(ElementType::from_code).ok_or_else(|| {
        let help = "cast to float32, or to an integer type";
        cx.fault(Code::O0011, format!("it casts to element type {}", unsupported_name(code)), help)
    })?;
    let value = match cx.operand(0)? {
        Operand::Constant(tensor) => Value::Constant(Arc::new(converted(cx, &tensor, to)?)),
        Operand::Wires(_) => {
            let x = cx.wires(0)?;
            let harmless = match (x.element.int_range(), to.int_range()) {
                (None, None) if x.element == to => true,
                (_, None) => matches!(to, ElementType::Float32 | ElementType::Float64),
                (Some((lo, hi)), Some((lowest, highest))) => lowest <= lo && hi <= highest,
                (None, Some(_)) => false,
            };
            if !harmless {
                let help = "quantize with `QuantizeLinear` or QONNX `Quant` instead";
                let message = format!("it casts computed values to {to:?}, which drops bits");
                return Err(cx.fault(Code::O0004, message, help));
            }
            Value::Wires(Wires { element: to, ..x })
        }
    };
    Ok(vec![value])
}

fn converted(cx: &Context<'_>, x: &Tensor, to: ElementType) -> Import<Tensor> {
    let data = match to.int_range() {
        None => Data::Float(x.floats().into_iter().map(|value| to.round(value)).collect()),
        Some(_) if to == ElementType::Bool => {
            Data::Int(x.floats().into_iter().map(|value| i64::from(value != 0.0)).collect())
        }
        Some((lo, hi)) => {
            let values: Option<Vec<i64>> = match &x.data {
                Data::Int(values) => Some(values.clone()),
                Data::Float(values) => values.iter().map(|value| whole(value.trunc())).collect(),
            };
            let values = values.filter(|values| values.iter().all(|x| (lo..=hi).contains(x)));
            Data::Int(values.ok_or_else(|| {
                let help = "cast to a wider type";
                cx.fault(Code::O0011, format!("a constant does not fit {to:?}"), help)
            })?)
        }
    };
    // The grid survives where no value was rounded away from it.
    let steps = x.steps.clone().filter(|_| data == x.data);
    let shape = x.shape.clone();
    Ok(Tensor { shape, element: to, data, steps, from_batch: x.from_batch })
}
