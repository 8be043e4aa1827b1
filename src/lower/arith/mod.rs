//! Arithmetic that several operators share: constant matrices, sums, rounding.

pub mod cmvm;
