//! What a data file, or the events of a recipe, look like.

use serde::{Deserialize, Serialize};

use super::{Histogram, Range};

/// Events before anything is learned from them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetSummary {
    /// The file, or the recipe.
    pub name: String,
    /// The number of events.
    pub events: u64,
    /// One row for each column, or for each array with many of them.
    pub columns: Vec<ColumnSummary>,
    /// The classes, where it is known what they are.
    pub classes: Vec<ClassCount>,
}

/// A column, or all values of an array.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnSummary {
    /// The name of the column, or of the array.
    pub name: String,
    /// The dimensions of one event, where there is more than one value.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shape: Vec<usize>,
    /// What stands in it.
    #[serde(flatten)]
    pub values: ColumnValues,
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ColumnValues {
    /// Numbers; all figures but the last are those of the finite ones.
    Numbers {
        /// The smallest and the largest.
        range: Range,
        /// The mean.
        mean: f64,
        /// The width of the distribution: the root of the mean squared distance from the mean.
        deviation: f64,
        /// How many are zero.
        zeros: u64,
        /// The distribution over the range.
        histogram: Histogram,
        /// How many are infinite or no number.
        not_finite: u64,
    },
    /// Words.
    Words {
        /// How many different ones there are.
        distinct: u64,
        /// The most frequent ones with their counts, the most frequent first.
        frequent: Vec<(String, u64)>,
    },
    /// Something else, or numbers of which some are missing.
    Unread {
        /// Why it is not read.
        why: String,
    },
}

/// The events of a class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassCount {
    /// The name, or the number.
    pub name: String,
    /// How many there are, those of no weight too.
    pub events: u64,
    /// The sum of their weights.
    pub weight: f64,
    /// How many of any weight train.
    pub training: u64,
    /// How many of any weight choose among networks.
    pub validation: u64,
    /// How many of any weight do neither.
    pub test: u64,
}
