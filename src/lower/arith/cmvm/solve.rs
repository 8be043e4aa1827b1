//! [`solve`]: the one entry to whatever solver is the best.

use super::{Problem, Solution, simple};

/// A shift-add graph for `problem`.
pub fn solve(problem: &Problem) -> Solution {
    simple::solve(problem)
}
