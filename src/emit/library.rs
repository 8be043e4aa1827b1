//! Hand-written files that go with every design, built into the binary.

/// The harness that drives what Verilator makes of a design.
pub const VERILATOR_MAIN: &str = include_str!("../../testbench/verilator_main.cpp");

/// The Yosys map that keeps every adder an adder.
pub const ADD_TO_ALU: &str = include_str!("../../testbench/add_to_alu.v");
