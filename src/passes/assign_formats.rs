//! Gives inputs, layers and outputs a format where they have none.
//!
//! A layer is arithmetic (`dense`, `affine`, `add`, …) with the activation
//! functions that follow it; it gets one quantizer, at its end, and stays exact
//! inside:
//! ```text
//! %1 = dense(%0) {…}
//! %2 = relu(%1) {}
//! %3 = dense(%2) {…}
//! ```
//! becomes
//! ```text
//! %1 = dense(%0) {…}
//! %2 = relu(%1) {}
//! %3 = quantize(%2) {"quantizer":"ufixed<16,4,RND,SAT>","source":"calibration"}
//! %4 = dense(%3) {…}
//! ```
//! The format is the configuration's if that names one, else it is chosen from
//! the events (integer bits from the observed range), and without events from
//! interval arithmetic. Where an exact value flows into a quantizer of the model
//! nothing is added; outputs of networks that have formats of their own stay
//! exact unless configured.
//!
//! The graph is still floating point afterwards; `bind-inputs` makes it fixed.

use super::{PassContext, chain, choose, tables};
use crate::analysis::{self, FloatConstants, Observations, Ranges};
use crate::config::Resolved;
use crate::config::settings::{Role, names_layer};
use crate::diag::{Code, Diagnostic, Severity};
use crate::graph::{Graph, NodeId, rounding};
use crate::numeric::quantizer::Quantizer;
use crate::ops::quantize::FormatSource;
use crate::ops::{Input, OpKind, PerElement, Quantize};

pub(super) const NAME: &str = "assign-formats";

pub(super) fn assign_formats(
    graph: &mut Graph,
    cx: &mut PassContext<'_>,
) -> Result<(), Vec<Diagnostic>> {
    if !rounding::is_float(graph) {
        return Ok(());
    }
    let observed = cx.events.map(|events| analysis::observe(graph, events));
    sections_in_force(graph, cx)?;
    let annotated = rounding::is_annotated(graph);
    let mut assignment = Assignment {
        observed,
        annotated,
        ranges: Ranges::new(FloatConstants::Rounded),
        faults: Vec::new(),
        guessed: 0,
    };
    for port in graph.inputs.clone() {
        assignment.input(graph, cx, port.node, &port.name);
    }
    for node in graph.topological() {
        tables::assign(graph, cx, node, assignment.observed.as_ref());
    }
    let unrounded = rounding::unrounded(graph);
    for node in graph.topological() {
        assignment.ranges.update(graph, node);
        if unrounded[node.index()] && needs_quantizer(graph, cx, node, annotated) {
            assignment.layer(graph, cx, node);
        }
    }
    if assignment.guessed > 0 {
        cx.warnings.push(guessed(assignment.guessed));
    }
    graph.retype().expect("a floating-point network takes quantizers anywhere");
    if assignment.faults.is_empty() { Ok(()) } else { Err(assignment.faults) }
}

/// Checks that each section still has a node to hold for: one whose layers were all folded into
/// others would be without effect.
fn sections_in_force(graph: &Graph, cx: &mut PassContext<'_>) -> Result<(), Vec<Diagnostic>> {
    let nodes = graph.topological();
    let live: Vec<(&str, &str)> = nodes.iter().map(|node| graph.imported(*node)).collect();
    let without_effect = |kind: &str, name: &str| {
        Diagnostic::error(
            Code::C0402,
            format!("`[{kind}.\"{name}\"]` has no effect"),
            "write the section for the layer beside it, and leave this one out",
        )
        .at(format!("`[{kind}.\"{name}\"]`"))
        .note("what it names was folded into its neighbors, or removed")
    };
    for operator in cx.config.operator.keys() {
        if !live.iter().any(|(_, own)| own == operator) {
            let fault = without_effect("operator", operator);
            cx.warnings.push(Diagnostic { severity: Severity::Warning, ..fault });
        }
    }
    let layers = cx.config.layer.keys();
    let faults: Vec<Diagnostic> = layers
        .filter(|pattern| !live.iter().any(|(name, _)| names_layer(pattern, name)))
        .map(|pattern| without_effect("layer", pattern))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// True when the unrounded value of `node` reaches something that must not take it so.
fn needs_quantizer(graph: &Graph, cx: &PassContext<'_>, node: NodeId, annotated: bool) -> bool {
    if graph.is_output(node) {
        let configured = cx.config.resolve(&chain::layer(graph, node), Role::Output).output;
        if !annotated || configured.is_some() {
            return true;
        }
    }
    let users = graph.users(node);
    users.into_iter().any(|user| !rounding::takes_unrounded(graph, user, node, annotated))
}

struct Assignment {
    observed: Option<Observations>,
    annotated: bool,
    ranges: Ranges,
    faults: Vec<Diagnostic>,
    /// How many formats come from interval arithmetic alone.
    guessed: usize,
}

impl Assignment {
    fn input(&mut self, graph: &mut Graph, cx: &PassContext<'_>, node: NodeId, name: &str) {
        let has_format =
            matches!(&graph[node].op, OpKind::Input(input) if input.quantizer.is_some());
        if has_format {
            return;
        }
        let settings = cx.config.resolve(&[(name, "input")], Role::Input);
        if let Some(quantizer) = settings.output {
            let own = PerElement::Uniform(quantizer);
            if quantizer_behind(graph, node).map(|found| found.quantizer) != Some(own.clone()) {
                insert(graph, node, own, FormatSource::Configuration);
            }
            return;
        }
        if let Some(found) = quantizer_behind(graph, node) {
            let direct = graph.users(node).iter().all(|user| is_quantizer(graph, *user));
            if !direct {
                insert(graph, node, found.quantizer, found.source);
            }
            return;
        }
        match self.observed.as_ref().and_then(|observed| observed.get(node)) {
            Some(observed) => {
                let shape = &graph[node].ty.shape;
                let quantizer = choose::calibrated(shape, observed, None, &settings);
                insert(graph, node, quantizer, FormatSource::Calibration);
            }
            None => self.faults.push(no_input_format(name, self.annotated)),
        }
    }

    fn layer(&mut self, graph: &mut Graph, cx: &PassContext<'_>, node: NodeId) {
        let role = if graph.is_output(node) { Role::Output } else { Role::Activation };
        let settings = cx.config.resolve(&chain::layer(graph, node), role);
        let Some((quantizer, source)) = self.choose(graph, node, &settings) else {
            if self.faults.is_empty() {
                let (name, operator) = graph.imported(node);
                self.faults.push(no_layer_format(name).at_node(name, operator));
            }
            return;
        };
        let inserted = insert(graph, node, quantizer, source);
        self.ranges.update(graph, inserted);
    }

    fn choose(
        &mut self,
        graph: &Graph,
        node: NodeId,
        settings: &Resolved,
    ) -> Option<(PerElement<Quantizer>, FormatSource)> {
        if let Some(quantizer) = settings.output {
            return Some((PerElement::Uniform(quantizer), FormatSource::Configuration));
        }
        let shape = &graph[node].ty.shape;
        let ranges = self.ranges.get(node);
        if let Some(observed) = self.observed.as_ref().and_then(|observed| observed.get(node)) {
            let quantizer = choose::calibrated(shape, observed, ranges, settings);
            return Some((quantizer, FormatSource::Calibration));
        }
        let quantizer = choose::proved(shape, ranges?, settings);
        self.guessed += 1;
        Some((quantizer, FormatSource::Derived))
    }
}

/// The quantizer that all users of `node` agree on, looking through reshapes.
fn quantizer_behind(graph: &Graph, node: NodeId) -> Option<Quantize> {
    let mut found: Option<Quantize> = None;
    for user in graph.users(node) {
        let own = match &graph[user].op {
            OpKind::Quantize(quantize) => quantize.clone(),
            OpKind::Reshape(_) if !graph.is_output(user) => quantizer_behind(graph, user)?,
            _ => return None,
        };
        if found.as_ref().is_some_and(|found| found.quantizer != own.quantizer) {
            return None;
        }
        found = Some(own);
    }
    found
}

fn is_quantizer(graph: &Graph, node: NodeId) -> bool {
    matches!(graph[node].op, OpKind::Quantize(_))
}

/// Puts a quantizer behind `node`, for all its users but quantizers, and for the outputs.
///
/// An input is different: all that use it, quantizers too, see what the circuit is given.
pub(super) fn insert(
    graph: &mut Graph,
    node: NodeId,
    quantizer: PerElement<Quantizer>,
    source: FormatSource,
) -> NodeId {
    let is_input = matches!(graph[node].op, OpKind::Input(_));
    if is_input && graph.users(node).is_empty() && !graph.is_output(node) {
        bind_unused(graph, node, quantizer, source);
        return node;
    }
    let keep: Vec<NodeId> = graph
        .users(node)
        .into_iter()
        .filter(|user| !is_input && is_quantizer(graph, *user))
        .collect();
    let origin = graph.derived(NAME, node);
    let inserted = graph
        .add(Quantize { quantizer, source }, &[node], origin)
        .expect("a quantizer takes any tensor of its shape");
    graph.replace(node, inserted);
    for user in keep {
        graph.set_operand(user, 0, node);
    }
    inserted
}

/// An input that nothing uses has no place for a quantizer but itself.
fn bind_unused(
    graph: &mut Graph,
    node: NodeId,
    quantizer: PerElement<Quantizer>,
    source: FormatSource,
) {
    let OpKind::Input(input) = &graph[node].op else { return };
    let shape = input.shape.clone();
    graph.set_op(node, Input { shape, quantizer: Some(quantizer), source: Some(source) });
}

fn no_input_format(name: &str, annotated: bool) -> Diagnostic {
    let fault = Diagnostic::error(
        Code::Q0204,
        format!("input `{name}` has no format"),
        format!(
            "give events with `--data events.npy`, or write `[layer.\"{name}\"]` and \
             `output = \"fixed<16,6,RND,SAT>\"` into the configuration"
        ),
    )
    .at(format!("input `{name}`"));
    if annotated {
        return fault.note("the model quantizes its layers but not this input");
    }
    fault
}

fn no_layer_format(name: &str) -> Diagnostic {
    Diagnostic::error(
        Code::Q0204,
        format!("the output of `{name}` has no format, and its range is not known"),
        format!(
            "give events with `--data events.npy`, or write `[layer.\"{name}\"]` and \
             `output = \"fixed<16,6,RND,SAT>\"` into the configuration"
        ),
    )
}

fn guessed(count: usize) -> Diagnostic {
    Diagnostic::warning(
        Code::Q0204,
        match count {
            1 => "one format comes from interval arithmetic alone".to_owned(),
            _ => format!("{count} formats come from interval arithmetic alone"),
        },
        "give typical events with `--data events.npy`",
    )
    .note("they hold every value that can be, which is more than events need: fewer fraction bits are left")
}
