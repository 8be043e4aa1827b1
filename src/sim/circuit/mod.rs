//! [`Circuit`]: a netlist compiled to a flat list of instructions over slots.
//!
//! A slot holds one word for each [`LANES`] events. Nets that fit 32 bits live
//! in 32-bit slots, the others in 64-bit slots, and a slot is used again as soon
//! as its net is no longer needed, so the working set stays in the cache.

mod compile;
#[expect(clippy::inline_always, reason = "only what is inlined uses the wide registers")]
mod execute;
mod slots;

use crate::netlist::NetId;

use super::kernels::rows::Shift;

pub(super) use execute::State;

/// How many events, or independent copies of the circuit, are computed together.
pub(super) const LANES: usize = 128;

/// One word of each lane.
type Slot<T> = [T; LANES];

/// What registers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registers {
    /// They are wires: each run is one event through the whole pipeline.
    Transparent,
    /// They keep their value until the end of the run: each run is one clock cycle.
    Clocked,
}

/// How long nets keep their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    /// As long as they are needed.
    Needed,
    /// To the end of the run.
    All,
}

/// The compiled netlist.
#[derive(Clone, Debug, Default)]
pub(super) struct Circuit {
    instructions: Vec<Instruction>,
    narrow_slots: usize,
    wide_slots: usize,
    /// Words that never change.
    constants: Vec<(Place, i64)>,
    /// Where the elements of each input port go, with how they get their net's binary point.
    inputs: Vec<Vec<Wire>>,
    /// Where the elements of each output port are.
    outputs: Vec<Vec<Wire>>,
    /// Register contents, and what they become at the clock edge.
    registers: Vec<(Place, Place)>,
    /// Every net's place while it is kept, by index.
    pub(super) nets: Vec<Option<Place>>,
}

/// A slot, or before slots are assigned a value of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// Of 32-bit words.
    Narrow(usize),
    /// Of 64-bit words.
    Wide(usize),
}

/// An element of a port.
#[derive(Clone, Copy, Debug)]
struct Wire {
    place: Place,
    shift: Shift,
}

/// One step.
#[derive(Clone, Debug)]
enum Instruction {
    /// On 32-bit words.
    Narrow(Step<i32>),
    /// On 64-bit words.
    Wide(Step<i64>),
    /// Copies 32-bit words to 64 bits.
    Widen { from: usize, to: usize },
    /// Copies 64-bit words that have at most 32 bits to 32 bits.
    Shrink { from: usize, to: usize },
}

/// One cell; the numbers are those of slots.
#[derive(Clone, Debug)]
struct Step<T> {
    to: usize,
    operands: [usize; 3],
    function: Function<T>,
}

/// What a cell does to its operands `a`, `b`, `c`.
#[derive(Clone, Debug)]
enum Function<T> {
    /// `(a << a_up) + (b << b_up)`.
    Add { a_up: u32, b_up: u32 },
    /// `(a << a_up) - (b << b_up)`.
    Subtract { a_up: u32, b_up: u32 },
    /// `(a << a_up) ± (b << b_up) ± (c << c_up)`.
    Sum {
        a_up: u32,
        b_up: u32,
        c_up: u32,
        /// Whether `b` and `c` are taken away.
        subtract: [bool; 2],
    },
    /// `a * b`.
    Multiply,
    /// `b` where `a` is one, else `c`, each moved to the binary point of the result.
    Select { b: Shift, c: Shift },
    /// 1 where `(a << a_up) < (b << b_up)`, else 0.
    Less { a_up: u32, b_up: u32 },
    /// `a`, moved, of which only low bits stay.
    Truncate { shift: Shift, bits: u32, signed: bool },
    /// `a`, moved.
    Move { shift: Shift },
    /// The result itself, moved.
    InPlace { shift: Shift },
    /// The entry at `a - first`. Before the first event has come through a pipeline, what is in
    /// its registers may be no index at all; `clocked` reads zero there.
    Lookup { first: T, values: Vec<T>, clocked: bool },
}

impl<T> Function<T> {
    /// How many operands there are.
    fn arity(&self) -> usize {
        match self {
            Self::Add { .. } | Self::Subtract { .. } | Self::Multiply | Self::Less { .. } => 2,
            Self::Sum { .. } | Self::Select { .. } => 3,
            Self::Truncate { .. } | Self::Move { .. } | Self::Lookup { .. } => 1,
            Self::InPlace { .. } => 0,
        }
    }
}

impl Circuit {
    /// Where the value of a net is, if it is kept.
    pub(super) fn place(&self, net: NetId) -> Option<Place> {
        self.nets[crate::entity::EntityId::index(net)]
    }
}
