//! Icarus Verilog: the emitted Verilog in an event-driven interpreter, and every wire of it at each clock.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::executable::Executable;
use super::tool::{Run, Tool};
use super::{CosimError, io, sources, write_files};
use crate::emit::interface::Interface;
use crate::emit::verilog::probe::{self, Probe};
use crate::emit::{Artifacts, testbench};
use crate::numeric::tensor::Block;

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
    compile(interface, artifacts, folder, None)
}

/// The raw value of every wire of `probe` at each clock, unknown where a bit is `x`.
///
/// `inputs` enter one event each clock; the last clock is the one in which the
/// outputs of the last event stand.
///
/// # Errors
/// When a tool is missing or refuses the design.
pub fn wires(
    interface: &Interface,
    artifacts: &Artifacts,
    probe: &Probe,
    inputs: &[Block<i64>],
    folder: &Path,
) -> Result<Vec<Vec<Option<i64>>>, CosimError> {
    let program = compile(interface, artifacts, folder, Some(probe))?;
    let text = program.simulate(inputs, "wires")?;
    let events = inputs.iter().map(|block| block.events).max().unwrap_or(0);
    let latency = usize::try_from(interface.latency).expect("a latency is a small number");
    probe.read(&text, events + latency).map_err(|source| program.misunderstood(source))
}

fn compile(
    interface: &Interface,
    artifacts: &Artifacts,
    folder: &Path,
    probe: Option<&Probe>,
) -> Result<Executable, CosimError> {
    let iverilog = Tool::Iverilog.find()?;
    let vvp = Tool::Vvp.find()?;
    let folder = folder.join("icarus");
    fs::create_dir_all(&folder).map_err(io(&folder))?;
    let folder = folder.canonicalize().map_err(io(&folder))?;
    write_files(artifacts, &folder)?;
    let mut command = Command::new(iverilog);
    command.args(["-g2001", "-o", "design.vvp", "-s", "testbench"]);
    if let Some(probe) = probe {
        let file = folder.join(testbench::FOLDER).join("probe.v");
        fs::write(&file, &probe.text).map_err(io(&file))?;
        command.args(["-s", probe::MODULE]).arg(file);
    }
    command.arg(Path::new(testbench::FOLDER).join("testbench.v")).args(sources(artifacts));
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
