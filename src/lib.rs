//! `trigforge` compiles neural networks into FPGA firmware for particle-physics
//! triggers, and proves at each step that no bit changed on the way.
//!
//! ARCHITECTURE.md says which module stands on which floor.

pub mod cosim;
pub mod diag;
pub mod emit;
pub mod entity;
pub mod estimate;
pub mod graph;
pub mod lower;
pub mod naming;
pub mod netlist;
pub mod numeric;
pub mod ops;
pub mod plan;
