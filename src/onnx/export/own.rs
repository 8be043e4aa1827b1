//! Quantizers that wrap, or give zero for what they do not hold: functions of our own, such as
//! `Quantize_RND_WRAP(x, step, low, high)` for codes from `low` to `high`.
//!
//! The file has their definitions in operators of ONNX, so other tools compute them, too:
//!
//! ```text
//! code = round(x / step)              as the mode says; RND is ceil(floor(2 x / step) / 2)
//! WRAP:     code - n floor((code - low) / n), n = high - low + 1
//! SAT_ZERO: code where low <= code <= high, else 0
//! y = code * step
//! ```
//! All of it is exact where codes before wrapping have fewer bits than the numbers of the file.

use onnx_protobuf::{FunctionProto, NodeProto, OperatorSetIdProto};

use super::VERSIONS;
use super::quantizer::refuse;
use super::writer::{Operator, Writer};
use crate::diag::Diagnostic;
use crate::graph::{Graph, NodeId};
use crate::numeric::interval::scale;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
pub(super) use crate::onnx::ops::own::DOMAIN;
use crate::onnx::ops::own::name;
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
    let kind = name(first.rounding, first.overflow);
    writer.functions.entry(kind.clone()).or_insert_with(|| function(&kind, first));
    writer.result(Operator { kind: &kind, inputs, attributes: Vec::new(), from });
    Ok(())
}

/// The definition of a quantizer with such modes.
fn function(kind: &str, modes: Quantizer) -> FunctionProto {
    let mut body = Body(Vec::new());
    let quotient = body.node("Div", &["x", "step"]);
    let code = body.rounded(modes.rounding, &quotient);
    let code = match modes.overflow {
        Overflow::Wrap => {
            let one = body.one();
            let span = body.node("Sub", &["high", "low"]);
            let span = body.node("Add", &[&span, &one]);
            let turns = body.node("Sub", &[&code, "low"]);
            let turns = body.node("Div", &[&turns, &span]);
            let turns = body.node("Floor", &[&turns]);
            let away = body.node("Mul", &[&turns, &span]);
            body.node("Sub", &[&code, &away])
        }
        Overflow::SaturateZero => {
            let zero = body.node("Sub", &["step", "step"]);
            let below = body.node("Less", &[&code, "low"]);
            let above = body.node("Greater", &[&code, "high"]);
            let outside = body.node("Or", &[&below, &above]);
            body.node("Where", &[&outside, &zero, &code])
        }
        Overflow::Saturate | Overflow::SaturateSymmetric => {
            unreachable!("what saturates is a `Quant`")
        }
    };
    body.0.push(NodeProto {
        op_type: "Mul".to_owned(),
        input: vec![code, "step".to_owned()],
        output: vec!["y".to_owned()],
        ..NodeProto::default()
    });
    FunctionProto {
        name: kind.to_owned(),
        domain: DOMAIN.to_owned(),
        input: ["x", "step", "low", "high"].map(str::to_owned).to_vec(),
        output: vec!["y".to_owned()],
        node: body.0,
        opset_import: vec![OperatorSetIdProto {
            version: VERSIONS.1,
            ..OperatorSetIdProto::default()
        }],
        ..FunctionProto::default()
    }
}

/// The nodes of a function; each value has the number of its node for a name.
struct Body(Vec<NodeProto>);

impl Body {
    /// A node, and the name of its result.
    fn node(&mut self, kind: &str, inputs: &[&str]) -> String {
        let output = format!("v{}", self.0.len());
        self.0.push(NodeProto {
            op_type: kind.to_owned(),
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: vec![output.clone()],
            ..NodeProto::default()
        });
        output
    }

    /// The number one, in the type of `step`.
    fn one(&mut self) -> String {
        self.node("Div", &["step", "step"])
    }

    /// `x` as a whole number.
    fn rounded(&mut self, rounding: Rounding, x: &str) -> String {
        match rounding {
            Rounding::Floor => self.node("Floor", &[x]),
            Rounding::NearestEven => self.node("Round", &[x]),
            Rounding::NearestUp => self.nearest("Floor", "Ceil", x),
            Rounding::NearestDown => self.nearest("Ceil", "Floor", x),
            Rounding::TowardZero | Rounding::NearestAway | Rounding::NearestZero => {
                let (sign, magnitude) = (self.node("Sign", &[x]), self.node("Abs", &[x]));
                let rounded = match rounding {
                    Rounding::NearestAway => self.nearest("Floor", "Ceil", &magnitude),
                    Rounding::NearestZero => self.nearest("Ceil", "Floor", &magnitude),
                    _ => self.node("Floor", &[&magnitude]),
                };
                self.node("Mul", &[&sign, &rounded])
            }
        }
    }

    /// The nearest whole number: `outer(inner(2 x) / 2)` has ties on the side of `outer`, and adds nothing
    /// that could be rounded.
    fn nearest(&mut self, inner: &str, outer: &str, x: &str) -> String {
        let one = self.one();
        let two = self.node("Add", &[&one, &one]);
        let twice = self.node("Mul", &[x, &two]);
        let twice = self.node(inner, &[&twice]);
        let halved = self.node("Div", &[&twice, &two]);
        self.node(outer, &[&halved])
    }
}
