//! Hand-written files that go with every design, built into the binary.

/// The harness that drives what Verilator makes of a design.
pub const VERILATOR_MAIN: &str = include_str!("../../testbench/verilator_main.cpp");

/// The harness that drives what Verilator makes of a shell.
pub const SHELL_MAIN: &str = include_str!("../../testbench/shell_main.cpp");

/// The harness that drives what Verilator makes of a free-running shell.
pub const FREE_MAIN: &str = include_str!("../../testbench/free_main.cpp");

/// The Yosys map that keeps every adder an adder.
pub const ADD_TO_ALU: &str = include_str!("../../testbench/add_to_alu.v");

/// The kernels that generated C++ includes.
pub mod hls {
    /// The files that every project has, by name.
    pub const KERNELS: &[(&str, &str)] = &[
        ("ac_types.h", include_str!("../../hls/trigforge/ac_types.h")),
        ("ap_types.h", include_str!("../../hls/trigforge/ap_types.h")),
        ("dense.h", include_str!("../../hls/trigforge/dense.h")),
        ("elementwise.h", include_str!("../../hls/trigforge/elementwise.h")),
        ("fixed.h", include_str!("../../hls/trigforge/fixed.h")),
        ("table.h", include_str!("../../hls/trigforge/table.h")),
        ("testbench.h", include_str!("../../hls/trigforge/testbench.h")),
    ];

    /// `target.h` for Vitis HLS.
    pub const VITIS: &str = include_str!("../../hls/trigforge/target_vitis.h");
    /// `target.h` for Vivado HLS.
    pub const VIVADO_HLS: &str = include_str!("../../hls/trigforge/target_vivado_hls.h");
    /// `target.h` for oneAPI.
    pub const ONEAPI: &str = include_str!("../../hls/trigforge/target_oneapi.h");
    /// `target.h` for Catapult.
    pub const CATAPULT: &str = include_str!("../../hls/trigforge/target_catapult.h");
}
