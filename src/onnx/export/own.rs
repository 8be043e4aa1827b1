//! Quantizers that wrap, or give zero for what they do not hold: calls of functions of our own, such as
//! `Quantize_RND_WRAP(x, step, low, high)` for codes from `low` to `high`.
//!
//! The file has their definitions in operators of ONNX, so other tools compute them, too.

use super::quantizer::refuse;
use super::writer::{Operator, Writer};
use crate::diag::Diagnostic;
use crate::graph::{Graph, NodeId};
use crate::numeric::interval::scale;
use crate::numeric::quantizer::Quantizer;
use crate::onnx::functions;
use crate::ops::PerElement;

/// The most bits of codes that single precision holds with what wraps.
const MAX_BITS: u8 = 22;

/// Writes a quantizer that does not saturate, and the function that it calls.
///
/// # Errors
/// When its elements differ in rounding or overflow, or have too many bits.
pub(super) fn quantize(
    writer: &mut Writer,
    from: (&Graph, NodeId),
    quantizer: &PerElement<Quantizer>,
    x: String,
) -> Result<(), Diagnostic> {
    let quantizers = quantizer.as_slice();
    let first = quantizers[0];
    let modes = |own: &Quantizer| (own.rounding, own.overflow);
    if let Some(other) = quantizers.iter().find(|own| modes(own) != modes(&first)) {
        let message = format!("its elements have modes as different as `{first}` and `{other}`");
        return Err(refuse(message, "give all elements the same rounding and overflow"));
    }
    if let Some(own) = quantizers.iter().find(|own| own.format.width() > MAX_BITS) {
        let message = format!("`{own}` wraps at more than {MAX_BITS} bits");
        return Err(refuse(message, "give it fewer bits, or let it saturate"));
    }
    let own = from.0.imported(from.1).0;
    let shape = &from.0[from.1].ty.shape.0;
    let mut number = |part: &str, values: PerElement<f64>| {
        let values = values.as_slice();
        let shape = if values.len() == 1 { Vec::new() } else { shape.clone() };
        writer.numbers(&format!("{own}.{part}"), shape, values)
    };
    let inputs = vec![
        x,
        number("step", quantizer.map(|own| own.format.step())),
        number("low", quantizer.map(|own| scale(own.format.min_raw(), 0))),
        number("high", quantizer.map(|own| scale(own.format.max_raw(), 0))),
    ];
    let kind = functions::name(first.rounding, first.overflow);
    writer.functions.entry(kind.clone()).or_insert_with(|| {
        let function = functions::definition(first.rounding, first.overflow);
        function.expect("what saturates is a `Quant`")
    });
    writer.result(Operator { kind: &kind, inputs, attributes: Vec::new(), from });
    Ok(())
}
