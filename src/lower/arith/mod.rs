//! Arithmetic that several operators share: constant matrices, sums, selections, rounding.

pub mod bits;
pub mod cmvm;
pub mod compare;
pub mod forms;
pub mod linear;
mod partial_sums;
pub mod requantize;
mod round;
pub mod select;
pub mod tree;
