//! What a search for recipes has found.

/// A search: trials over axes of values and figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    /// The file of the plan.
    pub plan: String,
    /// The file of the recipe.
    pub recipe: String,
    /// What is varied, and then the figures.
    pub axes: Vec<SearchAxis>,
    /// The trials, the best first.
    pub trials: Vec<SearchTrial>,
}

/// A value that is varied, or a figure that comes out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchAxis {
    /// Such as `train.learning_rate`, or `LUT`.
    pub name: String,
    /// The value at its lower end.
    pub low: String,
    /// The value at its upper end.
    pub high: String,
}

/// A trial.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchTrial {
    /// Counted from 0.
    pub number: u32,
    /// Whether no other trial beats it in every objective.
    pub front: bool,
    /// Its value on each axis, in words.
    pub values: Vec<String>,
    /// Its place on each axis, from 0 to 1; fewer than there are axes where no network came out.
    pub places: Vec<f64>,
}
