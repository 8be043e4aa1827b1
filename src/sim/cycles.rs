//! [`CycleSimulator`]: a netlist clock by clock, its registers as state, a new event at each clock.

use crate::netlist::{Module, NetId, Port};
use crate::numeric::tensor::Block;

use super::circuit::{Circuit, LANES, Registers, State, Values};
use super::netlist::assert_inputs;

/// A netlist compiled for simulation of values and time.
///
/// Each lane is a copy of the circuit of its own, with its own registers, all
/// zero at first. The events are split into one stretch for each lane.
#[derive(Clone, Debug)]
pub struct CycleSimulator<'a> {
    module: &'a Module,
    circuit: Circuit,
}

impl<'a> CycleSimulator<'a> {
    /// Compiles a module.
    pub fn new(module: &'a Module) -> Self {
        let circuit = Circuit::new(module, Registers::Clocked, Values::Needed);
        Self { module, circuit }
    }

    /// What the outputs show [`Module::latency`] clocks after each event went in, the events
    /// going in one after another without a pause.
    ///
    /// If the latency is wrong, or some path has a register too many, the
    /// results are those of other events.
    pub fn run(&self, inputs: &[Block<i64>]) -> Vec<Block<i64>> {
        assert_inputs(&self.module.inputs, inputs);
        let events = inputs.first().map_or(1, |block| block.events);
        let latency = usize::try_from(self.module.latency).expect("a latency is a small number");
        let stretch = events.div_ceil(LANES).max(1);
        let mut outputs: Vec<Block<i64>> = self
            .module
            .outputs
            .iter()
            .map(|port| Block::zeros(port.nets.len(), events, port.frac()))
            .collect();
        let mut state = State::new(&self.circuit);
        let event = |lane: usize, cycle: usize| {
            let event = lane * stretch + cycle;
            (cycle < stretch && event < events).then_some(event)
        };
        for cycle in 0..stretch + latency {
            for lane in 0..LANES {
                state.load_lane(&self.circuit, inputs, event(lane, cycle), lane);
            }
            state.run(&self.circuit);
            if let Some(ready) = cycle.checked_sub(latency) {
                for lane in 0..LANES {
                    if let Some(event) = event(lane, ready) {
                        state.store_lane(&self.circuit, &mut outputs, event, lane);
                    }
                }
            }
            state.clock(&self.circuit);
        }
        outputs
    }
}

/// A netlist that runs clock by clock, whatever is at its inputs.
#[derive(Clone, Debug)]
pub struct Running {
    circuit: Circuit,
    state: State,
    inputs: Vec<Port>,
    /// Elements and binary point of each output.
    outputs: Vec<(usize, i8)>,
}

impl Running {
    /// The circuit of `module`, its registers all zero.
    pub fn new(module: &Module) -> Self {
        let circuit = Circuit::new(module, Registers::Clocked, Values::Needed);
        let outputs = module.outputs.iter().map(|port| (port.nets.len(), port.frac()));
        Self {
            state: State::new(&circuit),
            inputs: module.inputs.clone(),
            outputs: outputs.collect(),
            circuit,
        }
    }

    /// What the outputs show before a clock edge with `inputs` (one event) at the inputs; then the
    /// edge happens.
    pub fn clock(&mut self, inputs: &[Block<i64>]) -> Vec<Block<i64>> {
        assert_inputs(&self.inputs, inputs);
        let zeros = |(elements, frac): &(usize, i8)| Block::zeros(*elements, 1, *frac);
        let mut outputs: Vec<Block<i64>> = self.outputs.iter().map(zeros).collect();
        self.state.load_lane(&self.circuit, inputs, Some(0), 0);
        self.state.run(&self.circuit);
        self.state.store_lane(&self.circuit, &mut outputs, 0, 0);
        self.state.clock(&self.circuit);
        outputs
    }
}

/// The raw value of every net at each clock, for some events that go in one after another.
#[derive(Clone, Debug)]
pub struct Waves {
    /// `cycles[c][n]`: net `n` during clock `c`.
    cycles: Vec<Vec<i64>>,
}

impl Waves {
    /// Follows events `first..first + count` until the last of them has left the pipeline.
    pub fn new(module: &Module, inputs: &[Block<i64>], first: usize, count: usize) -> Self {
        assert_inputs(&module.inputs, inputs);
        let circuit = Circuit::new(module, Registers::Clocked, Values::All);
        let latency = usize::try_from(module.latency).expect("a latency is a small number");
        let mut state = State::new(&circuit);
        let cycles = (0..count + latency)
            .map(|cycle| {
                let event = (cycle < count).then_some(first + cycle);
                state.load_lane(&circuit, inputs, event, 0);
                state.run(&circuit);
                let places = module.nets.ids().map(|net| circuit.place(net));
                let values =
                    places.map(|place| state.get(place.expect("all values are kept"), 0)).collect();
                state.clock(&circuit);
                values
            })
            .collect();
        Self { cycles }
    }

    /// The number of clocks.
    pub fn cycles(&self) -> usize {
        self.cycles.len()
    }

    /// A net during a clock.
    pub fn value(&self, cycle: usize, net: NetId) -> i64 {
        self.cycles[cycle][crate::entity::EntityId::index(net)]
    }
}
