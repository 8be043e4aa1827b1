//! Brings weights, biases and other constants to fixed-point grids.
//!
//! - Configured formats hold for the constants of their layer; a value that does
//!   not fit is an error that names the format it needs.
//! - Constants that are exact already (weights that the model quantizes) stay.
//! - Automatic weights have the configured length, with the integer bits that
//!   the largest needs; automatic biases stand on the grid of the products they
//!   are added to, which costs nothing, or finer if that grid is coarse.
//! - Thresholds move up to the next value that their operand can take, bounds of
//!   `clip` to the next within reach: neither changes a result by itself.
//!
//! A floating-point `affine` before a quantizer is left to `rescale`, unless the
//! configuration gives it a format.

use super::{PassContext, Rescaled, Rescaling, chain};
use crate::analysis::{FloatConstants, Ranges};
use crate::config::settings::Role;
use crate::config::{Granularity, Resolved};
use crate::diag::{Code, Diagnostic};
use crate::graph::{Graph, NodeId, rounding};
use crate::numeric::fit::{fit, fit_group};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::{Interval, scale};
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
use crate::ops::{Affine, Constants, OpKind};

pub(super) const NAME: &str = "quantize-weights";

/// The widest configured format of constants: they are `f64` values of 53 bits.
const MAX_CONSTANT_WIDTH: u8 = 48;

pub(super) fn quantize_weights(
    graph: &mut Graph,
    cx: &mut PassContext<'_>,
) -> Result<(), Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let mut ranges = Ranges::new(FloatConstants::Unknown);
    let annotated = rounding::is_annotated(graph);
    for node in graph.topological() {
        match quantized(graph, cx, node, &ranges) {
            Ok(op) => {
                if annotated {
                    report_scale(graph, cx, node, &op, &ranges);
                }
                cx.warnings.extend(vanished(graph, node, &op));
                graph.set_op(node, op);
            }
            Err(fault) => {
                let (name, operator) = graph.imported(node);
                faults.push(fault.at_node(name, operator));
            }
        }
        ranges.update(graph, node);
    }
    if let Err((node, error)) = graph.retype() {
        let (name, operator) = graph.imported(node);
        let help = "give the layer fewer bits: `word_length` or `weight_length` in its section";
        faults
            .push(Diagnostic::error(Code::T0101, error.to_string(), help).at_node(name, operator));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn quantized(
    graph: &Graph,
    cx: &PassContext<'_>,
    node: NodeId,
    ranges: &Ranges,
) -> Result<OpKind, Diagnostic> {
    let settings = cx.config.resolve(&[graph.imported(node)], Role::Activation);
    let operand = graph.operands(node).first().and_then(|operand| ranges.get(*operand));
    let mut op = graph[node].op.clone();
    match &mut op {
        OpKind::Dense(dense) => {
            dense.weights = weights(&dense.weights, dense.inputs, &settings)?;
            dense.bias = bias(&dense.bias, &dense.weights, operand, &settings)?;
        }
        OpKind::Affine(affine) => {
            let configured = settings.weights.is_some() || settings.bias.is_some();
            if configured || !chain::ends_in_quantizer(graph, node) {
                affine.scale = weights(&affine.scale, 1, &settings)?;
                affine.offset = bias(&affine.offset, &affine.scale, operand, &settings)?;
            }
        }
        OpKind::Constant(constant) => {
            constant.constants = weights(&constant.constants, 1, &settings)?;
        }
        OpKind::LeakyRelu(relu) => {
            let settings = Resolved { weights: None, ..settings };
            relu.alpha = weights(&relu.alpha, 1, &settings)?;
        }
        OpKind::Clip(clip) => clip.bounds = bounds(&clip.bounds, operand, &settings)?,
        OpKind::Threshold(threshold) => {
            threshold.thresholds = thresholds(&threshold.thresholds, operand, &settings)?;
            let settings = Resolved { weights: None, ..settings };
            threshold.base_and_step = weights(&threshold.base_and_step, 1, &settings)?;
        }
        OpKind::Input(_)
        | OpKind::Add(_)
        | OpKind::Subtract(_)
        | OpKind::Multiply(_)
        | OpKind::Relu(_)
        | OpKind::Quantize(_)
        | OpKind::Activation(_)
        | OpKind::Softmax(_)
        | OpKind::ArgMax(_)
        | OpKind::Reshape(_)
        | OpKind::Gather(_)
        | OpKind::Concat(_) => {}
    }
    Ok(op)
}

/// Says how far a scale of the model was rounded where no quantizer of its own follows.
fn report_scale(
    graph: &Graph,
    cx: &mut PassContext<'_>,
    node: NodeId,
    quantized: &OpKind,
    ranges: &Ranges,
) {
    let (OpKind::Affine(own), OpKind::Affine(new)) = (&graph[node].op, quantized) else { return };
    if own == new || own.scale.is_exact() {
        return;
    }
    let operand = ranges.get(graph.operands(node)[0]);
    let error = operand.map_or(f64::INFINITY, |operand| largest_error(own, new, operand));
    let bits = new.scale.format().map_or(0, FixedFormat::width);
    let (name, operator) = graph.imported(node);
    let how = Rescaling::Rounded { bits, error };
    cx.rescaled.push(Rescaled { name: name.to_owned(), operator: operator.to_owned(), how });
    let warning = Diagnostic::warning(
        Code::Q0205,
        format!("the scale of `{name}` became a factor of {bits} bits"),
        "write `head = \"argmax\"` if only the order of the outputs counts, or a longer \
         `weight_length` for this layer",
    );
    cx.warnings.push(
        warning.note(format!("values are off by at most {error:.3e}")).at_node(name, operator),
    );
}

/// The largest difference that other constants can make, in values.
fn largest_error(own: &Affine, new: &Affine, operand: &[Interval]) -> f64 {
    let difference = |own: &Constants, new: &Constants, index: usize| {
        (own.values()[index] - new.values()[index]).abs()
    };
    let errors = operand.iter().enumerate().map(|(index, range)| {
        let largest = range.lo_f64().abs().max(range.hi_f64().abs());
        largest * difference(&own.scale, &new.scale, index)
            + difference(&own.offset, &new.offset, index)
    });
    errors.fold(0.0, f64::max)
}

/// The warning that a layer has weights of which none is left.
fn vanished(graph: &Graph, node: NodeId, new: &OpKind) -> Option<Diagnostic> {
    let (OpKind::Dense(own), OpKind::Dense(new)) = (&graph[node].op, new) else { return None };
    let is_zero = |constants: &Constants| constants.values().iter().all(|value| *value == 0.0);
    if is_zero(&own.weights) || !is_zero(&new.weights) {
        return None;
    }
    let (lo, hi) = extremes(own.weights.values());
    let (name, operator) = graph.imported(node);
    let warning = Diagnostic::warning(
        Code::Q0203,
        "every weight of the layer rounds to zero",
        "if they matter, scale them up in the model, and what follows them down",
    );
    let extent = format!("the weights lie in [{lo:e}, {hi:e}]");
    Some(warning.at_node(name, operator).note(extent))
}

/// Constants of which each `row` in a row makes one output.
fn weights(own: &Constants, row: usize, settings: &Resolved) -> Result<Constants, Diagnostic> {
    if let Some(quantizer) = settings.weights {
        return configured(own, quantizer, "weights");
    }
    if own.is_exact() {
        return Ok(own.clone());
    }
    let values = own.values();
    let group = match settings.weight_granularity {
        Granularity::Tensor => values.len(),
        Granularity::Channel => row,
        Granularity::Element => 1,
    };
    let formats = fit_group(values, group.max(1), settings.weight_length, Rounding::NearestEven);
    on_formats(own, |index| formats[index / group.max(1)])
}

/// Terms added to products of `factors` and the operand.
fn bias(
    own: &Constants,
    factors: &Constants,
    operand: Option<&[Interval]>,
    settings: &Resolved,
) -> Result<Constants, Diagnostic> {
    if let Some(quantizer) = settings.bias {
        return configured(own, quantizer, "biases");
    }
    if own.is_exact() {
        return Ok(own.clone());
    }
    let (lo, hi) = extremes(own.values());
    let fitted = fit(lo, hi, settings.weight_length, Rounding::NearestEven);
    let free = product_frac(factors, operand).unwrap_or_else(|| fitted.frac().saturating_add(8));
    let frac = free.max(fitted.frac());
    let width = (fitted.integer_bits() + i32::from(frac)).clamp(1, i32::from(MAX_CONSTANT_WIDTH));
    let width = u8::try_from(width).expect("clamped");
    let format = fit(lo, hi, width, Rounding::NearestEven);
    on_formats(own, |_| format)
}

/// The binary point of the products of `factors` and the operand.
fn product_frac(factors: &Constants, operand: Option<&[Interval]>) -> Option<i8> {
    let (_, factor_frac) = factors.raw().ok()?;
    let frac = operand?.iter().map(|range| range.frac()).max()?;
    frac.checked_add(factor_frac)
}

/// Thresholds on the grid of the operand: the next value that it can take.
fn thresholds(
    own: &Constants,
    operand: Option<&[Interval]>,
    settings: &Resolved,
) -> Result<Constants, Diagnostic> {
    if own.is_exact() {
        return Ok(own.clone());
    }
    let Some(frac) = operand.and_then(|ranges| ranges.iter().map(|range| range.frac()).max())
    else {
        return weights(own, 1, &Resolved { weights: None, ..settings.clone() });
    };
    // Rounding up is rounding down from the other side.
    let negated = Constants::float(own.values().iter().map(|value| -value).collect::<Vec<_>>());
    let quantizer = Quantizer {
        format: FixedFormat::new(true, MAX_CONSTANT_WIDTH, frac).expect("the operand's grid"),
        rounding: Rounding::Floor,
        overflow: Overflow::Saturate,
    };
    let moved = negated.quantized(|_| quantizer).map_err(|_| not_finite())?;
    let values: Vec<f64> = moved.values().iter().map(|value| -value).collect();
    Constants::exact(values).map_err(|error| {
        Diagnostic::error(Code::T0101, error.to_string(), "give the layer before fewer bits")
    })
}

/// Bounds of a `clip`, moved within reach of the operand and rounded to its grid.
fn bounds(
    own: &Constants,
    operand: Option<&[Interval]>,
    settings: &Resolved,
) -> Result<Constants, Diagnostic> {
    if own.is_exact() {
        return Ok(own.clone());
    }
    let Some(ranges) = operand else {
        return weights(own, 1, &Resolved { weights: None, ..settings.clone() });
    };
    let lo = ranges.iter().map(|range| range.lo_f64()).fold(f64::INFINITY, f64::min);
    let hi = ranges.iter().map(|range| range.hi_f64()).fold(f64::NEG_INFINITY, f64::max);
    let frac = ranges.iter().map(|range| range.frac()).max().unwrap_or(0);
    let near: Vec<f64> = own.values().iter().map(|bound| bound.clamp(lo, hi)).collect();
    let format = FixedFormat::new(true, MAX_CONSTANT_WIDTH, frac).expect("the operand's grid");
    let quantizer =
        Quantizer { format, rounding: Rounding::NearestEven, overflow: Overflow::Saturate };
    let rounded: Result<Vec<f64>, Diagnostic> = near
        .iter()
        .map(|bound| match quantizer.apply_f64(*bound) {
            Ok(raw) => Ok(scale(raw, frac)),
            Err(_) => Err(not_finite()),
        })
        .collect();
    Constants::exact(rounded?).map_err(|error| {
        Diagnostic::error(Code::T0101, error.to_string(), "give the layer before fewer bits")
    })
}

fn on_formats(
    own: &Constants,
    format: impl Fn(usize) -> FixedFormat,
) -> Result<Constants, Diagnostic> {
    let quantizer = |index| Quantizer {
        format: format(index),
        rounding: Rounding::NearestEven,
        overflow: Overflow::Saturate,
    };
    own.quantized(quantizer).map_err(|_| not_finite())
}

/// Constants in a format that was asked for, which must hold them.
fn configured(
    own: &Constants,
    quantizer: Quantizer,
    what: &'static str,
) -> Result<Constants, Diagnostic> {
    let format = quantizer.format;
    if format.width() > MAX_CONSTANT_WIDTH {
        return Err(Diagnostic::error(
            Code::Q0203,
            format!("{format} has more bits than the {what} of a model"),
            format!("use at most {MAX_CONSTANT_WIDTH} bits"),
        ));
    }
    let outside = own.values().iter().filter(|value| quantizer.overflows_f64(**value)).count();
    if outside > 0 {
        let (lo, hi) = extremes(own.values());
        let enough = fit(lo, hi, format.width(), quantizer.rounding);
        let range = format.interval();
        return Err(Diagnostic::error(
            Code::Q0203,
            format!("{outside} of {} {what} do not fit {format}", own.len()),
            format!("use `{enough}`, or more bits"),
        )
        .note(format!("the {what} lie in [{lo}, {hi}], {format} holds {range}")));
    }
    own.quantized(|_| quantizer).map_err(|_| not_finite())
}

fn extremes(values: &[f64]) -> (f64, f64) {
    let lo = values.iter().copied().fold(f64::INFINITY, f64::min);
    let hi = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.is_empty() { (0.0, 0.0) } else { (lo, hi) }
}

fn not_finite() -> Diagnostic {
    Diagnostic::error(
        Code::O0006,
        "a constant is infinite or not a number",
        "train or export the model again: no fixed-point format holds such a value",
    )
}
