//! Moving computed values: what a graph says with `Reshape` and `Gather`.

use std::sync::Arc;

use super::context::{Context, Operand};
use super::fault::Import;
use super::index;
use super::value::{self, Codes, Dim, Value, Wires, describe, dims, event_shape};
use crate::ops::types::PerElement;
use crate::ops::{Gather, Reshape};

/// The same elements in another layout.
pub(super) fn reshape(cx: &mut Context<'_>, x: &Wires, layout: Vec<Dim>) -> Import<Wires> {
    cx.check_layout(&layout)?;
    let mut node = x.node;
    if dims(&layout) != x.dims() {
        node = cx.add(Reshape { shape: event_shape(&layout) }, &[x.node])?;
    }
    Ok(Wires { node, layout, element: x.element, codes: x.codes.clone() })
}

/// The elements `indices` of each event, in a new layout.
pub(super) fn select(
    cx: &mut Context<'_>,
    x: &Wires,
    layout: Vec<Dim>,
    indices: &[usize],
) -> Import<Wires> {
    if indices.len() == x.len() && indices.iter().enumerate().all(|(to, from)| to == *from) {
        return reshape(cx, x, layout);
    }
    cx.check_layout(&layout)?;
    let gather = Gather { shape: event_shape(&layout), indices: indices.into() };
    let node = cx.add(gather, &[x.node])?;
    let pick = |each: &PerElement<f64>| {
        PerElement::from_elements(indices.iter().map(|index| each.at(*index)).collect())
    };
    let codes =
        x.codes.as_ref().map(|codes| Codes { step: pick(&codes.step), zero: pick(&codes.zero) });
    Ok(Wires { node, layout, element: x.element, codes })
}

/// The elements `indices` of an operand, constant or of each event, in a new layout.
pub(super) fn rearrange(
    cx: &mut Context<'_>,
    x: &Operand,
    layout: Vec<Dim>,
    indices: &[usize],
) -> Import<Value> {
    Ok(match x {
        Operand::Constant(x) => Value::Constant(Arc::new(x.gather(dims(&layout), indices))),
        Operand::Wires(x) => Value::Wires(select(cx, x, layout, indices)?),
    })
}

/// The same elements of an operand, constant or of each event, in a new layout.
pub(super) fn relay(cx: &mut Context<'_>, x: &Operand, layout: Vec<Dim>) -> Import<Value> {
    Ok(match x {
        Operand::Constant(x) => Value::Constant(Arc::new(x.reshape(dims(&layout)))),
        Operand::Wires(x) => Value::Wires(reshape(cx, x, layout)?),
    })
}

/// The dimensions in another order, and which elements stand where then.
pub(super) fn permuted(layout: &[Dim], permutation: &[usize]) -> (Vec<Dim>, Vec<usize>) {
    let new = permutation.iter().map(|axis| layout[*axis]).collect();
    let inside: Vec<usize> =
        permutation.iter().filter_map(|axis| value::event_axis(layout, *axis)).collect();
    (new, index::transposed(&dims(layout), &inside))
}

/// The dimensions in another order.
pub(super) fn transpose(cx: &mut Context<'_>, x: &Wires, permutation: &[usize]) -> Import<Wires> {
    let (layout, indices) = permuted(&x.layout, permutation);
    select(cx, x, layout, &indices)
}

/// The order of `rank` dimensions with two exchanged.
pub(super) fn exchanged(rank: usize, a: usize, b: usize) -> Vec<usize> {
    let mut permutation: Vec<usize> = (0..rank).collect();
    permutation.swap(a, b);
    permutation
}

/// The layout to which both operands of an element-wise operator are repeated.
pub(super) fn common_layout(cx: &Context<'_>, a: &[Dim], b: &[Dim]) -> Import<Vec<Dim>> {
    let rank = a.len().max(b.len());
    let at = |layout: &[Dim], axis: usize| match (axis + layout.len()).checked_sub(rank) {
        None => Dim::Of(1),
        Some(axis) => layout[axis],
    };
    let mut layout = Vec::with_capacity(rank);
    for axis in 0..rank {
        layout.push(match (at(a, axis), at(b, axis)) {
            (a, b) if a == b => a,
            (dim, Dim::Of(1)) | (Dim::Of(1), dim) => dim,
            (Dim::Batch, _) | (_, Dim::Batch) => return Err(cx.mixes()),
            (Dim::Of(_), Dim::Of(_)) => {
                let (a, b) = (describe(a), describe(b));
                return Err(cx.shapes(format!("shapes {a} and {b} do not fit together")));
            }
        });
    }
    if layout.iter().filter(|dim| **dim == Dim::Batch).count() > 1 {
        return Err(cx.mixes());
    }
    cx.check_layout(&layout)?;
    Ok(layout)
}

/// The same values repeated to fill `layout`, which [`common_layout`] gave.
pub(super) fn expand(cx: &mut Context<'_>, x: &Wires, layout: &[Dim]) -> Import<Wires> {
    let missing = layout.len() - x.rank();
    let own = (0..layout.len()).filter(|axis| layout[*axis] != Dim::Batch).map(|axis| {
        match axis.checked_sub(missing).map(|axis| x.layout[axis]) {
            Some(Dim::Of(len)) => len,
            Some(Dim::Batch) | None => 1,
        }
    });
    let own: Vec<usize> = own.collect();
    let indices = index::broadcast(&own, &dims(layout))
        .ok_or_else(|| cx.shapes(format!("{} cannot be repeated", describe(&x.layout))))?;
    select(cx, x, layout.to_vec(), &indices)
}

/// The values of a constant repeated to fill each event of `layout`, which [`common_layout`] gave.
pub(super) fn expand_constant(
    cx: &Context<'_>,
    shape: &[usize],
    layout: &[Dim],
) -> Import<Vec<usize>> {
    let missing = layout.len().checked_sub(shape.len());
    let missing = missing.ok_or_else(|| cx.shapes("a constant has too many dimensions"))?;
    let mut own = Vec::with_capacity(layout.len());
    for (axis, dim) in layout.iter().enumerate() {
        let len = axis.checked_sub(missing).map_or(1, |axis| shape[axis]);
        match dim {
            Dim::Of(_) => own.push(len),
            Dim::Batch if len == 1 => {}
            Dim::Batch => return Err(cx.mixes()),
        }
    }
    index::broadcast(&own, &dims(layout))
        .ok_or_else(|| cx.shapes(format!("a constant does not fit {}", describe(layout))))
}
