//! Numbers: fixed-point formats, rounding and overflow, exact intervals, and blocks of raw integers.
//!
//! A value is always `raw * 2^-frac` with an integer `raw`. Nothing above this
//! floor decides by floating point what a bit is.

pub mod fit;
pub mod format;
pub mod hash;
pub mod interval;
pub mod quantizer;
pub mod round;
pub mod tensor;

#[cfg(test)]
mod tests;
