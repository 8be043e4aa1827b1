//! [`Program`]: a graph compiled to a flat list of instructions over buffers.
//!
//! Every buffer is written by one instruction only. A value lives in buffers of
//! 32-bit words where its type shows that it fits, else in buffers of 64 bits;
//! what a dense layer reads is in addition packed, two values of 16 bits in a lane.

mod chain;
mod compile;
mod dense;
#[expect(clippy::inline_always, reason = "only what is inlined uses the wide registers")]
mod execute;
mod operators;
mod softmax;

use crate::graph::NodeId;
use crate::numeric::tensor::Block;
use crate::ops::{Formats, OpKind};

use super::kernels::lanes::Row;
use super::kernels::pairs::DensePairs;
use super::kernels::rows::RowOp;

pub(super) use execute::{Machine, TILE};

/// The compiled graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    /// What to do for each tile of events, in order.
    instructions: Vec<Instruction>,
    /// The number of rows of each 32-bit buffer.
    narrow: Vec<usize>,
    /// The number of rows of each 64-bit buffer.
    wide: Vec<usize>,
    /// The constant tensors.
    constants: Vec<(Home, Vec<i64>)>,
    /// The inputs, in the graph's order.
    pub(super) inputs: Vec<Value>,
    /// The outputs, in the graph's order.
    pub(super) outputs: Vec<Value>,
    /// Every value that exists, by [`NodeId::index`].
    pub(super) values: Vec<Option<Value>>,
    /// Whose overflows are counted.
    pub(super) counted: Vec<NodeId>,
}

/// A buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// Of 32-bit words.
    Narrow(usize),
    /// Of 64-bit words.
    Wide(usize),
}

/// A tensor in a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Where.
    pub(super) home: Home,
    /// Its binary point.
    pub(super) frac: i8,
    /// The number of its elements.
    pub(super) elements: usize,
    /// The format of each element.
    formats: Formats,
}

/// One step; the numbers are those of buffers.
#[derive(Clone, Debug)]
enum Instruction {
    /// Packs each two neighbors of a row of `len` elements.
    Pack { from: usize, to: usize, len: usize },
    /// Takes packed rows of `len` elements apart.
    Unpack { from: usize, to: usize, len: usize },
    /// Copies 32-bit words to 64 bits.
    Widen { from: usize, to: usize },
    /// Copies 64-bit words that have at most 32 bits to 32 bits.
    Shrink { from: usize, to: usize },
    /// A dense layer on packed values.
    DensePairs { layer: DensePairs, from: usize, to: usize, packed: bool },
    /// Anything in 32 bits.
    Narrow(Kernel<i32>),
    /// Anything in 64 bits.
    Wide(Kernel<i64>),
    /// The operator's own definition.
    Define { op: Box<OpKind>, from: Vec<(usize, i8)>, to: usize, frac: i8 },
    /// Counts values outside of the limits of each element.
    Count { counter: usize, from: usize, limits: Vec<(i64, i64)> },
}

/// A row operator with its buffers.
#[derive(Clone, Debug)]
struct Kernel<T> {
    from: Vec<usize>,
    to: usize,
    op: RowOp<T>,
}

/// The buffers of one worker.
#[derive(Clone, Debug)]
struct Buffers {
    narrow: Vec<Vec<Row<i32>>>,
    wide: Vec<Vec<Row<i64>>>,
}

/// What one quantizer did to the events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Overflows {
    /// Events with a value outside of the format.
    pub events: usize,
    /// Values outside of the format.
    pub values: usize,
    /// The first such event, and its first such element.
    pub first: Option<(usize, usize)>,
    /// The lowest and the highest such value, before quantization, in steps of the input.
    pub extremes: Option<(i64, i64)>,
}

impl Program {
    /// Refuses inputs of a wrong shape, and values that their formats do not have.
    pub(super) fn assert_inputs(&self, inputs: &[Block<i64>]) {
        assert_eq!(self.inputs.len(), inputs.len(), "one block for each input");
        for (value, block) in self.inputs.iter().zip(inputs) {
            let formats = (0..value.elements).map(|index| value.formats.at(index));
            super::assert_inputs(formats, value.frac, block, inputs[0].events);
        }
    }
}

impl Value {
    /// A block for the value in some events.
    pub(super) fn block(&self, events: usize) -> Block<i64> {
        Block::zeros(self.elements, events, self.frac)
    }
}
