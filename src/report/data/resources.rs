//! What the hardware costs.

use serde::{Deserialize, Serialize};

/// The cost of the design, in all and per layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Resources {
    /// The layers in the order of the data flow.
    pub layers: Vec<LayerResources>,
    /// The estimate for the whole design. It may exceed the sum of the layers by what belongs
    /// to none of them, such as input registers.
    pub total: Usage,
    /// What the device has, where it is known.
    pub capacity: Option<Usage>,
    /// What a synthesis tool made of the design, where one was run.
    pub synthesis: Option<Synthesis>,
}

/// Amounts of the four resources of an FPGA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Usage {
    /// Lookup tables.
    pub lut: u64,
    /// Flip-flops.
    pub ff: u64,
    /// Multiply-accumulate slices.
    pub dsp: u64,
    /// Block memory, in kilobits.
    pub bram_kbit: f64,
}

/// One layer and its cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LayerResources {
    /// The node of the model.
    pub name: String,
    /// The operator, such as `dense`.
    pub operator: String,
    /// The shape of its output, without the batch dimension.
    pub shape: Vec<usize>,
    /// The format of its output.
    pub format: String,
    /// The number of adders and subtractors.
    pub adders: u64,
    /// The estimate.
    pub estimate: Usage,
    /// The pipeline stages that it takes part in; `None` where it is mere wiring.
    pub stages: Option<StageRange>,
    /// What a synthesis tool made of this layer alone, where it was run on it.
    pub synthesis: Option<Usage>,
}

/// Neighboring pipeline stages, both ends included; the first stage is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StageRange {
    /// The first stage.
    pub first: u32,
    /// The last stage, at least `first`.
    pub last: u32,
}

/// The outcome of a synthesis run over the whole design.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Synthesis {
    /// The tool, its version and its command, such as `Yosys 0.23 synth_xilinx`.
    pub tool: String,
    /// What it used.
    pub usage: Usage,
    /// Carry-chain primitives, in the tool's own unit.
    pub carry: u64,
}
