//! How a network is built: device, clock, registers. Nothing here changes a bit of the result.

pub mod device;
pub mod search;

use std::num::NonZeroU32;

pub use device::{Carry, CarryChain, Delays, Device, Resources, device, devices};
pub use search::{Effort, Search};

/// The bits of the widest sum that nets allow.
const WIDEST_SUM: f64 = 63.0;

/// The choices that may change area and time, and no value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The chip.
    pub device: &'static Device,
    /// The clock period, in nanoseconds.
    pub clock_ns: f64,
    /// Whether the inputs pass a register first.
    pub register_inputs: bool,
    /// Whether the outputs come out of a register.
    pub register_outputs: bool,
    /// Where registers stand between the ports.
    pub pipeline: Pipeline,
    /// How many adders may follow each other in a layer beyond the least
    /// possible number; none for no bound.
    pub extra_depth: Option<u32>,
    /// Whether each layer whose values may not fit their formats has a wire that says so.
    pub overflow_flags: bool,
    /// How C++ back ends write constant matrices; circuits are always shifts and additions.
    pub dense: DenseForm,
    /// How hard to search for the circuits of constant matrices.
    pub search: Search,
}

/// How a constant matrix is written in C++.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DenseForm {
    /// As loops over products, which the HLS tool unrolls.
    #[default]
    Loops,
    /// As shifts and additions with shared sums, one line each.
    Unrolled,
}

/// How the logic between the ports is cut into clock cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipeline {
    /// Not at all: it is one piece of combinational logic.
    Combinational,
    /// Into stages that meet the clock with the fewest registers: so many, or as few as can be.
    Clocked(Option<NonZeroU32>),
}

impl Plan {
    /// A pipelined design with registered ports and at most two extra adders in depth.
    pub fn new(device: &'static Device, clock_ns: f64) -> Self {
        Self {
            device,
            clock_ns,
            register_inputs: true,
            register_outputs: true,
            pipeline: Pipeline::Clocked(None),
            extra_depth: Some(2),
            overflow_flags: false,
            dense: DenseForm::default(),
            search: Search::default(),
        }
    }

    /// Whether sums may have three operands: the device can, and the clock leaves the time even
    /// where they are widest.
    pub fn sums_of_three(&self) -> bool {
        let Delays { register, .. } = self.device.delays;
        let slowest = self.device.delays.sum_of_three(WIDEST_SUM) + register;
        let has_time = match self.pipeline {
            Pipeline::Combinational => true,
            Pipeline::Clocked(_) => slowest <= self.clock_ns,
        };
        self.device.sum_of_three.is_some() && has_time
    }
}
