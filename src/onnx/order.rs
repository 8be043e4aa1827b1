//! The order in which nodes can be imported.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Model, Node};
use super::value::Value;
use crate::diag::{Code, Diagnostic};

/// Every node whose operands can be known, after the producers of its operands.
///
/// Names defined twice, names that nothing defines, and cycles are reported.
pub(super) fn order<'a>(
    model: &'a Model,
    values: &mut BTreeMap<&'a str, Value>,
    faults: &mut Vec<Diagnostic>,
) -> Vec<&'a Node> {
    let nodes = &model.nodes;
    let mut producers: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for name in node.outputs.iter().filter(|name| !name.is_empty()) {
            let known = values.contains_key(name.as_str());
            if known || producers.insert(name, index).is_some() {
                faults.push(duplicate(name).at_node(&node.name, &node.operator));
            }
        }
    }
    let mut waiting = vec![0_usize; nodes.len()];
    let mut users = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        for name in node.inputs.iter().filter(|name| !name.is_empty()) {
            if values.contains_key(name.as_str()) {
                continue;
            }
            if let Some(producer) = producers.get(name.as_str()) {
                waiting[index] += 1;
                users[*producer].push(index);
                continue;
            }
            values.insert(name, Value::Failed);
            let help = "export the model again, with all its initializers";
            let message = format!("nothing defines its operand `{name}`");
            let fault = Diagnostic::error(Code::O0005, message, help);
            faults.push(fault.at_node(&node.name, &node.operator));
        }
    }
    let mut ready: BTreeSet<usize> =
        (0..nodes.len()).filter(|index| waiting[*index] == 0).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(index) = ready.pop_first() {
        order.push(&nodes[index]);
        for user in &users[index] {
            waiting[*user] -= 1;
            if waiting[*user] == 0 {
                ready.insert(*user);
            }
        }
    }
    faults.extend(cycle(nodes, &waiting, values));
    order
}

/// The fault of nodes that wait for themselves, or for such nodes; their results have failed.
fn cycle<'a>(
    nodes: &'a [Node],
    waiting: &[usize],
    values: &mut BTreeMap<&'a str, Value>,
) -> Option<Diagnostic> {
    let stuck: Vec<&Node> =
        nodes.iter().zip(waiting).filter(|(_, left)| **left > 0).map(|(node, _)| node).collect();
    let first = stuck.first()?;
    for name in stuck.iter().flat_map(|node| &node.outputs) {
        values.insert(name, Value::Failed);
    }
    let names: Vec<String> = stuck.iter().take(8).map(|node| format!("`{}`", node.name)).collect();
    let help = "a network for one event has no feedback; export the model again";
    let fault = Diagnostic::error(Code::O0005, "the nodes form a cycle", help);
    let names = names.join(", ");
    Some(
        fault
            .at_node(&first.name, &first.operator)
            .note(format!("{} nodes wait for each other, among them {names}", stuck.len())),
    )
}

/// The fault of a name that is defined twice.
pub(super) fn duplicate(name: &str) -> Diagnostic {
    let help = "give every value of the model its own name";
    Diagnostic::error(Code::O0005, format!("`{name}` is defined twice"), help)
}
