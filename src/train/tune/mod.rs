//! Searching for the recipe: what may change in it, and which values are tried next.
//!
//! - `plan`: the TOML file of a search;
//! - `space`: the parameters, and recipes with values for them;
//! - `sampler`: grid, random, and tree-structured Parzen estimators;
//! - `rank`: trials that no other beats, with several objectives at once.

pub mod plan;
pub mod rank;
pub mod sampler;
pub mod space;
