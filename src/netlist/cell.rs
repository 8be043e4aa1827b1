//! [`Cell`]: the closed set of things that hardware does, and what each of them computes.
//!
//! This file is the meaning of a cell. Simulators, emitters and estimates say
//! the same in their own terms.

use super::{NetId, TableId};
use crate::numeric::format::FixedFormat;

/// What drives a net.
///
/// Values are exact numbers `raw * 2^-frac`: operands of different binary
/// points are aligned, and a result is never cut, but by `Truncate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// An element of an input port.
    Input {
        /// Which port.
        port: u32,
        /// Which element.
        element: u32,
    },
    /// A constant; its value is the range of its net, which is a point.
    Constant,
    /// `a + b * 2^shift`, or `a - b * 2^shift`.
    Add {
        /// The first term.
        a: NetId,
        /// The second term.
        b: NetId,
        /// How far the second term moves up.
        shift: i8,
        /// Whether it is taken away.
        subtract: bool,
    },
    /// `a * b`.
    Multiply {
        /// The first factor.
        a: NetId,
        /// The second factor.
        b: NetId,
    },
    /// `a` where `condition` is 1, else `b`.
    Select {
        /// A net of one bit, 0 or 1.
        condition: NetId,
        /// The value for 1.
        a: NetId,
        /// The value for 0.
        b: NetId,
    },
    /// 1 where `a < b`, else 0.
    Less {
        /// The left side.
        a: NetId,
        /// The right side.
        b: NetId,
    },
    /// `a` in `format`: low bits are dropped toward minus infinity, high bits by wrapping.
    Truncate {
        /// What is cut.
        a: NetId,
        /// What remains.
        format: FixedFormat,
    },
    /// `a * 2^exponent`: wires with another binary point.
    Shift {
        /// What is moved.
        a: NetId,
        /// How far up.
        exponent: i8,
    },
    /// The entry of `table` at the raw value of `index`.
    Lookup {
        /// The table.
        table: TableId,
        /// The index.
        index: NetId,
    },
    /// `d`, one clock later.
    Register {
        /// The value to keep.
        d: NetId,
    },
}

impl Cell {
    /// The operands, in order.
    pub fn operands(self) -> impl Iterator<Item = NetId> {
        let operands = match self {
            Self::Input { .. } | Self::Constant => [None; 3],
            Self::Add { a, b, .. } | Self::Multiply { a, b } | Self::Less { a, b } => {
                [Some(a), Some(b), None]
            }
            Self::Select { condition, a, b } => [Some(condition), Some(a), Some(b)],
            Self::Truncate { a, .. } | Self::Shift { a, .. } => [Some(a), None, None],
            Self::Lookup { index, .. } => [Some(index), None, None],
            Self::Register { d } => [Some(d), None, None],
        };
        operands.into_iter().flatten()
    }

    /// The same cell over other operands.
    #[must_use]
    pub fn map_operands(self, mut f: impl FnMut(NetId) -> NetId) -> Self {
        match self {
            Self::Input { .. } | Self::Constant => self,
            Self::Add { a, b, shift, subtract } => Self::Add { a: f(a), b: f(b), shift, subtract },
            Self::Multiply { a, b } => Self::Multiply { a: f(a), b: f(b) },
            Self::Select { condition, a, b } => {
                Self::Select { condition: f(condition), a: f(a), b: f(b) }
            }
            Self::Less { a, b } => Self::Less { a: f(a), b: f(b) },
            Self::Truncate { a, format } => Self::Truncate { a: f(a), format },
            Self::Shift { a, exponent } => Self::Shift { a: f(a), exponent },
            Self::Lookup { table, index } => Self::Lookup { table, index: f(index) },
            Self::Register { d } => Self::Register { d: f(d) },
        }
    }

    /// The name, as the text form spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Input { .. } => "input",
            Self::Constant => "constant",
            Self::Add { subtract: false, .. } => "add",
            Self::Add { subtract: true, .. } => "subtract",
            Self::Multiply { .. } => "multiply",
            Self::Select { .. } => "select",
            Self::Less { .. } => "less",
            Self::Truncate { .. } => "truncate",
            Self::Shift { .. } => "shift",
            Self::Lookup { .. } => "lookup",
            Self::Register { .. } => "register",
        }
    }
}
