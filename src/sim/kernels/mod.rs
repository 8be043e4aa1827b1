//! The inner loops of the tensor simulator: one tile of events, structure of arrays.
//!
//! A buffer is a list of [`Row`](lanes::Row)s, one for each element. Everything
//! is inlined into one function that was compiled for the machine's widest
//! registers, so plain loops over a row become vector instructions.

pub(super) mod dense;
pub(super) mod fold;
pub(super) mod lanes;
pub(super) mod pairs;
pub(super) mod rows;
pub(super) mod softmax;
pub(super) mod word;
