//! The `trigforge` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    trigforge::cli::main()
}
