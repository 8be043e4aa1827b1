//! What the comparison of float, fixed point and Verilog on events showed.

use serde::{Deserialize, Serialize};

use super::statistics::Histogram;

/// The outcome of `verify`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Verification {
    /// The number of events.
    pub events: u64,
    /// The file of the events, as the user named it.
    pub data: String,
    /// The error of each output, fixed point against float.
    pub outputs: Vec<OutputError>,
    /// What needs labels, where there were any.
    pub metrics: Option<Metrics>,
    /// What each layer adds to the error, in the order of the data flow.
    pub layers: Vec<LayerError>,
    /// The engines that were compared, integer by integer.
    pub engines: Vec<Comparison>,
}

/// The error of an output, fixed point against float.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OutputError {
    /// The output's name.
    pub name: String,
    /// The largest magnitude of the error.
    pub max_abs_error: f64,
    /// The mean magnitude of the error.
    pub mean_abs_error: f64,
    /// Signal to quantization noise in decibel; `None` where there is no error at all.
    pub sqnr_db: Option<f64>,
    /// The distribution of the error, fixed point minus float.
    pub histogram: Option<Histogram>,
}

/// The cost of quantization in one layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LayerError {
    /// The node.
    pub name: String,
    /// Signal to quantization noise at this layer with everything up to it quantized, in
    /// decibel; `None` where there is no error at all, and for weights.
    pub sqnr_db: Option<f64>,
    /// Whether the layer's values are known, and equal to those in floating point.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
    /// The root mean square of the error of the outputs when this alone is quantized.
    pub output_error: Option<f64>,
}

/// A figure of merit in floating point and in fixed point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FloatFixed {
    /// Of the float model.
    pub float: f64,
    /// Of the fixed-point design.
    pub fixed: f64,
}

impl FloatFixed {
    /// What fixed point loses: positive where it is worse, for a figure that should be high.
    pub fn loss(self) -> f64 {
        self.float - self.fixed
    }
}

/// Figures of merit that need labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Metrics {
    /// The file of the labels, as the user named it.
    pub labels: String,
    /// The part of the events whose largest output is that of their class.
    pub accuracy: Option<FloatFixed>,
    /// One entry per class.
    pub classes: Vec<ClassMetrics>,
}

/// How well one class is told from all others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClassMetrics {
    /// The class.
    pub name: String,
    /// The area under the ROC curve.
    pub auc: FloatFixed,
    /// The signal efficiency at a fixed background rate.
    pub efficiency: Option<Efficiency>,
    /// The ROC curves.
    pub roc: Option<Roc>,
}

/// The signal efficiency at a fixed background rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Efficiency {
    /// The part of the other classes' events that pass.
    pub background_rate: f64,
    /// The part of this class's events that pass.
    pub signal: FloatFixed,
}

/// The ROC curves of one class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Roc {
    /// Of the float model.
    pub float: RocCurve,
    /// Of the fixed-point design.
    pub fixed: RocCurve,
}

/// A ROC curve: points from (0, 0) to (1, 1), as two lists of equal length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RocCurve {
    /// The background efficiencies, ascending.
    pub background: Vec<f64>,
    /// The signal efficiencies, ascending.
    pub signal: Vec<f64>,
}

/// Something that computes the network's integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// The tensor simulator, which is the definition.
    Tensors,
    /// The netlist simulator.
    Netlist,
    /// The Verilog, run by Verilator.
    Verilator,
    /// The Verilog, run by Icarus Verilog.
    Icarus,
    /// The operators' own definition, run plainly.
    Definition,
    /// The HLS C++, compiled by a plain compiler.
    Cpp,
}

impl Engine {
    /// The name in prose.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tensors => "tensors",
            Self::Netlist => "netlist",
            Self::Verilator => "Verilator",
            Self::Icarus => "Icarus",
            Self::Definition => "definition",
            Self::Cpp => "HLS C++ (g++)",
        }
    }

    /// True when the engine runs the emitted Verilog.
    pub fn runs_verilog(self) -> bool {
        match self {
            Self::Verilator | Self::Icarus => true,
            Self::Tensors | Self::Netlist | Self::Definition | Self::Cpp => false,
        }
    }
}

/// Two engines held against each other, integer by integer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Comparison {
    /// What it should be.
    pub reference: Engine,
    /// What it is.
    pub candidate: Engine,
    /// The number of events.
    pub events: u64,
    /// The number of integers that differ.
    pub mismatches: u64,
    /// Where they differ first, in words: event, output and both values, then layer, wire and clock
    /// cycle as far as they are known.
    pub first_difference: Option<String>,
    /// How long compiling the candidate took, in seconds; of C++ only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compile_seconds: Option<f64>,
}
