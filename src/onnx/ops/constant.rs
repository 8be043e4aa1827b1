//! Constants, and arithmetic on constants, as exporters leave it around shapes and scales.

use std::sync::Arc;

use super::elementwise::Binary;
use crate::diag::Code;
use crate::onnx::context::Context;
use crate::onnx::element::ElementType;
use crate::onnx::fault::{Fault, Import};
use crate::onnx::index;
use crate::onnx::model::Attribute;
use crate::onnx::tensor::{Data, MAX_ELEMENTS, Tensor, checked_len};
use crate::onnx::value::{Dim, Value, dims};
use crate::onnx::wiring;

/// `Constant`, whichever attribute holds it.
pub(super) fn constant(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let mut attributes = cx.node.attributes.iter();
    let (Some((name, value)), None) = (attributes.next(), attributes.next()) else {
        return Err(cx.unsupported("it has not just one value"));
    };
    let (single, whole) = (ElementType::Float32, ElementType::Int64);
    let tensor = match (name.as_str(), value) {
        ("value", Attribute::Tensor(tensor)) => tensor.clone(),
        ("value_float", Attribute::Float(value)) => {
            Arc::new(Tensor::float(Vec::new(), single, vec![*value]))
        }
        ("value_floats", Attribute::Floats(values)) => {
            Arc::new(Tensor::float(vec![values.len()], single, values.clone()))
        }
        ("value_int", Attribute::Int(value)) => {
            Arc::new(Tensor::int(Vec::new(), whole, vec![*value]))
        }
        ("value_ints", Attribute::Ints(values)) => {
            Arc::new(Tensor::int(vec![values.len()], whole, values.clone()))
        }
        _ => return Err(cx.wrong_type(name, "a tensor or a number")),
    };
    Ok(vec![Value::Constant(tensor)])
}

/// `ConstantOfShape`: one value, repeated.
pub(super) fn constant_of_shape(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let wanted = cx.constant(0)?;
    let shape: Option<Vec<usize>> =
        wanted.ints().and_then(|dims| dims.iter().map(|len| usize::try_from(*len).ok()).collect());
    let shape = shape.ok_or_else(|| cx.shapes("its shape is no list of sizes"))?;
    let len = checked_len(shape.iter().copied()).ok_or_else(|| {
        let message = format!("its result has more than {MAX_ELEMENTS} elements");
        cx.fault(Code::O0012, message, "check the shapes of the model")
    })?;
    let tensor = match cx.attribute("value") {
        None => Tensor::float(shape, ElementType::Float32, vec![0.0; len]),
        Some(Attribute::Tensor(value)) if value.len() == 1 => value.gather(shape, &vec![0; len]),
        Some(_) => return Err(cx.wrong_type("value", "a tensor of one element")),
    };
    Ok(vec![Value::Constant(Arc::new(tensor))])
}

/// `Pow` of constants: exporters leave the root of a variance as a power.
pub(super) fn power(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let (base, exponent) = (cx.constant(0)?, cx.constant(1)?);
    // The result has the type of the base, whatever the exponent is counted in.
    let exponent = Tensor::float(exponent.shape.clone(), base.element, exponent.floats());
    let tensor = fold_with(cx, &base, &exponent, libm::pow, |_, _| None)?;
    Ok(vec![Value::Constant(Arc::new(tensor))])
}

/// `Sqrt` of constants.
pub(super) fn square_root(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.constant(0)?;
    let values = x.floats().into_iter().map(|value| x.element.round(value.sqrt())).collect();
    Ok(vec![Value::Constant(Arc::new(Tensor::float(x.shape.clone(), x.element, values)))])
}

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
