//! Each operator as a call of its kernel.

use super::network::{Array, Writer, common};
use super::unrolled::{self, Function};
use super::width::Wide;
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::ops::{
    Activation, Affine, Clip, Constants, Dense, LeakyRelu, OpKind, PerElement, Quantize, Softmax,
    Threshold, activation,
};
use crate::plan::DenseForm;

/// The calls of a node.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// The statements.
    pub(super) lines: Vec<String>,
    /// The straight-line function that they call.
    pub(super) function: Option<Function>,
}

impl From<String> for Body {
    fn from(line: String) -> Self {
        Self { lines: vec![line], function: None }
    }
}

impl From<Vec<String>> for Body {
    fn from(lines: Vec<String>) -> Self {
        Self { lines, function: None }
    }
}

/// The calls that compute `y` from `operands`.
pub(super) fn call(writer: &mut Writer<'_>, op: &OpKind, y: &Array, operands: &[Array]) -> Body {
    match op {
        OpKind::Input(_) | OpKind::Reshape(_) => unreachable!("they are arrays already"),
        OpKind::Constant(op) => constant(writer, &op.constants, y).into(),
        OpKind::Dense(op) => dense(writer, op, y, &operands[0]),
        OpKind::Affine(op) => affine(writer, op, y, &operands[0]).into(),
        OpKind::Add(_) => sum(writer, "add", y, operands).into(),
        OpKind::Subtract(_) => sum(writer, "subtract", y, operands).into(),
        OpKind::Multiply(_) => {
            let product = Wide::of(operands[0].format).product(Wide::of(operands[1].format));
            writer.carry(product.converted(y.format));
            elementwise("multiply", y, operands).into()
        }
        OpKind::Relu(_) => elementwise("relu", y, operands).into(),
        OpKind::LeakyRelu(op) => leaky_relu(writer, op, y, &operands[0]).into(),
        OpKind::Clip(op) => clip(writer, op, y, &operands[0]).into(),
        OpKind::Quantize(op) => quantize(writer, op, y, &operands[0]).into(),
        OpKind::Threshold(op) => threshold(writer, op, y, &operands[0]).into(),
        OpKind::Activation(op) => lookup(writer, op, y, &operands[0]).into(),
        OpKind::Softmax(op) => softmax(writer, op, y, &operands[0]).into(),
        OpKind::ArgMax(op) => {
            format!("trigforge::arg_max<{}, {}>({}, {});", y.len, op.len, operands[0].name, y.name)
                .into()
        }
        OpKind::Gather(op) => {
            let as_integer = |index: &usize| i64::try_from(*index).expect("a small index");
            let indices: Vec<i64> = op.indices.iter().map(as_integer).collect();
            let index = writer.integers("index", "elements of the input", &[y.len], &indices);
            format!("trigforge::gather({}, {}, {index});", operands[0].name, y.name).into()
        }
        OpKind::Concat(_) => concat(y, operands).into(),
    }
}

/// A kernel that takes the number of elements and the arrays.
fn elementwise(kernel: &str, y: &Array, operands: &[Array]) -> String {
    let names: Vec<&str> = operands.iter().map(|operand| operand.name.as_str()).collect();
    format!("trigforge::{kernel}<{}>({}, {});", y.len, names.join(", "), y.name)
}

fn sum(writer: &mut Writer<'_>, kernel: &str, y: &Array, operands: &[Array]) -> String {
    let [a, b] = [0, 1].map(|operand| Wide::of(operands[operand].format));
    writer.carry(a.aligned(b).converted(y.format));
    elementwise(kernel, y, operands)
}

fn constant(writer: &mut Writer<'_>, constants: &Constants, y: &Array) -> String {
    let values = writer.constants("values", constants, &[y.len]);
    format!("trigforge::constant<{}>({}, {});", values.ty, y.name, values.array)
}

fn dense(writer: &mut Writer<'_>, op: &Dense, y: &Array, x: &Array) -> Body {
    let rows = y.len / op.outputs;
    match writer.plan.dense {
        DenseForm::Loops => {
            let weight = writer.constants("weight", &op.weights, &[op.outputs, op.inputs]);
            let bias = writer.constants("bias", &op.bias, &[op.outputs]);
            let product = Wide::of(weight.format).product(Wide::of(x.format));
            writer.carry(product.aligned(Wide::of(y.format)));
            writer.carry(Wide::of(bias.format).converted(y.format));
            let (weight_type, bias_type) = (weight.ty, bias.ty);
            let types = format!("{rows}, {weight_type}, {bias_type}");
            let arguments = [&x.name, &y.name, &weight.array, &bias.array];
            let arguments = arguments.map(String::as_str).join(", ");
            format!("trigforge::dense<{types}>({arguments});").into()
        }
        DenseForm::Unrolled => {
            let function = unrolled::function(writer, op, x, y);
            let one = |row: usize| {
                let at = |array: &Array, step: usize| match row * step {
                    0 => array.name.clone(),
                    first => format!("{} + {first}", array.name),
                };
                format!("{}({}, {});", function.name, at(x, op.inputs), at(y, op.outputs))
            };
            Body { lines: (0..rows).map(one).collect(), function: Some(function) }
        }
    }
}

fn affine(writer: &mut Writer<'_>, op: &Affine, y: &Array, x: &Array) -> String {
    let scale = writer.constants("scale", &op.scale, &[y.len]);
    let offset = writer.constants("offset", &op.offset, &[y.len]);
    writer.carry(Wide::of(scale.format).product(Wide::of(x.format)).converted(y.format));
    writer.carry(Wide::of(offset.format).converted(y.format));
    format!(
        "trigforge::affine<{}, {}, {}>({}, {}, {}, {});",
        y.len, scale.ty, offset.ty, x.name, y.name, scale.array, offset.array
    )
}

fn leaky_relu(writer: &mut Writer<'_>, op: &LeakyRelu, y: &Array, x: &Array) -> String {
    let (raw, _) = op.alpha.raw().expect("infer saw an exact slope");
    let (ty, format) = writer.constant_type("alpha", &op.alpha);
    writer.carry(Wide::of(format).product(Wide::of(x.format)).converted(y.format));
    format!("trigforge::leaky_relu<{}, {ty}>({}, {}, {});", y.len, x.name, y.name, raw[0])
}

fn clip(writer: &mut Writer<'_>, op: &Clip, y: &Array, x: &Array) -> String {
    let (raw, _) = op.bounds.raw().expect("infer saw exact bounds");
    let (ty, format) = writer.constant_type("bound", &op.bounds);
    writer.carry(Wide::of(format).aligned(Wide::of(x.format)).converted(y.format));
    let (low, high) = (raw[0], raw[1]);
    format!("trigforge::clip<{}, {ty}>({}, {}, {low}, {high});", y.len, x.name, y.name)
}

fn quantize(writer: &mut Writer<'_>, op: &Quantize, y: &Array, x: &Array) -> Vec<String> {
    let wide = Wide::of(x.format);
    let PerElement::Each(_) = op.quantizer else {
        writer.carry(wide.converted(y.format));
        return vec![format!("trigforge::quantize<{}>({}, {});", y.len, x.name, y.name)];
    };
    let mut lines = Vec::new();
    for Run { first, len, item } in runs(y.len, |index| op.quantizer.at(index)) {
        writer.carry(wide.converted(item.format));
        let ty = writer.flavor.quantized(item);
        let (x, y) = (from(x, first), from(y, first));
        lines.push(format!("trigforge::quantize_to<{len}, {ty}>({x}, {y});"));
    }
    lines
}

fn threshold(writer: &mut Writer<'_>, op: &Threshold, y: &Array, x: &Array) -> String {
    let (raw, _) = op.base_and_step.raw().expect("infer saw exact values");
    let (ty, format) = writer.constant_type("step", &op.base_and_step);
    writer.carry(Wide::of(format).converted(y.format));
    let steps = i64::try_from(op.steps).expect("fewer than 2^63 thresholds");
    if steps == 0 {
        let base = vec![raw[0]; y.len];
        let base = writer.integers("base", &format!("raw values of {ty}"), &[y.len], &base);
        return format!("trigforge::constant<{ty}>({}, {base});", y.name);
    }
    let thresholds = writer.constants("threshold", &op.thresholds, &[y.len, op.steps]);
    writer.carry(Wide::of(thresholds.format).aligned(Wide::of(x.format)));
    let count = FixedFormat::covering(Interval::new(0, steps, 0)).expect("a small number");
    writer.carry(Wide::of(format).product(Wide::of(count)).converted(y.format));
    let count = writer.flavor.exact(count);
    format!(
        "trigforge::threshold<{}, {ty}, {count}>({}, {}, {}, {}, {});",
        thresholds.ty, x.name, y.name, thresholds.array, raw[0], raw[1]
    )
}

fn lookup(writer: &mut Writer<'_>, op: &Activation, y: &Array, x: &Array) -> Vec<String> {
    let output = op.output.as_ref().expect("infer saw a format");
    let mut tables: Vec<((FixedFormat, Quantizer), [String; 4])> = Vec::new();
    let mut lines = Vec::new();
    for Run { first, len, item } in runs(y.len, |index| (x.formats.at(index), output.at(index))) {
        let known = tables.iter().find(|(key, _)| *key == item).map(|(_, names)| names.clone());
        let [index, value, table, lowest] = known.unwrap_or_else(|| {
            let (format, quantizer) = item;
            let interval = format.interval();
            let values = activation::table(interval, |x| op.function.apply(x), quantizer);
            let values = values.expect("infer made this table");
            let index = writer.flavor.exact(format);
            let value = writer.flavor.exact(quantizer.format);
            let comment = format!("values, raw, of {value} for {index} in rising order");
            let table = writer.integers("table", &comment, &[values.len()], &values);
            let names = [index, value, table, interval.lo().to_string()];
            tables.push((item, names.clone()));
            names
        });
        let (x, y) = (from(x, first), from(y, first));
        lines.push(format!(
            "trigforge::lookup<{len}, {index}, {value}>({x}, {y}, {table}, {lowest});"
        ));
    }
    lines
}

fn softmax(writer: &mut Writer<'_>, op: &Softmax, y: &Array, x: &Array) -> String {
    let formats = op.formats.expect("infer saw formats");
    let ranges = writer.operand_ranges().remove(0);
    let mut reached: Option<[Interval; 3]> = None;
    for row in ranges.chunks_exact(op.len) {
        let steps = formats.steps(row).expect("infer made these tables");
        for index in steps.indices {
            let own = [index, steps.sum, steps.sum_index];
            reached = Some(reached.map_or(own, |reached| {
                let union = |at: usize| reached[at].union(own[at]).expect("one binary point each");
                [union(0), union(1), union(2)]
            }));
        }
    }
    let [index, sum, sum_index] = reached.expect("a softmax has elements");
    let wide = Wide::of(x.format);
    writer.carry(wide.aligned(wide).converted(formats.index.format));
    let sum = common(&PerElement::Uniform(FixedFormat::covering(sum).expect("infer bounded it")));
    writer.carry(Wide::of(sum).converted(formats.sum_index.format));
    let product = Wide::of(formats.exponential.format).product(Wide::of(formats.inverse.format));
    writer.carry(product.converted(formats.output.format));
    let mut names = Vec::new();
    for (suffix, spelled) in [
        ("index", writer.flavor.quantized(formats.index)),
        ("exponential", writer.flavor.exact(formats.exponential.format)),
        ("sum", writer.flavor.exact(sum)),
        ("sum_index", writer.flavor.quantized(formats.sum_index)),
        ("inverse", writer.flavor.exact(formats.inverse.format)),
    ] {
        let comment = format!("softmax, {}", suffix.replace('_', " "));
        let wanted = format!("{}_{suffix}_t", writer.name);
        names.push(writer.named_type(&wanted, spelled, comment));
    }
    let exponentials = formats.exponential_table(index).expect("infer made this table");
    let comment = format!("exp(x), raw values of {} for {} in rising order", names[1], names[0]);
    let exponential = writer.integers("exp", &comment, &[exponentials.len()], &exponentials);
    let inverses = formats.inverse_table(sum_index).expect("infer made this table");
    let comment = format!("1 / x, raw values of {} for {} in rising order", names[4], names[3]);
    let inverse = writer.integers("reciprocal", &comment, &[inverses.len()], &inverses);
    format!(
        "trigforge::softmax<{}, {}, {}>({}, {}, {exponential}, {}, {inverse}, {});",
        y.len / op.len,
        op.len,
        names.join(", "),
        x.name,
        y.name,
        index.lo(),
        sum_index.lo()
    )
}

fn concat(y: &Array, operands: &[Array]) -> Vec<String> {
    let mut first = 0;
    let mut lines = Vec::new();
    for operand in operands {
        let (len, x) = (operand.len, &operand.name);
        lines.push(format!("trigforge::copy<{len}>({x}, {});", from(y, first)));
        first += len;
    }
    lines
}

/// The elements of an array from `first` on.
fn from(array: &Array, first: usize) -> String {
    if first == 0 { array.name.clone() } else { format!("{} + {first}", array.name) }
}

/// Elements that stand side by side and are alike.
struct Run<T> {
    first: usize,
    len: usize,
    item: T,
}

fn runs<T: PartialEq>(len: usize, item: impl Fn(usize) -> T) -> Vec<Run<T>> {
    let mut runs: Vec<Run<T>> = Vec::new();
    for index in 0..len {
        let item = item(index);
        match runs.last_mut() {
            Some(run) if run.item == item => run.len += 1,
            Some(_) | None => runs.push(Run { first: index, len: 1, item }),
        }
    }
    runs
}
