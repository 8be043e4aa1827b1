//! Operators that pick and split elements: wires in hardware.

use crate::diag::Code;
use crate::onnx::context::{Context, Operand};
use crate::onnx::fault::Import;
use crate::onnx::index;
use crate::onnx::tensor::checked_len;
use crate::onnx::value::{self, Dim, Value, dims};
use crate::onnx::wiring;

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
        let along_axis = cx.axis_of(*axis, rank)?;
        y = match y.layout()[along_axis] {
            Dim::Of(len) => {
                let picked =
                    range(len, *start, *end, *step).ok_or_else(|| cx.shapes("its step is zero"))?;
                operand(pick(cx, &y, along_axis, &picked)?)
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
    let sizes = if let Some(sizes) = cx.list("split", 1)? {
        let sizes: Option<Vec<usize>> =
            sizes.iter().map(|size| usize::try_from(*size).ok()).collect();
        sizes.ok_or_else(|| cx.shapes("a size is negative"))?
    } else {
        let size = len.div_ceil(n_outputs.max(1));
        (0..n_outputs).map(|part| size.min(len.saturating_sub(part * size))).collect()
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
        let message = "its result would be larger than any device";
        return Err(cx.fault(Code::O0012, message, "check the shapes of the model"));
    }
    let elements = along(&layout, axis, &picked);
    Ok(vec![wiring::rearrange(cx, &x, new, &elements)?])
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
