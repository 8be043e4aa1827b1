//! Arithmetic that several operators share: constant matrices, sums, selections, rounding.

pub mod bits;
pub mod cmvm;
pub mod compare;
pub mod linear;
pub mod requantize;
mod round;
pub mod select;
pub mod tree;
