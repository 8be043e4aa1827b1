//! Operations of many terms in one pass over their values, and their gradients in another.
//!
//! What an operation computes is plain loops over slices, which the compiler turns
//! into the vector instructions of the processor at hand; the tape is burn's.
//!
//! - `tape`: how such an operation is recorded;
//! - `quantize`: values in a learned format, and `width`, its bits;
//! - `rows`: a row added to each row, inputs standardized;
//! - `bit_operations`: the price of a layer;
//! - `cross_entropy`: the loss of classes;
//! - `broadcast`, `exponent`: what several of them need.

pub(super) mod bit_operations;
mod broadcast;
pub(super) mod cross_entropy;
mod exponent;
pub(super) mod quantize;
pub(super) mod rows;
pub(super) mod tape;
pub(super) mod width;
