//! C simulation: the emitted HLS C++ as a program of the plain compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::tool::{Run, Tool};
use super::{CosimError, io, write_files};
use crate::emit::Artifacts;
use crate::emit::hls::run;
use crate::graph::Graph;
use crate::numeric::tensor::Block;

/// How long the compiler or the program may take.
const LIMIT: Duration = Duration::from_mins(30);

/// A compiled C simulation.
#[derive(Clone, Debug)]
pub struct CSimulation {
    program: PathBuf,
    folder: PathBuf,
    /// How long compiling it took.
    pub compiled_in: Duration,
}

/// Compiles the project in `folder/csim` with the number types that it brings along.
///
/// # Errors
/// When the compiler is missing or refuses the project.
pub fn build(artifacts: &Artifacts, folder: &Path) -> Result<CSimulation, CosimError> {
    let compiler = Tool::Gxx.find()?;
    let folder = folder.join("csim");
    fs::create_dir_all(&folder).map_err(io(&folder))?;
    let folder = folder.canonicalize().map_err(io(&folder))?;
    write_files(artifacts, &folder)?;
    let is_source = |path: &&PathBuf| {
        // What wraps the design for a vendor's runtime needs that vendor's headers.
        path.extension().is_some_and(|extension| extension == "cpp")
            && !path.ends_with("kernel.cpp")
    };
    let mut command = Command::new(compiler);
    command
        .args(["-std=c++17", "-O1", "-DTRIGFORGE_PORTABLE", "-o", "csim.out"])
        .args(artifacts.keys().filter(is_source));
    let started = Instant::now();
    Run { folder: &folder, log: "build.log", limit: LIMIT }.output(&mut command)?;
    let compiled_in = started.elapsed();
    Ok(CSimulation { program: folder.join("csim.out"), folder, compiled_in })
}

impl CSimulation {
    /// The outputs of `graph` for `inputs`, one block for each port.
    ///
    /// # Errors
    /// When the program fails.
    pub fn run(&self, graph: &Graph, inputs: &[Block<i64>]) -> Result<Vec<Block<i64>>, CosimError> {
        let (stimulus, outputs) =
            (self.folder.join("stimulus.txt"), self.folder.join("outputs.txt"));
        fs::write(&stimulus, run::write(inputs)).map_err(io(&stimulus))?;
        let mut command = Command::new(&self.program);
        command.arg(&stimulus).arg("--write").arg(&outputs);
        Run { folder: &self.folder, log: "run.log", limit: LIMIT }.output(&mut command)?;
        let text = fs::read_to_string(&outputs).map_err(io(&outputs))?;
        let events = inputs.iter().map(|block| block.events).max().unwrap_or(0);
        run::read(graph, &text, events).map_err(|source| CosimError::Integers {
            program: self.program.display().to_string(),
            source,
        })
    }
}
