//! `trigforge export`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::load::{self, ModelOptions};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, render, write};
use crate::diag::{Code, Diagnostic};
use crate::onnx;

/// Write the quantized network as ONNX with the quantizers of QONNX.
///
/// The file computes the same values as the circuit, and compiles to it again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge export build -o tagger_quantized.onnx
  trigforge export tagger.onnx --data jets.npy -o tagger_quantized.onnx")]
pub(super) struct Options {
    #[command(flatten)]
    model: ModelOptions,
    /// Events (npy, npz, csv) to calibrate formats on.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Where to write it.
    #[arg(long, short, value_name = "OUT.onnx")]
    output: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let path = &options.output;
    if path.exists() && !options.force {
        let message = format!("`{}` exists", path.display());
        let help = "add `--force` to replace it, or choose another file with `-o`";
        return Err(Diagnostic::error(Code::C0404, message, help).into());
    }
    let progress = Progress::new(output);
    let network = load::network(&options.model, options.data.as_deref(), &progress)?;
    progress.step("exporting");
    let metadata = BTreeMap::from([
        ("trigforge.model".to_owned(), network.subject.name.clone()),
        ("trigforge.hash".to_owned(), network.subject.hash.clone()),
    ]);
    let bytes = onnx::export::export(&network.quantized.graph, &metadata)
        .map_err(|faults| load::located(faults, &options.model.model))?;
    drop(progress);
    render::warnings(&network.quantized.warnings, output);
    write::file(path, &bytes)?;
    match output.format {
        Format::Text if output.quiet => {}
        Format::Text => render::message(&format!("wrote {}", path.display())),
        Format::Json => {
            render::result(&format!("{:#}", json!({ "file": path.display().to_string() })));
        }
    }
    Ok(Exit::Done)
}
