//! One operator of the graph as nodes of ONNX.

use super::quantizer::{Quant, refuse};
use super::writer::{Operator, Value, Writer, narrowed};
use super::{Dialect, linear, own};
use crate::diag::Diagnostic;
use crate::graph::{Graph, NodeId};
use crate::onnx::scaling::SHORT_BITS;
use crate::ops::activation::Function;
use crate::ops::{Constants, Dense, OpKind, Quantize, Threshold};

/// Writes a node of a graph that [`expressible`](super::expressible) gave.
///
/// # Errors
/// When the dialect does not have the operator.
pub(super) fn write(writer: &mut Writer, graph: &Graph, node: NodeId) -> Result<(), Diagnostic> {
    let from = (graph, node);
    let name = graph.imported(node).0.to_owned();
    let shape = &graph[node].ty.shape.0;
    let mut inputs = operands(writer, graph, node);
    let mut attributes = Vec::new();
    let kind = match &graph[node].op {
        OpKind::Input(_) => return Ok(()),
        OpKind::Constant(_) => {
            let help = "end the model before it, or add it after the circuit";
            return Err(refuse("a constant that is the same for all events", help));
        }
        OpKind::Dense(dense) => return self::dense(writer, from, dense, inputs),
        OpKind::Quantize(quantize) => return self::quantize(writer, from, quantize, inputs),
        OpKind::Threshold(threshold) => {
            return self::threshold(writer, from, threshold, inputs);
        }
        OpKind::Affine(affine) => {
            // Either the factors are all one, or the terms all zero.
            let shifts = affine.scale.values().iter().all(|scale| scale.to_bits() == ONE);
            let (kind, part, constants) = if shifts {
                ("Add", "offset", &affine.offset)
            } else {
                ("Mul", "scale", &affine.scale)
            };
            inputs.push(self::constants(writer, from, part, shape.clone(), constants)?);
            kind
        }
        OpKind::Add(_) => "Add",
        OpKind::Subtract(_) => "Sub",
        OpKind::Multiply(_) => "Mul",
        OpKind::Relu(_) => "Relu",
        OpKind::LeakyRelu(leaky) => {
            short(&leaky.alpha)?;
            let alpha = leaky.alpha.values()[0];
            if f64::from(narrowed(alpha)).to_bits() != alpha.to_bits() {
                let message = format!("the slope {alpha} of `LeakyRelu` is no float32");
                return Err(refuse(message, "give it fewer bits"));
            }
            attributes.push(("alpha", Value::Float(alpha)));
            "LeakyRelu"
        }
        OpKind::Clip(clip) => {
            short(&clip.bounds)?;
            for (part, bound) in ["min", "max"].iter().zip(clip.bounds.values()) {
                inputs.push(writer.numbers(&format!("{name}.{part}"), Vec::new(), &[*bound]));
            }
            "Clip"
        }
        OpKind::Activation(activation) => match activation.function {
            Function::Sigmoid => "Sigmoid",
            Function::Tanh => "Tanh",
        },
        OpKind::Softmax(softmax) => {
            attributes.push(("axis", Value::Int(-1)));
            writer.result(Operator { kind: "Softmax", inputs, attributes, from });
            if let Some(formats) = &softmax.formats {
                writer.tables(formats);
            }
            return Ok(());
        }
        OpKind::ArgMax(_) => {
            attributes.extend([("axis", Value::Int(-1)), ("keepdims", Value::Int(1))]);
            "ArgMax"
        }
        OpKind::Reshape(reshape) => {
            let sizes: Vec<i64> = std::iter::once(0).chain(integers(&reshape.shape.0)).collect();
            let shape = vec![sizes.len()];
            inputs.push(writer.integers(&format!("{name}.shape"), shape, &sizes));
            "Reshape"
        }
        OpKind::Gather(gather) => {
            let indices: Vec<i64> = integers(&gather.indices).collect();
            let shape = gather.shape.0.clone();
            inputs.push(writer.integers(&format!("{name}.indices"), shape, &indices));
            attributes.push(("axis", Value::Int(1)));
            "Gather"
        }
        OpKind::Concat(_) => {
            attributes.push(("axis", Value::Int(1)));
            "Concat"
        }
    };
    writer.result(Operator { kind, inputs, attributes, from });
    Ok(())
}

/// The bits of 1.
const ONE: u64 = 0x3ff0_0000_0000_0000;

/// The element type FLOAT, as `Cast` counts them.
const FLOAT: i64 = 1;

/// The names of the operands of a node; the integers of `ArgMax` are cast for whoever computes on.
fn operands(writer: &mut Writer, graph: &Graph, node: NodeId) -> Vec<String> {
    let moves = matches!(graph[node].op, OpKind::Reshape(_) | OpKind::Gather(_));
    let mut names = Vec::new();
    for operand in graph.operands(node) {
        let mut name = writer.value(operand);
        if is_index(graph, operand) && !moves {
            let (kind, inputs) = ("Cast", vec![name]);
            let attributes = vec![("to", Value::Int(FLOAT))];
            let cast = Operator { kind, inputs, attributes, from: (graph, operand) };
            name = writer.step(cast, "float");
        }
        names.push(name);
    }
    names
}

/// True for values that ONNX sees as integers.
pub(super) fn is_index(graph: &Graph, node: NodeId) -> bool {
    match &graph[node].op {
        OpKind::ArgMax(_) => true,
        OpKind::Reshape(_) | OpKind::Gather(_) => is_index(graph, graph.operands(node)[0]),
        _ => false,
    }
}

fn dense(
    writer: &mut Writer,
    from: (&Graph, NodeId),
    dense: &Dense,
    mut inputs: Vec<String>,
) -> Result<(), Diagnostic> {
    let (rows, columns) = (dense.outputs, dense.inputs);
    if from.0[from.1].ty.shape.rank() == 1 {
        let shape = vec![rows, columns];
        inputs.push(constants(writer, from, "weight", shape, &dense.weights)?);
        if dense.bias.values().iter().any(|bias| *bias != 0.0) {
            inputs.push(constants(writer, from, "bias", vec![rows], &dense.bias)?);
        }
        let attributes = vec![("transB", Value::Int(1))];
        writer.result(Operator { kind: "Gemm", inputs, attributes, from });
        return Ok(());
    }
    let values = dense.weights.values();
    let transposed: Vec<f64> =
        (0..rows * columns).map(|index| values[(index % rows) * columns + index / rows]).collect();
    let transposed = if dense.weights.is_exact() {
        Constants::exact(transposed).expect("the same values have the same grid")
    } else {
        Constants::float(transposed)
    };
    inputs.push(constants(writer, from, "weight", vec![columns, rows], &transposed)?);
    writer.result(Operator { kind: "MatMul", inputs, attributes: Vec::new(), from });
    Ok(())
}

fn quantize(
    writer: &mut Writer,
    from: (&Graph, NodeId),
    quantize: &Quantize,
    inputs: Vec<String>,
) -> Result<(), Diagnostic> {
    let shape = &from.0[from.1].ty.shape.0;
    let [mut x] = <[String; 1]>::try_from(inputs).expect("a quantizer has one operand");
    let saturates = quantize.quantizer.as_slice().iter().all(|own| own.overflow.is_monotone());
    let quant = match writer.dialect {
        Dialect::Qonnx if !saturates => return own::quantize(writer, from, &quantize.quantizer, x),
        Dialect::Qonnx => Quant::new(&quantize.quantizer)?,
        Dialect::Qdq => return linear::quantize(writer, from, &quantize.quantizer, x),
    };
    if quant.shift != 0.0 {
        let halves: Vec<f64> = quant.scale.iter().map(|scale| scale * quant.shift).collect();
        let own = if halves.len() == 1 { Vec::new() } else { shape.clone() };
        let name = format!("{}.half", from.0.imported(from.1).0);
        let inputs = vec![x, writer.numbers(&name, own, &halves)];
        let shifted = Operator { kind: "Add", inputs, attributes: Vec::new(), from };
        x = writer.step(shifted, "shifted");
    }
    let operator = writer.quant(from, x, &quant, shape);
    writer.result(operator);
    Ok(())
}

/// The sign against thresholds; more steps than one are no node of QONNX.
fn threshold(
    writer: &mut Writer,
    from: (&Graph, NodeId),
    threshold: &Threshold,
    inputs: Vec<String>,
) -> Result<(), Diagnostic> {
    let steps = threshold.steps;
    if steps != 1 || threshold.base_and_step.values() != [-1.0, 2.0] {
        let help = "give the layer power-of-two scales, or `[quantize] threshold_bits = 0`";
        return Err(refuse(format!("QONNX has no staircase of {steps} steps"), help));
    }
    if writer.dialect == Dialect::Qdq {
        let help = "choose the dialect `qonnx`";
        return Err(refuse("`QuantizeLinear` does not give signs", help));
    }
    let [x] = <[String; 1]>::try_from(inputs).expect("a threshold has one operand");
    let quant = Quant::sign(threshold.thresholds.values());
    let operator = writer.quant(from, x, &quant, &from.0[from.1].ty.shape.0);
    writer.result(operator);
    Ok(())
}

/// The name of constants: an initializer, behind a `Quant` or a `DequantizeLinear` where they are exact.
fn constants(
    writer: &mut Writer,
    from: (&Graph, NodeId),
    part: &str,
    shape: Vec<usize>,
    constants: &Constants,
) -> Result<String, Diagnostic> {
    let name = format!("{}.{part}", from.0.imported(from.1).0);
    let quantized = format!("{part}_quantized");
    match (constants.format(), writer.dialect) {
        (None, Dialect::Qonnx) => Ok(writer.numbers(&name, shape, constants.values())),
        (None, Dialect::Qdq) => {
            let is_single = |value: &f64| f64::from(narrowed(*value)).to_bits() == value.to_bits();
            if !constants.values().iter().all(is_single) {
                return Err(linear::too_long());
            }
            Ok(writer.numbers(&name, shape, constants.values()))
        }
        (Some(format), Dialect::Qonnx) => {
            let initializer = writer.numbers(&name, shape, constants.values());
            let operator = writer.quant(from, initializer, &Quant::of_constants(format)?, &[]);
            Ok(writer.step(operator, &quantized))
        }
        (Some(_), Dialect::Qdq) => {
            let operator = linear::constants(writer, from, (&name, shape), constants)?;
            Ok(writer.step(operator, &quantized))
        }
    }
}

/// Checks that the importer takes exact values for exact without a grid.
fn short(constants: &Constants) -> Result<(), Diagnostic> {
    match constants.format() {
        Some(format) if format.width() > SHORT_BITS => Err(refuse(
            format!("ONNX gives no grid to a slope or bound of {} bits", format.width()),
            format!("give it at most {SHORT_BITS} bits"),
        )),
        Some(_) | None => Ok(()),
    }
}

fn integers(sizes: &[usize]) -> impl Iterator<Item = i64> {
    sizes.iter().map(|size| i64::try_from(*size).expect("fewer than 2^63 elements"))
}
