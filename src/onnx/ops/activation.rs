//! Rectifiers and the functions that become tables.

use crate::onnx::context::Context;
use crate::onnx::fault::Import;
use crate::onnx::value::{Dim, Value, Wires, dims};
use crate::onnx::{index, wiring};
use crate::ops;

/// `Relu`.
pub(super) fn relu(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.float_wires(0)?;
    Ok(vec![Value::Wires(cx.add_like(ops::Relu {}, &x)?)])
}

/// `Softmax`: up to opset 12 over all dimensions from `axis` on, later over `axis` alone.
pub(super) fn softmax(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.float_wires(0)?;
    let flattening = cx.opset < 13;
    let axis = axis(cx, &x, if flattening { 1 } else { -1 })?;
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

/// The attribute `axis`, counted from the front.
pub(super) fn axis(cx: &Context<'_>, x: &Wires, default: i64) -> Import<usize> {
    let axis = cx.int("axis", default)?;
    index::axis(axis, x.rank())
        .ok_or_else(|| cx.shapes(format!("axis {axis} is not among {} dimensions", x.rank())))
}
