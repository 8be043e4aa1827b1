//! `trigforge completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Exit, Failure};

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: trigforge completions bash > ~/.local/share/bash-completion/completions/trigforge"
)]
pub(super) struct Options {
    /// The shell that completes.
    shell: Shell,
}

#[expect(clippy::unnecessary_wraps, reason = "every command has this signature")]
pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    clap_complete::generate(
        options.shell,
        &mut Cli::command(),
        "trigforge",
        &mut std::io::stdout(),
    );
    Ok(Exit::Done)
}
