//! Making a module anew, net by net, through a [`Builder`].

use crate::entity::SideTable;
use crate::netlist::{Addend, Builder, Cell, Layer, Module, NetId, Port, Table};
use crate::numeric::interval::Interval;

/// A module in the making, and what became of each net of the old one.
pub(super) struct Rebuild<'a> {
    pub(super) old: &'a Module,
    pub(super) builder: Builder,
    /// The new net of each old one.
    pub(super) nets: SideTable<NetId, NetId>,
}

impl<'a> Rebuild<'a> {
    /// Starts with the layers and inputs of `old`.
    pub(super) fn new(old: &'a Module) -> Self {
        let mut layers = old.layers.values().cloned();
        let nowhere = || Layer { name: String::new(), operator: String::new(), origin: None };
        let mut builder = Builder::new(layers.next().unwrap_or_else(nowhere));
        for layer in layers {
            builder.begin_layer(layer);
        }
        let mut inputs = Vec::new();
        for port in &old.inputs {
            let Some(layer) = port.nets.first().map(|net| old.nets[*net].layer) else { continue };
            builder.enter_layer(layer);
            inputs.extend(port.nets.iter().copied().zip(builder.input(&port.name, &port.formats)));
        }
        // Every net but the inputs is set by `copy` before anything asks for it.
        let unset = inputs.first().map_or_else(|| builder.constant(0, 0), |(_, net)| *net);
        let mut nets = SideTable::filled(old.nets.len(), unset);
        for (from, to) in inputs {
            let range = old.nets[from].range;
            nets[from] = builder.prove(to, range);
        }
        Self { old, builder, nets }
    }

    /// The cell of an old net over the new operands; inputs stay what they are.
    ///
    /// The range that was proved for the old net is not carried over.
    pub(super) fn copy(&mut self, id: NetId) -> NetId {
        let net = &self.old.nets[id];
        self.builder.enter_layer(net.layer);
        let new = |operand: NetId| self.nets[operand];
        match net.cell {
            Cell::Input { .. } => self.nets[id],
            Cell::Constant => self.builder.constant(net.range.lo(), net.range.frac()),
            Cell::Add { a, b, shift, subtract: false } => self.builder.add(new(a), new(b), shift),
            Cell::Add { a, b, shift, subtract: true } => {
                self.builder.subtract(new(a), new(b), shift)
            }
            Cell::Sum { a, b, c } => {
                let term = |term: Addend| Addend { net: new(term.net), ..term };
                self.builder.sum(new(a), term(b), term(c))
            }
            Cell::Multiply { a, b } => self.builder.multiply(new(a), new(b)),
            Cell::Select { condition, a, b } => self.builder.select(new(condition), new(a), new(b)),
            Cell::Less { a, b } => self.builder.less(new(a), new(b)),
            Cell::Truncate { a, format } => self.builder.truncate(new(a), format),
            Cell::Shift { a, exponent } => self.builder.shift(new(a), exponent),
            Cell::Lookup { table, index } => {
                let table = &self.old.tables[table];
                let from = self.old.nets[index].range.frac();
                let range = self.builder.range(new(index));
                let table = if range.frac() == from {
                    table.clone()
                } else {
                    at_binary_point(table, from, range)
                };
                self.builder.lookup(table, new(index))
            }
            Cell::Register { d } => self.builder.register(new(d)),
        }
    }

    /// The new module, its outputs driven by what became of the old ones.
    pub(super) fn finish(mut self, latency: u32) -> Module {
        for port in &self.old.outputs {
            let nets = port.nets.iter().map(|net| self.nets[*net]).collect();
            self.builder.output_port(Port { nets, ..port.clone() });
        }
        self.builder.finish(latency)
    }
}

/// The table for an index in `range` that had the binary point `from` before:
/// an index that became a constant, or is known to be more even than it was.
fn at_binary_point(table: &Table, from: i8, range: Interval) -> Table {
    let shift = i32::from(from) - i32::from(range.frac());
    let index = |raw: i64| {
        let raw = match u32::try_from(shift) {
            Ok(left) => raw << left,
            Err(_) => raw >> shift.unsigned_abs(),
        };
        usize::try_from(raw - table.first).expect("the index has the values it had")
    };
    let values = (range.lo()..=range.hi()).map(|raw| table.values[index(raw)]).collect();
    Table { first: range.lo(), values, frac: table.frac }
}
