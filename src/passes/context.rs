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
    /// How long each pass took.
    pub timings: Vec<Timing>,
    /// The pass whose result is written to `dumps`, or `all`.
    pub dump_after: Option<String>,
    /// The dumped graphs with the names of their passes.
    pub dumps: Vec<(&'static str, String)>,
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
            timings: Vec::new(),
            dump_after: None,
            dumps: Vec::new(),
        }
    }
}
