//! What a report says: plain, serializable structs, one file per section.
//!
//! Every part that may be missing is an `Option` or a `Vec`: a report of `inspect` has no
//! timing, one without events has no verification, one of a model that did not import has
//! little more than its diagnostics. All numbers are finite.

mod dataset;
mod design;
mod evaluation;
mod formats;
mod outcome;
mod resources;
mod search;
mod statistics;
mod timing;
mod tools;
mod verification;

use serde::{Deserialize, Serialize};

pub use dataset::{ClassCount, ColumnSummary, ColumnValues, DatasetSummary};
pub use design::{Design, Device, Port};
pub use evaluation::{
    Calibration, ClassEvaluation, Estimate, Evaluation, InputImportance, Rejection, ReliabilityBin,
    RocBand, Sculpting, Significance, WorkingPoint,
};
pub use formats::{FormatRow, FormatSource, ScaleMethod, ScaleNote, Verdict};
pub use outcome::{Diagnostic, GateKind, GateOutcome, Severity};
pub use resources::{LayerResources, Resources, StageRange, Synthesis, Usage};
pub use search::{Search, SearchAxis, SearchTrial};
pub use statistics::{ActivationStatistics, Histogram, Percentile, Range, WeightStatistics};
pub use timing::{BUNCH_CROSSING_NS, Stage, Timing};
pub use tools::{FlowStage, ModuleUsage, ToolReport};
pub use verification::{
    ClassMetrics, Comparison, Efficiency, Engine, FloatFixed, LayerError, Metrics, OutputError,
    Roc, RocCurve, Verification,
};

/// The version of the report's JSON form; it grows when a field is renamed, removed or changes
/// its meaning, not when one is added.
pub const SCHEMA: u32 = 1;

/// Everything that is known about one compiled model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Report {
    /// The version of this form, [`SCHEMA`].
    pub schema: u32,
    /// Which model, for which device, at which clock.
    pub design: Design,
    /// What the hardware costs, estimated and perhaps synthesized.
    pub resources: Option<Resources>,
    /// What vendors' tools reported, where their files were given.
    #[serde(default)]
    pub tools: Vec<ToolReport>,
    /// How long an event takes, and what each pipeline stage does in that time.
    pub timing: Option<Timing>,
    /// One row per quantized tensor, in the order of the data flow.
    pub formats: Vec<FormatRow>,
    /// How scales that are no power of two were brought into integer arithmetic.
    pub scales: Vec<ScaleNote>,
    /// One row per constant tensor.
    pub weights: Vec<WeightStatistics>,
    /// One row per tensor that was observed on events.
    pub activations: Vec<ActivationStatistics>,
    /// What the comparison of float, fixed point and Verilog on events showed.
    pub verification: Option<Verification>,
    /// Errors and warnings, in the order of their appearance.
    pub diagnostics: Vec<Diagnostic>,
    /// The outcomes of `[gate]`; empty where no gate was asked for.
    pub gates: Vec<GateOutcome>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            design: Design::default(),
            resources: None,
            tools: Vec::new(),
            timing: None,
            formats: Vec::new(),
            scales: Vec::new(),
            weights: Vec::new(),
            activations: Vec::new(),
            verification: None,
            diagnostics: Vec::new(),
            gates: Vec::new(),
        }
    }
}

impl Report {
    /// True when there is no error among the diagnostics, no gate failed and no two engines
    /// differ: the exit code of `check`.
    pub fn passed(&self) -> bool {
        self.errors() == 0
            && self.gates.iter().all(|gate| gate.passed)
            && self.comparisons().iter().all(|comparison| comparison.mismatches == 0)
    }

    /// The number of errors among the diagnostics.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|found| found.severity == Severity::Error).count()
    }

    /// The rows whose verdict is [`Verdict::Violated`].
    pub fn violations(&self) -> impl Iterator<Item = &FormatRow> {
        self.formats.iter().filter(|row| matches!(row.verdict, Verdict::Violated { .. }))
    }

    /// The comparisons of engines, none where nothing was verified.
    pub fn comparisons(&self) -> &[Comparison] {
        self.verification.as_ref().map_or(&[], |verification| &verification.engines)
    }

    /// The metrics that need labels, where there were any.
    pub fn metrics(&self) -> Option<&Metrics> {
        self.verification.as_ref()?.metrics.as_ref()
    }
}
