//! [`NetlistSimulator`]: a netlist on blocks of events, its registers transparent, bit for bit
//! as [`netlist::eval`](crate::netlist::eval) defines it.

use rayon::prelude::*;

use crate::entity::SideTable;
use crate::netlist::{Module, NetId, Port};
use crate::numeric::tensor::Block;

use super::circuit::{Circuit, LANES, Registers, State, Values};

/// How many events one task of [`NetlistSimulator::run_parallel`] takes.
const TASK: usize = 8 * LANES;

/// A netlist compiled for simulation of values, not of time.
#[derive(Clone, Debug)]
pub struct NetlistSimulator {
    circuit: Circuit,
    inputs: Vec<Port>,
    outputs: Vec<(usize, i8)>,
}

impl NetlistSimulator {
    /// Compiles a module.
    pub fn new(module: &Module) -> Self {
        let outputs = module.outputs.iter().map(|port| (port.nets.len(), port.frac()));
        Self {
            circuit: Circuit::new(module, Registers::Transparent, Values::Needed),
            inputs: module.inputs.clone(),
            outputs: outputs.collect(),
        }
    }

    /// The outputs, in the module's order, each at the binary point of its port.
    ///
    /// `inputs` are in the module's order at the binary points of their ports,
    /// within their formats.
    pub fn run(&self, inputs: &[Block<i64>]) -> Vec<Block<i64>> {
        assert_inputs(&self.inputs, inputs);
        let events = inputs.first().map_or(1, |block| block.events);
        self.events(&mut State::new(&self.circuit), inputs, 0, events)
    }

    /// As [`NetlistSimulator::run`], on all cores.
    pub fn run_parallel(&self, inputs: &[Block<i64>]) -> Vec<Block<i64>> {
        assert_inputs(&self.inputs, inputs);
        let events = inputs.first().map_or(1, |block| block.events);
        let starts: Vec<usize> = (0..events).step_by(TASK).collect();
        let parts: Vec<Vec<Block<i64>>> = starts
            .par_iter()
            .map_init(
                || State::new(&self.circuit),
                |state, start| self.events(state, inputs, *start, TASK.min(events - start)),
            )
            .collect();
        super::join(self.results(events), TASK, &parts)
    }

    fn events(
        &self,
        state: &mut State,
        inputs: &[Block<i64>],
        first: usize,
        events: usize,
    ) -> Vec<Block<i64>> {
        let mut results = self.results(events);
        for start in (0..events).step_by(LANES) {
            let count = LANES.min(events - start);
            state.load(&self.circuit, inputs, first + start, count);
            state.run(&self.circuit);
            state.store(&self.circuit, &mut results, start, count);
        }
        results
    }

    fn results(&self, events: usize) -> Vec<Block<i64>> {
        let outputs = self.outputs.iter();
        outputs.map(|(elements, frac)| Block::zeros(*elements, events, *frac)).collect()
    }
}

/// Refuses inputs of a wrong shape, and values outside of their formats.
pub(super) fn assert_inputs(ports: &[Port], inputs: &[Block<i64>]) {
    assert_eq!(ports.len(), inputs.len(), "one block for each input");
    for (port, block) in ports.iter().zip(inputs) {
        super::assert_inputs(port.formats.iter().copied(), port.frac(), block, inputs[0].events);
    }
}

/// The raw value of every net for one event, each at the binary point of its own range.
pub fn net_values(module: &Module, inputs: &[Block<i64>], event: usize) -> SideTable<NetId, i64> {
    assert_inputs(&module.inputs, inputs);
    let circuit = Circuit::new(module, Registers::Transparent, Values::All);
    let mut state = State::new(&circuit);
    state.load(&circuit, inputs, event, 1);
    state.run(&circuit);
    let mut values = SideTable::filled(module.nets.len(), 0);
    for net in module.nets.ids() {
        values[net] = state.get(circuit.place(net).expect("all values are kept"), 0);
    }
    values
}
