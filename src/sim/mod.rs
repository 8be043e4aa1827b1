//! Simulators: the graph and the netlist on blocks of events, bit for bit as they are defined.

mod kernels;
mod program;
pub mod tensors;
