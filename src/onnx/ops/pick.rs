//! Operators that pick, split and join elements: wires in hardware.

use std::sync::Arc;

use crate::diag::Code;
use crate::onnx::context::{Context, Operand};
use crate::onnx::fault::Import;
use crate::onnx::index;
use crate::onnx::tensor::{Data, Tensor, checked_len};
use crate::onnx::value::{self, Dim, Value, Wires, describe, dims};
use crate::onnx::wiring;
use crate::ops;

/// `Slice`; up to opset 9 its parameters are attributes, later operands.
pub(super) fn slice(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.operand(0)?;
    let rank = x.layout().len();
    let missing = |cx: &Context<'_>, name: &str| cx.shapes(format!("its `{name}` is missing"));
    let starts = cx.list("starts", 1)?.ok_or_else(|| missing(cx, "starts"))?;
    let ends = cx.list("ends", 2)?.ok_or_else(|| missing(cx, "ends"))?;
    let axes = match cx.list("axes", 3)? {
        Some(axes) => axes,
        None => (0..).take(starts.len()).collect(),
    };
    let steps = cx.list("steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err(cx.shapes("its starts, ends, axes and steps are not equally many"));
    }
    let mut y = x;
    for (((start, end), axis), step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
        let axis = cx.axis_of(*axis, rank)?;
        y = match y.layout()[axis] {
            Dim::Of(len) => {
                let picked =
                    range(len, *start, *end, *step).ok_or_else(|| cx.shapes("its step is zero"))?;
                operand(pick(cx, &y, axis, &picked)?)
            }
            // All events, or the first half of them: only the former is the network for each event.
            Dim::Batch if *start == 0 && *end >= i64::from(i32::MAX) && *step == 1 => y,
            Dim::Batch => return Err(cx.mixes()),
        };
    }
    Ok(vec![y.into()])
}

/// The coordinates from `start` up to, but without, `end`; negative ones count from the end.
fn range(len: usize, start: i64, end: i64, step: i64) -> Option<Vec<usize>> {
    let len = i64::try_from(len).ok()?;
    let from_front = |at: i64| if at < 0 { at.saturating_add(len) } else { at };
    let (lowest, highest) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let start = from_front(start).clamp(lowest.max(0), highest);
    let end = from_front(end).clamp(lowest, highest);
    let mut picked = Vec::new();
    let mut at = start;
    while (step > 0 && at < end) || (step < 0 && at > end) {
        picked.push(usize::try_from(at).ok()?);
        at = at.saturating_add(step);
    }
    (step != 0).then_some(picked)
}

/// `Split`; up to opset 12 the sizes are an attribute, later an operand.
pub(super) fn split(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.operand(0)?;
    let axis = cx.axis("axis", 0, x.layout().len())?;
    let Dim::Of(len) = x.layout()[axis] else {
        return Err(cx.mixes());
    };
    let n_outputs = cx.node.outputs.len();
    let asked = cx.int("num_outputs", i64::try_from(n_outputs).unwrap_or(i64::MAX))?;
    if usize::try_from(asked) != Ok(n_outputs) {
        return Err(cx.shapes(format!("`num_outputs` is {asked}, but it has {n_outputs}")));
    }
    let sizes = match cx.list("split", 1)? {
        Some(sizes) => {
            let sizes: Option<Vec<usize>> =
                sizes.iter().map(|size| usize::try_from(*size).ok()).collect();
            sizes.ok_or_else(|| cx.shapes("a size is negative"))?
        }
        None => {
            let size = len.div_ceil(n_outputs.max(1));
            (0..n_outputs).map(|part| size.min(len.saturating_sub(part * size))).collect()
        }
    };
    let total = sizes.iter().try_fold(0_usize, |sum, size| sum.checked_add(*size));
    if sizes.len() != n_outputs || total != Some(len) {
        return Err(cx.shapes(format!("sizes {sizes:?} do not split {len} into {n_outputs}")));
    }
    let mut start = 0;
    let mut parts = Vec::with_capacity(sizes.len());
    for size in sizes {
        let picked: Vec<usize> = (start..start + size).collect();
        parts.push(pick(cx, &x, axis, &picked)?);
        start += size;
    }
    Ok(parts)
}

/// `Gather`, with constant indices.
pub(super) fn gather(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.operand(0)?;
    let layout = x.layout();
    let axis = cx.axis("axis", 0, layout.len())?;
    let indices = cx.constant(1)?;
    let Dim::Of(len) = layout[axis] else {
        return Err(cx.mixes());
    };
    let whole = indices.ints().unwrap_or_default();
    let picked: Option<Vec<usize>> = whole.iter().map(|at| index::axis(*at, len)).collect();
    let picked = picked.filter(|picked| picked.len() == indices.len());
    let picked =
        picked.ok_or_else(|| cx.shapes(format!("an index is not among {len} elements")))?;
    let mut new = layout[..axis].to_vec();
    new.extend(indices.shape.iter().copied().map(Dim::Of));
    new.extend(&layout[axis + 1..]);
    if checked_len(dims(&new)).is_none() {
        cx.check_layout(&new)?;
    }
    let elements = along(&layout, axis, &picked);
    Ok(vec![wiring::rearrange(cx, &x, new, &elements)?])
}

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

/// The coordinates `picked` along a dimension of each event.
fn pick(cx: &mut Context<'_>, x: &Operand, axis: usize, picked: &[usize]) -> Import<Value> {
    let mut layout = x.layout();
    let indices = along(&layout, axis, picked);
    layout[axis] = Dim::Of(picked.len());
    wiring::rearrange(cx, x, layout, &indices)
}

/// The elements of each event whose coordinate along `axis` is among `picked`.
fn along(layout: &[Dim], axis: usize, picked: &[usize]) -> Vec<usize> {
    let axis = value::event_axis(layout, axis).expect("nothing is picked along the batch");
    index::picked(&dims(layout), axis, picked)
}

fn operand(value: Value) -> Operand {
    match value {
        Value::Constant(tensor) => Operand::Constant(tensor),
        Value::Wires(wires) => Operand::Wires(wires),
        Value::Failed | Value::Withheld => unreachable!("an importer returned it"),
    }
}
