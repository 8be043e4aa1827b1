//! Rewriting: the only functions that touch edges of an existing graph.

use petgraph::Direction;
use petgraph::visit::EdgeRef;

use super::{Graph, NodeId, Position};
use crate::diag::{Origin, OriginId};
use crate::ops::{self, OpKind, TensorType, TypeError};

impl Graph {
    /// Makes every user of `old`, and every output, use `new` instead.
    ///
    /// Users of `new` itself are left alone, so `new` may be computed from `old`.
    /// Types downstream are stale until [`Graph::retype`].
    pub fn replace(&mut self, old: NodeId, new: NodeId) {
        let edges: Vec<_> = self
            .dag
            .edges_directed(old.0, Direction::Outgoing)
            .filter(|edge| edge.target() != new.0)
            .map(|edge| (edge.id(), edge.target(), *edge.weight()))
            .collect();
        for (edge, user, position) in edges {
            self.dag.remove_edge(edge);
            self.dag.add_edge(new.0, user, position);
        }
        for port in &mut self.outputs {
            if port.node == old {
                port.node = new;
            }
        }
    }

    /// Makes operand `position` of `user` be `new`. Types downstream are stale until [`Graph::retype`].
    pub fn set_operand(&mut self, user: NodeId, position: usize, new: NodeId) {
        let position = Position(u16::try_from(position).expect("fewer than 65536 operands"));
        let edge = self
            .dag
            .edges_directed(user.0, Direction::Incoming)
            .find(|edge| *edge.weight() == position)
            .map(|edge| edge.id())
            .expect("the operand exists");
        self.dag.remove_edge(edge);
        self.dag.add_edge(new.0, user.0, position);
    }

    /// Replaces the operator of `node`, its operands unchanged. Types are stale until [`Graph::retype`].
    pub fn set_op(&mut self, node: NodeId, op: impl Into<OpKind>) {
        self.dag[node.0].op = op.into();
    }

    /// Infers all types anew.
    ///
    /// # Errors
    /// The first node whose operator cannot be given its inputs any more.
    pub fn retype(&mut self) -> Result<(), (NodeId, TypeError)> {
        for node in self.topological() {
            let operands = self.operands(node);
            let types: Vec<&TensorType> =
                operands.iter().map(|operand| &self[*operand].ty).collect();
            let ty = ops::infer(&self[node].op, &types).map_err(|error| (node, error))?;
            self.dag[node.0].ty = ty;
        }
        Ok(())
    }

    /// Removes every node that no output needs; inputs stay.
    pub fn sweep(&mut self) {
        let mut needed = vec![false; self.capacity()];
        let mut stack: Vec<NodeId> =
            self.outputs.iter().chain(&self.inputs).map(|port| port.node).collect();
        while let Some(node) = stack.pop() {
            if !std::mem::replace(&mut needed[node.index()], true) {
                stack.extend(self.operands(node));
            }
        }
        self.dag.retain_nodes(|_, node| needed[node.index()]);
    }

    /// A new origin for what `pass` makes out of `from`.
    pub fn derived(&mut self, pass: &'static str, from: NodeId) -> OriginId {
        let from = self[from].origin;
        self.origins.push(Origin::Derived { pass, from })
    }
}
