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

impl Core {
    /// The core that `module` describes.
    pub fn new(module: &Module, interface: Interface, packing: Packing) -> Self {
        Self { interface, packing, circuit: Running::new(module) }
    }

    /// What the core shows before a clock edge with `words` at its inputs, as words and as the raw
    /// value of the first element; then the edge happens.
    pub fn step(&mut self, words: &[u64]) -> (Vec<u64>, i64) {
        let inputs = vectors::unpack(&self.interface.inputs, &self.packing.bits(words));
        let outputs = self.circuit.clock(&inputs);
        let bits = vectors::pack(&self.interface.outputs, &outputs, 0);
        let first = &self.interface.outputs[0].elements[0];
        let score = vectors::element(&bits, first.low, first.width, first.signed);
        (self.packing.words(&bits, self.packing.output_words), score)
    }
}
