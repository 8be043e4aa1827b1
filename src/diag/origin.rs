//! Provenance: an opaque mark from the imported node to the last line of Verilog.

use crate::entity::Arena;

crate::entity_ids! {
    /// An opaque mark that travels with a node, a net and a line of output.
    pub struct OriginId => "@";
}

/// Where things come from; only the renderer of messages and comments reads it.
pub type OriginTable = Arena<OriginId, Origin>;

/// Where a thing comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A node of the imported model, or one of its inputs (`operator` is then `input`).
    Onnx {
        /// The node's name, or its first output's name where the node has none.
        node: String,
        /// The operator type as the model spells it.
        operator: String,
    },
    /// Made by a pass out of an older thing.
    Derived {
        /// The pass that made it.
        pass: &'static str,
        /// What it was made from.
        from: OriginId,
    },
}

/// The name and operator type of the imported node behind `origin`.
pub fn imported(origins: &OriginTable, origin: OriginId) -> (&str, &str) {
    let mut origin = origin;
    loop {
        match &origins[origin] {
            Origin::Onnx { node, operator } => return (node, operator),
            Origin::Derived { from, .. } => origin = *from,
        }
    }
}
