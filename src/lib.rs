//! `trigforge` compiles neural networks into FPGA firmware for particle-physics
//! triggers, and proves at each step that no bit changed on the way.
//!
//! ARCHITECTURE.md says which module stands on which floor.

pub mod analysis;
pub mod cli;
pub mod compile;
pub mod config;
pub mod cosim;
pub mod data;
pub mod diag;
pub mod emit;
pub mod entity;
pub mod estimate;
pub mod flow;
pub mod graph;
pub mod lower;
pub mod naming;
pub mod netlist;
pub mod numeric;
pub mod onnx;
pub mod ops;
pub mod passes;
pub mod plan;
pub mod report;
pub mod shell;
pub mod sim;
#[cfg(feature = "train")]
pub mod train;
pub mod vendor;
pub mod verify;
