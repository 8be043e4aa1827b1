//! [`Activation`]: a table over every value that the input can take.

use crate::netlist::{Builder, NetId, Table};
use crate::ops::Activation;
use crate::ops::activation::table;

/// `f(x)`, element by element.
pub fn activation(builder: &mut Builder, op: &Activation, x: &[NetId]) -> Vec<NetId> {
    let output = op.output.as_ref().expect("infer saw a format");
    let element = |(index, x): (usize, &NetId)| {
        let range = builder.range(*x);
        let quantizer = output.at(index);
        let values = table(range, |x| op.function.apply(x), quantizer)
            .expect("the type's range was checked, and the net's is within it");
        builder.lookup(Table { first: range.lo(), values, frac: quantizer.format.frac() }, *x)
    };
    x.iter().enumerate().map(element).collect()
}
