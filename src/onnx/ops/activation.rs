//! Rectifiers, clipping, and the functions that become tables.

use crate::onnx::context::{Context, Operand};
use crate::onnx::fault::Import;
use crate::onnx::scaling;
use crate::onnx::value::{Dim, Value, Wires, dims};
use crate::onnx::wiring;
use crate::ops::activation::Function;
use crate::ops::{self, Activation, Clip, LeakyRelu};

/// `Relu`.
pub(super) fn relu(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.float_wires(0)?;
    Ok(vec![Value::Wires(cx.add_like(ops::Relu {}, &x)?)])
}

/// `LeakyRelu`.
pub(super) fn leaky_relu(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.float_wires(0)?;
    let alpha = cx.float("alpha", f64::from(0.01_f32))?;
    let alpha = scaling::short(cx, vec![alpha])?;
    Ok(vec![Value::Wires(cx.add_like(LeakyRelu { alpha }, &x)?)])
}

/// `Sigmoid`.
pub(super) fn sigmoid(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    function(cx, Function::Sigmoid)
}

/// `Tanh`.
pub(super) fn tanh(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    function(cx, Function::Tanh)
}

fn function(cx: &mut Context<'_>, function: Function) -> Import<Vec<Value>> {
    let x = cx.float_wires(0)?;
    Ok(vec![Value::Wires(cx.add_like(Activation { function, output: None }, &x)?)])
}

/// `Clip`; up to opset 10 its bounds are attributes, later operands.
pub(super) fn clip(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let lo = bound(cx, "min", 1)?;
    let hi = bound(cx, "max", 2)?;
    let x = cx.float_wires(0)?;
    let y = match (lo, hi) {
        (None, None) => x,
        (Some(0.0), None) => cx.add_like(ops::Relu {}, &x)?,
        (Some(lo), None) => above(cx, &x, lo)?,
        // Nothing exceeds `hi` where nothing falls below `-hi` after negation.
        (None, Some(hi)) => {
            let negated = scaling::scaled(cx, &x, -1.0)?;
            let clipped = above(cx, &negated, -hi)?;
            scaling::scaled(cx, &clipped, -1.0)?
        }
        (Some(lo), Some(hi)) => {
            let bounds = scaling::short(cx, vec![lo, hi])?;
            cx.add_like(Clip { bounds }, &x)?
        }
    };
    Ok(vec![Value::Wires(y)])
}

/// `max(x, lo)`.
fn above(cx: &mut Context<'_>, x: &Wires, lo: f64) -> Import<Wires> {
    let down = scaling::short(cx, vec![-lo; x.len()])?;
    let up = scaling::short(cx, vec![lo; x.len()])?;
    let distance = scaling::shifted(cx, x, down)?;
    let distance = cx.add_like(ops::Relu {}, &distance)?;
    scaling::shifted(cx, &distance, up)
}

/// A bound of `Clip`; none where it is left out or no number reaches it.
fn bound(cx: &Context<'_>, name: &str, position: usize) -> Import<Option<f64>> {
    let value = match cx.attribute(name) {
        Some(_) => Some(cx.float(name, 0.0)?),
        None => match cx.optional_constant(position)? {
            None => None,
            Some(tensor) => Some(tensor.scalar().ok_or_else(|| {
                cx.shapes(format!("its bound `{name}` has {} values, not one", tensor.len()))
            })?),
        },
    };
    Ok(value.filter(|value| value.is_nan() || value.abs() < f64::from(f32::MAX)))
}

/// `Softmax`: up to opset 12 over all dimensions from `axis` on, later over `axis` alone.
pub(super) fn softmax(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.float_wires(0)?;
    let flattening = cx.opset < 13;
    let axis = cx.axis("axis", if flattening { 1 } else { -1 }, x.rank())?;
    let y = if flattening {
        if x.layout[axis..].contains(&Dim::Batch) {
            return Err(cx.mixes());
        }
        let len = dims(&x.layout[axis..]).iter().product();
        let mut flat = x.layout[..axis].to_vec();
        flat.push(Dim::Of(len));
        let flat = wiring::reshape(cx, &x, flat)?;
        let y = cx.add_like(ops::Softmax { len, formats: None }, &flat)?;
        wiring::reshape(cx, &y, x.layout.clone())?
    } else {
        let Dim::Of(len) = x.layout[axis] else {
            return Err(cx.mixes());
        };
        let exchange = wiring::exchanged(x.rank(), axis, x.rank() - 1);
        let last = wiring::transpose(cx, &x, &exchange)?;
        let y = cx.add_like(ops::Softmax { len, formats: None }, &last)?;
        wiring::transpose(cx, &y, &exchange)?
    };
    Ok(vec![Value::Wires(y)])
}

/// `ArgMax`: the first of the largest.
pub(super) fn arg_max(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    cx.require_flag("select_last_index", false)?;
    let keep = cx.flag("keepdims", true)?;
    let x = cx.wires(0)?;
    let axis = cx.axis("axis", 0, x.rank())?;
    let Dim::Of(len) = x.layout[axis] else {
        return Err(cx.mixes());
    };
    let mut others: Vec<usize> = (0..x.rank()).filter(|other| *other != axis).collect();
    others.push(axis);
    let last = wiring::transpose(cx, &x, &others)?;
    let node = cx.add(ops::ArgMax { len }, &[last.node])?;
    let mut layout = last.layout;
    *layout.last_mut().expect("it has the dimension `axis`") = Dim::Of(1);
    let element = crate::onnx::element::ElementType::Int64;
    let y = Wires { node, layout, element, codes: None };
    let mut layout = x.layout;
    if keep {
        layout[axis] = Dim::Of(1);
    } else {
        layout.remove(axis);
    }
    Ok(vec![Value::Wires(wiring::reshape(cx, &y, layout)?)])
}

/// `Identity`, and `Dropout` at inference.
pub(super) fn identity(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    Ok(vec![cx.operand(0)?.into()])
}

/// `Dropout`: nothing is dropped at inference, whatever the ratio.
pub(super) fn dropout(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    if let Some(training) = cx.optional_constant(2)?
        && training.scalar() != Some(0.0)
    {
        return Err(cx.unsupported("it is in training mode"));
    }
    if let Some(Operand::Wires(_)) = cx.optional(1)? {
        return Err(cx.unsupported("its ratio is computed"));
    }
    identity(cx)
}
