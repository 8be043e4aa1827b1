//! Constant matrix times vector, as shared shifts and additions.
//!
//! [`Problem`] says what is to be computed and within which depth, [`Solution`]
//! how. Every solution carries its own proof: [`Solution::linear_forms`] must
//! equal the matrix.

mod build;
mod counts;
mod csd;
mod dice;
mod extract;
mod fuse;
mod groups;
mod improve;
pub mod joints;
mod journal;
mod network;
mod orient;
mod pattern;
mod prepare;
mod repair;
mod resolve;
mod shape;
pub mod solution;
pub mod solve;
mod span;
mod spanning;
mod starts;
mod term;
mod transpose;
mod tree;
mod web;
mod window;

#[cfg(test)]
mod tests;

use crate::numeric::interval::Interval;
use crate::plan::Search;

/// `y_j = sum_i x_i * matrix[i][j]`, all integers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// The inputs.
    pub inputs: Vec<ProblemInput>,
    /// The number of outputs.
    pub outputs: usize,
    /// `matrix[i * outputs + j]`.
    pub matrix: Vec<i64>,
    /// How many adders may follow each other on any path beyond the least
    /// possible number; none for no bound.
    pub extra_depth: Option<u32>,
    /// Whether sums may have three terms. These cost as many bits as sums of two, and count as
    /// two adders in every depth and arrival.
    pub sums_of_three: bool,
    /// The last arrival that an output may have, counted as the inputs' are; none for no bound.
    pub latest: Option<u32>,
    /// How to search.
    pub search: Search,
}

/// One input of a [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProblemInput {
    /// Every value it takes; its step may differ from that of other inputs.
    pub range: Interval,
    /// When it arrives, in adders.
    pub arrival: u32,
}

/// A shift-add graph.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Solution {
    /// Term `n_inputs + k`, over earlier terms; terms `0..n_inputs` are the inputs.
    pub sums: Vec<Sum>,
    /// The outputs; `None` is zero.
    pub outputs: Vec<Option<SolutionOutput>>,
}

/// `a ± b * 2^shift`, and a third term where the problem allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sum {
    /// The first term.
    pub a: u32,
    /// The second term.
    pub b: u32,
    /// How far the second term moves up; may be negative.
    pub shift: i8,
    /// Whether it is taken away.
    pub subtract: bool,
    /// The third term, if there is one.
    pub third: Option<Addend>,
}

/// `± term * 2^shift`, as a part of a [`Sum`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Addend {
    /// The term.
    pub term: u32,
    /// How far it moves up; may be negative.
    pub shift: i8,
    /// Whether it is taken away.
    pub subtract: bool,
}

/// `± term * 2^shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SolutionOutput {
    /// The term.
    pub term: u32,
    /// How far it moves up; may be negative.
    pub shift: i8,
    /// Whether its sign is changed.
    pub negate: bool,
}
