//! The invariants of a [`Module`], checked after every pass. A fault here is a bug of a pass.
//!
//! - Operands are older than the nets they drive.
//! - Input cells are those their ports list, and no others.
//! - A net's range contains every value that its cell can compute from its
//!   operands' ranges, or is proved narrower by whoever made it; it is never wider than 63 bits.
//! - A condition is one bit; a table has an entry for each value of its index.
//! - Output formats hold the ranges of their nets.
//! - With registers, every path from an input to an output has `latency` of them.

use super::{Cell, Module, NetId};
use crate::entity::SideTable;
use crate::numeric::format::FixedFormat;

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An operand that is not older than its user.
    #[error("{0} uses {1}, which is not older")]
    Order(NetId, NetId),
    /// A net wider than the word size.
    #[error("{0} is wider than 63 bits")]
    Width(NetId),
    /// An input cell that no port lists.
    #[error("{0} is an input that its port does not list")]
    Input(NetId),
    /// A condition of more than one bit.
    #[error("{0} selects by a condition of more than one bit")]
    Condition(NetId),
    /// A table without an entry for some index.
    #[error("{0} looks beyond its table")]
    Table(NetId),
    /// An output whose format does not hold its net.
    #[error("output `{0}` does not hold {1}")]
    Output(String, NetId),
    /// Operands that belong to different clock cycles.
    #[error("{0} mixes values of different clock cycles")]
    Skew(NetId),
    /// An output that comes at another time than the latency says.
    #[error("output `{0}` comes after {1} cycles")]
    Latency(String, u32),
}

/// Checks every invariant.
///
/// # Errors
/// The first one that is broken.
pub fn verify(module: &Module) -> Result<(), Broken> {
    for (id, net) in module.nets.iter() {
        if let Some(operand) = net.cell.operands().find(|operand| *operand >= id) {
            return Err(Broken::Order(id, operand));
        }
        if FixedFormat::covering(net.range).is_err() {
            return Err(Broken::Width(id));
        }
        match net.cell {
            Cell::Input { port, element } => {
                let listed = module.inputs.get(port as usize);
                let listed = listed.and_then(|port| port.nets.get(element as usize));
                if listed != Some(&id) {
                    return Err(Broken::Input(id));
                }
            }
            Cell::Select { condition, .. } => {
                let bit = module.nets[condition].range;
                if bit.frac() != 0 || bit.lo() < 0 || bit.hi() > 1 {
                    return Err(Broken::Condition(id));
                }
            }
            Cell::Lookup { table, index } => {
                let table = &module.tables[table];
                let range = module.nets[index].range;
                let entries = i64::try_from(table.values.len()).expect("a table fits in memory");
                if range.lo() < table.first || range.hi() >= table.first + entries {
                    return Err(Broken::Table(id));
                }
            }
            Cell::Constant
            | Cell::Add { .. }
            | Cell::Sum { .. }
            | Cell::Multiply { .. }
            | Cell::Less { .. }
            | Cell::Truncate { .. }
            | Cell::Shift { .. }
            | Cell::Register { .. } => {}
        }
    }
    outputs(module)
}

/// Follows the clock cycle of every net: constants belong to all, inputs to cycle 0.
fn outputs(module: &Module) -> Result<(), Broken> {
    let mut cycles: SideTable<NetId, Option<u32>> = SideTable::filled(module.nets.len(), None);
    for (id, net) in module.nets.iter() {
        let mut cycle = match net.cell {
            Cell::Input { .. } => Some(0),
            _ => None,
        };
        for operand in net.cell.operands() {
            match (cycle, cycles[operand]) {
                (Some(own), Some(other)) if own != other => return Err(Broken::Skew(id)),
                (None, other) => cycle = other,
                _ => {}
            }
        }
        cycles[id] = match net.cell {
            Cell::Register { .. } => cycle.map(|cycle| cycle + 1),
            _ => cycle,
        };
    }
    for port in &module.outputs {
        for (net, format) in port.nets.iter().zip(&port.formats) {
            if !format.holds(module.nets[*net].range) {
                return Err(Broken::Output(port.name.clone(), *net));
            }
            if let Some(cycle) = cycles[*net].filter(|cycle| *cycle != module.latency) {
                return Err(Broken::Latency(port.name.clone(), cycle));
            }
        }
    }
    Ok(())
}
