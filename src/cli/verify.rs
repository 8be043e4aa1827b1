//! `trigforge verify`.

use std::path::PathBuf;

use super::compile::report_files;
use super::load::{self, ModelOptions};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, render, write};
use crate::cosim::tool::Tool;
use crate::flow::{self, engines, verification};
use crate::report::{self, Report, terminal};

/// Compare float, fixed point, netlist and Verilog on events.
///
/// Fixed point, netlist and Verilog must agree in every bit; float against fixed
/// point is the quantization loss. In a build directory the report is renewed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge verify build --data jets.npy --labels labels.npy
  trigforge verify tagger.onnx -c trigforge.toml --data jets.npy --rtl require")]
pub(super) struct Options {
    #[command(flatten)]
    model: ModelOptions,
    /// Events (npy, npz, csv, Parquet, HDF5, ROOT), or `FILE:NAME` for an array or a table of them.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The class of each event (a data file, or `FILE:NAME`): adds accuracy, AUC and ROC curves.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Whether the Verilog is simulated, in Verilator and Icarus.
    #[arg(long, value_enum, default_value_t = Rtl::Auto)]
    rtl: Rtl,
    /// Whether the C++ of a build directory that has some is compiled with g++ and run.
    #[arg(long, value_enum, default_value_t = Cpp::Auto)]
    cpp: Cpp,
}

/// Whether the C++ is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Cpp {
    /// If g++ is installed.
    Auto,
    /// In any case; it is an error if g++ is missing.
    Require,
    /// Not at all.
    Skip,
}

impl Cpp {
    fn wanted(self) -> bool {
        match self {
            Self::Auto => Tool::Gxx.find().is_ok(),
            Self::Require => true,
            Self::Skip => false,
        }
    }
}

/// Whether the Verilog is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Rtl {
    /// With the simulators that are installed.
    Auto,
    /// With Verilator and Icarus; it is an error if one is missing.
    Require,
    /// Not at all.
    Skip,
}

impl From<Rtl> for engines::Rtl {
    fn from(rtl: Rtl) -> Self {
        match rtl {
            Rtl::Auto => Self::Auto,
            Rtl::Require => Self::Require,
            Rtl::Skip => Self::Skip,
        }
    }
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let progress = Progress::new(output);
    let loaded = load::load(&options.model, Some(&options.data), &progress)?;
    let events = loaded.events.as_ref().expect("data was given");
    let labels = options.labels.as_deref();
    let labels = labels
        .map(|path| load::read_labels(path, &loaded.compilation.graph, events))
        .transpose()?;
    let mut report = flow::describe(&loaded.subject, &loaded.compilation, Some(&events.blocks));
    let cpp = match loaded.cpp.filter(|_| options.cpp.wanted()) {
        Some(flavor) => Some(flow::cpp_project(flavor, &loaded.subject, &loaded.compilation)?),
        None => None,
    };
    let request = verification::Request {
        subject: &loaded.subject,
        compilation: &loaded.compilation,
        data: &events.file,
        events: &events.blocks,
        labels: labels.as_ref(),
        rtl: options.rtl.into(),
        cpp: cpp.as_ref(),
    };
    report.verification = Some(verification::verify(&request, &|what| progress.step(what))?);
    drop(progress);
    let folder = &options.model.model;
    if folder.is_dir() {
        for (name, text) in report_files(&report) {
            write::file(&folder.join(name), text.as_bytes())?;
        }
    }
    print(&report, output);
    if folder.is_dir() && output.format == Format::Text && !output.quiet {
        render::result(&format!("report    {}", folder.join("report.html").display()));
    }
    Ok(outcome(&report, output))
}

/// Whether all engines agree; a difference is a fault of ours, and no result stands.
pub(super) fn outcome(report: &Report, output: OutputOptions) -> Exit {
    let differing: Vec<_> =
        report.comparisons().iter().filter(|comparison| comparison.mismatches > 0).collect();
    if differing.is_empty() {
        return Exit::Done;
    }
    let faults: Vec<_> = differing.into_iter().map(engines::disagreement).collect();
    if output.format == Format::Text {
        render::diagnostics(&faults, output);
    }
    Exit::Refused
}

fn print(report: &Report, output: OutputOptions) {
    if output.format == Format::Json {
        render::result(report::json::render(report).trim_end());
        return;
    }
    render::report_diagnostics(report, output);
    if !output.quiet {
        let screen = render::screen();
        render::result(&terminal::summary(report, screen));
        render::result(&terminal::verification(report, screen));
    }
}
