//! `sweep`: nets that no output needs are dropped, and with them their tables and layers.
//!
//! Inputs stay, needed or not: the ports are a promise to the outside.

use crate::entity::{Arena, EntityId, SideTable};
use crate::netlist::{Cell, Module, Net, NetId, Port};

/// The module without what no output needs.
pub fn sweep(module: &Module) -> Module {
    let mut needed = SideTable::filled(module.nets.len(), false);
    for port in module.inputs.iter().chain(&module.outputs) {
        port.nets.iter().for_each(|net| needed[*net] = true);
    }
    for (id, net) in module.nets.iter().rev() {
        if needed[id] {
            net.cell.operands().for_each(|operand| needed[operand] = true);
        }
    }
    let mut result = Module {
        nets: Arena::new(),
        tables: Arena::new(),
        layers: Arena::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        latency: module.latency,
    };
    let used = |id: &NetId| needed[*id];
    let live: Vec<NetId> = module.nets.ids().filter(used).collect();
    let layers = renumber(
        &module.layers,
        &mut result.layers,
        live.iter().map(|net| module.nets[*net].layer),
    );
    let tables = renumber(
        &module.tables,
        &mut result.tables,
        live.iter().filter_map(|net| match module.nets[*net].cell {
            Cell::Lookup { table, .. } => Some(table),
            Cell::Input { .. }
            | Cell::Constant
            | Cell::Add { .. }
            | Cell::Sum { .. }
            | Cell::Multiply { .. }
            | Cell::Select { .. }
            | Cell::Less { .. }
            | Cell::Truncate { .. }
            | Cell::Shift { .. }
            | Cell::Register { .. } => None,
        }),
    );
    let mut nets: SideTable<NetId, Option<NetId>> = SideTable::filled(module.nets.len(), None);
    for id in live {
        let Net { cell, range, layer } = module.nets[id];
        let cell =
            cell.map_operands(|operand| nets[operand].expect("operands are older and needed"));
        let cell = match cell {
            Cell::Lookup { table, index } => {
                Cell::Lookup { table: tables[table].expect("its table was found"), index }
            }
            other => other,
        };
        let layer = layers[layer].expect("its layer was found");
        nets[id] = Some(result.nets.push(Net { cell, range, layer }));
    }
    let ports = |ports: &[Port]| {
        let port = |port: &Port| Port {
            nets: port.nets.iter().map(|net| nets[*net].expect("ports are needed")).collect(),
            ..port.clone()
        };
        ports.iter().map(port).collect()
    };
    result.inputs = ports(&module.inputs);
    result.outputs = ports(&module.outputs);
    result
}

/// Moves the items that `used` names from one arena to another, in their old order.
fn renumber<K: EntityId, V: Clone>(
    from: &Arena<K, V>,
    to: &mut Arena<K, V>,
    used: impl Iterator<Item = K>,
) -> SideTable<K, Option<K>> {
    let mut keep = SideTable::filled(from.len(), false);
    used.for_each(|id| keep[id] = true);
    let mut moved = SideTable::filled(from.len(), None);
    for (id, item) in from.iter().filter(|(id, _)| keep[*id]) {
        moved[id] = Some(to.push(item.clone()));
    }
    moved
}
