//! `trigforge check`.

use std::path::{Path, PathBuf};

use super::load::{self, ModelOptions};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, render, write};
use crate::config::{Config, Model};
use crate::diag::{Code, Diagnostic};
use crate::emit::hls::{self, Flavor};
use crate::flow::{self, engines, verification};
use crate::report::data::GateOutcome;
use crate::report::gate::{self, Gate};
use crate::report::{self, Report, terminal};

/// Compile and verify every model of the configuration and apply its gate.
///
/// Exits with 1 when a bound of `[gate]` is exceeded, a tensor overflows, or the
/// Verilog differs from the simulator.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge check
  trigforge check -c firmware/trigforge.toml --junit check.xml --markdown \"$GITHUB_STEP_SUMMARY\"")]
pub(super) struct Options {
    /// The configuration with its `[[model]]` entries and `[gate]`.
    #[arg(long, short, value_name = "FILE", default_value = "trigforge.toml")]
    config: PathBuf,
    /// Write the outcome as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the reports as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a summary in Markdown.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write one HTML report for each model into this directory.
    #[arg(long, value_name = "DIR")]
    html: Option<PathBuf>,
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let (config, _) = load::config(Some(&options.config))?;
    if config.model.is_empty() {
        let help = "add `[[model]]` with `path = \"model.onnx\"` and `data = \"events.npy\"`";
        return Err(Diagnostic::error(Code::C0401, "no model to check", help)
            .at(options.config.display().to_string())
            .into());
    }
    let folder = options.config.parent().unwrap_or(Path::new(""));
    let progress = Progress::new(output);
    let mut reports = Vec::new();
    for model in &config.model {
        progress.step(&format!("checking {}", name(model)));
        reports.push(check(model, &config, &options.config, folder, &progress)?);
    }
    drop(progress);
    write_files(options, &reports)?;
    print(&reports, output);
    let passed = reports.iter().all(Report::passed);
    Ok(if passed { Exit::Done } else { Exit::Refused })
}

/// The report of one model, its gates applied. A model at fault becomes a report of its faults.
fn check(
    model: &Model,
    config: &Config,
    config_path: &Path,
    folder: &Path,
    progress: &Progress,
) -> Result<Report, Failure> {
    let own_config = model.config.as_ref().map(|path| folder.join(path));
    let gate = model.gate.as_ref().unwrap_or(&config.gate);
    let options = ModelOptions {
        model: folder.join(&model.path),
        config: Some(own_config.unwrap_or_else(|| config_path.to_owned())),
    };
    match measured(model, &options, gate, folder, progress) {
        Ok(report) => Ok(report),
        Err(Failure::User(faults)) => Ok(flow::faulty(&name(model), &model.path, &faults)),
        Err(tool @ Failure::Tool(_)) => Err(tool),
    }
}

fn measured(
    model: &Model,
    options: &ModelOptions,
    gate: &Gate,
    folder: &Path,
    progress: &Progress,
) -> Result<Report, Failure> {
    let data = model.data.as_ref().map(|path| folder.join(path));
    let mut loaded = load::load(options, data.as_deref(), progress)?;
    loaded.subject.name = name(model);
    let compilation = &loaded.compilation;
    let blocks = loaded.events.as_ref().map(|events| events.blocks.as_slice());
    let mut report = flow::describe(&loaded.subject, compilation, blocks);
    if let Some(events) = &loaded.events {
        let labels = model
            .labels
            .as_ref()
            .map(|path| load::read_labels(&folder.join(path), &compilation.graph, events));
        let labels = labels.transpose()?;
        let cpp = match model.backend.as_deref().map(flavor).transpose()? {
            Some(flavor) => Some(flow::cpp_project(flavor, &loaded.subject, compilation)?),
            None => None,
        };
        let request = verification::Request {
            subject: &loaded.subject,
            compilation,
            data: &events.file,
            events: &events.blocks,
            labels: labels.as_ref(),
            rtl: if gate.rtl_equal { engines::Rtl::Verilator } else { engines::Rtl::Skip },
            cpp: cpp.as_ref(),
        };
        report.verification = Some(verification::verify(&request, &|what| progress.step(what))?);
    }
    flow::refuse_oversized(&mut report);
    report.gates = gate::evaluate(&report, gate);
    Ok(report)
}

/// The C++ back end that a model names.
fn flavor(name: &str) -> Result<&'static Flavor, Diagnostic> {
    hls::flavor(name).ok_or_else(|| {
        let known: Vec<String> =
            hls::FLAVORS.iter().map(|flavor| format!("`{}`", flavor.name)).collect();
        Diagnostic::error(
            Code::C0401,
            format!("`{name}` is no back end that writes C++"),
            format!("write `backend` as one of {}", known.join(", ")),
        )
    })
}

/// What the table calls a model.
fn name(model: &Model) -> String {
    let stem = Path::new(&model.path).file_stem().unwrap_or_default();
    model.name.clone().unwrap_or_else(|| stem.to_string_lossy().into_owned())
}

fn write_files(options: &Options, reports: &[Report]) -> Result<(), Failure> {
    if let Some(path) = &options.junit {
        write::file(path, report::junit::render(reports).as_bytes())?;
    }
    if let Some(path) = &options.json {
        write::file(path, json(reports).as_bytes())?;
    }
    if let Some(path) = &options.markdown {
        write::append(path, report::markdown::render(reports).as_bytes())?;
    }
    if let Some(folder) = &options.html {
        write::make_directory(folder)?;
        for report in reports {
            let path = folder.join(format!("{}.html", write::file_name(&report.design.name)));
            write::file(&path, report::html::render(report).as_bytes())?;
        }
    }
    Ok(())
}

/// The bounds of `[gate]` that a design does not keep.
fn exceeded(report: &Report) -> Vec<Diagnostic> {
    let failed = report.gates.iter().filter(|outcome| !outcome.passed);
    let fault = |outcome: &GateOutcome| {
        let help = outcome.help.clone().expect("a failed bound says what helps");
        let fault = Diagnostic::error(Code::G0601, gate::message(outcome), help)
            .at(format!("model `{}`", report.design.name));
        outcome.detail.iter().fold(fault, Diagnostic::note)
    };
    failed.map(fault).collect()
}

/// All reports as one JSON array.
fn json(reports: &[Report]) -> String {
    let reports: Vec<String> = reports.iter().map(report::json::render).collect();
    format!("[\n{}]", reports.join(",\n"))
}

fn print(reports: &[Report], output: OutputOptions) {
    if output.format == Format::Json {
        render::result(&json(reports));
        return;
    }
    for report in reports {
        render::report_diagnostics(report, output);
        render::diagnostics(&exceeded(report), output);
    }
    if output.quiet {
        return;
    }
    let screen = render::screen();
    for report in reports.iter().filter(|report| !report.gates.is_empty()) {
        render::result(&format!("{}\n{}", report.design.name, terminal::gates(report, screen)));
    }
    render::result(&terminal::overview(reports, screen));
}
