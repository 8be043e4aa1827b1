//! What a netlist costs on a device, and how fast it is: no tool is run.
//!
//! All formulas stand in [`area`] and [`delay`]. They count what open synthesis
//! makes of the emitted Verilog; [`packing`] predicts which selections and
//! small tables share a look-up table, [`table`] how large tables decompose.
//!
//! Tests hold the look-up tables of whole networks within a tenth of Yosys on
//! AMD devices, ECP5, iCE40 and Cyclone V. Nothing of PolarFire, Agilex and
//! Gowin was held against synthesis, nor were delays against place and route.

pub mod area;
pub mod delay;
pub mod packing;
pub mod table;

use std::ops::AddAssign;

use serde::Serialize;

use crate::entity::{Arena, SideTable};
use crate::netlist::{Cell, LayerId, Module, NetId};
use crate::plan::Device;

pub use delay::delays;

/// The time between two collisions of the Large Hadron Collider, in nanoseconds.
pub const BUNCH_CROSSING_NS: f64 = 25.0;

/// Counts of device resources, and of the cells they come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Additions and subtractions of two values.
    pub adders: u64,
    /// Products of two values.
    pub multipliers: u64,
    /// Tables.
    pub tables: u64,
    /// Look-up tables of the device.
    pub lut: u64,
    /// Flip-flops.
    pub ff: u64,
    /// Multiplier blocks; products are built from look-up tables, so none.
    pub dsp: u64,
    /// Block memory in kilobits; tables are built from look-up tables, so none.
    pub bram_kbit: u64,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.adders += other.adders;
        self.multipliers += other.multipliers;
        self.tables += other.tables;
        self.lut += other.lut;
        self.ff += other.ff;
        self.dsp += other.dsp;
        self.bram_kbit += other.bram_kbit;
    }
}

/// A part of the design and its cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerEstimate {
    /// The name of the model's node.
    pub name: String,
    /// What it does.
    pub operator: String,
    /// What it costs.
    pub cost: Cost,
}

/// What a design costs and how fast it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The layers in order.
    pub layers: Vec<LayerEstimate>,
    /// Their sum.
    pub total: Cost,
    /// Clock cycles from an input to its outputs.
    pub latency_cycles: u32,
    /// The same in nanoseconds; without registers the delay of the logic.
    pub latency_ns: f64,
    /// The same in bunch crossings of 25 ns.
    pub latency_bunch_crossings: f64,
    /// The longest path of each stage in nanoseconds, what its registers take included.
    pub stages_ns: Vec<f64>,
    /// The longest of them.
    pub critical_ns: f64,
}

/// Shares of what the device has, from 0 up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Utilization {
    /// Of the look-up tables.
    pub lut: f64,
    /// Of the flip-flops.
    pub ff: f64,
    /// Of the multiplier blocks.
    pub dsp: f64,
    /// Of the block memory.
    pub bram: f64,
}

impl Cost {
    /// The shares of `device` that it takes; all of nothing counts as none.
    pub fn utilization(self, device: &Device) -> Utilization {
        #[expect(clippy::cast_precision_loss, reason = "a share for a report")]
        let share = |used: u64, has: u64| if used == 0 { 0.0 } else { used as f64 / has as f64 };
        Utilization {
            lut: share(self.lut, device.resources.lut),
            ff: share(self.ff, device.resources.ff),
            dsp: share(self.dsp, device.resources.dsp),
            bram: share(self.bram_kbit, device.resources.bram_kbit),
        }
    }
}

/// The cost and the speed of a netlist on `device` with a clock of `clock_ns`.
pub fn estimate(module: &Module, device: &Device, clock_ns: f64) -> Estimate {
    let costs = area::costs(module, device);
    let mut by_layer = SideTable::filled(module.layers.len(), Cost::default());
    let mut total = Cost::default();
    for (id, net) in module.nets.iter() {
        by_layer[net.layer] += costs[id];
        total += costs[id];
    }
    let stages_ns = stages(module, &delays(module, device), device.delays.register);
    let critical_ns = stages_ns.iter().copied().fold(0.0, f64::max);
    let latency_ns = match module.latency {
        0 => critical_ns,
        cycles => f64::from(cycles) * clock_ns,
    };
    Estimate {
        layers: layers(&module.layers, &by_layer),
        total,
        latency_cycles: module.latency,
        latency_ns,
        latency_bunch_crossings: latency_ns / BUNCH_CROSSING_NS,
        stages_ns,
        critical_ns,
    }
}

fn layers(
    layers: &Arena<LayerId, crate::netlist::Layer>,
    costs: &SideTable<LayerId, Cost>,
) -> Vec<LayerEstimate> {
    let row = |(id, layer): (LayerId, &crate::netlist::Layer)| LayerEstimate {
        name: layer.name.clone(),
        operator: layer.operator.clone(),
        cost: costs[id],
    };
    layers.iter().map(row).collect()
}

/// The longest path of each stage, in nanoseconds.
fn stages(module: &Module, delays: &SideTable<NetId, f64>, register_ns: f64) -> Vec<f64> {
    let mut cycles = SideTable::filled(module.nets.len(), 0_usize);
    let mut arrivals = SideTable::filled(module.nets.len(), 0.0_f64);
    let mut longest = vec![0.0_f64; module.latency as usize + 1];
    for (id, net) in module.nets.iter() {
        let cycle = net.cell.operands().map(|operand| cycles[operand]).max().unwrap_or(0);
        // Only what comes out of the same register stage can be on the path;
        // constants are always there.
        let start = net.cell.operands().filter(|operand| cycles[*operand] == cycle);
        let start = start.map(|operand| arrivals[operand]).fold(0.0, f64::max);
        (cycles[id], arrivals[id]) = match net.cell {
            Cell::Register { .. } => (cycle + 1, 0.0),
            _ => (cycle, start + delays[id]),
        };
        if let Some(longest) = longest.get_mut(cycles[id]) {
            *longest = longest.max(arrivals[id]);
        }
    }
    let register_ns = if module.latency > 0 { register_ns } else { 0.0 };
    longest.into_iter().map(|stage| in_femtoseconds(stage + register_ns)).collect()
}

/// Whole femtoseconds: sums of delays come out equal in any order, and a path that takes just the
/// clock period takes no more than that.
fn in_femtoseconds(ns: f64) -> f64 {
    (1e6 * ns).round() / 1e6
}

#[cfg(test)]
mod tests;
