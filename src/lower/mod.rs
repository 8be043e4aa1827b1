//! Graph to netlist: here, and nowhere else, meaning meets building.
//!
//! One file for each family of operators. An element of a tensor becomes a net
//! whose range and binary point may be tighter than the tensor's type says;
//! its value is the one that [`Op::eval`](crate::ops::Op::eval) defines,
//! exactly.

pub mod activation;
pub mod affine;
pub mod arith;
mod bound;
pub mod dense;
pub mod elementwise;
pub mod schedule;
pub mod select;
pub mod softmax;
pub mod threshold;

use crate::diag::{Code, Diagnostic};
use crate::graph::{Graph, NodeId};
use crate::netlist::{Builder, Layer, Module, NetId};
use crate::ops::quantize::{FormatSource, Quantize};
use crate::ops::{Element, OpKind, TypeError};
use crate::plan::Plan;
use arith::bits::some;
use arith::cmvm::solve::Unsolvable;
use arith::requantize::{self, requantize};

/// The circuit that computes what `graph` means, without registers.
///
/// Every node of the graph opens a layer that is called after the model's node. Where the plan wants
/// overflow flags, each layer whose values may lie outside of their formats has one as an output.
///
/// # Errors
/// `T0102` for each node that still has a floating-point type, `P0301` for each
/// table that would be too large, `T0101` for a layer with a partial sum that is too wide, `P0304`
/// where the device is too small for the matrices, however they are shared.
pub fn lower(graph: &Graph, plan: &Plan) -> Result<Module, Vec<Diagnostic>> {
    check(graph)?;
    if let Some(refusal) = bound::oversized(graph, plan) {
        return Err(vec![refusal]);
    }
    let ports = Layer { name: "ports".to_owned(), operator: "input".to_owned(), origin: None };
    let mut builder = Builder::new(ports);
    let mut values: Vec<Vec<NetId>> = vec![Vec::new(); graph.capacity()];
    let mut flags: Vec<(String, NetId)> = Vec::new();
    for port in &graph.inputs {
        let ty = &graph[port.node].ty;
        let formats = ty.formats().expect("floats were refused above");
        let formats: Vec<_> = (0..ty.shape.len()).map(|index| formats.at(index)).collect();
        values[port.node.index()] = builder.input(&port.name, &formats);
    }
    for node in graph.topological() {
        if matches!(graph[node].op, OpKind::Input(_)) {
            continue;
        }
        builder.begin_layer(layer(graph, node));
        let operands = graph.operands(node);
        let operands: Vec<&[NetId]> =
            operands.iter().map(|operand| values[operand.index()].as_slice()).collect();
        if plan.overflow_flags
            && let OpKind::Quantize(op) = &graph[node].op
        {
            flag_overflows(&mut builder, op, graph.imported(node).0, operands[0], &mut flags);
        }
        let result = operator(&mut builder, plan, &graph[node].op, &operands);
        values[node.index()] = result.map_err(|reason| vec![unsolvable(graph, node, &reason)])?;
    }
    for port in &graph.outputs {
        let ty = &graph[port.node].ty;
        let formats = ty.formats().expect("floats were refused above");
        let formats = (0..ty.shape.len()).map(|index| formats.at(index)).collect();
        builder.output(&port.name, values[port.node.index()].clone(), formats);
    }
    for (name, flag) in flags {
        builder.overflow_flag(&name, flag);
    }
    Ok(builder.finish(0))
}

/// Adds to `flags` whether a value of the quantizer of the layer `name` lies outside of its format.
///
/// There is no flag where the ranges prove that none can, and none for the index of a table, which
/// ends where the function is flat.
fn flag_overflows(
    builder: &mut Builder,
    op: &Quantize,
    name: &str,
    x: &[NetId],
    flags: &mut Vec<(String, NetId)>,
) {
    if op.source == FormatSource::Derived {
        return;
    }
    let outside = x
        .iter()
        .enumerate()
        .map(|(index, x)| requantize::overflows(builder, *x, op.quantizer.at(index)));
    let outside = outside.collect();
    let flag = some(builder, outside);
    if builder.range(flag).hi() == 0 {
        return;
    }
    match flags.iter_mut().find(|(layer, _)| layer == name) {
        Some((_, earlier)) => *earlier = some(builder, vec![*earlier, flag]),
        None => flags.push((name.to_owned(), flag)),
    }
}

/// Whether every value of `graph` has a format and every table a size that can be built.
///
/// # Errors
/// `T0102` and `P0301`, as [`lower`] gives them.
pub fn check(graph: &Graph) -> Result<(), Vec<Diagnostic>> {
    let order = graph.topological();
    let faults: Vec<Diagnostic> = order.iter().filter_map(|node| fault(graph, *node)).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The nets of the elements of an operator's output.
fn operator(
    builder: &mut Builder,
    plan: &Plan,
    op: &OpKind,
    operands: &[&[NetId]],
) -> Result<Vec<NetId>, Unsolvable> {
    Ok(match op {
        OpKind::Input(_) => unreachable!("inputs are ports"),
        OpKind::Constant(op) => elementwise::constant(builder, op),
        OpKind::Dense(op) => dense::dense(builder, plan, op, operands[0])?,
        OpKind::Affine(op) => affine::affine(builder, plan, op, operands[0])?,
        OpKind::Add(_) => elementwise::add(builder, operands[0], operands[1]),
        OpKind::Subtract(_) => elementwise::subtract(builder, operands[0], operands[1]),
        OpKind::Multiply(_) => elementwise::multiply(builder, operands[0], operands[1]),
        OpKind::Relu(_) => {
            operands[0].iter().map(|x| arith::select::rectify(builder, *x)).collect()
        }
        OpKind::LeakyRelu(op) => select::leaky_relu(builder, plan, op, operands[0])?,
        OpKind::Clip(op) => select::clip(builder, op, operands[0]),
        OpKind::Quantize(op) => operands[0]
            .iter()
            .enumerate()
            .map(|(index, x)| requantize(builder, *x, op.quantizer.at(index)))
            .collect(),
        OpKind::Threshold(op) => threshold::threshold(builder, plan, op, operands[0]),
        OpKind::Activation(op) => activation::activation(builder, op, operands[0]),
        OpKind::Softmax(op) => softmax::softmax(builder, op, operands[0]),
        OpKind::ArgMax(op) => select::arg_max(builder, op, operands[0]),
        OpKind::Reshape(_) => operands[0].to_vec(),
        OpKind::Gather(op) => op.indices.iter().map(|index| operands[0][*index]).collect(),
        OpKind::Concat(_) => operands.concat(),
    })
}

fn layer(graph: &Graph, node: NodeId) -> Layer {
    let (name, _) = graph.imported(node);
    Layer {
        name: name.to_owned(),
        operator: graph[node].op.name().to_owned(),
        origin: Some(graph[node].origin),
    }
}

/// Why a node cannot become hardware.
fn fault(graph: &Graph, node: NodeId) -> Option<Diagnostic> {
    let (name, operator) = graph.imported(node);
    let diagnostic = match &graph[node].ty.element {
        Element::Float => Diagnostic::error(
            Code::T0102,
            format!("the values of `{name}` have no fixed-point format"),
            "give it a format in the configuration, or events to calibrate with: `--data X.npy`",
        ),
        Element::Fixed(_) => {
            if !matches!(graph[node].op, OpKind::Activation(_) | OpKind::Softmax(_)) {
                return None;
            }
            // Their output formats are their own, so nobody has looked at their tables yet.
            let operands = graph.operands(node);
            let ranges: Vec<_> = operands.iter().map(|node| graph[*node].ty.intervals()).collect();
            let ranges: Vec<_> = ranges.iter().map(Vec::as_slice).collect();
            let error = graph[node].op.range(&ranges).err()?;
            Diagnostic::error(
                if matches!(error, TypeError::TableTooLarge(_)) {
                    Code::P0301
                } else {
                    Code::T0101
                },
                format!("`{name}` cannot become a table: {error}"),
                "give the layer before it a format of at most 16 bits, such as \
                 `[layer.\"NAME\"] output = \"fixed<10,4,RND,SAT>\"`",
            )
        }
    };
    Some(diagnostic.at_node(name, operator))
}

/// Why the sums of a node cannot be built.
fn unsolvable(graph: &Graph, node: NodeId, reason: &Unsolvable) -> Diagnostic {
    let (name, operator) = graph.imported(node);
    let (code, help) = match reason {
        Unsolvable::Width { .. } => (
            Code::T0101,
            "give the layer before it a narrower format, such as \
             `[layer.\"NAME\"] output = \"fixed<16,6,RND,SAT>\"`",
        ),
        Unsolvable::Depth { .. } => (Code::P0302, "allow the layer as many adders as it needs"),
        Unsolvable::Shape { .. } => unreachable!("infer counted the weights"),
    };
    Diagnostic::error(code, reason.to_string(), help).at_node(name, operator)
}

#[cfg(test)]
mod tests;
