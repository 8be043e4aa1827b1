//! Icarus Verilog: the emitted Verilog in an event-driven interpreter.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::executable::Executable;
use super::tool::{Run, Tool};
use super::{CosimError, io, sources, write_files};
use crate::emit::interface::Interface;
use crate::emit::{Artifacts, testbench};

/// How long the compiler may take.
const LIMIT: Duration = Duration::from_mins(30);

/// Compiles the design in `folder/icarus`.
///
/// # Errors
/// When a tool is missing or refuses the design.
pub fn build(
    interface: &Interface,
    artifacts: &Artifacts,
    folder: &Path,
) -> Result<Executable, CosimError> {
    let iverilog = Tool::Iverilog.find()?;
    let vvp = Tool::Vvp.find()?;
    let folder = folder.join("icarus");
    fs::create_dir_all(&folder).map_err(io(&folder))?;
    let folder = folder.canonicalize().map_err(io(&folder))?;
    write_files(artifacts, &folder)?;
    let mut command = Command::new(iverilog);
    command
        .args(["-g2001", "-o", "design.vvp", "-s", "testbench"])
        .arg(Path::new(testbench::FOLDER).join("testbench.v"))
        .args(sources(artifacts));
    Run { folder: &folder, log: "build.log", limit: LIMIT }.output(&mut command)?;
    Ok(Executable {
        program: vvp,
        prefix: vec!["-n".into(), "design.vvp".into()],
        option: |name, file| {
            let mut argument = OsString::from(format!("+{name}="));
            argument.push(file);
            vec![argument]
        },
        folder,
        interface: interface.clone(),
    })
}
