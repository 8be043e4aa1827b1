//! [`Softmax`]: step by step as its definition says.

use super::arith::requantize::requantize;
use super::arith::tree;
use super::elementwise::product;
use crate::netlist::{Builder, NetId, Table};
use crate::numeric::interval::Interval;
use crate::ops::Softmax;

/// `exp(x_i) / sum_j exp(x_j)` for each row.
pub fn softmax(builder: &mut Builder, op: &Softmax, x: &[NetId]) -> Vec<NetId> {
    x.chunks_exact(op.len).flat_map(|row| softmax_row(builder, op, row)).collect()
}

fn softmax_row(builder: &mut Builder, op: &Softmax, x: &[NetId]) -> Vec<NetId> {
    let formats = op.formats.expect("infer saw formats");
    let checked = "the type's range was checked, and the net's is within it";
    let highest = tree::max(builder, x).expect("a row has elements");
    let mut exponentials = Vec::with_capacity(x.len());
    for x in x {
        let distance = builder.subtract(*x, highest, 0);
        let range = builder.range(distance).min(Interval::point(0, 0));
        let distance = builder.prove(distance, range.expect("zero fits every binary point"));
        let index = requantize(builder, distance, formats.index);
        let range = builder.range(index);
        let values = formats.exponential_table(range).expect(checked);
        let frac = formats.exponential.format.frac();
        exponentials.push(builder.lookup(Table { first: range.lo(), values, frac }, index));
    }
    let sum = tree::sum(builder, &exponentials);
    let index = requantize(builder, sum, formats.sum_index);
    let range = builder.range(index);
    let values = formats.inverse_table(range).expect(checked);
    let frac = formats.inverse.format.frac();
    let inverse = builder.lookup(Table { first: range.lo(), values, frac }, index);
    exponentials
        .into_iter()
        .map(|exponential| {
            let product = product(builder, exponential, inverse);
            requantize(builder, product, formats.output)
        })
        .collect()
}
