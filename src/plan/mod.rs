//! How a network is built: device, clock, registers. Nothing here changes a bit of the result.

pub mod device;

use std::num::NonZeroU32;

pub use device::{Carry, Delays, Device, Resources, device, devices};

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
}

/// How the logic between the ports is cut into clock cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipeline {
    /// Not at all: it is one piece of combinational logic.
    Combinational,
    /// Into as few stages as meet the clock.
    Clocked,
    /// Into so many stages, as even as they can be, each of which meets the clock.
    Stages(NonZeroU32),
}

impl Plan {
    /// A pipelined design with registered ports and at most two extra adders in depth.
    pub fn new(device: &'static Device, clock_ns: f64) -> Self {
        Self {
            device,
            clock_ns,
            register_inputs: true,
            register_outputs: true,
            pipeline: Pipeline::Clocked,
            extra_depth: Some(2),
        }
    }
}
