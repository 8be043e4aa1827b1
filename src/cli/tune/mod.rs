//! `trigforge tune`.

#[cfg(feature = "train")]
mod page;
#[cfg(feature = "train")]
mod session;
#[cfg(feature = "train")]
mod store;
#[cfg(feature = "train")]
mod table;
#[cfg(feature = "train")]
mod trial;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::{Exit, Failure, OutputOptions};

/// Search for a better recipe: train it with other values, and compare what comes out.
///
/// A plan (TOML) names a recipe, which of its values may change, and what counts: the metric, that of an
/// output, how well scores separate signal from background, the dependence on a nuisance, and what the compiled
/// circuit takes. Trials are kept in `trials.sqlite` in the
/// directory of the search as they end; Ctrl-C, or a crash, loses only those under way.
#[derive(Debug, clap::Args)]
#[command(after_help = "A plan:
  recipe = \"recipe.toml\"                 # beside the plan
  trials = 32
  sampler = \"tpe\"                        # or \"random\", or \"grid\" with `steps`, not `trials`
  objectives = [\"metric\", \"lut\"]         # metric.OUTPUT, dependence, ff, lut_ff, dsp, latency;
                                         # auc, auc.CLASS, rejection@0.5, rejection.CLASS@0.5
  folds = 5                              # five networks a trial, each validated by other events
  seed = 1
  [halving]                              # cut trials short; several brackets are Hyperband
  least = 4                              # the fewest epochs at which trials are compared
  factor = 3
  brackets = 1
  [space]
  train.learning_rate = { log = [1e-4, 1e-2] }
  train.batch_size = { choose = [256, 1024] }
  layer.fc1.outputs = { uniform = [8, 64] }

Examples:
  trigforge tune plan.toml -o search --jobs 2
  trigforge tune plan.toml -o search --resume --format json")]
pub(super) struct Options {
    /// The plan.
    #[arg(value_name = "PLAN.toml")]
    plan: PathBuf,
    /// The directory of the search.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Go on with the search of the directory; finished trials are not repeated.
    #[arg(long)]
    resume: bool,
    /// How many trials run side by side; what is tried does not depend on it.
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
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
