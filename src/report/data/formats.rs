//! The format of each quantized tensor, and whether it is wide enough.

use serde::{Deserialize, Serialize};

use super::statistics::Range;

/// A quantized tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FormatRow {
    /// The node whose output it is.
    pub node: String,
    /// The format, such as `fixed<16,6>`; several are written as the widest with their number.
    pub format: String,
    /// How low bits are dropped, as `ap_fixed` names it: `TRN`, `RND_CONV`, …
    pub rounding: String,
    /// What happens to a value outside the format: `WRAP`, `SAT`, …
    pub overflow: String,
    /// Where the format comes from.
    pub source: FormatSource,
    /// The range that the values before quantization can take, proved or observed.
    pub range: Option<Range>,
    /// What the format can hold.
    pub bounds: Option<Range>,
    /// Whether the values stay within the format.
    pub verdict: Verdict,
}

/// Where a format comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FormatSource {
    /// From an annotation of the model (QONNX, `QuantizeLinear`).
    Model,
    /// From the configuration.
    Configuration,
    /// From events.
    Calibration,
    /// From interval arithmetic on the actual weights.
    Exact,
}

/// Whether the values of a tensor stay within its format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Verdict {
    /// Interval arithmetic shows that no input whatever can overflow.
    Proved,
    /// No event overflowed.
    Calibrated {
        /// The number of events.
        events: u64,
        /// The factor of two that is left above the largest magnitude observed.
        margin_bits: f64,
    },
    /// Values left a format that wraps, so they are wrong by the whole range.
    Violated {
        /// The index of the worst event.
        event: u64,
        /// The index of the worst element in the flattened tensor.
        element: u64,
        /// The value before quantization.
        value: f64,
        /// By how much it lies outside the format.
        by: f64,
        /// The number of events with such a value.
        events: u64,
        /// The number of events observed.
        of: u64,
    },
    /// Values were clipped by a format that saturates.
    Saturates {
        /// The number of events with such a value.
        events: u64,
        /// The number of events observed.
        of: u64,
    },
    /// Nothing shows it: interval arithmetic cannot, and there were no events.
    Unchecked,
}

impl Verdict {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Calibrated { .. } => "calibrated",
            Self::Violated { .. } => "violated",
            Self::Saturates { .. } => "saturating",
            Self::Unchecked => "unchecked",
        }
    }
}

impl FormatSource {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Configuration => "configuration",
            Self::Calibration => "calibration",
            Self::Exact => "exact",
        }
    }
}

/// A scale that is no power of two, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ScaleNote {
    /// The node that brought the scale.
    pub node: String,
    /// What became of it.
    pub method: ScaleMethod,
}

/// How a scale that is no power of two becomes integer arithmetic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ScaleMethod {
    /// It became an integer multiplication and a shift before a quantizer.
    Rescaled {
        /// The bits of the multiplier.
        multiplier_bits: u32,
        /// How wrong a value before rounding may be, in steps of the result.
        error_steps: f64,
        /// Whether every result was shown to be the same as the model's.
        same_results: bool,
    },
    /// It was rounded like a weight, where no quantizer follows.
    Rounded {
        /// The bits of the multiplier.
        multiplier_bits: u32,
        /// How far a value may be off.
        error: f64,
    },
    /// It became comparisons with integer thresholds; nothing is lost.
    Thresholds {
        /// The number of thresholds per channel.
        count: u64,
    },
}
