//! `trigforge train`.

#[cfg(feature = "train")]
mod directory;
#[cfg(feature = "train")]
pub(super) mod events;
#[cfg(feature = "train")]
mod peel;
#[cfg(feature = "train")]
pub(super) mod points;
#[cfg(feature = "train")]
mod separation;
#[cfg(feature = "train")]
pub(super) mod session;
#[cfg(feature = "train")]
mod table;

use std::path::PathBuf;

use super::{Exit, Failure, OutputOptions};

/// Train a network for the circuit: quantized, with learned bit widths.
///
/// A recipe (TOML) names the events, the layers with their formats, and how they are trained. The run
/// leaves a directory with a log, a checkpoint, and the best networks for every size of circuit, as ONNX
/// that compiles bit for bit. Ctrl-C writes a checkpoint and stops.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge train models/jet_tagger/recipe.toml -o run
  trigforge train models/jet_tagger/recipe.toml -o run --resume
  trigforge verify run/front/jet_tagger_1.onnx --data jets.npy --labels labels.npy")]
pub(super) struct Options {
    /// The recipe.
    #[arg(value_name = "RECIPE.toml")]
    recipe: PathBuf,
    /// The directory of the run; the recipe's `name` with `_run` when left out.
    #[arg(long, short, value_name = "RUN")]
    output: Option<PathBuf>,
    /// Go on from the checkpoint of the directory, as if the run had not stopped.
    #[arg(long)]
    resume: bool,
    /// Draw differently than the recipe says.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Replace the directory of an earlier run.
    #[arg(long, conflicts_with = "resume")]
    force: bool,
}

#[cfg(feature = "train")]
pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    session::run(options, output)
}

#[cfg(not(feature = "train"))]
#[expect(clippy::unnecessary_wraps, reason = "every command has this signature")]
pub(super) fn run(_: &Options, _: OutputOptions) -> Result<Exit, Failure> {
    Ok(super::untrained())
}
