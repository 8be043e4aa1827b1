//! The invariants of a [`Graph`], checked after every pass. A fault here is a bug of a pass.
//!
//! - Inputs are [`Input`](crate::ops::Input) nodes, each listed once, and no other `Input` exists.
//! - Input and output names are unique among their kind.
//! - Each node has as many operands as its operator takes, numbered without gaps.
//! - Each node's type is the one inferred from its operands.
//! - The graph has an output, and no cycle.

use std::collections::BTreeSet;

use super::{Graph, NodeId};
use crate::ops::{self, OpKind, TensorType, TypeError};

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The graph has no output.
    #[error("the graph has no output")]
    NoOutput,
    /// A port's name is used twice.
    #[error("two ports are called `{0}`")]
    Name(String),
    /// A port's node does not exist, or an input port's node is no `Input`.
    #[error("port `{0}` does not stand for {1}")]
    Port(String, NodeId),
    /// An `Input` node that no port stands for.
    #[error("{0} is an input without a name")]
    Unnamed(NodeId),
    /// A type that does not follow from the operands.
    #[error("{node} has type {found}, but {expected} follows from its operands")]
    Type {
        /// Where.
        node: NodeId,
        /// What it says.
        found: String,
        /// What follows.
        expected: String,
    },
    /// An operator that cannot be given its operands.
    #[error("{0} {1}")]
    Operands(NodeId, TypeError),
}

/// Checks every invariant.
///
/// # Errors
/// The first one that is broken.
pub fn verify(graph: &Graph) -> Result<(), Broken> {
    if graph.outputs.is_empty() {
        return Err(Broken::NoOutput);
    }
    for ports in [&graph.inputs, &graph.outputs] {
        let mut names = BTreeSet::new();
        for port in ports {
            if !names.insert(&port.name) {
                return Err(Broken::Name(port.name.clone()));
            }
            if !graph.dag.contains_node(port.node.0) {
                return Err(Broken::Port(port.name.clone(), port.node));
            }
        }
    }
    let mut named = BTreeSet::new();
    for port in &graph.inputs {
        let is_input = matches!(graph[port.node].op, OpKind::Input(_));
        if !is_input || !named.insert(port.node) {
            return Err(Broken::Port(port.name.clone(), port.node));
        }
    }
    for node in graph.topological() {
        if matches!(graph[node].op, OpKind::Input(_)) && !named.contains(&node) {
            return Err(Broken::Unnamed(node));
        }
        let operands = graph.operands(node);
        let types: Vec<&TensorType> = operands.iter().map(|operand| &graph[*operand].ty).collect();
        let expected =
            ops::infer(&graph[node].op, &types).map_err(|error| Broken::Operands(node, error))?;
        if expected != graph[node].ty {
            return Err(Broken::Type {
                node,
                found: graph[node].ty.to_string(),
                expected: expected.to_string(),
            });
        }
    }
    Ok(())
}
