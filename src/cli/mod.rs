//! The command line: one file per subcommand. Only here and in `cosim` are files and processes touched.
//!
//! Results go to standard output, everything else to standard error.

mod check;
mod compile;
mod completions;
mod dataset;
mod devices;
mod drive;
mod estimate;
mod evaluate;
mod explain;
mod export;
mod init;
mod inspect;
mod load;
mod opt;
mod patterns;
mod progress;
mod render;
mod report;
mod shell;
mod simulate;
mod train;
mod tune;
mod verify;
mod write;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cosim::CosimError;
use crate::diag::Diagnostic;

/// From a neural network in ONNX to verified Verilog for the trigger.
#[derive(Debug, Parser)]
#[command(name = "trigforge", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Examples:
  trigforge compile model.onnx -o build --data events.npy
  trigforge verify build --data events.npy --labels labels.npy
  trigforge check                        # the gate of trigforge.toml, for CI")]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    output: OutputOptions,
}

/// How results and messages are printed.
#[derive(Clone, Copy, Debug, Args)]
struct OutputOptions {
    /// How results are printed: `text`, or `json` for machines.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    #[arg(hide_possible_values = true)]
    format: Format,
    /// Print only errors, and results that were asked for.
    #[arg(long, short, global = true)]
    quiet: bool,
}

/// The form of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables and messages for people.
    Text,
    /// One JSON document on standard output.
    Json,
}

/// What to do; each command's own options say what it is for.
#[derive(Debug, Subcommand)]
enum Command {
    Compile(compile::Options),
    Train(train::Options),
    Tune(tune::Options),
    Simulate(simulate::Options),
    Verify(verify::Options),
    Evaluate(evaluate::Options),
    Drive(drive::Options),
    Estimate(estimate::Options),
    Report(report::Options),
    Check(check::Options),
    Export(export::Options),
    Inspect(inspect::Options),
    Dataset(dataset::Options),
    Init(init::Options),
    /// List the devices that designs are estimated for
    Devices,
    Explain(explain::Options),
    Opt(opt::Options),
    Completions(completions::Options),
}

/// What ends a command early.
#[derive(Debug)]
enum Failure {
    /// The model, the configuration or the data are at fault.
    User(Vec<Diagnostic>),
    /// A tool is missing or failed.
    Tool(CosimError),
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::User(diagnostics)
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::User(vec![diagnostic])
    }
}

impl From<CosimError> for Failure {
    fn from(error: CosimError) -> Self {
        Self::Tool(error)
    }
}

/// How the process ends. Usage errors exit with 2 (clap), our own faults with 101 (panic).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Done.
    Done = 0,
    /// The model, the configuration, the data or the gate said no.
    Refused = 1,
    /// A needed tool is missing or failed.
    Tool = 3,
}

/// Parses the command line, runs the command, and says how it ended.
pub fn main() -> ExitCode {
    render::install_panic_message();
    let cli = Cli::parse();
    let exit = match run(&cli) {
        Ok(exit) => exit,
        Err(Failure::User(diagnostics)) => {
            render::diagnostics(&diagnostics, cli.output);
            Exit::Refused
        }
        Err(Failure::Tool(error)) => {
            render::tool_error(&error);
            Exit::Tool
        }
    };
    ExitCode::from(exit as u8)
}

/// What commands do that need training, in a build without it.
#[cfg(not(feature = "train"))]
fn untrained() -> Exit {
    render::message("this trigforge was built without training");
    render::message("build it again: `cargo install --path . --features train`");
    Exit::Tool
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    let output = cli.output;
    match &cli.command {
        Command::Compile(options) => compile::run(options, output),
        Command::Train(options) => train::run(options, output),
        Command::Tune(options) => tune::run(options, output),
        Command::Simulate(options) => simulate::run(options, output),
        Command::Verify(options) => verify::run(options, output),
        Command::Evaluate(options) => evaluate::run(options, output),
        Command::Drive(options) => drive::run(options, output),
        Command::Estimate(options) => estimate::run(options, output),
        Command::Report(options) => report::run(options, output),
        Command::Check(options) => check::run(options, output),
        Command::Export(options) => export::run(options, output),
        Command::Inspect(options) => inspect::run(options, output),
        Command::Dataset(options) => dataset::run(options, output),
        Command::Devices => devices::run(output),
        Command::Init(options) => init::run(options),
        Command::Explain(options) => explain::run(options),
        Command::Opt(options) => opt::run(options),
        Command::Completions(options) => completions::run(options),
    }
}
