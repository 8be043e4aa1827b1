//! [`Directory`]: what a run leaves on disk.
//!
//! - `recipe.toml`: the recipe as it was read;
//! - `log.jsonl`: one line of numbers for each epoch;
//! - `checkpoint.json`: everything that a resumed run needs;
//! - `front.json`, `front/NAME_N.onnx`: the networks, once the run is over.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::write;
use crate::diag::{Code, Diagnostic};
use crate::train::fit::State;

const CHECKPOINT: &str = "checkpoint.json";

/// The directory of a run.
pub(super) struct Directory {
    path: PathBuf,
    /// What the run depends on: the recipe, the seed, the events, and this program.
    fingerprint: String,
}

/// What stands in `checkpoint.json`.
#[derive(Serialize, Deserialize)]
struct Checkpoint<S> {
    fingerprint: String,
    state: S,
}

impl Directory {
    /// The directory of a run that starts; nothing is written yet.
    pub(super) fn new(path: PathBuf, fingerprint: String, force: bool) -> Result<Self, Diagnostic> {
        if fs::symlink_metadata(&path).is_ok() {
            let place = path.display();
            let is_empty = fs::read_dir(&path).is_ok_and(|mut files| files.next().is_none());
            if !force && !is_empty {
                let message = format!("the directory `{place}` exists");
                let help = "add `--resume` to go on with its run, `--force` to replace it, or choose \
                            another with `-o`";
                return Err(Diagnostic::error(Code::C0404, message, help));
            }
            if !is_empty && !path.join(CHECKPOINT).is_file() {
                let message = format!("`{place}` exists and is not the directory of a run");
                return Err(Diagnostic::error(Code::C0404, message, "choose another with `-o`"));
            }
        }
        Ok(Self { path, fingerprint })
    }

    /// Makes the directory, without what an earlier run left, and writes the recipe into it.
    pub(super) fn make(&self, recipe: &str) -> Result<(), Diagnostic> {
        write::make_directory(&self.path)?;
        for file in [CHECKPOINT, "front.json", "log.jsonl"] {
            remove(&self.path.join(file), |path| fs::remove_file(path))?;
        }
        remove(&self.path.join("front"), |path| fs::remove_dir_all(path))?;
        write::file(&self.path.join("recipe.toml"), recipe.as_bytes())
    }

    /// The directory of a run that goes on, and where it was.
    pub(super) fn resume(path: PathBuf, fingerprint: String) -> Result<(Self, State), Diagnostic> {
        let refuse = |message: String, help: &str| {
            let place = path.display().to_string();
            Err(Diagnostic::error(Code::L0702, message, help).at(place))
        };
        let start_again = "leave out `--resume` to start a run";
        let bytes = match fs::read(path.join(CHECKPOINT)) {
            Ok(bytes) => bytes,
            Err(error) => return refuse(format!("there is no checkpoint: {error}"), start_again),
        };
        let checkpoint: Checkpoint<State> = match serde_json::from_slice(&bytes) {
            Ok(checkpoint) => checkpoint,
            Err(error) => return refuse(format!("the checkpoint is broken: {error}"), start_again),
        };
        if checkpoint.fingerprint != fingerprint {
            let message =
                "the checkpoint is of another recipe, seed, data, or version of trigforge";
            let help = "give what the run was started with: `recipe.toml` in its directory, and \
                        `--seed`";
            return refuse(message.to_owned(), help);
        }
        Ok((Self { path, fingerprint }, checkpoint.state))
    }

    /// Writes where the run is: log and checkpoint.
    pub(super) fn save(&self, state: &State) -> Result<(), Diagnostic> {
        let json = "numbers and texts become JSON";
        let mut log = String::new();
        for epoch in &state.history {
            writeln!(log, "{}", serde_json::to_string(epoch).expect(json))
                .expect("writing to a string succeeds");
        }
        write::file(&self.path.join("log.jsonl"), log.as_bytes())?;
        let fingerprint = self.fingerprint.clone();
        let checkpoint = serde_json::to_vec(&Checkpoint { fingerprint, state }).expect(json);
        write::file(&self.path.join(CHECKPOINT), &checkpoint)
    }

    /// Writes a file of the front.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        let path = self.path.join(name);
        if let Some(folder) = path.parent() {
            write::make_directory(folder)?;
        }
        write::file(&path, bytes)
    }

    /// The path, as messages print it.
    pub(super) fn display(&self) -> std::path::Display<'_> {
        self.path.display()
    }
}

/// Removes what an earlier run left, if it is there.
fn remove(path: &Path, remove: impl Fn(&Path) -> std::io::Result<()>) -> Result<(), Diagnostic> {
    match remove(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let message = format!("`{}` could not be removed: {error}", path.display());
            let help = "choose another directory with `-o`";
            Err(Diagnostic::error(Code::C0403, message, help))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
