//! Searching for the recipe: what may change in it, and which values are tried next.
//!
//! - `plan`: the TOML file of a search;
//! - `space`: the parameters, and recipes with values for them;
//! - `objective`, `separation`: what trials are compared by, and the figures of scores among it;
//! - `sampler`: grid, random, and tree-structured Parzen estimators;
//! - `halving`, `schedule`: how long each trial is trained: successive halving, and Hyperband;
//! - `rank`: trials that no other beats, with several objectives at once.

pub mod halving;
pub mod objective;
pub mod plan;
pub mod rank;
pub mod sampler;
pub mod schedule;
pub mod separation;
pub mod space;
