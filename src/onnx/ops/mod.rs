//! The table of operators, and what is checked before an operator's importer runs.

mod activation;
mod constant;
mod elementwise;
mod grid;
mod matrix;
mod qonnx;
mod rounding;

use super::context::Context;
use super::fault::{Fault, Import};
use super::value::Value;
use crate::diag::{Code, Diagnostic};

/// The importer of an operator: its results, as many as there are importers for.
type Importer = fn(&mut Context<'_>) -> Import<Vec<Value>>;

/// One operator of ONNX, or of QONNX.
struct Operator {
    name: &'static str,
    domain: Domain,
    /// The first version of its operator set that has it.
    since: i64,
    /// How few and how many operands it takes.
    operands: (usize, usize),
    /// The attributes that it takes; all others are refused.
    attributes: &'static [Attribute],
    importer: Importer,
}

/// An attribute, with the versions of the operator set that have it.
struct Attribute(&'static str, std::ops::RangeInclusive<i64>);

/// A family of operator sets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Domain {
    /// The default domain.
    Onnx,
    /// Quantizers of arbitrary width.
    Qonnx,
}

impl Domain {
    /// The names that the domain goes by; older exporters have their own.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Onnx => &[""],
            Self::Qonnx => &["qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general"],
        }
    }
}

/// An attribute of every version.
const fn always(name: &'static str) -> Attribute {
    Attribute(name, 1..=i64::MAX)
}

/// An attribute up to a version.
const fn until(name: &'static str, last: i64) -> Attribute {
    Attribute(name, 1..=last)
}

/// An attribute from a version on.
const fn from(name: &'static str, first: i64) -> Attribute {
    Attribute(name, first..=i64::MAX)
}

const fn onnx(
    name: &'static str,
    since: i64,
    operands: (usize, usize),
    attributes: &'static [Attribute],
    importer: Importer,
) -> Operator {
    Operator { name, domain: Domain::Onnx, since, operands, attributes, importer }
}

const fn qonnx(
    name: &'static str,
    operands: (usize, usize),
    attributes: &'static [Attribute],
    importer: Importer,
) -> Operator {
    Operator { name, domain: Domain::Qonnx, since: 1, operands, attributes, importer }
}

/// Every operator that can be imported.
const OPERATORS: &[Operator] = &[
    onnx("Add", 1, (2, 2), &[], elementwise::add),
    onnx(
        "Gemm",
        1,
        (2, 3),
        &[always("alpha"), always("beta"), always("transA"), always("transB")],
        matrix::gemm,
    ),
    onnx("MatMul", 1, (2, 2), &[], matrix::mat_mul),
    onnx("Relu", 1, (1, 1), &[], activation::relu),
    onnx("Softmax", 1, (1, 1), &[always("axis")], activation::softmax),
    qonnx("Quant", (4, 4), QUANT_ATTRIBUTES, qonnx::quant),
];

const QUANT_ATTRIBUTES: &[Attribute] =
    &[always("signed"), always("narrow"), always("rounding_mode")];

/// The results of the node of `cx`; faults that do not end the import of the node go to `faults`.
pub(super) fn import(mut cx: Context<'_>, faults: &mut Vec<Diagnostic>) -> Import<Vec<Value>> {
    let operator = find(&cx)?;
    let (least, most) = operator.operands;
    if !(least..=most).contains(&cx.n_operands()) {
        let message = format!("it has {} operands, but takes {least} to {most}", cx.n_operands());
        return Err(cx.fault(Code::O0005, message, "export the model again"));
    }
    let mut understood = true;
    for name in cx.node.attributes.keys() {
        if let Err(fault) = check_attribute(&cx, operator, name) {
            understood = false;
            faults.extend(match fault {
                Fault::Own(diagnostic) => Some(diagnostic),
                Fault::Inherited => None,
            });
        }
    }
    if !understood {
        return Err(Fault::Inherited);
    }
    (operator.importer)(&mut cx)
}

fn find(cx: &Context<'_>) -> Import<&'static Operator> {
    let node = cx.node;
    let row = OPERATORS.iter().find(|row| {
        row.name == node.operator && row.domain.names().contains(&node.domain.as_str())
    });
    match row {
        Some(row) if cx.opset >= row.since => Ok(row),
        Some(row) => Err(cx.fault(
            Code::O0003,
            format!("operator `{}` is not part of opset {}", node.operator, cx.opset),
            format!("export the model with opset {} or later", row.since),
        )),
        None => {
            let mut supported: Vec<&str> = OPERATORS.iter().map(|row| row.name).collect();
            supported.sort_unstable();
            supported.dedup();
            let domain = if node.domain.is_empty() { "ai.onnx" } else { &node.domain };
            Err(cx.fault(
                Code::O0003,
                format!("operator `{}` of domain `{domain}` has no importer", node.operator),
                format!("supported: {}", supported.join(", ")),
            ))
        }
    }
}

fn check_attribute(cx: &Context<'_>, operator: &Operator, name: &str) -> Import<()> {
    match operator.attributes.iter().find(|attribute| attribute.0 == name) {
        Some(attribute) if attribute.1.contains(&cx.opset) => Ok(()),
        Some(_) => {
            Err(cx.unsupported(format!("attribute `{name}` is not part of opset {}", cx.opset)))
        }
        None => Err(cx.unsupported(format!("attribute `{name}` is not known"))),
    }
}
