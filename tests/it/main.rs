//! The integration tests: everything that is observable from outside.

mod architecture;
mod cosim;
mod golden_verilog;
mod netlists;
mod networks;
mod simulators;
mod verification;
