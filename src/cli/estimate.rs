//! `trigforge estimate`.

use std::path::PathBuf;

use super::load::{self, ModelOptions};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, render};
use crate::flow;
use crate::report::{self, terminal};

/// Print LUTs, registers and latency, layer by layer.
///
/// The estimate needs no vendor tool; `--synthesize` holds it against Yosys.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge estimate build
  trigforge estimate tagger.onnx --data jets.npy --synthesize")]
pub(super) struct Options {
    #[command(flatten)]
    model: ModelOptions,
    /// Events (npy, npz, csv) to calibrate formats on.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Map the Verilog with Yosys and print its counts beside the estimate; takes minutes.
    #[arg(long)]
    synthesize: bool,
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let progress = Progress::new(output);
    let loaded = load::load(&options.model, options.data.as_deref(), &progress)?;
    let events = loaded.events.as_ref().map(|events| events.blocks.as_slice());
    let mut report = flow::describe(&loaded.subject, &loaded.compilation, events);
    if options.synthesize {
        flow::synthesize(&loaded.subject, &loaded.compilation, &mut report, &|what| {
            progress.step(what);
        })?;
    }
    drop(progress);
    if output.format == Format::Json {
        render::result(report::json::render(&report).trim_end());
        return Ok(Exit::Done);
    }
    render::report_diagnostics(&report, output);
    let screen = render::screen();
    render::result(&terminal::summary(&report, screen));
    render::result(&terminal::layers(&report, screen));
    Ok(Exit::Done)
}
