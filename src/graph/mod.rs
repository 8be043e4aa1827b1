//! The tensor graph: what the network computes, operator by operator.
//!
//! Nodes are operators with one output each; the type of an output is always
//! the one that [`ops::infer`] gives. Nobody outside this
//! module sees petgraph.

pub mod edit;
pub mod eval;
pub mod rounding;
pub mod text;
pub mod verify;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;

use crate::diag::{OriginId, OriginTable, origin};
use crate::ops::{self, OpKind, TensorType, TypeError};

/// A node, and its only output. Stays valid while other nodes come and go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(NodeIndex);

impl NodeId {
    /// A small number for tables and names; unique among the nodes of a graph.
    pub fn index(self) -> usize {
        self.0.index()
    }
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "%{}", self.0.index())
    }
}

impl std::fmt::Debug for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// One operator.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it computes.
    pub op: OpKind,
    /// The type of its output.
    pub ty: TensorType,
    /// The model's node that it stands for.
    pub origin: OriginId,
}

/// The position of an operand among the inputs of its user; petgraph's edges have no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Position(u16);

/// A named input or output of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The name in the model.
    pub name: String,
    /// The node whose value it is.
    pub node: NodeId,
}

/// A network.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    dag: StableDiGraph<Node, Position>,
    /// The inputs, in the model's order; each is an [`ops::Input`] node.
    pub inputs: Vec<Port>,
    /// The outputs, in the model's order.
    pub outputs: Vec<Port>,
    /// Where the nodes come from.
    pub origins: OriginTable,
}

impl Graph {
    /// Adds an operator over existing nodes.
    ///
    /// # Errors
    /// When the operator cannot be given these inputs; the graph is then unchanged.
    pub fn add(
        &mut self,
        op: impl Into<OpKind>,
        inputs: &[NodeId],
        origin: OriginId,
    ) -> Result<NodeId, TypeError> {
        let op = op.into();
        let types: Vec<&TensorType> = inputs.iter().map(|input| &self[*input].ty).collect();
        let ty = ops::infer(&op, &types)?;
        let id = self.dag.add_node(Node { op, ty, origin });
        self.connect(id, inputs);
        Ok(NodeId(id))
    }

    /// The operands of a node, in order.
    pub fn operands(&self, node: NodeId) -> Vec<NodeId> {
        let mut operands: Vec<_> = self
            .dag
            .edges_directed(node.0, Direction::Incoming)
            .map(|edge| (*edge.weight(), NodeId(edge.source())))
            .collect();
        operands.sort_unstable();
        operands.into_iter().map(|(_, operand)| operand).collect()
    }

    /// The nodes that use the value of `node`, each once, in order of their ids.
    pub fn users(&self, node: NodeId) -> Vec<NodeId> {
        let mut users: Vec<NodeId> = self
            .dag
            .edges_directed(node.0, Direction::Outgoing)
            .map(|edge| NodeId(edge.target()))
            .collect();
        users.sort_unstable();
        users.dedup();
        users
    }

    /// True when the value of `node` is an output of the network.
    pub fn is_output(&self, node: NodeId) -> bool {
        self.outputs.iter().any(|port| port.node == node)
    }

    /// Every node after its operands; among the possible orders the one with the lowest ids first.
    pub fn topological(&self) -> Vec<NodeId> {
        let mut waiting = vec![0_usize; self.capacity()];
        let mut ready = BinaryHeap::new();
        for node in self.dag.node_indices() {
            let operands = self.dag.edges_directed(node, Direction::Incoming).count();
            waiting[node.index()] = operands;
            if operands == 0 {
                ready.push(Reverse(node));
            }
        }
        let mut order = Vec::with_capacity(self.len());
        while let Some(Reverse(node)) = ready.pop() {
            order.push(NodeId(node));
            for edge in self.dag.edges_directed(node, Direction::Outgoing) {
                let left = &mut waiting[edge.target().index()];
                *left -= 1;
                if *left == 0 {
                    ready.push(Reverse(edge.target()));
                }
            }
        }
        assert_eq!(
            order.len(),
            self.len(),
            "operands exist before their users, so there is no cycle"
        );
        order
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.dag.node_count()
    }

    /// True when there is no node.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One more than the largest [`NodeId::index`], the length of a table over the nodes.
    pub fn capacity(&self) -> usize {
        self.dag.node_indices().next_back().map_or(0, |last| last.index() + 1)
    }

    /// The name and operator of the model's node behind `node`.
    pub fn imported(&self, node: NodeId) -> (&str, &str) {
        origin::imported(&self.origins, self[node].origin)
    }

    fn connect(&mut self, user: NodeIndex, operands: &[NodeId]) {
        for (position, operand) in operands.iter().enumerate() {
            let position = u16::try_from(position).expect("fewer than 65536 operands");
            self.dag.add_edge(operand.0, user, Position(position));
        }
    }
}

impl std::ops::Index<NodeId> for Graph {
    type Output = Node;
    fn index(&self, node: NodeId) -> &Node {
        &self.dag[node.0]
    }
}
