//! [`compare`]: equality of integers between two engines, the first difference located.

use serde::{Deserialize, Serialize};

use crate::netlist::{self, Module, NetId};
use crate::numeric::interval::scale;
use crate::numeric::tensor::Block;
use crate::sim::netlist::net_values;

/// How two engines agreed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The engine that was checked.
    pub engine: String,
    /// The engine that it was held against.
    pub reference: String,
    /// The number of events.
    pub events: usize,
    /// The number of values in all events.
    pub values: usize,
    /// Values that differ.
    pub mismatches: usize,
    /// The first of them: the earliest event, in it the first output, in it the first element.
    pub first: Option<Difference>,
}

/// One value that two engines disagree on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The event.
    pub event: usize,
    /// The output's number.
    pub output: usize,
    /// The element of the output.
    pub element: usize,
    /// What the engine gives.
    pub found: f64,
    /// What the reference gives.
    pub expected: f64,
    /// Where it begins, if that is known: a layer, a net.
    pub place: Option<String>,
}

/// Compares outputs value by value; two binary points of one value are no difference.
///
/// Outputs that only one of the engines has, or of another shape, count as
/// different in each value.
pub fn compare(
    engine: &str,
    found: &[Block<i64>],
    reference: &str,
    expected: &[Block<i64>],
) -> Comparison {
    let mut comparison = Comparison {
        engine: engine.to_owned(),
        reference: reference.to_owned(),
        events: expected.iter().map(|block| block.events).max().unwrap_or(0),
        values: expected.iter().map(|block| block.data.len()).sum(),
        mismatches: 0,
        first: None,
    };
    for output in 0..found.len().max(expected.len()) {
        let (Some(found), Some(expected)) = (found.get(output), expected.get(output)) else {
            let only = found.get(output).or(expected.get(output));
            comparison.mismatches += only.map_or(0, |block| block.data.len());
            continue;
        };
        if (found.events, found.data.len()) != (expected.events, expected.data.len()) {
            comparison.mismatches += expected.data.len().max(found.data.len());
            continue;
        }
        for (index, (own, other)) in found.data.iter().zip(&expected.data).enumerate() {
            if same(*own, found.frac, *other, expected.frac) {
                continue;
            }
            comparison.mismatches += 1;
            let (element, event) = (index / found.events, index % found.events);
            let earlier = comparison.first.as_ref().is_none_or(|first| event < first.event);
            if earlier {
                comparison.first = Some(Difference {
                    event,
                    output,
                    element,
                    found: scale(*own, found.frac),
                    expected: scale(*other, expected.frac),
                    place: None,
                });
            }
        }
    }
    comparison
}

/// The layer that computes an output element, by the name of the model's node.
pub fn layer_of(module: &Module, output: usize, element: usize) -> Option<&str> {
    let net = *module.outputs.get(output)?.nets.get(element)?;
    Some(&module.layers[module.nets[net].layer].name)
}

/// The first net of one event that the fast simulator and the reference interpreter
/// disagree on, with what each of them gives.
pub fn first_net(
    module: &Module,
    inputs: &[Block<i64>],
    event: usize,
) -> Option<(NetId, i64, i64)> {
    let found = net_values(module, inputs, event);
    let expected = netlist::eval::nets(module, inputs, event);
    let mut nets = found.iter().zip(expected.iter());
    nets.find_map(|((net, found), (_, expected))| {
        (found != expected).then_some((net, *found, *expected))
    })
}

/// True when `a * 2^-a_frac` is `b * 2^-b_frac`.
fn same(a: i64, a_frac: i8, b: i64, b_frac: i8) -> bool {
    if a_frac == b_frac || a == 0 || b == 0 {
        return a == b;
    }
    // Odd parts and exponents are unique.
    let parts = |raw: i64, frac: i8| {
        let zeros = raw.trailing_zeros();
        (raw >> zeros, i64::from(zeros) - i64::from(frac))
    };
    parts(a, a_frac) == parts(b, b_frac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_the_earliest_event() {
        let expected =
            [Block::from_rows(&[1, 2, 3, 4, 5, 6], 2, 0), Block::from_rows(&[8; 3], 1, 3)];
        let same = [expected[0].clone(), Block::from_rows(&[1; 3], 1, 0)];
        let comparison = compare("a", &same, "b", &expected);
        assert_eq!((comparison.events, comparison.values, comparison.mismatches), (3, 9, 0));
        let off = [Block::from_rows(&[1, 2, 3, 4, 9, 6], 2, 0), Block::from_rows(&[1, 0, 1], 1, 0)];
        let comparison = compare("a", &off, "b", &expected);
        assert_eq!(comparison.mismatches, 2);
        let first = comparison.first.unwrap();
        assert_eq!((first.event, first.output, first.element), (1, 1, 0));
        assert_eq!((first.found, first.expected), (0.0, 1.0));
        assert_eq!(compare("a", &off[..1], "b", &expected).mismatches, 4);
    }
}
