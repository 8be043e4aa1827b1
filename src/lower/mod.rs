//! Graph to netlist: here, and nowhere else, meaning meets building.

pub mod arith;
