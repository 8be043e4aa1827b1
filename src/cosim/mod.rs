//! Cosimulation: outside tools run what was emitted. Besides `cli`, only this module starts processes.
//!
//! A missing tool is [`CosimError::MissingTool`] with the command that installs it, never a panic.

pub mod csim;
pub mod executable;
pub mod icarus;
pub mod lint;
pub mod shell;
pub mod tool;
pub mod verilator;
pub mod yosys;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use self::tool::Tool;
use crate::emit::Artifacts;
use crate::emit::hls;
use crate::emit::vectors::VectorError;
use crate::shell::run::OutcomeError;

/// Why a tool gave no result.
#[derive(Debug, thiserror::Error)]
pub enum CosimError {
    /// The tool is not installed.
    #[error("`{tool}` is not installed")]
    MissingTool {
        /// The tool; [`Tool::help`] says how to install it.
        tool: Tool,
    },
    /// A file could not be read or written, or a process not be started.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or the program.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The program ended with an error.
    #[error("`{program}` failed ({status}):\n{log}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// The last lines that it printed.
        log: String,
    },
    /// The program did not end in time and was stopped.
    #[error("`{program}` did not end within {} s:\n{log}", limit.as_secs())]
    TimedOut {
        /// The program.
        program: String,
        /// How long it was given.
        limit: Duration,
        /// The last lines that it printed.
        log: String,
    },
    /// The program's outputs are not the vectors of the events that went in.
    #[error("the outputs of `{program}` are not understood")]
    Outputs {
        /// The program.
        program: String,
        /// What is wrong with them.
        source: VectorError,
    },
    /// What a C simulation wrote is not the outputs of the events that went in.
    #[error("the outputs of `{program}` are not understood")]
    Integers {
        /// The program.
        program: String,
        /// What is wrong with them.
        source: hls::run::VectorError,
    },
    /// What the harness of a shell wrote is not what happened at its pins.
    #[error("the outcome of `{program}` is not understood")]
    Outcome {
        /// The program.
        program: String,
        /// What is wrong with it.
        source: OutcomeError,
    },
    /// The statistics that Yosys printed are not understood.
    #[error("the statistics of `yosys` are not understood")]
    Statistics {
        /// What is wrong with them.
        source: serde_json::Error,
    },
}

impl CosimError {
    /// What the user can type, if there is something.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::MissingTool { tool } => Some(tool.help()),
            Self::Io { .. }
            | Self::Failed { .. }
            | Self::TimedOut { .. }
            | Self::Outputs { .. }
            | Self::Integers { .. }
            | Self::Outcome { .. }
            | Self::Statistics { .. } => None,
        }
    }
}

/// Writes `artifacts` into `folder`, making the folders that it needs.
///
/// # Errors
/// When a file cannot be written.
pub fn write_files(artifacts: &Artifacts, folder: &Path) -> Result<(), CosimError> {
    for (path, text) in artifacts {
        let path = folder.join(path);
        let parent = path.parent().expect("a file has a folder");
        fs::create_dir_all(parent).map_err(io(parent))?;
        fs::write(&path, text).map_err(io(&path))?;
    }
    Ok(())
}

/// A folder for the files of one run; it goes when the value does.
///
/// # Errors
/// When it cannot be made.
pub fn temporary_folder() -> Result<tempfile::TempDir, CosimError> {
    tempfile::Builder::new().prefix("trigforge-").tempdir().map_err(io(&std::env::temp_dir()))
}

/// The paths of the synthesizable files.
fn sources(artifacts: &Artifacts) -> impl Iterator<Item = &PathBuf> {
    let is_verilog = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "v");
    let folders = [crate::emit::verilog::SOURCES, crate::shell::FOLDER];
    artifacts.keys().filter(move |path| {
        is_verilog(path) && folders.iter().any(|folder| path.starts_with(folder))
    })
}

/// Attaches the path to what the system says about it.
fn io(path: &Path) -> impl FnOnce(std::io::Error) -> CosimError {
    let path = path.to_owned();
    |source| CosimError::Io { path, source }
}
