//! The strictest reading of the emitted Verilog that each tool offers.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::tool::{Run, Tool};
use super::{CosimError, io, sources, write_files};
use crate::emit::Artifacts;

/// How long a linter may take.
const LIMIT: Duration = Duration::from_mins(30);

/// A reader of Verilog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linter {
    /// Verilator with `-Wall`.
    Verilator,
    /// Icarus with `-Wall`, as Verilog-2001.
    Icarus,
    /// Yosys up to `check -assert`.
    Yosys,
}

impl Linter {
    /// Every linter.
    pub const ALL: [Self; 3] = [Self::Verilator, Self::Icarus, Self::Yosys];

    /// The program.
    pub fn tool(self) -> Tool {
        match self {
            Self::Verilator => Tool::Verilator,
            Self::Icarus => Tool::Iverilog,
            Self::Yosys => Tool::Yosys,
        }
    }
}

/// What `linter` has to say about the design, written to `folder`; empty when it is clean.
///
/// # Errors
/// When the tool is missing or refuses the design; warnings are no error.
pub fn lint(
    linter: Linter,
    artifacts: &Artifacts,
    top: &str,
    folder: &Path,
) -> Result<String, CosimError> {
    let program = linter.tool().find()?;
    fs::create_dir_all(folder).map_err(io(folder))?;
    write_files(artifacts, folder)?;
    let mut command = Command::new(program);
    match linter {
        Linter::Verilator => {
            command.args(["--lint-only", "-Wall", "-Wno-fatal", "--top-module", top]);
            command.args(sources(artifacts));
        }
        Linter::Icarus => {
            command.args(["-g2001", "-Wall", "-t", "null", "-s", top]).args(sources(artifacts));
        }
        Linter::Yosys => {
            let files: Vec<String> =
                sources(artifacts).map(|path| path.display().to_string()).collect();
            // The primitives are those that designs for AMD devices name.
            let script = format!(
                "read_verilog -lib +/xilinx/cells_sim.v; read_verilog {}; synth -top {top} -run begin:fine; check -assert",
                files.join(" ")
            );
            command.args(["-q", "-p", &script]);
        }
    }
    let run = Run { folder, log: "lint.log", limit: LIMIT };
    run.output(&mut command).map(|log| log.trim().to_owned())
}
