//! The shell in Verilator: words in, words out, with pauses on both sides.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::tool::{Run, Tool};
use super::{CosimError, io, sources, write_files};
use crate::emit::Artifacts;
use crate::shell::{self, free, run};

/// How long Verilator and the C++ compiler, or a run, may take.
const LIMIT: Duration = Duration::from_hours(1);

/// A compiled shell.
#[derive(Clone, Debug)]
pub struct Executable {
    program: PathBuf,
    folder: PathBuf,
}

/// Compiles the shell `top` out of the files of a build directory, in `folder`.
///
/// # Errors
/// When a tool is missing or refuses the design.
pub fn build(top: &str, artifacts: &Artifacts, folder: &Path) -> Result<Executable, CosimError> {
    let verilator = Tool::Verilator.find()?;
    Tool::Make.find()?;
    Tool::Gxx.find()?;
    let folder = folder.canonicalize().map_err(io(folder))?;
    write_files(artifacts, &folder)?;
    let include = format!("-I{}", folder.join(shell::FOLDER).display());
    let mut command = Command::new(verilator);
    command
        .args(["--cc", "--exe", "--build", "--Mdir", "model", "-Wno-fatal", "-j", "2"])
        .args(["--output-split", "20000", "--output-split-cfuncs", "2000"])
        .args(["-CFLAGS", &include, "-MAKEFLAGS", "OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1"])
        .args(["--top-module", top])
        .args(sources(artifacts))
        .arg(Path::new(shell::FOLDER).join("shell_main.cpp"));
    Run { folder: &folder, log: "build.log", limit: LIMIT }.output(&mut command)?;
    Ok(Executable { program: folder.join("model").join(format!("V{top}")), folder })
}

impl Executable {
    /// What comes out of a free-running shell.
    ///
    /// # Errors
    /// When the program fails, or what it writes is not understood.
    pub fn run_free(&self, run: &free::Run<'_>) -> Result<free::Outcome, CosimError> {
        let options =
            ["--settle", &run.settle.to_string(), "--threshold", &run.threshold.to_string()]
                .map(str::to_owned);
        let text = self.outcome(&run.stimulus(), &options)?;
        free::Outcome::parse(&text).map_err(|source| self.not_understood(source))
    }

    /// What happens at the pins.
    ///
    /// # Errors
    /// When the program fails, or what it writes is not understood.
    pub fn run(&self, run: &run::Run<'_>) -> Result<run::Outcome, CosimError> {
        let (stall, settle) = (run.stall.to_string(), run::SETTLE.to_string());
        let mut options = ["--stall", &stall, "--settle", &settle].map(str::to_owned).to_vec();
        if let Some(threshold) = run.threshold {
            options.extend(["--threshold".to_owned(), threshold.to_string()]);
        }
        let text = self.outcome(&run.stimulus(), &options)?;
        run::Outcome::parse(&text).map_err(|source| self.not_understood(source))
    }

    /// What the harness writes about a stimulus.
    fn outcome(&self, stimulus: &str, options: &[String]) -> Result<String, CosimError> {
        let path = self.folder.join("words.txt");
        let outcome = self.folder.join("outcome.txt");
        fs::write(&path, stimulus).map_err(io(&path))?;
        let mut command = Command::new(&self.program);
        command.arg("--stimulus").arg(&path).arg("--outcome").arg(&outcome).args(options);
        Run { folder: &self.folder, log: "run.log", limit: LIMIT }.output(&mut command)?;
        fs::read_to_string(&outcome).map_err(io(&outcome))
    }

    fn not_understood(&self, source: run::OutcomeError) -> CosimError {
        CosimError::Outcome { program: self.program.display().to_string(), source }
    }
}
