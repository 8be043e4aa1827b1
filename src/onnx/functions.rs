//! Functions of our own: quantizers that neither ONNX nor QONNX has, and their definitions in operators of ONNX.
//!
//! ```text
//! Quantize_ROUNDING_OVERFLOW(x, step, low, high), for codes from `low` to `high`:
//! code = round(x / step)              as the mode says; RND is ceil(floor(2 x / step) / 2)
//! WRAP:     code - n floor((code - low) / n), n = high - low + 1
//! SAT_ZERO: code where low <= code <= high, else 0
//! y = code * step
//! ```
//! All of it is exact where codes before wrapping have fewer bits than the numbers of the file.
//!
//! The exporter writes the definition into each file that calls the function; the importer knows the function by
//! its name, and holds the definition of the file against this one ([`definition`](super::definition)).

use onnx_protobuf::{FunctionProto, NodeProto, OperatorSetIdProto};

use super::export::VERSIONS;
use crate::numeric::round::{Overflow, Rounding};

/// The domain of the functions.
pub(super) const DOMAIN: &str = "trigforge";

/// What stands before the modes in the name of a function.
pub(super) const NAME: &str = "Quantize";

/// The name of the quantizer with such modes.
pub(super) fn name(rounding: Rounding, overflow: Overflow) -> String {
    format!("{NAME}_{rounding}_{overflow}")
}

/// The modes of a function, by its name.
pub(super) fn modes(name: &str) -> Option<(Rounding, Overflow)> {
    let overflows = |rounding| Overflow::ALL.iter().map(move |overflow| (rounding, *overflow));
    let mut all = Rounding::ALL.iter().copied().flat_map(overflows);
    all.find(|(rounding, overflow)| self::name(*rounding, *overflow) == name)
}

/// The definition of the quantizer with such modes; none of one that saturates, which is a `Quant`.
pub(super) fn definition(rounding: Rounding, overflow: Overflow) -> Option<FunctionProto> {
    let mut body = Body(Vec::new());
    let quotient = body.node("Div", &["x", "step"]);
    let code = body.rounded(rounding, &quotient);
    let code = match overflow {
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
        Overflow::Saturate | Overflow::SaturateSymmetric => return None,
    };
    body.0.push(NodeProto {
        op_type: "Mul".to_owned(),
        input: vec![code, "step".to_owned()],
        output: vec!["y".to_owned()],
        ..NodeProto::default()
    });
    Some(FunctionProto {
        name: name(rounding, overflow),
        domain: DOMAIN.to_owned(),
        input: ["x", "step", "low", "high"].map(str::to_owned).to_vec(),
        output: vec!["y".to_owned()],
        node: body.0,
        opset_import: vec![OperatorSetIdProto {
            version: VERSIONS.1,
            ..OperatorSetIdProto::default()
        }],
        ..FunctionProto::default()
    })
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
