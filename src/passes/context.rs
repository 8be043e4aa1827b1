//! [`PassContext`]: what passes may ask for, and where they say what they did.

use std::time::Duration;

use crate::config::Config;
use crate::diag::Diagnostic;
use crate::numeric::tensor::Block;

/// What passes may ask for, and where they say what they did.
pub struct PassContext<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// Events for calibration: finite values, one block for each graph input.
    pub events: Option<&'a [Block<f64>]>,
    /// What the user should know, although the result stands.
    pub warnings: Vec<Diagnostic>,
    /// What became of scales that are no power of two, for the report.
    pub rescaled: Vec<Rescaled>,
    /// How long each pass took.
    pub timings: Vec<Timing>,
    /// The pass whose result is written to `dumps`, or `all`.
    pub dump_after: Option<String>,
    /// The dumped graphs with the names of their passes.
    pub dumps: Vec<(&'static str, String)>,
}

/// What became of a scale that is no power of two.
#[derive(Clone, Debug, PartialEq)]
pub struct Rescaled {
    /// The model's node that the scale comes from.
    pub name: String,
    /// Its operator in the model.
    pub operator: String,
    /// What it became.
    pub how: Rescaling,
}

/// The ways to apply a scale to integers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rescaling {
    /// Comparisons with integers: equal results.
    Thresholds {
        /// How many each element has.
        steps: usize,
    },
    /// A multiplication by an integer and a shift, before the quantizer rounds.
    Factor {
        /// The longest factor, in bits.
        bits: u32,
        /// How wrong a value before rounding may be, in steps of the result.
        error: f64,
        /// True when every result was shown to be the same.
        same_results: bool,
    },
    /// A multiplication by an integer and a shift where no quantizer follows, as at an output.
    Rounded {
        /// The longest factor, in bits.
        bits: u8,
        /// How far a value may be off.
        error: f64,
    },
}

/// How long a pass took.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Which pass.
    pub pass: &'static str,
    /// How long.
    pub elapsed: Duration,
}

impl<'a> PassContext<'a> {
    /// A context without warnings yet.
    pub fn new(config: &'a Config, events: Option<&'a [Block<f64>]>) -> Self {
        Self {
            config,
            events,
            warnings: Vec::new(),
            rescaled: Vec::new(),
            timings: Vec::new(),
            dump_after: None,
            dumps: Vec::new(),
        }
    }
}
