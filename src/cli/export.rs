//! `trigforge export`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::load::{self, ModelOptions};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, render, write};
use crate::diag::{Code, Diagnostic};
use crate::onnx::export;

/// Write the quantized network as ONNX, with the quantizers of QONNX or of ONNX itself.
///
/// The file computes the same values as the circuit, and compiles to it again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge export build -o tagger_quantized.onnx
  trigforge export tagger.onnx --data jets.npy -o tagger_quantized.onnx
  trigforge export build --dialect qdq -o tagger_qdq.onnx")]
pub(super) struct Options {
    #[command(flatten)]
    model: ModelOptions,
    /// Events (npy, npz, csv) to calibrate formats on.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Which operators say what is quantized.
    #[arg(long, value_enum, default_value_t = Dialect::Qonnx)]
    dialect: Dialect,
    /// Where to write it.
    #[arg(long, short, value_name = "OUT.onnx")]
    output: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

/// The operators that say what is quantized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Dialect {
    /// `Quant` of QONNX: any width and rounding.
    Qonnx,
    /// `QuantizeLinear` and `DequantizeLinear` of ONNX: up to 16 bits, ties to even.
    Qdq,
}

impl Dialect {
    fn of_file(self) -> export::Dialect {
        match self {
            Self::Qonnx => export::Dialect::Qonnx,
            Self::Qdq => export::Dialect::Qdq,
        }
    }
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
    let dialect = options.dialect.of_file();
    let bytes = export::export(&network.quantized.graph, dialect, &metadata)
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
