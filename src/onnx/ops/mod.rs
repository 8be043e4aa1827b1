//! The table of operators, and what is checked before an operator's importer runs.

mod activation;
mod bound;
mod cast;
mod concat;
mod constant;
mod dense;
mod elementwise;
mod grid;
mod layout;
mod matrix;
mod normalization;
mod own;
mod pick;
mod qonnx;
mod quantize_linear;
mod rounding;

use super::context::Context;
use super::definition::Definition;
use super::fault::{Fault, Import};
use super::functions;
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
    /// What neither has.
    Own,
}

impl Domain {
    /// The names that the domain goes by; older exporters have their own.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Onnx => &[""],
            Self::Own => &[functions::DOMAIN],
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
        "ArgMax",
        1,
        (1, 1),
        &[always("axis"), always("keepdims"), from("select_last_index", 12)],
        activation::arg_max,
    ),
    onnx("BatchNormalization", 1, (5, 5), BATCH_NORMALIZATION, normalization::batch_normalization),
    onnx("Cast", 1, (1, 1), &[always("to"), from("saturate", 19)], cast::cast),
    onnx("Clip", 1, (1, 3), &[until("min", 10), until("max", 10)], activation::clip),
    onnx("Concat", 1, (1, MANY), &[always("axis")], concat::concat),
    onnx("Constant", 1, (0, 0), CONSTANT, constant::constant),
    onnx("ConstantOfShape", 9, (1, 1), &[always("value")], constant::constant_of_shape),
    onnx(
        "DequantizeLinear",
        10,
        (2, 3),
        &[from("axis", 13), from("block_size", 21)],
        quantize_linear::dequantize,
    ),
    onnx("Div", 1, (2, 2), &[], elementwise::divide),
    onnx("Dropout", 1, (1, 3), &[until("ratio", 11), from("seed", 12)], activation::dropout),
    onnx("Flatten", 1, (1, 1), &[always("axis")], layout::flatten),
    onnx("Gather", 1, (2, 2), &[always("axis")], pick::gather),
    onnx(
        "Gemm",
        1,
        (2, 3),
        &[always("alpha"), always("beta"), always("transA"), always("transB")],
        matrix::gemm,
    ),
    onnx("Identity", 1, (1, 1), &[], activation::identity),
    onnx("LeakyRelu", 1, (1, 1), &[always("alpha")], activation::leaky_relu),
    onnx("MatMul", 1, (2, 2), &[], matrix::mat_mul),
    onnx("Max", 8, (2, 2), &[], bound::max),
    onnx("Min", 8, (2, 2), &[], bound::min),
    onnx("Mul", 1, (2, 2), &[], elementwise::multiply),
    onnx("Neg", 1, (1, 1), &[], elementwise::negate),
    onnx("Pow", 1, (2, 2), &[], constant::power),
    onnx("QuantizeLinear", 10, (2, 3), QUANTIZE_LINEAR, quantize_linear::quantize),
    onnx("Relu", 1, (1, 1), &[], activation::relu),
    onnx("Reshape", 5, (2, 2), &[from("allowzero", 14)], layout::reshape),
    onnx("Shape", 1, (1, 1), &[from("start", 15), from("end", 15)], layout::shape),
    onnx("Sigmoid", 1, (1, 1), &[], activation::sigmoid),
    onnx(
        "Slice",
        1,
        (1, 5),
        &[until("starts", 9), until("ends", 9), until("axes", 9)],
        pick::slice,
    ),
    onnx("Softmax", 1, (1, 1), &[always("axis")], activation::softmax),
    onnx(
        "Split",
        2,
        (1, 2),
        &[always("axis"), until("split", 12), from("num_outputs", 18)],
        pick::split,
    ),
    onnx("Sqrt", 1, (1, 1), &[], constant::square_root),
    onnx("Squeeze", 1, (1, 2), &[until("axes", 12)], layout::squeeze),
    onnx("Sub", 1, (2, 2), &[], elementwise::subtract),
    onnx("Tanh", 1, (1, 1), &[], activation::tanh),
    onnx("Transpose", 1, (1, 1), &[always("perm")], layout::transpose),
    onnx("Unsqueeze", 1, (1, 2), &[until("axes", 12)], layout::unsqueeze),
    qonnx("BipolarQuant", (2, 2), &[], qonnx::bipolar_quant),
    qonnx("IntQuant", (4, 4), QUANT, qonnx::quant),
    qonnx("Quant", (4, 4), QUANT, qonnx::quant),
    qonnx("Trunc", (5, 6), QUANT, qonnx::trunc),
    Operator {
        name: functions::NAME,
        domain: Domain::Own,
        since: 1,
        operands: (4, 4),
        attributes: &[],
        importer: own::quantize,
    },
];

/// As many operands as a model likes; the graph numbers them with 16 bits.
const MANY: usize = 65_535;

const BATCH_NORMALIZATION: &[Attribute] =
    &[always("epsilon"), always("momentum"), until("spatial", 8), from("training_mode", 14)];

const CONSTANT: &[Attribute] = &[
    always("value"),
    from("value_float", 12),
    from("value_floats", 12),
    from("value_int", 12),
    from("value_ints", 12),
];

const QUANTIZE_LINEAR: &[Attribute] =
    &[from("axis", 13), from("saturate", 19), from("block_size", 21), from("output_dtype", 21)];

const QUANT: &[Attribute] = &[always("signed"), always("narrow"), always("rounding_mode")];

/// The results of the node of `cx`; faults that do not end the import of the node go to `faults`.
pub(super) fn import(mut cx: Context<'_>, faults: &mut Vec<Diagnostic>) -> Import<Vec<Value>> {
    let operator = find(&cx)?;
    check_definition(&cx, operator)?;
    let (least, most) = operator.operands;
    if !(least..=most).contains(&cx.n_operands()) {
        let found = cx.n_operands();
        let takes = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let message = format!("it has {found} operands, but takes {takes}");
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
        let name = match row.domain {
            Domain::Onnx | Domain::Qonnx => node.operator.as_str(),
            // Modes follow.
            Domain::Own => node.operator.split('_').next().unwrap_or_default(),
        };
        row.name == name && row.domain.names().contains(&node.domain.as_str())
    });
    match row {
        Some(row) if cx.opset >= row.since => Ok(row),
        Some(row) => Err(cx.fault(
            Code::O0003,
            format!("operator `{}` is not part of opset {}", node.operator, cx.opset),
            format!("export the model with opset {} or later", row.since),
        )),
        None => {
            let known = OPERATORS.iter().filter(|row| row.domain != Domain::Own);
            let mut supported: Vec<&str> = known.map(|row| row.name).collect();
            supported.sort_unstable();
            supported.dedup();
            let domain = if node.domain.is_empty() { "ai.onnx" } else { &node.domain };
            let message =
                format!("operator `{}` of domain `{domain}` is not supported", node.operator);
            let help = match node.definition {
                None => "express it by supported operators, or end the model before it",
                Some(_) => INLINE,
            };
            let fault = Diagnostic::error(Code::O0003, message, help)
                .at_node(&node.name, &node.operator)
                .note(format!("supported are {}", supported.join(", ")));
            Err(Fault::Own(fault))
        }
    }
}

/// What puts the definition of a function where it is called.
const INLINE: &str =
    "give its definition in its place: `onnx.inliner.inline_local_functions(model)`";

/// Checks that the file does not say that the operator is something else than its importer takes it for.
fn check_definition(cx: &Context<'_>, operator: &Operator) -> Import<()> {
    let name = &cx.node.operator;
    let message = match (operator.domain, &cx.node.definition) {
        (Domain::Own, Some(Definition::AsExported)) | (Domain::Onnx | Domain::Qonnx, None) => {
            return Ok(());
        }
        (Domain::Onnx | Domain::Qonnx, Some(_)) => {
            let message = format!("the file has a definition of `{name}`, which is not read");
            return Err(cx.fault(Code::O0015, message, INLINE));
        }
        (Domain::Own, Some(Definition::Other(difference))) => {
            format!("function `{name}` is not what its name says: {difference}")
        }
        (Domain::Own, Some(Definition::Foreign)) => format!("no function is called `{name}`"),
        (Domain::Own, None) => format!("the file does not define the function `{name}`"),
    };
    let help = "write the file again: `trigforge export MODEL -o OUT.onnx`";
    let version = env!("CARGO_PKG_VERSION");
    let fault = Diagnostic::error(Code::O0015, message, help)
        .at_node(&cx.node.name, name)
        .note(format!("it is held against the definition that trigforge {version} writes"));
    Err(Fault::Own(fault))
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
