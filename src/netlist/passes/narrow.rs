//! `narrow`: bits that nobody asks for are cut where they arise.
//!
//! High bits that are wrapped away later, and low bits that are dropped without
//! having made a carry, need not be computed, nor kept in registers:
//!
//! ```text
//!                                     n1 = truncate n0 : ufixed<4,4>
//! n2 = add n0, n0 << 1            =>  n2 = add n1, n1 << 1
//! n3 = truncate n2 : fixed<4,4>       n3 = truncate n2 : fixed<4,4>
//! ```

use super::rebuild::Rebuild;
use crate::entity::SideTable;
use crate::netlist::demand::{Demand, demands};
use crate::netlist::{Builder, Cell, Module, NetId};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;

/// The module with every net cut to the bits that are asked for.
pub fn narrow(module: &Module) -> Module {
    let demands = demands(module);
    let mut rebuild = Rebuild::new(module);
    // Whether a new net has the value of the old one, not only the demanded bits.
    let mut exact = SideTable::filled(module.nets.len(), true);
    for (id, net) in module.nets.iter() {
        let demand = demands[id];
        if demand.is_none() {
            continue;
        }
        let copy = rebuild.copy(id);
        exact[id] = net.cell.operands().all(|operand| exact[operand]) || restores(net.cell, demand);
        let copy = if exact[id] { rebuild.builder.prove(copy, net.range) } else { copy };
        let cut = cut(&mut rebuild.builder, copy, demand);
        exact[id] &= cut == copy;
        rebuild.nets[id] = cut;
    }
    rebuild.finish(module.latency)
}

/// True when the cell's value follows exactly from the demanded bits of its operand.
fn restores(cell: Cell, demand: Demand) -> bool {
    match cell {
        Cell::Truncate { format, .. } => {
            demand.low <= -i32::from(format.frac()) && demand.high >= format.integer_bits()
        }
        Cell::Input { .. }
        | Cell::Constant
        | Cell::Add { .. }
        | Cell::Sum { .. }
        | Cell::Multiply { .. }
        | Cell::Select { .. }
        | Cell::Less { .. }
        | Cell::Shift { .. }
        | Cell::Lookup { .. }
        | Cell::Register { .. } => false,
    }
}

/// The demanded bits of `net`, if that makes it narrower.
fn cut(builder: &mut Builder, net: NetId, demand: Demand) -> NetId {
    let (own, range) = (builder.net(net).format(), builder.range(net));
    let low = demand.low.max(-i32::from(own.frac()));
    let wraps = demand.high < own.integer_bits();
    let drop = low + i32::from(own.frac());
    if range.lo() == range.hi() || !wraps && drop == 0 {
        return net;
    }
    let frac = i8::try_from(-low).expect("binary points stay within a byte");
    let format = if wraps {
        let width = u8::try_from(demand.high - low);
        width.ok().and_then(|width| FixedFormat::new(false, width, frac).ok())
    } else {
        let floor = |raw: i64| raw >> drop.min(63);
        FixedFormat::covering(Interval::new(floor(range.lo()), floor(range.hi()), frac)).ok()
    };
    match format {
        Some(format) => builder.truncate(net, format),
        None => net,
    }
}
