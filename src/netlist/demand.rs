//! [`Demand`]: which bits of each net anybody asks for.

use super::{Cell, Module, NetId};
use crate::entity::SideTable;

/// The bits that are asked for, by the exponents of their weights: from `low`
/// up to, not including, `high`. A value that agrees in these bits does as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The lowest exponent.
    pub low: i32,
    /// The exponent above the highest.
    pub high: i32,
}

impl Demand {
    /// No bit.
    pub const NONE: Self = Self { low: i32::MAX, high: i32::MIN };
    /// The exact value.
    pub const ALL: Self = Self { low: i32::MIN, high: i32::MAX };

    /// True when not a single bit is asked for.
    pub fn is_none(self) -> bool {
        self.high == i32::MIN
    }

    fn union(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The same bits of a value that weighs `2^exponent` times as much.
    fn shifted(self, exponent: i32) -> Self {
        let shift = |bound: i32| match bound {
            i32::MIN | i32::MAX => bound,
            _ => bound + exponent,
        };
        Self { low: shift(self.low), high: shift(self.high) }
    }
}

/// What the outputs ask of each net, directly or through its users.
pub fn demands(module: &Module) -> SideTable<NetId, Demand> {
    let mut demands = SideTable::filled(module.nets.len(), Demand::NONE);
    for port in &module.outputs {
        port.nets.iter().for_each(|net| demands[*net] = Demand::ALL);
    }
    for (id, net) in module.nets.iter().rev() {
        let own = demands[id];
        if own.is_none() {
            continue;
        }
        let lowest = |net: NetId| -i32::from(module.nets[net].range.frac());
        let mut ask = |net: NetId, demand: Demand| demands[net] = demands[net].union(demand);
        match net.cell {
            Cell::Input { .. } | Cell::Constant => {}
            Cell::Add { .. } | Cell::Sum { .. } => {
                let addends = net.cell.addends();
                for (place, term) in addends.clone().enumerate() {
                    let others = addends.clone().enumerate().filter(|(other, _)| *other != place);
                    let others = others.map(|(_, term)| lowest(term.net) + i32::from(term.shift));
                    // Where the others have no bits, those of one term make no carry.
                    let low = if term.subtract { i32::MIN } else { others.fold(own.low, i32::min) };
                    ask(term.net, Demand { low, ..own }.shifted(-i32::from(term.shift)));
                }
            }
            Cell::Multiply { a, b } => {
                let of = |other: NetId| Demand { low: i32::MIN, ..own.shifted(-lowest(other)) };
                ask(a, of(b));
                ask(b, of(a));
            }
            Cell::Select { condition, a, b } => {
                ask(condition, Demand::ALL);
                ask(a, own);
                ask(b, own);
            }
            Cell::Less { a, b } => {
                ask(a, Demand::ALL);
                ask(b, Demand::ALL);
            }
            Cell::Truncate { a, format } => {
                // Bits above the format repeat its top bit.
                let top = format.integer_bits();
                let low = own.low.clamp(-i32::from(format.frac()), top - 1);
                ask(a, Demand { low, high: own.high.clamp(low + 1, top) });
            }
            Cell::Shift { a, exponent } => ask(a, own.shifted(-i32::from(exponent))),
            Cell::Lookup { index, .. } => ask(index, Demand::ALL),
            Cell::Register { d } => ask(d, own),
        }
    }
    demands
}
