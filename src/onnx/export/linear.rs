//! `QuantizeLinear` and `DequantizeLinear` of ONNX: codes of whole bytes, rounded to the nearest, ties to even.
//!
//! A format that fills no whole byte is bounded by `Max` and `Min` before it is rounded. That is the same as
//! after, for the bounds are multiples of the step.

use super::quantizer::refuse;
use super::writer::{Operator, Value, Writer};
use crate::diag::Diagnostic;
use crate::graph::{Graph, NodeId};
use crate::numeric::interval::scale;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::Overflow;
use crate::ops::{Constants, PerElement};

/// The type of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeType {
    Int8,
    UInt8,
    Int16,
    UInt16,
    /// For constants alone: `QuantizeLinear` does not give it.
    Int32,
}

/// The most bits of a constant that float32 holds, the sign not counted.
const FLOAT_BITS: u32 = 24;

impl CodeType {
    /// The narrowest type of the codes of a quantizer.
    fn of(signed: bool, bits: u8) -> Option<Self> {
        match (signed, bits) {
            (true, 0..=8) => Some(Self::Int8),
            (false, 0..=8) => Some(Self::UInt8),
            (true, 9..=16) => Some(Self::Int16),
            (false, 9..=16) => Some(Self::UInt16),
            (true | false, _) => None,
        }
    }

    /// The lowest and the highest code.
    fn range(self) -> (i64, i64) {
        match self {
            Self::Int8 => (-128, 127),
            Self::UInt8 => (0, 255),
            Self::Int16 => (-32_768, 32_767),
            Self::UInt16 => (0, 65_535),
            Self::Int32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        }
    }
}

/// Writes a quantizer whose elements round to the nearest, ties to even, and saturate.
///
/// # Errors
/// When the elements differ in sign, or have too many bits.
pub(super) fn quantize(
    writer: &mut Writer,
    from: (&Graph, NodeId),
    quantizer: &PerElement<Quantizer>,
    mut x: String,
) -> Result<(), Diagnostic> {
    let quantizers = quantizer.as_slice();
    let signed = quantizers[0].format.signed();
    if let Some(other) = quantizers.iter().find(|own| own.format.signed() != signed) {
        let message = format!(
            "its elements have formats as different as `{}` and `{other}`, but `QuantizeLinear` has one \
             sign for all",
            quantizers[0]
        );
        return Err(refuse(message, "give all elements the same sign"));
    }
    let bits = quantizers.iter().map(|own| own.format.width()).max().expect("there are elements");
    let codes = CodeType::of(signed, bits).ok_or_else(|| {
        let message = format!("it has {bits} bits; `QuantizeLinear` has at most 16");
        refuse(message, "quantize it to fewer bits, or choose the dialect `qonnx`")
    })?;
    let name = from.0.imported(from.1).0;
    let shape = &from.0[from.1].ty.shape.0;
    let (least, most) = codes.range();
    let lower = ("Max", "low", least, lowest as fn(Quantizer) -> i64);
    let upper = ("Min", "high", most, highest as fn(Quantizer) -> i64);
    for (kind, part, of_type, code) in [lower, upper] {
        if quantizers.iter().all(|own| code(*own) == of_type) {
            continue;
        }
        let bounds = quantizer.map(|own| scale(code(own), own.format.frac()));
        let bounds = bounds.as_slice();
        let shape = if bounds.len() == 1 { Vec::new() } else { shape.clone() };
        let inputs = vec![x, writer.numbers(&format!("{name}.{part}"), shape, bounds)];
        x = writer.step(Operator { kind, inputs, attributes: Vec::new(), from }, kind);
    }
    let steps = quantizer.map(|own| own.format.step());
    let steps = steps.as_slice();
    let each = if steps.len() == 1 { Vec::new() } else { vec![steps.len()] };
    let scale = writer.numbers(&format!("{name}.scale"), each.clone(), steps);
    let zero = writer.codes(&format!("{name}.zero_point"), each, codes, &vec![0; steps.len()]);
    let attributes = || if steps.len() == 1 { Vec::new() } else { vec![("axis", Value::Int(1))] };
    let inputs = vec![x, scale.clone(), zero.clone()];
    let kind = "QuantizeLinear";
    let x = writer.first_step(Operator { kind, inputs, attributes: attributes(), from }, "codes");
    let (kind, inputs) = ("DequantizeLinear", vec![x, scale, zero]);
    writer.result(Operator { kind, inputs, attributes: attributes(), from });
    Ok(())
}

/// The node that gives exact constants, of codes in whole bytes.
///
/// # Errors
/// When they have more bits than float32 holds.
pub(super) fn constants<'a>(
    writer: &mut Writer,
    from: (&'a Graph, NodeId),
    (name, shape): (&str, Vec<usize>),
    constants: &Constants,
) -> Result<Operator<'a>, Diagnostic> {
    let (raw, frac) = constants.raw().expect("exact constants are on a grid");
    if raw.iter().any(|raw| raw.unsigned_abs() >= 1 << FLOAT_BITS) {
        return Err(too_long());
    }
    let fits = |codes: CodeType| {
        let (least, most) = codes.range();
        raw.iter().all(|raw| (least..=most).contains(raw))
    };
    let codes = if fits(CodeType::Int8) { CodeType::Int8 } else { CodeType::Int32 };
    let initializer = writer.codes(name, shape, codes, &raw);
    let step = writer.numbers(&format!("{name}.scale"), Vec::new(), &[scale(1, frac)]);
    let inputs = vec![initializer, step];
    Ok(Operator { kind: "DequantizeLinear", inputs, attributes: Vec::new(), from })
}

/// The fault of constants that single precision does not hold.
pub(super) fn too_long() -> Diagnostic {
    let message = "its constants have more bits than float32 holds, which `DequantizeLinear` gives";
    refuse(message, "quantize them to fewer bits, or choose the dialect `qonnx`")
}

/// The lowest code of a quantizer that saturates.
fn lowest(own: Quantizer) -> i64 {
    match own.overflow {
        Overflow::SaturateSymmetric if own.format.signed() => -own.format.max_raw(),
        Overflow::Saturate | Overflow::SaturateSymmetric => own.format.min_raw(),
        Overflow::Wrap | Overflow::SaturateZero => {
            unreachable!("what does not saturate was refused")
        }
    }
}

/// The highest one.
fn highest(own: Quantizer) -> i64 {
    own.format.max_raw()
}
