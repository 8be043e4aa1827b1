//! Simulators: the graph and the netlist on blocks of events, bit for bit as they are defined.

mod circuit;
pub mod cycles;
#[expect(clippy::inline_always, reason = "only what is inlined uses the wide registers")]
mod kernels;
pub mod netlist;
mod program;
pub mod tensors;
pub mod trace;
pub mod vcd;

use crate::numeric::format::FixedFormat;
use crate::numeric::tensor::Block;

/// Refuses a block of a wrong shape, or with values that the format of their element does not have.
fn assert_inputs(
    formats: impl Iterator<Item = FixedFormat>,
    frac: i8,
    block: &Block<i64>,
    events: usize,
) {
    assert_eq!(block.frac, frac, "inputs come at the binary point of their type");
    assert_eq!(block.events, events, "all inputs have the same events");
    let mut elements = 0;
    for format in formats {
        let own = format.interval();
        let range = own.at_frac(frac).expect("a type's common grid fits a word");
        let below = (1_i64 << frac.abs_diff(own.frac())) - 1;
        let outside = |raw: &i64| *raw < range.lo() || *raw > range.hi() || raw & below != 0;
        let bad = block.element(elements).iter().filter(|raw| outside(raw)).count();
        assert_eq!(bad, 0, "inputs went through their quantizer");
        elements += 1;
    }
    assert_eq!(block.data.len(), elements * events, "inputs have the shape of their type");
}

/// Puts the results of tasks of `task` events each together.
fn join(mut results: Vec<Block<i64>>, task: usize, parts: &[Vec<Block<i64>>]) -> Vec<Block<i64>> {
    for (number, part) in parts.iter().enumerate() {
        let start = number * task;
        for (result, part) in results.iter_mut().zip(part) {
            for index in 0..result.elements() {
                let own = &mut result.element_mut(index)[start..start + part.events];
                own.copy_from_slice(part.element(index));
            }
        }
    }
    results
}
