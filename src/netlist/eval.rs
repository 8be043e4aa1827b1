//! The reference interpreter: one event at a time, in 128 bits, straight from the meaning of [`Cell`].
//!
//! Slow, plain, and right: faster engines are tested against it. Registers are
//! transparent, so a pipelined module gives what it gives without registers.
//! Every value is held against the range of its net, so a wrong range panics
//! here instead of becoming a wire too few.

use super::{Addend, Cell, Module, NetId, Port};
use crate::entity::SideTable;
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
use crate::numeric::tensor::Block;

/// The values of the outputs, in order, each at the binary point [`Port::frac`].
///
/// `inputs` are in the order of [`Module::inputs`], each at its [`Port::frac`].
pub fn eval(module: &Module, inputs: &[Block<i64>]) -> Vec<Block<i64>> {
    let events = inputs.iter().map(|block| block.events).max().unwrap_or(1);
    let empty = |port: &Port| Block::zeros(port.nets.len(), events, port.frac());
    let mut outputs: Vec<Block<i64>> = module.outputs.iter().map(empty).collect();
    for event in 0..events {
        let values = nets(module, inputs, event);
        for (port, block) in module.outputs.iter().zip(&mut outputs) {
            for (index, net) in port.nets.iter().enumerate() {
                let own = module.nets[*net].range.frac();
                let raw = move_point(i128::from(values[*net]), own, port.frac());
                block.element_mut(index)[event] = word(raw);
            }
        }
    }
    outputs
}

/// The raw value of every net for one event, each at the binary point of its own range.
pub fn nets(module: &Module, inputs: &[Block<i64>], event: usize) -> SideTable<NetId, i64> {
    let mut values = SideTable::filled(module.nets.len(), 0);
    for (id, net) in module.nets.iter() {
        let (raw, frac) = match net.cell {
            Cell::Input { port, element } => {
                let port = port as usize;
                let raw = inputs[port].element(element as usize)[event];
                (i128::from(raw), module.inputs[port].frac())
            }
            cell => value(module, &values, cell, net.range),
        };
        let raw = word(move_point(raw, frac, net.range.frac()));
        assert!(
            (net.range.lo()..=net.range.hi()).contains(&raw),
            "{id} is {raw}, outside its range {:?}",
            net.range
        );
        values[id] = raw;
    }
    values
}

/// The value of a cell, as a raw integer and its binary point.
fn value(module: &Module, values: &SideTable<NetId, i64>, cell: Cell, own: Interval) -> (i128, i8) {
    let frac = |net: NetId| module.nets[net].range.frac();
    let raw = |net: NetId| i128::from(values[net]);
    let aligned = |net: NetId, common: i8| move_point(raw(net), frac(net), common);
    match cell {
        Cell::Input { .. } => unreachable!("inputs are given"),
        Cell::Constant => (i128::from(own.lo()), own.frac()),
        Cell::Add { .. } | Cell::Sum { .. } => {
            let common = cell.addends().map(|term| frac(term.net) - term.shift).max();
            let common = common.expect("a sum has terms");
            let value = |term: Addend| {
                let value = move_point(raw(term.net), frac(term.net) - term.shift, common);
                if term.subtract { -value } else { value }
            };
            (cell.addends().map(value).sum(), common)
        }
        Cell::Multiply { a, b } => (raw(a) * raw(b), frac(a) + frac(b)),
        Cell::Select { condition, a, b } => {
            let chosen = if raw(condition) == 1 { a } else { b };
            (raw(chosen), frac(chosen))
        }
        Cell::Less { a, b } => {
            let common = frac(a).max(frac(b));
            (i128::from(aligned(a, common) < aligned(b, common)), 0)
        }
        Cell::Truncate { a, format } => {
            let cut = Quantizer { format, rounding: Rounding::Floor, overflow: Overflow::Wrap };
            (i128::from(cut.apply(values[a], frac(a))), format.frac())
        }
        Cell::Shift { a, exponent } => (raw(a), frac(a) - exponent),
        Cell::Lookup { table, index } => {
            let table = &module.tables[table];
            let entry = usize::try_from(values[index] - table.first);
            (i128::from(table.values[entry.expect("the table begins in time")]), table.frac)
        }
        Cell::Register { d } => (raw(d), frac(d)),
    }
}

/// `raw * 2^-from` counted in steps of `2^-to`; every bit that is dropped must be zero.
fn move_point(raw: i128, from: i8, to: i8) -> i128 {
    if raw == 0 {
        return 0;
    }
    let shift = i32::from(to) - i32::from(from);
    let distance = shift.unsigned_abs();
    if shift >= 0 {
        assert!(distance < raw.unsigned_abs().leading_zeros(), "a value stays within 127 bits");
        raw << distance
    } else {
        assert!(raw.trailing_zeros() >= distance, "{raw} loses bits from 2^-{from} to 2^-{to}");
        raw >> distance
    }
}

fn word(raw: i128) -> i64 {
    i64::try_from(raw).expect("a net has at most 63 bits")
}

#[cfg(test)]
mod tests {
    use super::super::{Builder, Layer};
    use super::*;

    #[test]
    fn cells_mean_what_they_say() {
        let layer = Layer { name: "x".into(), operator: "test".into(), origin: None };
        let mut builder = Builder::new(layer);
        let formats = ["fixed<4,2>".parse().unwrap(), "fixed<4,4>".parse().unwrap()];
        let x = builder.input("x", &formats);
        let sum = builder.subtract(x[0], x[1], 1);
        let less = builder.less(x[0], x[1]);
        let three = builder.sum(
            x[0],
            Addend { subtract: true, net: x[1], shift: -1 },
            Addend { subtract: true, net: x[0], shift: 2 },
        );
        let product = builder.multiply(x[0], x[1]);
        let chosen = builder.select(less, sum, product);
        let cut = builder.truncate(chosen, "fixed<3,3>".parse().unwrap());
        let nets = vec![sum, less, product, chosen, cut, three];
        let formats = nets.iter().map(|net| builder.net(*net).format()).collect();
        builder.output("y", nets, formats);
        let module = builder.finish(0);
        super::super::verify::verify(&module).unwrap();

        // x = (-1.25, 3) and (1.75, -8); the input block is in quarters.
        let outputs = eval(&module, &[Block::from_rows(&[-5, 12, 7, -32], 2, 2)]);
        assert_eq!(outputs[0].frac, 2);
        let quarters = |values: [f64; 6]| values.map(|value| value * 4.0);
        let rows: Vec<f64> = outputs[0]
            .to_rows()
            .into_iter()
            .map(|raw| f64::from(i32::try_from(raw).unwrap()))
            .collect();
        assert_eq!(rows[..6], quarters([-7.25, 1.0, -3.75, -7.25, 0.0, 2.25]));
        assert_eq!(rows[6..], quarters([17.75, 0.0, -14.0, -14.0, 2.0, -1.25]));
    }
}
