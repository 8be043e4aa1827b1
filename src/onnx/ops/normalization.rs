//! `BatchNormalization` at inference: a factor and a term for each channel.

use crate::diag::Code;
use crate::onnx::context::Context;
use crate::onnx::fault::Import;
use crate::onnx::index;
use crate::onnx::scaling;
use crate::onnx::value::{self, Dim, Value, Wires, describe, dims};

/// `y = gamma * (x - mean) / sqrt(variance + epsilon) + beta` for each channel.
pub(super) fn batch_normalization(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    cx.require_flag("training_mode", false)?;
    cx.require_flag("spatial", true)?;
    let epsilon = cx.float("epsilon", f64::from(1e-5_f32))?;
    let parameters: Vec<Vec<f64>> =
        (1..5).map(|position| Ok(cx.constant(position)?.floats())).collect::<Import<_>>()?;
    let [gamma, beta, mean, variance] = parameters.as_slice() else {
        unreachable!("four operands were collected");
    };
    let n_channels = gamma.len();
    if parameters.iter().any(|parameter| parameter.len() != n_channels) {
        return Err(cx.shapes("its parameters are not equally many"));
    }
    if let Some(variance) = variance.iter().find(|variance| **variance + epsilon <= 0.0) {
        let help = "train the model again, or mend the weight";
        let message = format!("one of its variances is {variance}");
        return Err(cx.fault(Code::O0006, message, help));
    }
    let x = cx.float_wires(0)?;
    let axis = channel_axis(cx, &x, n_channels)?;
    let own = dims(&x.layout);
    let mut strides = vec![0; own.len()];
    strides[axis] = 1;
    let channels = index::walk(&own, &strides);
    let scales: Vec<f64> = gamma
        .iter()
        .zip(variance)
        .map(|(gamma, variance)| gamma / (variance + epsilon).sqrt())
        .collect();
    let offset = |channel: &usize| beta[*channel] - mean[*channel] * scales[*channel];
    let offset = scaling::guessed(cx, channels.iter().map(offset).collect())?;
    let scale = scaling::guessed(cx, channels.iter().map(|channel| scales[*channel]).collect())?;
    Ok(vec![Value::Wires(scaling::affine(cx, &x, scale, offset)?)])
}

/// The dimension of the channels among those of one event.
///
/// It is the second one. Some exporters transpose a matrix before the
/// normalization and again after it, so that the batch comes second: ONNX cannot
/// mean anything by that but that the channels come first.
fn channel_axis(cx: &Context<'_>, x: &Wires, n_channels: usize) -> Import<usize> {
    let axis = match x.layout.as_slice() {
        [Dim::Of(_), Dim::Batch] => 0,
        [_, _, ..] => 1,
        _ => return Err(cx.shapes(format!("{} has no channels", describe(&x.layout)))),
    };
    if x.layout[axis] != Dim::Of(n_channels) {
        let shape = describe(&x.layout);
        return Err(cx.shapes(format!("{n_channels} channels are given {shape}")));
    }
    Ok(value::event_axis(&x.layout, axis).expect("the channels are not the batch"))
}
