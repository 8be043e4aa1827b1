//! `Concat`: joins tensors along a dimension.

use std::sync::Arc;

use crate::diag::Code;
use crate::onnx::context::{Context, Operand};
use crate::onnx::fault::Import;
use crate::onnx::tensor::{Data, Tensor};
use crate::onnx::value::{Dim, Value, Wires, describe, dims};
use crate::onnx::wiring;
use crate::ops;

/// `Concat`.
pub(super) fn concat(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let operands: Vec<Operand> =
        (0..cx.n_operands()).map(|position| cx.operand(position)).collect::<Import<_>>()?;
    let computed = operands.iter().find_map(|operand| match operand {
        Operand::Wires(wires) => Some(wires.layout.clone()),
        Operand::Constant(_) => None,
    });
    let first = computed.clone().unwrap_or_else(|| operands[0].layout());
    let axis = cx.axis("axis", 1, first.len())?;
    if cx.attribute("axis").is_none() {
        return Err(cx.unsupported("attribute `axis` is missing"));
    }
    let mut sizes = Vec::with_capacity(operands.len());
    for operand in &operands {
        sizes.push(length_along(cx, &operand.layout(), &first, axis)?);
    }
    let mut layout = first;
    layout[axis] = Dim::Of(sizes.iter().sum());
    if computed.is_none() {
        let tensors: Vec<Arc<Tensor>> = operands
            .into_iter()
            .filter_map(|operand| match operand {
                Operand::Constant(tensor) => Some(tensor),
                Operand::Wires(_) => None,
            })
            .collect();
        let joined = joined_constants(cx, &tensors)?;
        let indices = interleaved(&layout, axis, &sizes);
        return Ok(vec![Value::Constant(Arc::new(joined.gather(dims(&layout), &indices)))]);
    }
    cx.check_layout(&layout)?;
    let mut nodes = Vec::with_capacity(operands.len());
    let mut element = None;
    for position in 0..operands.len() {
        let wires = cx.wires(position)?;
        element.get_or_insert(wires.element);
        nodes.push(wires.node);
    }
    let node = cx.add(ops::Concat {}, &nodes)?;
    let element = element.expect("a concatenation has operands");
    let len = dims(&layout).iter().product();
    let vector = Wires { node, layout: vec![Dim::Of(len)], element, codes: None };
    let indices = interleaved(&layout, axis, &sizes);
    Ok(vec![Value::Wires(wiring::select(cx, &vector, layout, &indices)?)])
}

/// The length along `axis` of an operand that otherwise has the dimensions of `first`.
fn length_along(cx: &Context<'_>, own: &[Dim], first: &[Dim], axis: usize) -> Import<usize> {
    let fits = own.len() == first.len()
        && (0..own.len()).all(|other| {
            // A constant is the same for all events.
            let repeated = first[other] == Dim::Batch && own[other] == Dim::Of(1);
            other == axis || own[other] == first[other] || repeated
        });
    match own.get(axis) {
        Some(Dim::Of(len)) if fits => Ok(*len),
        Some(Dim::Batch) => Err(cx.mixes()),
        Some(Dim::Of(_)) | None => {
            let (own, first) = (describe(own), describe(first));
            Err(cx.shapes(format!("shapes {first} and {own} do not join along axis {axis}")))
        }
    }
}

/// All elements of constants, one tensor after another.
fn joined_constants(cx: &Context<'_>, tensors: &[Arc<Tensor>]) -> Import<Tensor> {
    let element = tensors[0].element;
    if tensors.iter().any(|tensor| tensor.element != element) {
        let help = "insert a `Cast`, so that all operands have the same type";
        return Err(cx.fault(Code::O0011, "its operands have different element types", help));
    }
    let data = if element.is_float() {
        Data::Float(tensors.iter().flat_map(|tensor| tensor.floats()).collect())
    } else {
        Data::Int(tensors.iter().flat_map(|tensor| tensor.ints().unwrap_or_default()).collect())
    };
    let steps: Option<Vec<Vec<f64>>> = tensors.iter().map(|tensor| tensor.steps.clone()).collect();
    let len = tensors.iter().map(|tensor| tensor.len()).sum();
    Ok(Tensor {
        shape: vec![len],
        element,
        data,
        steps: steps.map(|steps| steps.concat()),
        from_batch: tensors.iter().any(|tensor| tensor.from_batch),
    })
}

/// Where each element of a concatenation stands among its operands laid one after another.
fn interleaved(layout: &[Dim], axis: usize, sizes: &[usize]) -> Vec<usize> {
    let outer: usize = dims(&layout[..axis]).iter().product();
    let inner: usize = dims(&layout[axis + 1..]).iter().product();
    let mut starts = Vec::with_capacity(sizes.len());
    let mut start = 0;
    for size in sizes {
        starts.push(start);
        start += outer * size * inner;
    }
    let mut indices = Vec::with_capacity(start);
    for row in 0..outer {
        for (start, size) in starts.iter().zip(sizes) {
            let own = size * inner;
            indices.extend(start + row * own..start + (row + 1) * own);
        }
    }
    indices
}
