//! What was found fault with: diagnostics and gates.

use serde::{Deserialize, Serialize};

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the result stands.
    Warning,
    /// No result.
    Error,
}

impl Severity {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A fault of the model, the configuration or the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Diagnostic {
    /// The code, such as `Q0201`; `trigforge explain CODE` says more.
    pub code: String,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// The place in words: a node, a file, a configuration key.
    pub place: Option<String>,
    /// Facts that help to judge it, one line each.
    pub notes: Vec<String>,
    /// What to type or change.
    pub help: String,
}

/// A bound of `[gate]`; its serialized form is the key in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GateKind {
    /// The accuracy that fixed point may lose, as a fraction: 0.005 is half a point.
    MaxAccuracyLoss,
    /// The least area under the ROC curve, of the worst class in fixed point.
    MinAuc,
    /// The most lookup tables.
    MaxLut,
    /// The most flip-flops.
    MaxFf,
    /// The most multiply-accumulate slices.
    MaxDsp,
    /// The most block memory, in kilobits.
    MaxBramKbit,
    /// The longest latency, in nanoseconds.
    MaxLatencyNs,
    /// The longest latency, in clock cycles.
    MaxLatencyCycles,
    /// The longest latency, in bunch crossings of 25 ns.
    MaxLatencyBx,
    /// Whether tensors may overflow; the bound is then on their number, zero.
    AllowViolated,
    /// Whether Verilog must have been simulated and all engines must agree; the bound is on
    /// the number of integers that differ, zero.
    RtlEqual,
}

impl GateKind {
    /// The key in the configuration.
    pub fn key(self) -> &'static str {
        match self {
            Self::MaxAccuracyLoss => "max_accuracy_loss",
            Self::MinAuc => "min_auc",
            Self::MaxLut => "max_lut",
            Self::MaxFf => "max_ff",
            Self::MaxDsp => "max_dsp",
            Self::MaxBramKbit => "max_bram_kbit",
            Self::MaxLatencyNs => "max_latency_ns",
            Self::MaxLatencyCycles => "max_latency_cycles",
            Self::MaxLatencyBx => "max_latency_bx",
            Self::AllowViolated => "allow_violated",
            Self::RtlEqual => "rtl_equal",
        }
    }
}

/// A bound and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GateOutcome {
    /// Which bound.
    pub gate: GateKind,
    /// The bound.
    pub bound: f64,
    /// What it is held against; `None` where it was not measured, which is a failure.
    pub value: Option<f64>,
    /// Whether the value keeps the bound.
    pub passed: bool,
    /// What decides, such as the worst class; for a value that was not measured, why not.
    pub detail: Option<String>,
    /// What to do about a failure.
    pub help: Option<String>,
}
