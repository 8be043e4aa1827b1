//! What `trigforge check` demands, and of which models.

use serde::Deserialize;

/// Bounds; what is left out is not checked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// The largest loss of accuracy against floating point, as a fraction (0.005 is half a point).
    pub max_accuracy_loss: Option<f64>,
    /// The smallest area under the ROC curve of any class.
    pub min_auc: Option<f64>,
    /// Look-up tables.
    pub max_lut: Option<u64>,
    /// Flip-flops.
    pub max_ff: Option<u64>,
    /// Multiplier blocks.
    pub max_dsp: Option<u64>,
    /// Memory blocks.
    pub max_bram: Option<u64>,
    /// Latency in nanoseconds.
    pub max_latency_ns: Option<f64>,
    /// Latency in clock cycles.
    pub max_latency_cycles: Option<u64>,
    /// Latency in bunch crossings of 25 ns.
    pub max_latency_bx: Option<f64>,
    /// Pass although values of a tensor left its format.
    pub allow_violated: bool,
    /// Simulate the Verilog and demand equality with the simulator.
    pub rtl: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            max_accuracy_loss: None,
            min_auc: None,
            max_lut: None,
            max_ff: None,
            max_dsp: None,
            max_bram: None,
            max_latency_ns: None,
            max_latency_cycles: None,
            max_latency_bx: None,
            allow_violated: false,
            rtl: true,
        }
    }
}

/// A model that `trigforge check` compiles and verifies; paths are relative to the configuration.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// How the table calls it; the file name by default.
    #[serde(default)]
    pub name: Option<String>,
    /// The ONNX file.
    pub path: String,
    /// Events, as npy, npz or csv.
    #[serde(default)]
    pub data: Option<String>,
    /// The classes of the events.
    #[serde(default)]
    pub labels: Option<String>,
    /// A configuration of its own instead of this one.
    #[serde(default)]
    pub config: Option<String>,
    /// Bounds of its own instead of `[gate]`.
    #[serde(default)]
    pub gate: Option<Gate>,
}
