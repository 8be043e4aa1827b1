//! The integration tests: everything that is observable from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
#[cfg(feature = "train")]
mod autoencoder;
#[cfg(feature = "train")]
mod branches;
mod cli;
mod config;
mod console;
mod cosim;
mod data;
mod errors;
mod estimate;
#[cfg(feature = "tables")]
mod event_files;
mod golden_verilog;
mod hls;
mod large;
mod locate;
mod models;
mod netlists;
mod networks;
mod onnx;
mod pass_properties;
mod passes;
#[cfg(feature = "train")]
mod peel;
mod quantized_jets;
mod report;
mod scripts;
#[cfg(feature = "shell")]
mod shell;
mod simulators;
mod sums;
#[cfg(feature = "train")]
mod train;
#[cfg(feature = "train")]
mod tune;
mod vendor;
mod verdicts;
mod verification;
