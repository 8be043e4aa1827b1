//! `trigforge explain`.

use super::render::result;
use super::{Exit, Failure};
use crate::diag::Code;

/// Say what a diagnostic code means and what helps.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: trigforge explain Q0201")]
pub(super) struct Options {
    /// The code, such as `Q0201`; all codes when left out.
    code: Option<Code>,
}

#[expect(clippy::unnecessary_wraps, reason = "every command has this signature")]
pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    match options.code {
        Some(code) => {
            let explanation: Vec<&str> = code.explanation().lines().map(str::trim).collect();
            result(&format!("{code}: {}\n\n{}", code.title(), explanation.join("\n").trim()));
        }
        None => {
            for code in Code::ALL {
                result(&format!("{code}  {}", code.title()));
            }
        }
    }
    Ok(Exit::Done)
}
