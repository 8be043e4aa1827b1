//! `trigforge init`.

use std::path::PathBuf;

use super::render::message;
use super::{Exit, Failure, write};
use crate::config::Config;
use crate::diag::{Code, Diagnostic};

/// Write a commented configuration file with every key and its default.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: trigforge init && $EDITOR trigforge.toml")]
pub(super) struct Options {
    /// Where to write it.
    #[arg(default_value = "trigforge.toml")]
    path: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    if options.path.exists() && !options.force {
        let message = format!("`{}` exists", options.path.display());
        return Err(Diagnostic::error(Code::C0404, message, "add `--force` to replace it").into());
    }
    write::file(&options.path, Config::COMMENTED.as_bytes())?;
    message(&format!("wrote {}", options.path.display()));
    Ok(Exit::Done)
}
