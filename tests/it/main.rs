//! The integration tests: everything that is observable from outside.
mod architecture;
mod config;
mod data;
mod onnx;
mod pass_properties;
mod passes;
mod quantized_jets;
mod verdicts;
