//! What can be learned about a graph without changing it: ranges, observed values, verdicts.
//!
//! Each analysis returns a table by node; nothing is cached.

pub mod observe;
pub mod ranges;
pub mod verdict;
pub mod walk;

pub use observe::{Observations, Observed, observe};
pub use ranges::{FloatConstants, Ranges, ranges};
pub use verdict::{Overflowed, TensorVerdict, Verdict, verdicts};
