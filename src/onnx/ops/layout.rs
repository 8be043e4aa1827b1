//! Operators that change dimensions and move nothing, and `Transpose`.

use std::collections::BTreeSet;

use crate::onnx::batch::BatchSize;
use crate::onnx::context::{Context, Operand};
use crate::onnx::element::ElementType;
use crate::onnx::fault::Import;
use crate::onnx::tensor::{Tensor, UNKNOWN_BATCH, checked_len};
use crate::onnx::value::{Dim, Value, describe, dims};
use crate::onnx::wiring;

/// `Flatten`: a matrix, rows from the dimensions before `axis`.
pub(super) fn flatten(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.operand(0)?;
    let layout = x.layout();
    let axis = cx.int("axis", 1)?;
    // One past the last dimension is an axis too: it leaves no columns.
    let split = if axis == i64::try_from(layout.len()).unwrap_or(i64::MAX) {
        layout.len()
    } else {
        cx.axis_of(axis, layout.len())?
    };
    let (rows, columns) = layout.split_at(split);
    let side = |side: &[Dim]| match (side.contains(&Dim::Batch), dims(side).iter().product()) {
        (true, 1) => Ok(Dim::Batch),
        (true, _) => Err(cx.mixes()),
        (false, len) => Ok(Dim::Of(len)),
    };
    let matrix = vec![side(rows)?, side(columns)?];
    // A batch among the columns would stay apart from the rows only if there is one row.
    if matrix[1] == Dim::Batch && matrix[0] != Dim::Of(1) {
        return Err(cx.mixes());
    }
    Ok(vec![wiring::relay(cx, &x, matrix)?])
}

/// `Reshape`.
pub(super) fn reshape(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.operand(0)?;
    let target = cx.shape_constant(1)?.ints();
    let target = target.ok_or_else(|| cx.shapes("its new shape is no list of integers"))?;
    let layout = resolved(cx, &x.layout(), &target)?;
    Ok(vec![wiring::relay(cx, &x, layout)?])
}

/// The layout that `target` asks for: 0 copies a dimension, -1 takes what is left.
fn resolved(cx: &Context<'_>, from: &[Dim], target: &[i64]) -> Import<Vec<Dim>> {
    let allow_zero = cx.flag("allowzero", false)?;
    let misfit = || {
        let message = format!("{} cannot take the shape {target:?}", describe(from));
        cx.shapes(message)
    };
    let mut known = Vec::with_capacity(target.len());
    for (axis, len) in target.iter().enumerate() {
        known.push(match *len {
            0 if !allow_zero => Some(*from.get(axis).ok_or_else(misfit)?),
            -1 => None,
            UNKNOWN_BATCH => Some(Dim::Batch),
            len => Some(Dim::Of(usize::try_from(len).map_err(|_| misfit())?)),
        });
    }
    if known.iter().filter(|dim| dim.is_none()).count() > 1 {
        return Err(misfit());
    }
    let has_batch = from.contains(&Dim::Batch);
    let len: usize = dims(from).iter().product();
    if has_batch && !known.contains(&Some(Dim::Batch)) {
        place_batch(cx, &mut known, len)?;
    }
    let n_batches = known.iter().filter(|dim| **dim == Some(Dim::Batch)).count();
    if n_batches > usize::from(has_batch) {
        return Err(misfit());
    }
    let rest = known_len(&known).ok_or_else(misfit)?;
    let infer =
        || (rest > 0 && len.is_multiple_of(rest)).then(|| Dim::Of(len / rest)).ok_or_else(misfit);
    let layout: Vec<Dim> =
        known.iter().map(|dim| dim.map_or_else(infer, Ok)).collect::<Import<_>>()?;
    if checked_len(dims(&layout)) != Some(len) {
        return Err(misfit());
    }
    // Row-major order keeps events apart only if nothing but ones stands before the batch.
    let outermost = |layout: &[Dim]| {
        layout.iter().take_while(|dim| **dim != Dim::Batch).all(|dim| *dim == Dim::Of(1))
    };
    if n_batches == 1 && layout != from && !(outermost(from) && outermost(&layout)) {
        return Err(cx.mixes());
    }
    Ok(layout)
}

/// Finds the batch in a target shape that has it as a number, or as what is left.
fn place_batch(cx: &Context<'_>, known: &mut [Option<Dim>], len: usize) -> Import<()> {
    let size = match cx.batch {
        BatchSize::Fixed(size) => Some(size),
        // A model traced with one event says 1, and works for one event only.
        BatchSize::Free if !known.contains(&None) => Some(1),
        BatchSize::Free | BatchSize::None => None,
    };
    let leading = known.iter().take_while(|dim| **dim == Some(Dim::Of(1))).count();
    let place = size.and_then(|size| {
        let places = if size == 1 { 0..leading.min(1) } else { leading..leading + 1 };
        places.into_iter().find(|place| known.get(*place) == Some(&Some(Dim::Of(size))))
    });
    if let (Some(place), Some(size)) = (place, size) {
        let rest = known_len(known).map(|rest| rest / size);
        let fits = match rest {
            Some(rest) if known.contains(&None) => rest > 0 && len.is_multiple_of(rest),
            rest => rest == Some(len),
        };
        if fits {
            known[place] = Some(Dim::Batch);
            return Ok(());
        }
    }
    if let Some(unknown) = known.iter().position(Option::is_none)
        && known_len(known) == Some(len)
    {
        known[unknown] = Some(Dim::Batch);
        return Ok(());
    }
    // A batch of one event may lose its dimension.
    if cx.batch == BatchSize::Fixed(1) { Ok(()) } else { Err(cx.mixes()) }
}

/// The number of elements along the known dimensions of one event.
fn known_len(known: &[Option<Dim>]) -> Option<usize> {
    let known: Vec<Dim> = known.iter().copied().flatten().collect();
    checked_len(dims(&known))
}

/// `Squeeze`: without dimensions of length 1; up to opset 12 `axes` is an attribute.
pub(super) fn squeeze(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.operand(0)?;
    let layout = x.layout();
    let is_one = |dim: Dim| match dim {
        Dim::Of(len) => len == 1,
        // The only event may lose its dimension.
        Dim::Batch => cx.batch == BatchSize::Fixed(1),
    };
    let removed = match cx.list("axes", 1)? {
        None => (0..layout.len()).filter(|axis| is_one(layout[*axis])).collect(),
        Some(axes) => distinct_axes(cx, &axes, layout.len())?,
    };
    if let Some(axis) = removed.iter().find(|axis| !is_one(layout[**axis])) {
        return Err(cx.shapes(format!("dimension {axis} of {} is not 1", describe(&layout))));
    }
    let kept = (0..layout.len()).filter(|axis| !removed.contains(axis)).map(|axis| layout[axis]);
    let kept = kept.collect();
    Ok(vec![wiring::relay(cx, &x, kept)?])
}

/// `Unsqueeze`: with more dimensions of length 1; up to opset 12 `axes` is an attribute.
pub(super) fn unsqueeze(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.operand(0)?;
    let layout = x.layout();
    let axes = cx.list("axes", 1)?.ok_or_else(|| cx.shapes("its axes are missing"))?;
    let rank = layout.len() + axes.len();
    let added = distinct_axes(cx, &axes, rank)?;
    let mut own = layout.into_iter();
    let dim = |axis: usize| {
        if added.contains(&axis) {
            Dim::Of(1)
        } else {
            own.next().expect("as many as were not added")
        }
    };
    let layout = (0..rank).map(dim).collect();
    Ok(vec![wiring::relay(cx, &x, layout)?])
}

/// `Transpose`.
pub(super) fn transpose(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let x = cx.operand(0)?;
    let layout = x.layout();
    let permutation = match cx.ints("perm")? {
        None => (0..layout.len()).rev().collect(),
        Some(axes) => {
            let axes: Option<Vec<usize>> =
                axes.iter().map(|axis| usize::try_from(*axis).ok()).collect();
            let axes = axes.unwrap_or_default();
            let mut sorted = axes.clone();
            sorted.sort_unstable();
            if !sorted.iter().copied().eq(0..layout.len()) {
                let rank = layout.len();
                return Err(cx.shapes(format!("`perm` is no order of {rank} dimensions")));
            }
            axes
        }
    };
    let (layout, indices) = wiring::permuted(&layout, &permutation);
    Ok(vec![wiring::rearrange(cx, &x, layout, &indices)?])
}

/// Dimensions counted from the front, no two the same.
fn distinct_axes(cx: &Context<'_>, axes: &[i64], rank: usize) -> Import<BTreeSet<usize>> {
    let mut distinct = BTreeSet::new();
    for axis in axes {
        if !distinct.insert(cx.axis_of(*axis, rank)?) {
            return Err(cx.shapes(format!("axis {axis} is given twice")));
        }
    }
    Ok(distinct)
}

/// `Shape`, which is constant but for a batch without a fixed size.
pub(super) fn shape(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let layout = cx.operand(0)?.layout();
    let rank = i64::try_from(layout.len()).unwrap_or(i64::MAX);
    let clamp = |axis: i64| {
        let axis = if axis < 0 { axis.saturating_add(rank) } else { axis };
        usize::try_from(axis.clamp(0, rank)).expect("between 0 and the rank")
    };
    let (start, end) = (clamp(cx.int("start", 0)?), clamp(cx.int("end", rank)?));
    let wanted = layout.get(start..end).unwrap_or_default();
    let size = |dim: &Dim| match (*dim, cx.batch) {
        (Dim::Of(len), _) | (Dim::Batch, BatchSize::Fixed(len)) => {
            i64::try_from(len).expect("a dimension fits 63 bits")
        }
        (Dim::Batch, BatchSize::Free | BatchSize::None) => UNKNOWN_BATCH,
    };
    let values: Vec<i64> = wanted.iter().map(size).collect();
    let from_batch = values.contains(&UNKNOWN_BATCH);
    let tensor = Tensor::int(vec![values.len()], ElementType::Int64, values);
    Ok(vec![Operand::Constant(Tensor { from_batch, ..tensor }.into()).into()])
}
