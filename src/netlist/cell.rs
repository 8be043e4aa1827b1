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
    /// `a ± b * 2^shift ± c * 2^shift`, each with its own shift and sign: two additions in one
    /// carry chain, on devices that can.
    Sum {
        /// The first term, which is never taken away.
        a: NetId,
        /// The second term.
        b: Addend,
        /// The third term.
        c: Addend,
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

/// A term of an addition: `± net * 2^shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addend {
    /// Whether it is taken away.
    pub subtract: bool,
    /// The net.
    pub net: NetId,
    /// How far it moves up.
    pub shift: i8,
}

impl Addend {
    /// A net as it is.
    pub fn plain(net: NetId) -> Self {
        Self { subtract: false, net, shift: 0 }
    }
}

impl Cell {
    /// What is added up, of a sum of two or three; nothing of other cells.
    pub fn addends(self) -> impl Iterator<Item = Addend> + Clone {
        let addends = match self {
            Self::Add { a, b, shift, subtract } => {
                [Some(Addend::plain(a)), Some(Addend { subtract, net: b, shift }), None]
            }
            Self::Sum { a, b, c } => [Some(Addend::plain(a)), Some(b), Some(c)],
            Self::Input { .. }
            | Self::Constant
            | Self::Multiply { .. }
            | Self::Select { .. }
            | Self::Less { .. }
            | Self::Truncate { .. }
            | Self::Shift { .. }
            | Self::Lookup { .. }
            | Self::Register { .. } => [None; 3],
        };
        addends.into_iter().flatten()
    }

    /// The operands, in order.
    pub fn operands(self) -> impl Iterator<Item = NetId> {
        let operands = match self {
            Self::Input { .. } | Self::Constant => [None; 3],
            Self::Add { a, b, .. } | Self::Multiply { a, b } | Self::Less { a, b } => {
                [Some(a), Some(b), None]
            }
            Self::Sum { a, b, c } => [Some(a), Some(b.net), Some(c.net)],
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
            Self::Sum { a, b, c } => Self::Sum {
                a: f(a),
                b: Addend { net: f(b.net), ..b },
                c: Addend { net: f(c.net), ..c },
            },
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
            Self::Sum { .. } => "sum",
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
