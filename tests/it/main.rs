//! The integration tests: everything that is observable from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod config;
mod data;
mod onnx;
mod pass_properties;
mod passes;
mod quantized_jets;
mod verdicts;
