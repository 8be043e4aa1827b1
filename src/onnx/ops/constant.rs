//! Constants, and arithmetic on constants, as exporters leave it around shapes and scales.

use super::elementwise::Binary;
use crate::diag::Code;
use crate::onnx::context::Context;
use crate::onnx::fault::{Fault, Import};
use crate::onnx::index;
use crate::onnx::tensor::{Data, Tensor};
use crate::onnx::value::{Dim, dims};
use crate::onnx::wiring;

/// `a op b` in the arithmetic of their element type.
pub(super) fn fold(cx: &Context<'_>, op: Binary, a: &Tensor, b: &Tensor) -> Import<Tensor> {
    let float = |x: f64, y: f64| match op {
        Binary::Add => x + y,
        Binary::Subtract => x - y,
        Binary::Multiply => x * y,
        Binary::Divide => x / y,
    };
    let int = |x: i64, y: i64| match op {
        Binary::Add => x.checked_add(y),
        Binary::Subtract => x.checked_sub(y),
        Binary::Multiply => x.checked_mul(y),
        Binary::Divide => x.checked_div(y),
    };
    fold_with(cx, a, b, float, int)
}

/// A function of two constants, element by element.
fn fold_with(
    cx: &Context<'_>,
    a: &Tensor,
    b: &Tensor,
    float: impl Fn(f64, f64) -> f64,
    int: impl Fn(i64, i64) -> Option<i64>,
) -> Import<Tensor> {
    let layout = |tensor: &Tensor| tensor.shape.iter().copied().map(Dim::Of).collect::<Vec<_>>();
    let shape = dims(&wiring::common_layout(cx, &layout(a), &layout(b))?);
    let pick = |tensor: &Tensor| {
        let indices = index::broadcast(&tensor.shape, &shape).expect("the common shape fits both");
        tensor.gather(shape.clone(), &indices)
    };
    let (a, b) = (pick(a), pick(b));
    let data = match (&a.data, &b.data) {
        (Data::Float(x), Data::Float(y)) if a.element == b.element => {
            let values = x.iter().zip(y).map(|(x, y)| a.element.round(float(*x, *y)));
            Data::Float(values.collect())
        }
        (Data::Int(x), Data::Int(y)) if a.element == b.element => {
            let values: Option<Vec<i64>> = x.iter().zip(y).map(|(x, y)| int(*x, *y)).collect();
            let (lo, hi) = a.element.int_range().expect("an integer type");
            let values = values.filter(|values| values.iter().all(|x| (lo..=hi).contains(x)));
            Data::Int(values.ok_or_else(|| overflow(cx))?)
        }
        _ => {
            let help = "insert a `Cast`, so that both operands have the same type";
            return Err(cx.fault(Code::O0011, "its operands have different element types", help));
        }
    };
    let from_batch = a.from_batch || b.from_batch;
    Ok(Tensor { shape, element: a.element, data, steps: None, from_batch })
}

/// `-x`, on the same grid.
pub(super) fn negated(cx: &Context<'_>, x: &Tensor) -> Import<Tensor> {
    let data = match &x.data {
        Data::Float(values) => Data::Float(values.iter().map(|value| -value).collect()),
        Data::Int(values) => {
            let values: Option<Vec<i64>> = values.iter().map(|value| value.checked_neg()).collect();
            Data::Int(values.ok_or_else(|| overflow(cx))?)
        }
    };
    Ok(Tensor { data, ..x.clone() })
}

fn overflow(cx: &Context<'_>) -> Fault {
    let help = "compute this constant before the export";
    cx.fault(Code::O0011, "integer arithmetic on its constants overflows", help)
}
