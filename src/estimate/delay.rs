//! The formulas for delay, in nanoseconds: each cell with the wires behind it.
//!
//! `lut`, `chain`, `carry` and `routing` are those of the device, `n` the bits of a carry chain:
//!
//! | cell | delay |
//! |---|---|
//! | terms that do not overlap | 0: wires side by side |
//! | add, subtract | `chain + n carry + routing` |
//! | sum of three | `lut + routing` more |
//! | select, tests, small tables | `lut + routing` where it has a look-up table of its own, else 0 |
//! | test of `n` bits for zero | `lut + routing` for each level of a tree |
//! | less | `chain + n/2 carry + routing` |
//! | lookup of `n` bits | `lut + routing` for each level of multiplexers |
//! | multiply `n` by `m` bits | an addition for each level of a tree of `m` rows |
//! | all others | 0 |

use super::area::{adder_span, comparator_bits, is_side_by_side};
use super::packing::{is_logic, pack, tested_bits};
use crate::entity::SideTable;
use crate::netlist::demand::demands;
use crate::netlist::{Cell, Module, NetId};
use crate::plan::Device;

/// The delay of every cell in nanoseconds.
pub fn delays(module: &Module, device: &Device) -> SideTable<NetId, f64> {
    let packing = pack(module, device.lut_inputs);
    cell_delays(module, device, |id| packing.is_made[id])
}

/// The delays if no function shared the look-up table of its user: an upper
/// bound wherever registers are placed.
pub fn unshared(module: &Module, device: &Device) -> SideTable<NetId, f64> {
    cell_delays(module, device, |_| true)
}

fn cell_delays(
    module: &Module,
    device: &Device,
    is_made: impl Fn(NetId) -> bool,
) -> SideTable<NetId, f64> {
    let demands = demands(module);
    let level = device.delays.lut + device.delays.routing;
    let width = |net: NetId| module.nets[net].width();
    let mut delays = SideTable::filled(module.nets.len(), 0.0);
    for (id, net) in module.nets.iter() {
        if is_logic(module, id, usize::from(device.lut_inputs)) {
            delays[id] = if is_made(id) { level } else { 0.0 };
            continue;
        }
        delays[id] = match net.cell {
            Cell::Add { .. } if is_side_by_side(module, id) => 0.0,
            Cell::Add { .. } => {
                let span = adder_span(module, &demands, id);
                device.delays.sum_of_two(f64::from((span.high - span.low).max(0)))
            }
            Cell::Sum { .. } => {
                let span = adder_span(module, &demands, id);
                device.delays.sum_of_three(f64::from((span.high - span.low).max(0)))
            }
            Cell::Less { a, b } => {
                if let Some((tested, _)) = tested_bits(module, a, b) {
                    f64::from(levels(width(tested), device.lut_inputs)) * level
                } else {
                    let bits = u32::try_from(comparator_bits(module, a, b)).unwrap_or(u32::MAX);
                    device.delays.sum_of_two(0.5 * f64::from(bits))
                }
            }
            Cell::Lookup { index, .. } => {
                let beyond = width(index).saturating_sub(device.lut_inputs + 2);
                f64::from(1 + beyond.div_ceil(2)) * level
            }
            Cell::Multiply { a, b } => {
                let rows = f64::from(width(a).min(width(b)));
                let sum = device.delays.sum_of_two(f64::from(width(a)) + f64::from(width(b)));
                rows.log2().ceil().max(1.0) * sum
            }
            Cell::Input { .. }
            | Cell::Constant
            | Cell::Select { .. }
            | Cell::Truncate { .. }
            | Cell::Shift { .. }
            | Cell::Register { .. } => 0.0,
        };
    }
    delays
}

/// The levels of a tree that joins `bits` bits, `inputs` at a time.
fn levels(bits: u8, inputs: u8) -> u8 {
    let (mut left, mut levels) = (bits, 0);
    while left > 1 {
        left = left.div_ceil(inputs);
        levels += 1;
    }
    levels
}
