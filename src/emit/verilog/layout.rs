//! [`Layout`]: which nets are written, in which module each stands, and what it is called.

use std::collections::BTreeMap;

use super::super::interface::Interface;
use crate::entity::SideTable;
use crate::naming::Namer;
use crate::netlist::{Cell, LayerId, Module, NetId};

/// Where a net stands and what it is called.
///
/// A [`Cell::Shift`] is no wire of its own: it is read as the net that it moves.
/// A [`Cell::Constant`] is written out where it is read. Both have no name.
#[derive(Debug)]
pub(super) struct Layout {
    /// True for nets that an output depends on.
    pub live: SideTable<NetId, bool>,
    /// The clock cycle in which a net belongs to the event that entered in cycle 0.
    pub cycle: SideTable<NetId, u32>,
    /// True for nets that are read outside the module in which they are made.
    pub leaves: SideTable<NetId, bool>,
    /// The name of each live net that has wires.
    pub name: SideTable<NetId, String>,
    /// The nets that a layer's module has as outputs, in order.
    pub exports: LayerNets,
    /// The nets that a layer's module has as inputs, in order.
    pub imports: LayerNets,
    /// The nets that are made in a layer's module, by clock cycle, operands first.
    pub members: LayerNets,
}

/// Some nets of each layer.
type LayerNets = BTreeMap<LayerId, Vec<NetId>>;

impl Layout {
    /// The layout of `module` under the names of its pins.
    pub(super) fn new(module: &Module, interface: &Interface, namer: &mut Namer) -> Self {
        let live = live(module);
        let cycle = cycles(module);
        let members = members(module, &live, &cycle);
        let imports = imports(module, &members);
        let leaves = leaves(module, &imports);
        let exports = exports(&members, &leaves);
        let name = SideTable::filled(module.nets.len(), String::new());
        let mut layout = Self { live, cycle, leaves, name, exports, imports, members };
        layout.name_nets(module, interface, namer);
        layout
    }

    /// Inputs are named after their port, what leaves a layer after the layer, the rest by its id.
    fn name_nets(&mut self, module: &Module, interface: &Interface, namer: &mut Namer) {
        for (port, pins) in module.inputs.iter().zip(&interface.inputs) {
            for (element, net) in port.nets.iter().enumerate() {
                self.name[*net] = namer.name(&format!("{}_{element}", pins.port));
            }
        }
        for (layer, exports) in &self.exports {
            let mut first_of: BTreeMap<NetId, NetId> = BTreeMap::new();
            for net in exports {
                let origin = undelayed(module, *net);
                let first = *first_of.entry(origin).or_insert(*net);
                let delay = self.cycle[*net] - self.cycle[first];
                let wanted = if matches!(module.nets[origin].cell, Cell::Input { .. }) {
                    let delay = self.cycle[*net];
                    format!("{}_d{delay}", self.name[origin])
                } else if delay == 0 {
                    format!("{}_{}", module.layers[*layer].name, first_of.len() - 1)
                } else {
                    format!("{}_d{delay}", self.name[first])
                };
                self.name[*net] = namer.name(&wanted);
            }
        }
        for net in self.members.values().flatten() {
            if self.name[*net].is_empty() {
                self.name[*net] = namer.name(&net.to_string());
            }
        }
    }
}

/// The net whose wires carry `net`.
pub(super) fn carrier(module: &Module, net: NetId) -> NetId {
    match module.nets[net].cell {
        Cell::Shift { a, .. } => carrier(module, a),
        _ => net,
    }
}

/// The net that `net` is a delayed copy of, as far as it is known in the same layer or an input.
fn undelayed(module: &Module, net: NetId) -> NetId {
    match module.nets[net].cell {
        Cell::Register { d } => {
            let source = carrier(module, d);
            let input = matches!(module.nets[source].cell, Cell::Input { .. });
            if input || module.nets[source].layer == module.nets[net].layer {
                undelayed(module, source)
            } else {
                net
            }
        }
        _ => net,
    }
}

fn live(module: &Module) -> SideTable<NetId, bool> {
    let mut live = SideTable::filled(module.nets.len(), false);
    for net in module.outputs.iter().flat_map(|port| &port.nets) {
        live[*net] = true;
    }
    for (id, net) in module.nets.iter().rev() {
        if live[id] {
            net.cell.operands().for_each(|operand| live[operand] = true);
        }
    }
    live
}

fn cycles(module: &Module) -> SideTable<NetId, u32> {
    let mut cycles = SideTable::filled(module.nets.len(), 0);
    for (id, net) in module.nets.iter() {
        let latest = net.cell.operands().map(|operand| cycles[operand]).max().unwrap_or(0);
        cycles[id] = latest + u32::from(matches!(net.cell, Cell::Register { .. }));
    }
    cycles
}

/// True for nets that are made inside the module of their layer.
fn is_member(cell: Cell) -> bool {
    !matches!(cell, Cell::Input { .. } | Cell::Constant | Cell::Shift { .. })
}

fn members(
    module: &Module,
    live: &SideTable<NetId, bool>,
    cycle: &SideTable<NetId, u32>,
) -> LayerNets {
    let mut members = LayerNets::new();
    for (id, net) in module.nets.iter() {
        if live[id] && is_member(net.cell) {
            members.entry(net.layer).or_default().push(id);
        }
    }
    for nets in members.values_mut() {
        let is_logic = |id: NetId| !matches!(module.nets[id].cell, Cell::Register { .. });
        nets.sort_by_key(|id| (cycle[*id], is_logic(*id), *id));
    }
    members
}

/// The nets that each layer reads and does not make.
fn imports(module: &Module, members: &LayerNets) -> LayerNets {
    let imports = members.iter().map(|(layer, nets)| {
        let made_here = |net: NetId| {
            let net = &module.nets[net];
            is_member(net.cell) && net.layer == *layer
        };
        let mut read: Vec<NetId> = nets
            .iter()
            .flat_map(|net| module.nets[*net].cell.operands())
            .map(|operand| carrier(module, operand))
            .filter(|net| module.nets[*net].cell != Cell::Constant && !made_here(*net))
            .collect();
        read.sort_unstable();
        read.dedup();
        (*layer, read)
    });
    imports.collect()
}

fn leaves(module: &Module, imports: &LayerNets) -> SideTable<NetId, bool> {
    let mut leaves = SideTable::filled(module.nets.len(), false);
    for net in module.outputs.iter().flat_map(|port| &port.nets) {
        leaves[carrier(module, *net)] = true;
    }
    for net in imports.values().flatten() {
        leaves[*net] = true;
    }
    leaves
}

fn exports(members: &LayerNets, leaves: &SideTable<NetId, bool>) -> LayerNets {
    let exports = members.iter().map(|(layer, nets)| {
        let mut left: Vec<NetId> = nets.iter().copied().filter(|net| leaves[*net]).collect();
        left.sort_unstable();
        (*layer, left)
    });
    exports.collect()
}
