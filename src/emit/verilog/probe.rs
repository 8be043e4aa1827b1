//! [`Probe`]: a second top module beside the testbench that writes down every wire at each clock,
//! and the reader of what it wrote.

use askama::Template;

use super::super::vectors::VectorError;
use super::super::{Design, render};
use super::Context;
use crate::netlist::{Cell, NetId};
use crate::numeric::format::FixedFormat;

/// The name of the module, and the option that gives it a file.
pub const MODULE: &str = "probe";

/// A module that writes the wires of a design to the file `+wires=FILE`.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The Verilog.
    pub text: String,
    /// What stands in a line of the file, in order.
    pub wires: Vec<Wire>,
}

/// A net that has wires of its own in the Verilog.
#[derive(Clone, Debug)]
pub struct Wire {
    /// The net.
    pub net: NetId,
    /// Where it stands below the top module, such as `u_fc1.n12`.
    pub path: String,
    /// The clock cycle in which it belongs to the event that entered in cycle 0.
    pub cycle: u32,
    /// How to read its bits.
    pub format: FixedFormat,
}

#[derive(Template)]
#[template(path = "testbench/probe.v.j2")]
struct ProbeView<'a> {
    top: &'a str,
    wires: &'a [Wire],
}

impl Probe {
    /// The probe for what [`Verilog`](super::Verilog) makes of `design`.
    pub fn new(design: &Design<'_>) -> Self {
        let cx = Context::new(design);
        let wire = |net: NetId, path: String| Wire {
            net,
            path,
            cycle: cx.layout.cycle[net],
            format: design.module.nets[net].format(),
        };
        let inputs = design
            .module
            .nets
            .iter()
            .filter(|(id, net)| matches!(net.cell, Cell::Input { .. }) && cx.layout.live[*id]);
        let mut wires: Vec<Wire> =
            inputs.map(|(id, _)| wire(id, cx.layout.name[id].clone())).collect();
        for (layer, members) in &cx.layout.members {
            let instance = &cx.instance_name[layer];
            let path = |net: NetId| format!("{instance}.{}", cx.layout.name[net]);
            wires.extend(members.iter().map(|net| wire(*net, path(*net))));
        }
        let text = render(&ProbeView { top: &cx.interface.top, wires: &wires });
        Self { text, wires }
    }

    /// The raw value of every wire at each clock; none where a bit is unknown.
    ///
    /// # Errors
    /// When `text` is not what the probe writes in `cycles` clocks; it may run on for a while.
    pub fn read(&self, text: &str, cycles: usize) -> Result<Vec<Vec<Option<i64>>>, VectorError> {
        let found = text.lines().count();
        if found < cycles {
            return Err(VectorError::Events { expected: cycles, found });
        }
        let line = |(index, line): (usize, &str)| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let pairs = || self.wires.iter().zip(&words);
            let fits = pairs().all(|(wire, word)| is_word(wire.format, word));
            if words.len() != self.wires.len() || !fits {
                let width = self.wires.iter().map(|wire| u64::from(wire.format.width())).sum();
                return Err(VectorError::Line { line: index + 1, width, text: line.to_owned() });
            }
            Ok(pairs().map(|(wire, word)| value(wire.format, word)).collect())
        };
        text.lines().take(cycles).enumerate().map(line).collect()
    }
}

/// Whether `word` is so many of `0`, `1`, `x` and `z` as the format has bits.
fn is_word(format: FixedFormat, word: &str) -> bool {
    word.len() == usize::from(format.width()) && word.bytes().all(|bit| b"01xz".contains(&bit))
}

/// The raw value of a word; none where a bit is neither `0` nor `1`.
fn value(format: FixedFormat, word: &str) -> Option<i64> {
    let sign = if format.signed() && word.starts_with('1') { -1 } else { 0 };
    let bit = |raw: i64, bit: u8| match bit {
        b'0' => Some(raw << 1),
        b'1' => Some(raw << 1 | 1),
        _ => None,
    };
    word.bytes().try_fold(sign, bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_by_their_formats() {
        let format = |text: &str| text.parse().unwrap();
        assert_eq!(value(format("fixed<4,4>"), "1011"), Some(-5));
        assert_eq!(value(format("ufixed<4,4>"), "1011"), Some(11));
        assert_eq!(value(format("fixed<4,4>"), "10x1"), None);
        let is_word = |word: &str| is_word(format("fixed<4,4>"), word);
        assert_eq!(["101x", "101", "10-1"].map(is_word), [true, false, false]);
    }
}
