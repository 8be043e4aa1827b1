//! How long an event takes.

use serde::{Deserialize, Serialize};

/// The time between two bunch crossings of the LHC, in nanoseconds.
pub const BUNCH_CROSSING_NS: f64 = 25.0;

/// Latency, throughput and the pipeline behind them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Timing {
    /// Clock cycles from an event's input to its output.
    pub latency_cycles: u32,
    /// The same in nanoseconds.
    pub latency_ns: f64,
    /// The same in bunch crossings of 25 ns.
    pub latency_bx: f64,
    /// Clock cycles between two events.
    pub initiation_interval: u32,
    /// The pipeline stages in order.
    pub stages: Vec<Stage>,
}

/// The logic between two ranks of registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stage {
    /// The estimated delay of its slowest path, in nanoseconds.
    pub delay_ns: f64,
    /// The register bits at its end.
    pub registers: u64,
}

impl Timing {
    /// The timing of a fully pipelined design, one event per clock cycle.
    pub fn pipelined(latency_cycles: u32, clock_ns: f64, stages: Vec<Stage>) -> Self {
        let latency_ns = f64::from(latency_cycles) * clock_ns;
        Self {
            latency_cycles,
            latency_ns,
            latency_bx: latency_ns / BUNCH_CROSSING_NS,
            initiation_interval: 1,
            stages,
        }
    }
}
