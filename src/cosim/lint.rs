//! The strictest reading of the emitted Verilog that each tool offers.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::tool::{Run, Tool};
use super::{CosimError, io, sources, write_files};
use crate::emit::Artifacts;

/// How long a linter may take.
const LIMIT: Duration = Duration::from_secs(1800);

/// What `tool` has to say about the design, written to `folder`; empty when it is clean.
///
/// Verilator lints with `-Wall`, Icarus compiles with `-Wall` as Verilog-2001,
/// Yosys elaborates and runs `check -assert`.
///
/// # Errors
/// When the tool is missing or refuses the design; warnings are no error.
pub fn lint(
    tool: Tool,
    artifacts: &Artifacts,
    top: &str,
    folder: &Path,
) -> Result<String, CosimError> {
    let program = tool.find()?;
    fs::create_dir_all(folder).map_err(io(folder))?;
    write_files(artifacts, folder)?;
    let mut command = Command::new(program);
    match tool {
        Tool::Verilator => {
            command.args(["--lint-only", "-Wall", "-Wno-fatal", "--top-module", top]);
            command.args(sources(artifacts));
        }
        Tool::Iverilog => {
            command.args(["-g2001", "-Wall", "-t", "null", "-s", top]).args(sources(artifacts));
        }
        Tool::Yosys => {
            let files: Vec<String> =
                sources(artifacts).map(|path| path.display().to_string()).collect();
            let script = format!(
                "read_verilog {}; synth -top {top} -run begin:fine; check -assert",
                files.join(" ")
            );
            command.args(["-q", "-p", &script]);
        }
        Tool::Vvp | Tool::Gxx | Tool::Make => unreachable!("{tool} reads no Verilog"),
    }
    let run = Run { folder, log: "lint.log", limit: LIMIT };
    run.output(&mut command).map(|log| log.trim().to_owned())
}
