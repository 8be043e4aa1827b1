//! What tools of vendors reported.

use serde::{Deserialize, Serialize};

use super::Usage;

/// What a vendor's tool reported about the design at one stage of its flow. What its files do not
/// say is `null`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ToolReport {
    /// The tool and its version, such as `Vivado 2023.1`.
    pub tool: String,
    /// How far it had come.
    pub stage: FlowStage,
    /// The files that say so.
    pub files: Vec<String>,
    /// Lookup tables.
    pub lut: Option<u64>,
    /// Adaptive logic modules, in which Intel counts: each has two lookup tables.
    pub alm: Option<u64>,
    /// Flip-flops.
    pub ff: Option<u64>,
    /// Multiply-accumulate slices.
    pub dsp: Option<u64>,
    /// Block memory, in kilobits.
    pub bram_kbit: Option<f64>,
    /// The clock period that was asked for, in nanoseconds.
    pub clock_ns: Option<f64>,
    /// By how much the slowest path keeps this period, in nanoseconds; negative where it does not.
    pub slack_ns: Option<f64>,
    /// Clock cycles from an event's input to its output.
    pub latency_cycles: Option<u32>,
    /// Clock cycles between two events.
    pub initiation_interval: Option<u32>,
    /// The modules of the design, where they were counted apart.
    pub modules: Vec<ModuleUsage>,
}

/// A module of the emitted Verilog, and all below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ModuleUsage {
    /// The name of the module.
    pub module: String,
    /// What it takes.
    pub usage: Usage,
}

/// How far a vendor's tool had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlowStage {
    /// C++ has become a circuit; all figures are the tool's own estimates.
    HighLevelSynthesis,
    /// The circuit was mapped to the cells of the device.
    Synthesis,
    /// The cells have places, and wires between them.
    PlaceAndRoute,
}

impl FlowStage {
    /// The stage in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::HighLevelSynthesis => "high-level synthesis",
            Self::Synthesis => "synthesis",
            Self::PlaceAndRoute => "place and route",
        }
    }
}

impl ToolReport {
    /// A report that says nothing yet.
    pub fn new(tool: impl Into<String>, stage: FlowStage) -> Self {
        Self {
            tool: tool.into(),
            stage,
            files: Vec::new(),
            lut: None,
            alm: None,
            ff: None,
            dsp: None,
            bram_kbit: None,
            clock_ns: None,
            slack_ns: None,
            latency_cycles: None,
            initiation_interval: None,
            modules: Vec::new(),
        }
    }

    /// Takes the figures of `other`, if it is of the same tool at the same stage and neither says
    /// what the other does; else gives it back, for it stays apart.
    #[must_use]
    pub fn join(&mut self, other: Self) -> Option<Self> {
        let same = self.tool.starts_with(&other.tool) || other.tool.starts_with(&self.tool);
        if self.stage != other.stage
            || !same
            || self.said().zip(other.said()).any(|it| it.0 && it.1)
        {
            return Some(other);
        }
        if self.tool.len() < other.tool.len() {
            self.tool = other.tool;
        }
        self.files.extend(other.files);
        self.lut = self.lut.or(other.lut);
        self.alm = self.alm.or(other.alm);
        self.ff = self.ff.or(other.ff);
        self.dsp = self.dsp.or(other.dsp);
        self.bram_kbit = self.bram_kbit.or(other.bram_kbit);
        self.clock_ns = self.clock_ns.or(other.clock_ns);
        self.slack_ns = self.slack_ns.or(other.slack_ns);
        self.latency_cycles = self.latency_cycles.or(other.latency_cycles);
        self.initiation_interval = self.initiation_interval.or(other.initiation_interval);
        self.modules.extend(other.modules);
        None
    }

    /// Which figures are there.
    fn said(&self) -> impl Iterator<Item = bool> {
        [
            self.lut.is_some(),
            self.alm.is_some(),
            self.ff.is_some(),
            self.dsp.is_some(),
            self.bram_kbit.is_some(),
            self.clock_ns.is_some(),
            self.slack_ns.is_some(),
            self.latency_cycles.is_some(),
            self.initiation_interval.is_some(),
            !self.modules.is_empty(),
        ]
        .into_iter()
    }
}
