//! `trigforge report`.

use std::fs;
use std::path::{Path, PathBuf};

use super::load::{self, ModelOptions};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, render};
use crate::diag::{Code, Diagnostic};
use crate::flow;
use crate::report::data::ToolReport;
use crate::report::{self, terminal};
use crate::vendor;

/// Print the estimate beside what Vivado, Vitis HLS or Quartus made of the design.
///
/// Their report files are looked for below the build directory, where the scripts of a build leave
/// them; files from elsewhere can be named.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  vivado -mode batch -source build/synthesis/vivado_ooc.tcl
  trigforge report build
  trigforge report build --file run7/vivado_synth.rpt --format json")]
pub(super) struct Options {
    /// A directory that `trigforge compile` wrote.
    #[arg(value_name = "BUILD")]
    build: PathBuf,
    /// A report file of a vendor's tool; may be given several times.
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// How the files are called that the tools leave in a project.
const ENDINGS: [&str; 4] = [".rpt", "csynth.xml", ".fit.summary", ".sta.summary"];

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let progress = Progress::new(output);
    let mut tools = Vec::new();
    if options.files.is_empty() {
        let mut found = Vec::new();
        candidates(&options.build, &mut found);
        for path in found {
            if let Some(report) = read(&path)? {
                add(&mut tools, report);
            }
        }
    }
    for path in &options.files {
        add(&mut tools, read(path)?.ok_or_else(|| unknown(path))?);
    }
    let model = ModelOptions { model: options.build.clone(), config: None };
    let loaded = load::load(&model, None, &progress)?;
    if tools.is_empty() {
        return Err(absent(&options.build).into());
    }
    let mut report = flow::describe(&loaded.subject, &loaded.compilation, None);
    tools.sort_by_key(|tool| tool.stage);
    flow::reported_by_tools(&loaded.subject, &loaded.compilation, tools, &mut report);
    drop(progress);
    if output.format == Format::Json {
        render::result(report::json::render(&report).trim_end());
        return Ok(Exit::Done);
    }
    let screen = render::screen();
    render::result(&terminal::tools(&report, screen));
    render::result(&terminal::layers(&report, screen));
    Ok(Exit::Done)
}

/// The files below `folder` that may be reports, in the order of their paths.
fn candidates(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            candidates(&path, found);
        } else if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

/// The figures in a file; nothing where it is no report of a kind that is known.
fn read(path: &Path) -> Result<Option<ToolReport>, Diagnostic> {
    let text = String::from_utf8_lossy(&load::read(path)?).into_owned();
    let file = path.display().to_string();
    match vendor::read(&text) {
        None => Ok(None),
        Some((_, Some(report))) => Ok(Some(ToolReport { files: vec![file], ..report })),
        Some((kind, None)) => {
            let message = format!("the figures of {} are not found in it", kind.name);
            let help = "let the tool write the report again, as text and whole";
            Err(Diagnostic::error(Code::D0506, message, help).at(file))
        }
    }
}

/// Adds a report to those of its tool and stage, unless these say the same already.
fn add(tools: &mut Vec<ToolReport>, report: ToolReport) {
    let left = tools.iter_mut().try_fold(report, |report, tool| tool.join(report));
    tools.extend(left);
}

fn unknown(path: &Path) -> Diagnostic {
    let known: Vec<&str> = vendor::KINDS.iter().map(|kind| kind.name).collect();
    Diagnostic::error(
        Code::D0506,
        "not a report that is understood",
        format!("give one of these: {}", known.join(", ")),
    )
    .at(path.display().to_string())
}

fn absent(build: &Path) -> Diagnostic {
    let message = format!("there is no report of a vendor's tool below `{}`", build.display());
    let help = format!(
        "run a script of `{}`, or name the report: `trigforge report {} --file FILE`",
        build.join("synthesis").display(),
        build.display()
    );
    Diagnostic::error(Code::D0506, message, help)
}
