//! Replaces the model's own formats where the configuration gives others, and
//! refuses sections for layers that do not exist.
//!
//! ```text
//! %2 = quantize(%1) {"quantizer":"ufixed<8,3,RND_CONV,SAT>","source":"model"} @ "/act1" (Quant)
//! ```
//! with `[layer."/act1"] output = "ufixed<6,2>"` becomes
//! ```text
//! %2 = quantize(%1) {"quantizer":"ufixed<6,2,RND,SAT>","source":"configuration"} @ "/act1" (Quant)
//! ```
//! It runs before scales move, while each quantizer still stands beside its own.

use super::{PassContext, chain};
use crate::config::settings::{Role, names_layer};
use crate::diag::{Code, Diagnostic, Origin};
use crate::graph::{Graph, NodeId};
use crate::ops::quantize::FormatSource;
use crate::ops::{OpKind, PerElement, Quantize};

pub(super) const NAME: &str = "override-annotations";

/// How many close names a fault lists.
const CLOSE_NAMES: usize = 3;

pub(super) fn override_annotations(
    graph: &mut Graph,
    cx: &mut PassContext<'_>,
) -> Result<(), Vec<Diagnostic>> {
    let mut faults = unknown_layers(graph, cx);
    faults.extend(unknown_operators(graph, cx));
    for node in graph.topological() {
        let OpKind::Quantize(quantize) = &graph[node].op else { continue };
        if quantize.source != FormatSource::Model {
            continue;
        }
        let (layer, role) = match input_behind(graph, node) {
            Some(input) => (vec![graph.imported(input), graph.imported(node)], Role::Input),
            None if graph.is_output(node) => (chain::layer(graph, node), Role::Output),
            None => (chain::layer(graph, node), Role::Activation),
        };
        let Some(quantizer) = cx.config.resolve(&layer, role).output else { continue };
        if between_scales(graph, node) {
            let (name, operator) = graph.imported(node);
            faults.push(on_a_scale(name).at_node(name, operator));
            continue;
        }
        let quantizer = PerElement::Uniform(quantizer);
        graph.set_op(node, Quantize { quantizer, source: FormatSource::Configuration });
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The input that `node` takes its values from, but for reshapes.
fn input_behind(graph: &Graph, node: NodeId) -> Option<NodeId> {
    let operand = graph.operands(node)[0];
    match &graph[operand].op {
        OpKind::Input(_) => Some(operand),
        OpKind::Reshape(_) => input_behind(graph, operand),
        _ => None,
    }
}

/// True when the quantizer counts in steps that are no power of two.
fn between_scales(graph: &Graph, node: NodeId) -> bool {
    let inexact = |node: NodeId| matches!(&graph[node].op, OpKind::Affine(affine) if !affine.scale.is_exact());
    let behind = graph.users(node).into_iter().any(|user| match &graph[user].op {
        OpKind::Clip(_) => graph.users(user).into_iter().any(inexact),
        _ => inexact(user),
    });
    behind && graph.operands(node).into_iter().any(inexact)
}

fn on_a_scale(name: &str) -> Diagnostic {
    Diagnostic::error(
        Code::Q0206,
        format!("the configured format of `{name}` cannot replace one with a scale of its own"),
        format!("leave `[layer.\"{name}\"]` without `output`, or export the model without this quantizer"),
    )
    .note("the model counts here in steps that are no power of two")
}

/// Layer sections that match no node.
fn unknown_layers(graph: &Graph, cx: &PassContext<'_>) -> Vec<Diagnostic> {
    let names: Vec<&str> = imported(graph).map(|(name, _)| name).collect();
    let unknown = cx
        .config
        .layer
        .keys()
        .filter(|pattern| !names.iter().any(|name| names_layer(pattern, name)));
    unknown.map(|pattern| no_such("layer", pattern, &names)).collect()
}

/// Operator sections that match no node.
fn unknown_operators(graph: &Graph, cx: &PassContext<'_>) -> Vec<Diagnostic> {
    let names: Vec<&str> = imported(graph).map(|(_, operator)| operator).collect();
    let unknown = cx.config.operator.keys().filter(|own| !names.contains(&own.as_str()));
    unknown.map(|own| no_such("operator", own, &names)).collect()
}

/// Every node and input of the model, those that passes removed too.
fn imported(graph: &Graph) -> impl Iterator<Item = (&str, &str)> {
    graph.origins.values().filter_map(|origin| match origin {
        Origin::Onnx { node, operator } => Some((node.as_str(), operator.as_str())),
        Origin::Derived { .. } => None,
    })
}

fn no_such(kind: &str, wanted: &str, names: &[&str]) -> Diagnostic {
    let mut close: Vec<&str> = names.to_vec();
    close.sort_by_key(|name| (strsim::damerau_levenshtein(wanted, name), *name));
    close.dedup();
    let listed: Vec<String> =
        close.iter().take(CLOSE_NAMES).map(|name| format!("`[{kind}.\"{name}\"]`")).collect();
    Diagnostic::error(
        Code::C0402,
        format!("the model has no {kind} `{wanted}`"),
        format!("write {}", listed.join(" or ")),
    )
    .at(format!("`[{kind}.\"{wanted}\"]`"))
    .note("`trigforge inspect` lists all names")
}
