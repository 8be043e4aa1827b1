//! [`Tool`]: finding outside programs and running them with a log and a time limit.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{CosimError, io};

/// A program that somebody else wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// Verilator, the compiled simulator and linter.
    Verilator,
    /// Icarus Verilog's compiler.
    Iverilog,
    /// Icarus Verilog's simulator.
    Vvp,
    /// Yosys, the synthesis tool.
    Yosys,
    /// The C++ compiler that Verilator calls.
    Gxx,
    /// The build tool that Verilator calls.
    Make,
}

impl Tool {
    /// The name of the program.
    pub fn program(self) -> &'static str {
        match self {
            Self::Verilator => "verilator",
            Self::Iverilog => "iverilog",
            Self::Vvp => "vvp",
            Self::Yosys => "yosys",
            Self::Gxx => "g++",
            Self::Make => "make",
        }
    }

    /// The package that has it on Debian and Ubuntu.
    pub fn package(self) -> &'static str {
        match self {
            Self::Iverilog | Self::Vvp => "iverilog",
            Self::Verilator | Self::Yosys | Self::Gxx | Self::Make => self.program(),
        }
    }

    /// What to type to get it.
    pub fn help(self) -> String {
        format!("install it: `apt-get install {}`", self.package())
    }

    /// Where it is installed.
    ///
    /// # Errors
    /// When it is in none of the folders of `PATH`.
    pub fn find(self) -> Result<PathBuf, CosimError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .map(|folder| folder.join(self.program()))
            .find(|candidate| candidate.is_file())
            .ok_or(CosimError::MissingTool { tool: self })
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

/// How a program is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    /// The folder in which it runs.
    pub folder: &'a Path,
    /// The file in that folder that gets what it prints.
    pub log: &'a str,
    /// How long it may take.
    pub limit: Duration,
}

impl Run<'_> {
    /// Runs `command` to its end and returns what it printed.
    ///
    /// # Errors
    /// When it cannot be started, fails, or takes too long (then it is stopped).
    pub(super) fn output(self, command: &mut Command) -> Result<String, CosimError> {
        let (status, log) = self.status(command)?;
        if status.success() {
            return Ok(log);
        }
        Err(CosimError::Failed { program: name(command), status, log: tail(&log) })
    }

    fn status(self, command: &mut Command) -> Result<(ExitStatus, String), CosimError> {
        let log = self.folder.join(self.log);
        let stdout = File::create(&log).map_err(io(&log))?;
        let stderr = stdout.try_clone().map_err(io(&log))?;
        command.current_dir(self.folder).stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let program = PathBuf::from(command.get_program());
        let mut child = command.spawn().map_err(io(&program))?;
        let started = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(status) = child.try_wait().map_err(io(&program))? {
                return Ok((status, read_log(&log)?));
            }
            if started.elapsed() > self.limit {
                child.kill().and_then(|()| child.wait()).map_err(io(&program))?;
                let log = tail(&read_log(&log)?);
                return Err(CosimError::TimedOut {
                    program: name(command),
                    limit: self.limit,
                    log,
                });
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

/// What was printed, whatever bytes it is made of.
fn read_log(path: &Path) -> Result<String, CosimError> {
    let bytes = fs::read(path).map_err(io(path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The last lines of a log.
fn tail(log: &str) -> String {
    const LINES: usize = 30;
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, limit: Duration) -> Result<String, CosimError> {
        let folder = tempfile::tempdir().unwrap();
        let run = Run { folder: folder.path(), log: "log", limit };
        run.output(Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn both_streams_are_kept() {
        let log = run("echo out; echo err >&2", Duration::from_mins(1)).unwrap();
        assert_eq!(log, "out\nerr\n");
    }

    #[test]
    fn faults_carry_the_end_of_the_log() {
        let error = run("seq 100; exit 3", Duration::from_mins(1)).unwrap_err();
        let CosimError::Failed { program, status, log } = error else { panic!("{error}") };
        assert_eq!((program.as_str(), status.code()), ("sh", Some(3)));
        assert!(log.starts_with("71\n") && log.ends_with("\n100"), "{log}");
    }

    #[test]
    fn endless_programs_are_stopped() {
        let error = run("echo begun; exec sleep 600", Duration::from_millis(300)).unwrap_err();
        assert!(matches!(error, CosimError::TimedOut { log, .. } if log == "begun"));
    }
}
