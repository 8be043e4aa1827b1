//! Constants of the model as constants of the graph, and `Affine` nodes made of them.
//!
//! A constant is *exact* when the model says on which grid it lies, or when it
//! is a power of two or zero; any other float keeps its full precision until a
//! format is chosen for it.

use super::context::Context;
use super::fault::Import;
use super::tensor::{Tensor, is_power_of_two};
use super::value::{Codes, Wires};
use crate::diag::Code;
use crate::graph::{Graph, NodeId};
use crate::ops::constants::Constants;
use crate::ops::{Affine, OpKind};

/// Checks that all values are numbers.
pub(super) fn check_finite(cx: &Context<'_>, values: &[f64]) -> Import<()> {
    match values.iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(value) => {
            let message = format!("a weight is {value}");
            Err(cx.fault(Code::O0006, message, "train the model again, or mend the weight"))
        }
    }
}

/// Floats of full precision.
pub(super) fn float(cx: &Context<'_>, values: Vec<f64>) -> Import<Constants> {
    check_finite(cx, &values)?;
    Ok(Constants::float(values))
}

/// Values that lie on a grid as they stand.
pub(super) fn exact(cx: &Context<'_>, values: Vec<f64>) -> Import<Constants> {
    check_finite(cx, &values)?;
    Constants::exact(values).map_err(|error| {
        let help = "quantize its weights to fewer bits, or to more similar scales";
        cx.fault(Code::T0101, error.to_string(), help)
    })
}

/// Exact where every value is zero or a power of two, with either sign; floats otherwise.
pub(super) fn guessed(cx: &Context<'_>, values: Vec<f64>) -> Import<Constants> {
    check_finite(cx, &values)?;
    Ok(guess(values))
}

/// [`guessed`] of finite values.
pub(super) fn guess(values: Vec<f64>) -> Constants {
    let simple = values.iter().all(|value| *value == 0.0 || is_power_of_two(value.abs()));
    match Constants::exact(values.as_slice()) {
        Ok(constants) if simple => constants,
        Ok(_) | Err(_) => Constants::float(values),
    }
}

/// The most bits of a constant that counts as short.
pub(super) const SHORT_BITS: u8 = 12;

/// Exact where a few bits hold every value, such as the bounds of a clip; floats otherwise.
pub(super) fn short(cx: &Context<'_>, values: Vec<f64>) -> Import<Constants> {
    check_finite(cx, &values)?;
    Ok(shorten(values))
}

/// [`short`] of finite values.
pub(super) fn shorten(values: Vec<f64>) -> Constants {
    match Constants::exact(values.as_slice()) {
        Ok(constants) if constants.format().is_some_and(|own| own.width() <= SHORT_BITS) => {
            constants
        }
        Ok(_) | Err(_) => Constants::float(values),
    }
}

/// `values`, made of those of `tensor` in a way that keeps them on the grid it was quantized to.
pub(super) fn like(cx: &Context<'_>, tensor: &Tensor, values: Vec<f64>) -> Import<Constants> {
    match tensor.exact_steps() {
        Some(_) => exact(cx, values),
        None => guessed(cx, values),
    }
}

/// `scale * x + offset`, or `x` itself where that is the same.
pub(super) fn affine(
    cx: &mut Context<'_>,
    x: &Wires,
    scale: Constants,
    offset: Constants,
) -> Import<Wires> {
    let unchanged = scale.values().iter().all(|scale| scale.to_bits() == 1.0_f64.to_bits())
        && offset.values().iter().all(|offset| *offset == 0.0);
    if unchanged {
        return Ok(x.clone());
    }
    cx.add_like(Affine { scale, offset }, x)
}

/// `scale * x`, the same factor for all elements.
pub(super) fn scaled(cx: &mut Context<'_>, x: &Wires, scale: f64) -> Import<Wires> {
    let scale = guessed(cx, vec![scale; x.len()])?;
    multiplied(cx, x, scale)
}

/// What half a step is added to, where nothing else happens in `node`: `step` is that of each element, or minus
/// that where half a step is taken away.
///
/// The floor of half a step more is the nearest code, ties upward, and the ceiling of half a step less that with
/// ties downward; QONNX has no names for them.
#[expect(clippy::float_cmp, reason = "one and half a power of two are exact")]
pub(super) fn before_half_a_step(
    graph: &Graph,
    node: NodeId,
    step: impl Fn(usize) -> f64,
) -> Option<NodeId> {
    let OpKind::Affine(affine) = &graph[node].op else { return None };
    let offsets = affine.offset.values().iter().enumerate();
    let is_half = affine.scale.values().iter().all(|scale| *scale == 1.0)
        && offsets.into_iter().all(|(index, offset)| *offset == step(index) / 2.0);
    is_half.then(|| graph.operands(node)[0])
}

/// `x + offset`.
pub(super) fn shifted(cx: &mut Context<'_>, x: &Wires, offset: Constants) -> Import<Wires> {
    let scale = exact(cx, vec![1.0; x.len()])?;
    affine(cx, x, scale, offset)
}

/// The values as ONNX sees them: integer codes where there are any.
pub(super) fn decoded(cx: &mut Context<'_>, x: &Wires) -> Import<Wires> {
    let Some(Codes { step, zero }) = &x.codes else {
        return Ok(x.clone());
    };
    let scale = guessed(cx, (0..x.len()).map(|index| 1.0 / step.at(index)).collect())?;
    let offset = exact(cx, (0..x.len()).map(|index| zero.at(index)).collect())?;
    Ok(Wires { codes: None, ..affine(cx, x, scale, offset)? })
}

/// `scale * x`.
pub(super) fn multiplied(cx: &mut Context<'_>, x: &Wires, scale: Constants) -> Import<Wires> {
    let offset = exact(cx, vec![0.0; x.len()])?;
    affine(cx, x, scale, offset)
}
