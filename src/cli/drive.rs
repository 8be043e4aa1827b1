//! `trigforge drive`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::load::{self, ModelOptions};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, patterns, render};
use crate::cosim;
use crate::diag::{Code, Diagnostic};
use crate::emit::{Artifacts, verilog};
use crate::flow::drive::{self, Driven, Request};
use crate::flow::drive_free;
use crate::flow::latency::Bin;
use crate::graph::eval;
use crate::report::terminal;
use crate::shell::packing::{Packing, Word};
use crate::shell::{self, Stream};
use crate::{flow, sim};

/// Run the shell of a build directory in Verilator over events.
///
/// Every result must be the network's, and no event may be lost. Latencies count from the clock
/// that takes the first word of an event to the one that takes the last of its results.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge compile tagger.onnx --data jets.npy --shell stream -o build
  trigforge drive build --data jets.npy --stall 30")]
pub(super) struct Options {
    /// A directory that `trigforge compile --shell stream` wrote.
    #[arg(value_name = "BUILD")]
    build: PathBuf,
    /// Events (npy, npz, csv).
    #[arg(long, value_name = "FILE", required_unless_present = "patterns")]
    data: Option<PathBuf>,
    /// Events as a pattern file of the EMP framework, on the links of `[shell]`.
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    patterns: Option<PathBuf>,
    /// The chance that either side pauses at a clock, in percent; of a free-running shell, that a
    /// bunch crossing is empty.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=90))]
    stall: u8,
    /// The cut on the first output, a raw integer that is written to the threshold register or stands
    /// at the threshold's pins.
    #[arg(long, value_name = "RAW", allow_negative_numbers = true)]
    threshold: Option<i32>,
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let progress = Progress::new(output);
    let stream = stream(&options.build)?;
    let model = ModelOptions { model: options.build.clone(), config: None };
    let loaded = load::load(&model, options.data.as_deref(), &progress)?;
    let compilation = &loaded.compilation;
    let interface = verilog::interface(&flow::design(&loaded.subject, compilation));
    let inputs = match (&options.patterns, &loaded.events) {
        (Some(path), _) => patterns::read(path, &loaded.config_text, &interface)?,
        (None, events) => {
            let events = &events.as_ref().expect("one of both is required").blocks;
            eval::quantize_inputs(&compilation.graph, events)
                .expect("events were checked when they were read")
        }
    };
    progress.step("simulating the network");
    let outputs = sim::tensors::Simulator::new(&compilation.graph).run_parallel(&inputs);
    let word = match stream.word_bits {
        32 => Word::Bits32,
        _ => Word::Bits64,
    };
    let packing = Packing::new(&interface, word).map_err(|_| no_shell(&options.build))?;
    let files = files(&options.build)?;
    progress.step("running the shell in Verilator");
    let folder = cosim::temporary_folder()?;
    let request = Request {
        top: &stream.top,
        files: &files,
        interface: &interface,
        packing,
        hash: shell::hash_words(&loaded.subject.hash),
        inputs: &inputs,
        outputs: &outputs,
        overflow: drive::overflow_flags(&compilation.graph, &interface, &inputs),
        stall: options.stall,
        threshold: options.threshold,
    };
    let driven = match stream.free {
        None => drive::drive(&request, folder.path())?,
        Some(free) => drive_free::drive(&request, free.beam(), folder.path())?,
    };
    drop(progress);
    print(&driven, options, output);
    Ok(verdict(&driven, output))
}

/// What the directory says about its shell.
fn stream(build: &Path) -> Result<Stream, Diagnostic> {
    let text = fs::read_to_string(build.join(shell::FOLDER).join("interface.json"));
    text.ok().and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(|| no_shell(build))
}

fn no_shell(build: &Path) -> Diagnostic {
    Diagnostic::error(
        Code::P0307,
        format!("`{}` has no shell", build.display()),
        format!(
            "compile the model with one: `trigforge compile MODEL.onnx --shell stream -o {} --force`",
            build.display()
        ),
    )
}

/// The Verilog and the shell of a build directory.
fn files(build: &Path) -> Result<Artifacts, Diagnostic> {
    let mut files = Artifacts::new();
    for folder in [verilog::SOURCES, shell::FOLDER] {
        let entries = fs::read_dir(build.join(folder)).map_err(|_| no_shell(build))?;
        for entry in entries {
            let path = Path::new(folder).join(entry.map_err(|_| no_shell(build))?.file_name());
            let text = fs::read_to_string(build.join(&path)).map_err(|_| no_shell(build))?;
            files.insert(path, text);
        }
    }
    Ok(files)
}

/// A difference is a fault of ours, and the result does not stand.
fn verdict(driven: &Driven, output: OutputOptions) -> Exit {
    if driven.is_good() {
        return Exit::Done;
    }
    let message = format!(
        "of {} events {} were lost and {} are different behind the shell",
        driven.events, driven.lost, driven.different
    );
    let help = "compile again if files of the directory were changed; else please report it with the model";
    let fault = Diagnostic::error(Code::G0602, message, help);
    let wrong = driven.wrong_registers.iter();
    let fault = wrong.fold(fault, |fault, name| fault.note(format!("register `{name}` is wrong")));
    if output.format == Format::Text {
        render::diagnostics(&[fault], output);
    }
    Exit::Refused
}

fn print(driven: &Driven, options: &Options, output: OutputOptions) {
    if output.format == Format::Json {
        let document = json!({ "stall_percent": options.stall, "shell": driven });
        render::result(&format!("{document:#}"));
        return;
    }
    if output.quiet {
        return;
    }
    let latency = driven.latency.as_ref().map_or("–".to_owned(), |latency| {
        format!("{} / {} / {}", latency.min, latency.median, latency.max)
    });
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let rows = [
        row("events", driven.events.to_string()),
        row("lost", driven.lost.to_string()),
        row("different", driven.different.to_string()),
        row("accepted", driven.accepted.to_string()),
        row("clock cycles", driven.cycles.to_string()),
        row("events per second", format!("{:.0}", driven.events_per_second)),
        row("latency in cycles (min / median / max)", latency),
    ];
    let header = ["shell", "value"];
    render::result(terminal::table(&header, &rows, 1, render::screen()).trim_end());
    let Some(latency) = &driven.latency else { return };
    let header = ["latency in cycles", "", "events"];
    let rows = bars(&latency.histogram);
    render::result("");
    render::result(terminal::table(&header, &rows, 2, render::screen()).trim_end());
}

/// The longest bar.
const BAR: usize = 40;

/// A row for each bin, with a bar as long as its share of the fullest bin.
fn bars(histogram: &[Bin]) -> Vec<Vec<String>> {
    let most = histogram.iter().map(|bin| bin.events).max().unwrap_or(0).max(1);
    let row = |bin: &Bin| {
        let range = if bin.first == bin.last {
            bin.first.to_string()
        } else {
            format!("{} to {}", bin.first, bin.last)
        };
        // Rounded up, so that no event is invisible.
        let bar = "█".repeat((bin.events * BAR).div_ceil(most));
        vec![range, bar, bin.events.to_string()]
    };
    histogram.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_shares() {
        let bin = |first, last, events| Bin { first, last, events };
        let rows = bars(&[bin(5, 6, 400), bin(7, 8, 0), bin(9, 9, 1)]);
        let lengths: Vec<usize> = rows.iter().map(|row| row[1].chars().count()).collect();
        assert_eq!(lengths, [40, 0, 1]);
        assert_eq!((rows[0][0].as_str(), rows[2][0].as_str()), ("5 to 6", "9"));
    }
}
