//! The formulas for area: look-up tables and flip-flops of each cell.
//!
//! In units of look-up tables, `n` the bits of the result that anybody asks for
//! and that both operands reach:
//!
//! | cell | look-up tables |
//! |---|---|
//! | terms that do not overlap | none: wires side by side |
//! | add, subtract | `n`: one on the carry chain for each bit; bits of only one term are wires |
//! | the same with a constant, on carry chains with a bypass | bits of the constant that are 1 |
//! | the same on other chains | also the carry out, and what [`Carry`] says |
//! | sum of three, where the device can | `n`: one for each bit where two terms overlap |
//! | sum of three elsewhere | `2 n` |
//! | select, test for zero, table of few bits | 1 for each bit, unless its user takes it in |
//! | test of `n` bits for zero | `(n - 1) / (inputs - 1)` |
//! | less | `3 n / 4`; with a constant `n / 3` |
//! | multiply `n` by `m` bits | `2.4 n m`; iCE40 2.5, Intel 2.2, ECP5 4.4 |
//! | lookup | see [`super::table`] |
//! | register | no look-up table, a flip-flop for each bit; AMD: chains of three and more in one each |

use super::Cost;
use super::packing::{Packing, is_logic, pack, tested_bits};
use super::table;
use crate::entity::SideTable;
use crate::netlist::demand::{Demand, demands};
use crate::netlist::{Addend, Cell, Module, NetId};
use crate::plan::{Carry, Device};

/// The shortest chain of registers that AMD devices keep in a shift register.
const SHIFT_REGISTER: u32 = 3;

/// The cost of every net.
pub fn costs(module: &Module, device: &Device) -> SideTable<NetId, Cost> {
    let demands = demands(module);
    let area = Area {
        module,
        device,
        demands: &demands,
        packing: pack(module, device.lut_inputs),
        chains: Chains::of(module),
        inverts: inverts(module),
    };
    let mut costs = SideTable::filled(module.nets.len(), Cost::default());
    for id in module.nets.ids().filter(|id| !demands[*id].is_none()) {
        costs[id] = area.cost(id);
    }
    costs
}

struct Area<'a> {
    module: &'a Module,
    device: &'a Device,
    demands: &'a SideTable<NetId, Demand>,
    packing: Packing,
    chains: Chains,
    inverts: SideTable<NetId, bool>,
}

impl Area<'_> {
    fn cost(&self, id: NetId) -> Cost {
        let net = &self.module.nets[id];
        let inputs = u64::from(self.device.lut_inputs);
        if is_logic(self.module, id, usize::from(self.device.lut_inputs)) {
            let lut = if self.packing.is_made[id] { self.bits(id) } else { 0 };
            let tables = u64::from(matches!(net.cell, Cell::Lookup { .. }));
            return Cost { tables, lut, ..Cost::default() };
        }
        match net.cell {
            Cell::Add { .. } => {
                let lut = self.adder_luts(id);
                Cost { adders: u64::from(lut > 0), lut, ..Cost::default() }
            }
            Cell::Sum { .. } => Cost { adders: 1, lut: self.sum_luts(id), ..Cost::default() },
            Cell::Multiply { a, b } => {
                let [a, b] = [a, b].map(|net| u64::from(self.module.nets[net].width()));
                Cost {
                    multipliers: 1,
                    lut: (self.multiplier_tenths() * a * b).div_ceil(10),
                    ..Cost::default()
                }
            }
            Cell::Less { a, b } => {
                let lut = match tested_bits(self.module, a, b) {
                    Some((_, n)) => (n as u64 - 1).div_ceil(inputs - 1),
                    None => self.comparator_luts(a, b),
                };
                Cost { lut, ..Cost::default() }
            }
            Cell::Lookup { table, index } => {
                let table = &self.module.tables[table];
                let index = self.module.nets[index].format();
                let lut = table::luts(table, index, net.format(), self.device.lut_inputs);
                Cost { tables: 1, lut, ..Cost::default() }
            }
            Cell::Register { .. } => self.register(id),
            Cell::Input { .. }
            | Cell::Constant
            | Cell::Select { .. }
            | Cell::Truncate { .. }
            | Cell::Shift { .. } => Cost::default(),
        }
    }

    /// The wires of a net that anybody asks for.
    fn bits(&self, id: NetId) -> u64 {
        let (format, demand) = (self.module.nets[id].format(), self.demands[id]);
        let low = demand.low.max(-i32::from(format.frac()));
        let high = demand.high.min(format.integer_bits());
        u64::from((high - low).max(0).unsigned_abs())
    }

    fn adder_luts(&self, id: NetId) -> u64 {
        let Cell::Add { a, b, shift, subtract } = self.module.nets[id].cell else { return 0 };
        if is_side_by_side(self.module, id) {
            return 0;
        }
        let span = adder_span(self.module, self.demands, id);
        let nets = &self.module.nets;
        let top = nets[id].format().integer_bits().min(self.demands[id].high);
        let bits = |low: i32| u64::from((top - low).max(0).unsigned_abs());
        match self.device.carry {
            Carry::Beside => {}
            Carry::Inside => return bits(span.low),
            Carry::Pairs => return bits(span.low).next_multiple_of(2),
            Carry::Inputs => {
                let inverted = if self.inverts[id] { nets[b].width() } else { 0 };
                return bits(span.low) + u64::from(inverted);
            }
            Carry::Started => {
                let low_b = i32::from(shift) - i32::from(nets[b].format().frac());
                let low = low_b.min(-i32::from(nets[a].format().frac()));
                return bits(low) + u64::from(subtract && nets[b].cell != Cell::Constant);
            }
        }
        let kind = |net: NetId, shift: i32| {
            let net = &self.module.nets[net];
            let format = net.format();
            Term {
                constant: (net.cell == Cell::Constant).then(|| net.range.lo()),
                low: -i32::from(format.frac()) + shift,
                high: if format.signed() { i32::MAX } else { format.integer_bits() + shift },
            }
        };
        let (a, b) = (kind(a, 0), kind(b, i32::from(shift)));
        // A bit whose carry input is the other term's bit as it is needs no look-up table.
        let needs = |place: &i32| match (a.bit(*place), b.bit(*place)) {
            (Bit::Varies, Bit::Varies) => true,
            (Bit::Varies, Bit::Is(one)) | (Bit::Is(one), Bit::Varies) => one != subtract,
            (Bit::Is(_), Bit::Is(_)) => false,
        };
        (span.low..span.high).filter(needs).count() as u64
    }

    /// What a product costs for each pair of bits, in tenths of a look-up table.
    fn multiplier_tenths(&self) -> u64 {
        match self.device.carry {
            Carry::Beside | Carry::Inside => 24,
            Carry::Pairs => 44,
            Carry::Inputs => 25,
            Carry::Started => 22,
        }
    }

    /// The chain as far as terms reach, and one look-up table for all bits above.
    fn sum_luts(&self, id: NetId) -> u64 {
        let span = adder_span(self.module, self.demands, id);
        let bits = u64::from((span.high - span.low).max(0).unsigned_abs());
        if self.device.sum_of_three.is_none() {
            return 2 * bits;
        }
        let net = &self.module.nets[id];
        let reaches = net.format().integer_bits().min(self.demands[id].high);
        bits + u64::from(reaches > span.high)
    }

    fn comparator_luts(&self, a: NetId, b: NetId) -> u64 {
        let is_constant = |net: NetId| self.module.nets[net].cell == Cell::Constant;
        let n = comparator_bits(self.module, a, b);
        if self.device.carry != Carry::Beside {
            return n;
        }
        if is_constant(a) || is_constant(b) { n.div_ceil(3) } else { (3 * n).div_ceil(4) }
    }

    fn register(&self, id: NetId) -> Cost {
        let bits = self.bits(id);
        let chain = self.chains.length[id];
        if self.device.carry != Carry::Beside || chain < SHIFT_REGISTER {
            return Cost { ff: bits, ..Cost::default() };
        }
        // The whole chain is counted where it ends.
        let lut = if self.chains.is_last[id] { bits * u64::from(chain.div_ceil(32)) } else { 0 };
        Cost { lut, ..Cost::default() }
    }
}

/// The subtractions before which the second term must be inverted, for no older one did it.
fn inverts(module: &Module) -> SideTable<NetId, bool> {
    let mut is_inverted = SideTable::filled(module.nets.len(), false);
    let mut inverts = SideTable::filled(module.nets.len(), false);
    for (id, net) in module.nets.iter() {
        if let Cell::Add { b, subtract: true, .. } = net.cell
            && module.nets[b].cell != Cell::Constant
        {
            inverts[id] = !is_inverted[b];
            is_inverted[b] = true;
        }
    }
    inverts
}

/// One term of a sum, by the exponents of its bits.
struct Term {
    constant: Option<i64>,
    low: i32,
    high: i32,
}

enum Bit {
    Varies,
    Is(bool),
}

impl Term {
    fn bit(&self, place: i32) -> Bit {
        match self.constant {
            Some(raw) if place >= self.low => Bit::Is(raw >> (place - self.low).min(63) & 1 == 1),
            None if (self.low..self.high).contains(&place) => Bit::Varies,
            Some(_) | None => Bit::Is(false),
        }
    }
}

/// True for a sum whose terms do not overlap, the lower one without sign: wires side by side.
pub(super) fn is_side_by_side(module: &Module, id: NetId) -> bool {
    let Cell::Add { a, b, shift, subtract: false } = module.nets[id].cell else { return false };
    let constant = [a, b].iter().any(|net| module.nets[*net].cell == Cell::Constant);
    let ends_below = |low: (NetId, i8), high: (NetId, i8)| {
        let [below, above] = [low, high].map(|(net, _)| module.nets[net].format());
        let top = below.integer_bits() + i32::from(low.1);
        !below.signed() && top <= i32::from(high.1) - i32::from(above.frac())
    };
    !constant && (ends_below((a, 0), (b, shift)) || ends_below((b, shift), (a, 0)))
}

/// The bits of a sum that its carry chain computes, by the exponents of their weights.
pub(super) struct Span {
    pub(super) low: i32,
    pub(super) high: i32,
}

/// Where two terms of a sum overlap, as far as anybody asks.
pub(super) fn adder_span(module: &Module, demands: &SideTable<NetId, Demand>, id: NetId) -> Span {
    let own = module.nets[id].format().integer_bits().min(demands[id].high);
    let low = |term: Addend| i32::from(term.shift) - i32::from(module.nets[term.net].range.frac());
    let addends = module.nets[id].cell.addends();
    let tops = addends
        .clone()
        .map(|term| module.nets[term.net].format().integer_bits() + i32::from(term.shift));
    let top = tops.max().unwrap_or(own);
    let mut lows: Vec<i32> = addends.clone().map(low).collect();
    lows.sort_unstable();
    // The lowest bits of one term are wires; what is taken away borrows.
    let second = lows.get(1).copied().unwrap_or(top);
    let borrows = addends.filter(|term| term.subtract).map(low).min();
    Span { low: borrows.map_or(second, |low| low.min(second)), high: top.min(own) }
}

/// The bits that a comparison looks at.
pub(super) fn comparator_bits(module: &Module, a: NetId, b: NetId) -> u64 {
    let [a, b] = [a, b].map(|net| module.nets[net].format());
    let top = a.integer_bits().max(b.integer_bits());
    let low = -i32::from(a.frac().max(b.frac()));
    u64::from((top - low).max(0).unsigned_abs())
}

/// The chains of registers that nothing reads in between.
struct Chains {
    /// The length of the chain that a register belongs to.
    length: SideTable<NetId, u32>,
    /// Whether it is the end of its chain.
    is_last: SideTable<NetId, bool>,
}

impl Chains {
    fn of(module: &Module) -> Self {
        let mut users = SideTable::filled(module.nets.len(), 0_u32);
        let operands = module.nets.values().flat_map(|net| net.cell.operands());
        let outputs = module.outputs.iter().flat_map(|port| port.nets.iter().copied());
        operands.chain(outputs).for_each(|net| users[net] += 1);
        let mut length = SideTable::filled(module.nets.len(), 0);
        let mut is_last = SideTable::filled(module.nets.len(), false);
        let before = |id: NetId| match module.nets[id].cell {
            Cell::Register { d } if users[d] == 1 => Some(d),
            _ => None,
        };
        for (id, net) in module.nets.iter() {
            if let Cell::Register { .. } = net.cell {
                let previous = before(id).filter(|d| length[*d] > 0);
                length[id] = 1 + previous.map_or(0, |d| length[d]);
                is_last[id] = true;
                if let Some(d) = previous {
                    is_last[d] = false;
                }
            }
        }
        for id in module.nets.ids().rev() {
            if let Some(d) = before(id).filter(|d| length[*d] > 0) {
                length[d] = length[id];
            }
        }
        Self { length, is_last }
    }
}
