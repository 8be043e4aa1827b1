//! Verilator: the emitted Verilog as a compiled program.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::executable::Executable;
use super::tool::{Run, Tool};
use super::{CosimError, io, sources, write_files};
use crate::emit::interface::Interface;
use crate::emit::{Artifacts, testbench};

/// How long Verilator and the C++ compiler may take.
const LIMIT: Duration = Duration::from_hours(1);

/// Compiles the design in `folder/verilator`.
///
/// # Errors
/// When a tool is missing or refuses the design.
pub fn build(
    interface: &Interface,
    artifacts: &Artifacts,
    folder: &Path,
) -> Result<Executable, CosimError> {
    let verilator = Tool::Verilator.find()?;
    Tool::Make.find()?;
    Tool::Gxx.find()?;
    let folder = folder.join("verilator");
    fs::create_dir_all(&folder).map_err(io(&folder))?;
    let folder = folder.canonicalize().map_err(io(&folder))?;
    write_files(artifacts, &folder)?;
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    let harness = Path::new(testbench::FOLDER).join("verilator_main.cpp");
    let include = format!("-I{}", folder.join(testbench::FOLDER).display());
    let mut command = Command::new(verilator);
    command
        .args(["--cc", "--exe", "--build", "--Mdir", "model", "-Wno-fatal", "-j"])
        .arg(jobs.to_string())
        // Long files take the compiler more than linear time, and cannot be shared between cores.
        .args(["--output-split", "20000", "--output-split-cfuncs", "2000"])
        .args(["-CFLAGS", &include, "-MAKEFLAGS", "OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1"])
        .args(["--top-module", &interface.top])
        .args(sources(artifacts))
        .arg(harness);
    Run { folder: &folder, log: "build.log", limit: LIMIT }.output(&mut command)?;
    Ok(Executable {
        program: folder.join("model").join(format!("V{}", interface.top)),
        prefix: Vec::new(),
        option: |name, file| vec![format!("--{name}").into(), file.into()],
        folder,
        interface: interface.clone(),
    })
}
