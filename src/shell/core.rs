//! [`Core`]: the circuit as the shell sees it, bits in and bits out at each clock.

use super::packing::Packing;
use crate::emit::interface::Interface;
use crate::emit::vectors;
use crate::netlist::Module;
use crate::sim::cycles::Running;

/// A core and the simulation of its netlist.
#[derive(Clone, Debug)]
pub struct Core {
    /// The pins.
    pub interface: Interface,
    /// How they are cut into words.
    pub packing: Packing,
    circuit: Running,
}

/// What the outputs of a core say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The results as words.
    pub words: Vec<u64>,
    /// The raw value of the first element.
    pub score: i64,
    /// The overflow flags.
    pub overflow: [u32; 4],
}

impl Core {
    /// The core that `module` describes.
    pub fn new(module: &Module, interface: Interface, packing: Packing) -> Self {
        Self { interface, packing, circuit: Running::new(module) }
    }

    /// What the core shows before a clock edge with `words` at its inputs; then the edge happens.
    pub fn step(&mut self, words: &[u64]) -> Shown {
        let inputs = vectors::unpack(&self.interface.inputs, &self.packing.bits(words));
        let outputs = self.circuit.clock(&inputs);
        let bits = vectors::pack(&self.interface.outputs, &outputs, 0);
        let first = &self.interface.outputs[0].elements[0];
        let score = vectors::element(&bits, first.low, first.width, first.signed);
        let flags = outputs[self.interface.outputs.len()..].iter();
        let overflow = pack_flags(flags.map(|flag| flag.element(0)[0] != 0));
        Shown { words: self.packing.words(&bits, self.packing.output_words), score, overflow }
    }
}

/// Flags as the registers hold them: the first in the lowest bit of the first word.
pub fn pack_flags(flags: impl Iterator<Item = bool>) -> [u32; 4] {
    let mut words = [0; 4];
    for (index, _) in flags.enumerate().filter(|(_, flag)| *flag) {
        words[index / 32] |= 1 << (index % 32);
    }
    words
}
