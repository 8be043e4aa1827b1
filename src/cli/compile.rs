//! `trigforge compile`.

use std::path::{Path, PathBuf};

use super::load::{self, Loaded, ModelOptions, Wishes};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, patterns, render, shell, write};
use crate::config::{Config, ShellKind};
use crate::emit::{Artifacts, Backend, Source, backend};
use crate::flow;
use crate::graph::text;
use crate::plan::Effort;
use crate::report::{self, Report, terminal};

/// Turn a model into firmware and a report.
///
/// Formats come from the configuration, from annotations of the model (QONNX,
/// `QuantizeLinear`), or from calibration on the events of `--data`, in this order.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge compile tagger.onnx --data jets.npy             # calibrated to 16 bits
  trigforge compile tagger_qonnx.onnx -o build/tagger       # formats of the model
  trigforge compile tagger.onnx -c trigforge.toml --data jets.npy -o build --force
  trigforge compile tagger_qonnx.onnx --effort best         # minutes for fewer LUTs")]
pub(super) struct Options {
    #[command(flatten)]
    model: ModelOptions,
    /// Where the firmware goes [default: build/NAME]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Events (a data file, or `FILE:NAME`): formats are calibrated and checked on them.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Replace the output directory if it exists.
    #[arg(long)]
    force: bool,
    /// The back end that writes the firmware: `verilog`, or HLS C++ for `vitis`, `vivado-hls`,
    /// `oneapi` or `catapult`.
    #[arg(long, default_value = "verilog", value_parser = parse_backend)]
    backend: &'static str,
    /// How hard to search for the fewest look-up tables: `fast`, `default`, `best`, or about so many
    /// seconds for each constant matrix. Stands above the configuration.
    #[arg(long)]
    effort: Option<Effort>,
    /// Put the core behind words: with FIFOs and registers (`stream`: AXI4-Stream, AXI4-Lite), or
    /// at a fixed latency without back-pressure (`free`). Stands above the configuration.
    #[arg(long, value_enum, value_name = "KIND")]
    shell: Option<Shell>,
    /// The bits of a word of the shell: 32 or 64 [default: as the configuration says, 64].
    #[arg(long, value_name = "BITS")]
    word_bits: Option<String>,
    /// Write the testbench's events and results as pattern files, too: `emp`, text buffers of the
    /// EMP framework.
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    patterns: Option<PatternFormat>,
}

/// The formats of pattern files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum PatternFormat {
    /// Text buffers of the EMP framework, second version.
    Emp,
}

/// The kinds of shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Shell {
    /// Valid and ready on both sides.
    Stream,
    /// A fixed latency, and a counter of bunch crossings.
    Free,
}

impl Shell {
    fn kind(self) -> ShellKind {
        match self {
            Self::Stream => ShellKind::Stream,
            Self::Free => ShellKind::Free,
        }
    }
}

fn parse_backend(name: &str) -> Result<&'static str, String> {
    let known: Vec<&str> = crate::emit::BACKENDS.iter().map(|backend| backend.name()).collect();
    match backend(name) {
        Some(backend) => Ok(backend.name()),
        None => Err(format!("known back ends: {}", known.join(", "))),
    }
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let stem = options.model.model.file_stem().unwrap_or_default();
    let folder = options.output.clone().unwrap_or_else(|| Path::new("build").join(stem));
    write::check_directory(&folder, options.force)?;
    let wishes = Wishes { effort: options.effort, shell: options.shell.map(Shell::kind) };
    // What the options alone get wrong is said before the long work.
    shell::plan(wishes.shell, options.backend, options.word_bits.as_deref().unwrap_or("64"))?;
    let progress = Progress::new(output);
    let loaded = load::load_with(&options.model, wishes, options.data.as_deref(), &progress)?;
    let config = Config::parse(&loaded.config_text, load::CONFIG)?.shell;
    let word_bits = options.word_bits.clone().unwrap_or_else(|| config.word_bits.to_string());
    let word = shell::plan(config.kind, options.backend, &word_bits)?;
    if word.is_none() && options.word_bits.is_some() {
        return Err(shell::none().into());
    }
    progress.step("describing the design");
    let events = loaded.events.as_ref().map(|events| events.blocks.as_slice());
    let report = flow::describe(&loaded.subject, &loaded.compilation, events);
    progress.step("writing the firmware");
    let backend = backend(options.backend).expect("the option was checked when it was parsed");
    let mut files = artifacts(&loaded, &report, backend)?;
    if let Some((kind, word)) = word {
        shell::add(&loaded, kind, word, &mut files)?;
    }
    if let Some(PatternFormat::Emp) = options.patterns {
        patterns::add(&loaded, &mut files)?;
    }
    write::directory(&folder, &files, options.force)?;
    drop(progress);
    summarize(&report, &folder, output);
    Ok(Exit::Done)
}

/// Everything that stands in a build directory.
fn artifacts(
    loaded: &Loaded,
    report: &Report,
    backend: &dyn Backend,
) -> Result<Artifacts, Failure> {
    let compilation = &loaded.compilation;
    let design = flow::design(&loaded.subject, compilation);
    let (inputs, outputs) = flow::verification::testbench_vectors(
        &compilation.graph,
        loaded.events.as_ref().map(|events| events.blocks.as_slice()),
    );
    let source = Source {
        design: &design,
        graph: &compilation.graph,
        plan: &compilation.plan,
        inputs: &inputs,
        outputs: &outputs,
    };
    let mut files = backend
        .project(&source)
        .map_err(|faults| load::located(faults, Path::new(&loaded.subject.model)))?;
    let mut add = |path: &str, text: String| files.insert(PathBuf::from(path), text);
    add(load::FLOAT_GRAPH, text::print(&compilation.float));
    add(load::FIXED_GRAPH, text::print(&compilation.graph));
    add(load::CONFIG, loaded.config_text.clone());
    add(load::BACKEND, format!("{}\n", backend.name()));
    for (path, text) in report_files(report) {
        files.insert(PathBuf::from(path), text);
    }
    Ok(files)
}

/// The forms of the report that a build directory holds.
pub(super) fn report_files(report: &Report) -> [(&'static str, String); 3] {
    [
        (load::REPORT, report::json::render(report)),
        ("report.html", report::html::render(report)),
        ("report.md", report::markdown::render(std::slice::from_ref(report))),
    ]
}

fn summarize(report: &Report, folder: &Path, output: OutputOptions) {
    if output.format == Format::Json {
        render::result(report::json::render(report).trim_end());
        return;
    }
    render::report_diagnostics(report, output);
    if output.quiet {
        return;
    }
    let screen = render::screen();
    render::result(&terminal::summary(report, screen));
    render::result(&terminal::layers(report, screen));
    render::result(&terminal::formats(report, screen));
    render::result(&format!(
        "firmware  {}\nreport    {}",
        folder.display(),
        folder.join("report.html").display()
    ));
}
