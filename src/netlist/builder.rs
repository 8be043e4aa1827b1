//! [`Builder`]: makes cells, infers their exact ranges, and never makes the same cell twice.

use rustc_hash::FxHashMap;

use super::{Cell, Layer, LayerId, Module, Net, NetId, Port, Role, Table, TableId};
use crate::entity::Arena;
use crate::numeric::format::{FixedFormat, MAX_FRAC};
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};

/// Builds a [`Module`].
///
/// Equal cells become one net. Cells whose value follows from their operands'
/// ranges are folded away: constants, additions of zero, selections already
/// decided, truncations that cut nothing. Constants added one after the other
/// become one.
///
/// Widths were bounded by the types of the graph, so a net beyond 63 bits is
/// our fault and panics.
#[derive(Debug)]
pub struct Builder {
    module: Module,
    /// Constants are told apart by their range, all other nets by their cell.
    known: FxHashMap<(Cell, Option<Interval>), NetId>,
    known_tables: FxHashMap<Table, TableId>,
    layer: LayerId,
}

impl Builder {
    /// A builder whose first nets belong to `layer`.
    pub fn new(layer: Layer) -> Self {
        let mut layers = Arena::new();
        let layer = layers.push(layer);
        let module = Module {
            nets: Arena::new(),
            tables: Arena::new(),
            layers,
            inputs: Vec::new(),
            outputs: Vec::new(),
            latency: 0,
        };
        Self { module, known: FxHashMap::default(), known_tables: FxHashMap::default(), layer }
    }

    /// Makes all nets from here on belong to a new layer.
    pub fn begin_layer(&mut self, layer: Layer) -> LayerId {
        self.layer = self.module.layers.push(layer);
        self.layer
    }

    /// Makes all nets from here on belong to an existing layer.
    pub fn enter_layer(&mut self, layer: LayerId) {
        self.layer = layer;
    }

    /// A net.
    pub fn net(&self, id: NetId) -> &Net {
        &self.module.nets[id]
    }

    /// The range of a net.
    pub fn range(&self, id: NetId) -> Interval {
        self.module.nets[id].range
    }

    /// The module so far.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Adds an input port with one element for each format.
    pub fn input(&mut self, name: &str, formats: &[FixedFormat]) -> Vec<NetId> {
        let port = u32::try_from(self.module.inputs.len()).expect("fewer than 2^32 ports");
        let nets: Vec<NetId> = (0..)
            .zip(formats)
            .map(|(element, format)| self.push(Cell::Input { port, element }, format.interval()))
            .collect();
        let (nets_of_port, formats) = (nets.clone(), formats.to_vec());
        let role = Role::Tensor;
        self.module.inputs.push(Port { name: name.to_owned(), nets: nets_of_port, formats, role });
        nets
    }

    /// Adds an output port. Each format must hold its net's range.
    pub fn output(&mut self, name: &str, nets: Vec<NetId>, formats: Vec<FixedFormat>) {
        self.output_port(Port { name: name.to_owned(), nets, formats, role: Role::Tensor });
    }

    /// Adds an output for a net that is 1 where a value of the layer `name` did not fit its format.
    pub fn overflow_flag(&mut self, name: &str, flag: NetId) {
        let bit = FixedFormat::new(false, 1, 0).expect("one bit is a format");
        let (nets, formats) = (vec![flag], vec![bit]);
        self.output_port(Port { name: name.to_owned(), nets, formats, role: Role::Overflow });
    }

    /// Adds an output port. Each format must hold its net's range.
    pub(super) fn output_port(&mut self, port: Port) {
        let Port { name, nets, formats, .. } = &port;
        for (net, format) in nets.iter().zip(formats) {
            let range = self.range(*net);
            assert!(format.holds(range), "output {name}: {format} does not hold {range}");
        }
        assert_eq!(nets.len(), formats.len(), "one format for each element");
        self.module.outputs.push(port);
    }

    /// The constant `raw * 2^-frac`, without trailing zeros as far as a format can do without.
    pub fn constant(&mut self, raw: i64, frac: i8) -> NetId {
        let zeros = i8::try_from(raw.trailing_zeros()).expect("at most 64");
        let zeros = zeros.min(frac.saturating_add(MAX_FRAC));
        let point = match raw {
            0 => Interval::point(0, 0),
            _ => Interval::point(raw >> zeros, frac - zeros),
        };
        self.push(Cell::Constant, point)
    }

    /// `a * b`.
    pub fn multiply(&mut self, a: NetId, b: NetId) -> NetId {
        let range = self.range(a).multiply(self.range(b));
        let range = range.expect("the graph's types bound every product");
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        self.folded(range).unwrap_or_else(|| self.push(Cell::Multiply { a, b }, range))
    }

    /// `a` where `condition` is 1, else `b`.
    pub fn select(&mut self, condition: NetId, a: NetId, b: NetId) -> NetId {
        let bit = self.range(condition);
        assert!(bit.frac() == 0 && bit.lo() >= 0 && bit.hi() <= 1, "a condition is one bit");
        if bit.lo() == bit.hi() || a == b {
            return if bit.lo() == 1 { a } else { b };
        }
        // Zero lies on every grid.
        let (first, second) = match (self.range(a), self.range(b)) {
            (zero, other) if is_zero(zero) => (Interval::point(0, other.frac()), other),
            (other, zero) if is_zero(zero) => (other, Interval::point(0, other.frac())),
            (first, second) => (first, second),
        };
        let range = first.union(second).expect("both fit, so both together fit");
        self.push(Cell::Select { condition, a, b }, range)
    }

    /// 1 where `a < b`, else 0.
    pub fn less(&mut self, a: NetId, b: NetId) -> NetId {
        let gap = self.range(a).subtract(self.range(b)).expect("the types leave room to compare");
        let range = if gap.hi() < 0 {
            Interval::point(1, 0)
        } else if gap.lo() >= 0 {
            Interval::point(0, 0)
        } else {
            Interval::new(0, 1, 0)
        };
        let is_bit = (self.range(b).lo(), self.range(b).hi(), self.range(b).frac()) == (0, 1, 0);
        if is_zero(self.range(a)) && is_bit {
            return b;
        }
        self.folded(range).unwrap_or_else(|| self.push(Cell::Less { a, b }, range))
    }

    /// `a` with low bits dropped and high bits wrapped, so that it fits `format`.
    pub fn truncate(&mut self, a: NetId, format: FixedFormat) -> NetId {
        let own = self.range(a);
        if own.frac() <= format.frac() && format.holds(own) {
            return a;
        }
        // Of two cuts one after the other, an inner one that cuts less says nothing.
        if let Cell::Truncate { a: inner, format: first } = self.net(a).cell
            && format.frac() <= first.frac()
            && format.integer_bits() <= first.integer_bits()
        {
            return self.truncate(inner, format);
        }
        let floor = Quantizer { format, rounding: Rounding::Floor, overflow: Overflow::Wrap };
        let overflows = own.lo() != own.hi()
            && (floor.overflows(own.lo(), own.frac()) || floor.overflows(own.hi(), own.frac()));
        let range = if overflows {
            format.interval()
        } else {
            let cut = |raw| floor.apply(raw, own.frac());
            Interval::new(cut(own.lo()), cut(own.hi()), format.frac())
        };
        self.folded(range).unwrap_or_else(|| self.push(Cell::Truncate { a, format }, range))
    }

    /// `a * 2^exponent`.
    pub fn shift(&mut self, a: NetId, exponent: i8) -> NetId {
        let (a, exponent) = match self.net(a).cell {
            Cell::Shift { a: inner, exponent: first } => (inner, first + exponent),
            _ => (a, exponent),
        };
        if exponent == 0 {
            return a;
        }
        let range = self.range(a).shift(exponent).expect("binary points stay within a byte");
        self.folded(range).unwrap_or_else(|| self.push(Cell::Shift { a, exponent }, range))
    }

    /// The table entry at `index`; the table must have one for each raw value of the index.
    pub fn lookup(&mut self, table: Table, index: NetId) -> NetId {
        let raw = self.range(index);
        let entry =
            |raw: i64| usize::try_from(raw - table.first).expect("the table begins in time");
        let reached = &table.values[entry(raw.lo())..=entry(raw.hi())];
        let lo = *reached.iter().min().expect("an index has values");
        let hi = *reached.iter().max().expect("an index has values");
        let range = Interval::new(lo, hi, table.frac);
        if let Some(folded) = self.folded(range) {
            return folded;
        }
        let table = if let Some(known) = self.known_tables.get(&table) {
            *known
        } else {
            let id = self.module.tables.push(table.clone());
            self.known_tables.insert(table, id);
            id
        };
        self.push(Cell::Lookup { table, index }, range)
    }

    /// `d`, one clock later. Constants need no register.
    pub fn register(&mut self, d: NetId) -> NetId {
        if self.net(d).cell == Cell::Constant {
            return d;
        }
        self.push(Cell::Register { d }, self.range(d))
    }

    /// The same net, now known never to leave `range`, or the constant that it must then be.
    ///
    /// For what interval arithmetic cannot see, such as a sum whose terms cancel.
    /// The caller has proved it from nothing but the ranges of the module's inputs.
    pub fn prove(&mut self, net: NetId, range: Interval) -> NetId {
        let own = self.range(net);
        let frac = own.frac().max(range.frac());
        let [fine, other] = [own, range].map(|range| range.at_frac(frac));
        let (Some(fine), Some(other)) = (fine, other) else { return net };
        let drop = u32::from(frac.abs_diff(own.frac()));
        let lo = -(-fine.lo().max(other.lo()) >> drop);
        let hi = fine.hi().min(other.hi()) >> drop;
        assert!(lo <= hi, "{net} in {own:?} was proved to lie in {range:?}");
        let proved = Interval::new(lo, hi, own.frac());
        if let Some(folded) = self.folded(proved) {
            return folded;
        }
        self.module.nets[net].range = proved;
        net
    }

    pub(super) fn constant_of(&mut self, point: Interval) -> NetId {
        self.constant(point.lo(), point.frac())
    }

    /// The constant that a net is when its range is a single value.
    pub(super) fn folded(&mut self, range: Interval) -> Option<NetId> {
        (range.lo() == range.hi()).then(|| self.constant_of(range))
    }

    pub(super) fn push(&mut self, cell: Cell, range: Interval) -> NetId {
        let key = (cell, (cell == Cell::Constant).then_some(range));
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        FixedFormat::covering(range).expect("the graph's types bound every net");
        let id = self.module.nets.push(Net { cell, range, layer: self.layer });
        self.known.insert(key, id);
        id
    }

    /// The finished module, its latency given by whoever placed the registers.
    pub fn finish(self, latency: u32) -> Module {
        Module { latency, ..self.module }
    }
}

pub(super) fn is_zero(range: Interval) -> bool {
    (range.lo(), range.hi()) == (0, 0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A builder with two inputs of four bits.
    pub(in crate::netlist) fn builder() -> (Builder, Vec<NetId>) {
        let layer = Layer { name: "x".into(), operator: "input".into(), origin: None };
        let mut builder = Builder::new(layer);
        let inputs = builder.input("x", &["fixed<4,4>".parse().unwrap(); 2]);
        (builder, inputs)
    }

    #[test]
    fn equal_cells_are_one_net() {
        let (mut builder, x) = builder();
        let first = builder.add(x[0], x[1], 2);
        let moved = builder.shift(x[1], 2);
        assert_eq!(builder.add(x[0], moved, 0), first);
        assert_eq!(builder.range(first), Interval::new(-40, 35, 0));
    }

    #[test]
    fn what_is_known_is_folded() {
        let (mut builder, x) = builder();
        let zero = builder.constant(0, 5);
        assert_eq!(builder.add(x[0], zero, 3), x[0]);
        assert_eq!(builder.subtract(zero, zero, 0), zero);
        let big = builder.constant(3, -2);
        let always = builder.less(x[0], big);
        assert_eq!(builder.range(always), Interval::point(1, 0));
        assert_eq!(builder.select(always, x[0], x[1]), x[0]);
        assert_eq!(builder.truncate(x[0], "fixed<6,5>".parse().unwrap()), x[0]);
    }
}
