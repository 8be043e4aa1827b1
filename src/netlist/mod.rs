//! The word-level netlist: what the hardware is made of. Knows no neural networks.
//!
//! A [`Module`] is a list of nets, each driven by one cell. Operands are always
//! older than the nets they drive, so one forward loop is a topological walk
//! and no combinational loop can exist.

pub mod builder;
pub mod cell;
pub mod demand;
pub mod eval;
pub mod passes;
mod sums;
pub mod text;
pub mod verify;

use crate::diag::OriginId;
use crate::entity::Arena;
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;

pub use builder::Builder;
pub use cell::{Addend, Cell};

crate::entity_ids! {
    /// A net, named by the one cell that drives it.
    pub struct NetId => "n";
    /// A read-only table of constants.
    pub struct TableId => "t";
    /// A part of the design that becomes a module of its own, usually one operator of the network.
    pub struct LayerId => "layer";
}

/// A word of wires and the cell that drives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Net {
    /// What drives it.
    pub cell: Cell,
    /// Every value it can take. Its wires are those of [`Net::format`], no more.
    pub range: Interval,
    /// The part of the design that it belongs to.
    pub layer: LayerId,
}

impl Net {
    /// Sign, width and binary point of the wires: the narrowest format around the range.
    pub fn format(&self) -> FixedFormat {
        FixedFormat::covering(self.range).expect("the builder refused wider nets")
    }

    /// The number of wires.
    pub fn width(&self) -> u8 {
        self.format().width()
    }
}

/// A table of constants: `values[k]` is the raw entry for the raw index `first + k`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// The lowest raw index.
    pub first: i64,
    /// The raw entries in order of the index.
    pub values: Vec<i64>,
    /// The binary point of the entries.
    pub frac: i8,
}

/// A named input or output: one net for each element of a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The name in the model.
    pub name: String,
    /// The nets of the elements.
    pub nets: Vec<NetId>,
    /// The formats in which the elements cross the boundary. An output net may
    /// be narrower: it is then extended.
    pub formats: Vec<FixedFormat>,
    /// What it carries.
    pub role: Role,
}

/// What a port carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A tensor of the model.
    Tensor,
    /// One wire for the layer of this name: 1 where a value did not fit its format.
    Overflow,
}

impl Port {
    /// The binary point of the port's blocks: the finest among its elements.
    pub fn frac(&self) -> i8 {
        self.formats.iter().map(|format| format.frac()).max().unwrap_or(0)
    }
}

/// A part of the design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The name of the model's node, or of what it is in the circuit.
    pub name: String,
    /// What it does, for comments and tables: the operator.
    pub operator: String,
    /// The model's node.
    pub origin: Option<OriginId>,
}

/// A circuit.
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    /// The nets, operands first.
    pub nets: Arena<NetId, Net>,
    /// The tables that [`Cell::Lookup`] reads.
    pub tables: Arena<TableId, Table>,
    /// The parts of the design.
    pub layers: Arena<LayerId, Layer>,
    /// The inputs, in the model's order.
    pub inputs: Vec<Port>,
    /// The outputs, in the model's order; behind them the overflow flags.
    pub outputs: Vec<Port>,
    /// Clock cycles from an input to the outputs that belong to it; 0 without registers.
    pub latency: u32,
}
