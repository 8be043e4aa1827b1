//! How well a network tells classes apart.

use serde::{Deserialize, Serialize};

/// The outcome of `evaluate`. Every count of events is a sum of their weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The network.
    pub model: String,
    /// The file of the events.
    pub data: String,
    /// The number of events.
    pub events: u64,
    /// Whether events have weights.
    pub weighted: bool,
    /// How many times events were drawn anew for the intervals.
    pub replicas: u32,
    /// The part of the events whose class is the one that the network says; none for anomalies.
    pub accuracy: Option<Estimate>,
    /// `confusion[class][said]`; empty for anomalies.
    pub confusion: Vec<Vec<f64>>,
    /// The names of the classes.
    pub names: Vec<String>,
    /// Each class that has a score against all others.
    pub classes: Vec<ClassEvaluation>,
    /// Whether probabilities are what they say, where the network gives any.
    pub calibration: Option<Calibration>,
    /// What scores should not depend on, where it was given.
    pub nuisance: Option<String>,
    /// What each input does to the scores, in the order of the inputs; empty for distances.
    #[serde(default)]
    pub inputs: Vec<InputImportance>,
}

/// What an input does to the scores of the events' own classes, as a part of what all inputs do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InputImportance {
    /// The input.
    pub name: String,
    /// By the gradient times the value.
    pub gradient: f64,
    /// By layer-wise relevance propagation.
    pub relevance: f64,
}

/// A figure with the interval of 68 % around it, by the bootstrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// On the events as they are.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// One class, the signal, against all others, the background.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassEvaluation {
    /// The class.
    pub name: String,
    /// The signal.
    pub signal: f64,
    /// The background.
    pub background: f64,
    /// The area under the ROC curve.
    pub auc: Estimate,
    /// The ROC curve.
    pub roc: RocBand,
    /// What background is left at fixed signal efficiencies.
    pub rejections: Vec<Rejection>,
    /// Loose, medium and tight: fixed background rates.
    pub working_points: Vec<WorkingPoint>,
    /// What a cut makes of signal and background.
    pub significance: Significance,
    /// How the background depends on the nuisance, where it was given.
    pub sculpting: Option<Sculpting>,
}

/// The least background of a cut that keeps so much signal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RocBand {
    /// The signal efficiencies, ascending.
    pub signal: Vec<f64>,
    /// The background efficiency at each.
    pub background: Vec<f64>,
    /// The lower end of its interval.
    pub low: Vec<f64>,
    /// The upper end.
    pub high: Vec<f64>,
}

/// The background that is left at a signal efficiency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rejection {
    /// The part of the signal that is kept at least.
    pub signal_efficiency: f64,
    /// The part of the background that is kept.
    pub background: Estimate,
    /// One over it; none where no background is left.
    pub factor: Option<f64>,
}

/// A cut that keeps at most a part of the background.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorkingPoint {
    /// `loose`, `medium` or `tight`.
    pub name: String,
    /// The part of the background that may be kept.
    pub background_rate: f64,
    /// Events of this score and above are kept; none where every cut keeps too much.
    pub cut: Option<f64>,
    /// The part of the signal that is kept.
    pub signal: Estimate,
    /// The part of the background that is kept.
    pub background: f64,
}

/// `s / √(s + b)` of what each cut keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Significance {
    /// The cuts, descending: events of this score and above are kept.
    pub cuts: Vec<f64>,
    /// The significance of each.
    pub values: Vec<f64>,
    /// The best cut of all.
    pub best_cut: f64,
    /// Its significance.
    pub best: f64,
}

/// How the background that passes the loose cut depends on a nuisance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sculpting {
    /// The edges of bins of the nuisance with equal background.
    pub edges: Vec<f64>,
    /// The part of the background of each bin that passes.
    pub efficiency: Vec<f64>,
    /// The Jensen–Shannon divergence over these bins between what passes and what fails, in bits: 0
    /// where the score does not depend on the nuisance. None where nothing passes or all does.
    pub divergence: Option<f64>,
}

/// Confidence against accuracy, after C. Guo et al., arXiv:1706.04599.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Bins of equal width of the probability of the class that the network says.
    pub bins: Vec<ReliabilityBin>,
    /// The mean distance of accuracy and confidence over the bins.
    pub expected_error: f64,
    /// The largest distance of any bin.
    pub largest_error: f64,
}

/// The events of one confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// The lower edge.
    pub from: f64,
    /// The upper edge.
    pub to: f64,
    /// The events.
    pub events: f64,
    /// The mean probability; zero where there is no event.
    pub confidence: f64,
    /// The part that is right; zero where there is no event.
    pub accuracy: f64,
}
