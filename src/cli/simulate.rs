//! `trigforge simulate`.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::json;

use super::load::{self, ModelOptions};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, patterns, render, write};
use crate::data;
use crate::diag::{Code, Diagnostic};
use crate::flow;
use crate::graph::{Graph, eval};
use crate::numeric::interval::scale;
use crate::numeric::tensor::Block;
use crate::sim;
use crate::sim::cycles::Waves;
use crate::sim::vcd::vcd;

/// How many events are printed when no output file is given.
const PRINTED: usize = 10;

/// Run the bit-accurate simulator over events.
///
/// Values come out as numbers; `--raw` gives the integers of the circuit.
/// With several outputs, the name of each is appended to the file's.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge simulate build --data jets.npy -o scores.npy
  trigforge simulate build --data jets.npy --engine netlist --raw -o scores.csv
  trigforge simulate build --data jets.npy --trace trace --event 7 --vcd event7.vcd")]
pub(super) struct Options {
    #[command(flatten)]
    model: ModelOptions,
    /// Events (a data file, or `FILE:NAME`), or their integers in a pattern file of the EMP framework (txt), on
    /// the links of `[shell]`.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Where the outputs go (.npy or .csv); the first events are printed when left out.
    #[arg(long, short, value_name = "FILE", value_parser = parse_output)]
    output: Option<PathBuf>,
    /// Write raw integers instead of values.
    #[arg(long)]
    raw: bool,
    /// What is simulated.
    #[arg(long, value_enum, default_value_t = Engine::Tensors)]
    engine: Engine,
    /// Write the values of every tensor into this directory, one npy file each.
    #[arg(long, value_name = "DIR")]
    trace: Option<PathBuf>,
    /// Write the waveforms of one event through the circuit.
    #[arg(long, value_name = "FILE")]
    vcd: Option<PathBuf>,
    /// The event of `--vcd`, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    event: usize,
}

/// What is simulated; the integers are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// The network, operator by operator.
    Tensors,
    /// The circuit, cell by cell.
    Netlist,
}

/// A file that outputs can be written to: its name decides in which form.
fn parse_output(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    match extension.as_ref().and_then(|extension| extension.to_str()) {
        Some("npy" | "csv") => Ok(path),
        _ => Err("its name ends neither in .npy nor in .csv".to_owned()),
    }
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let progress = Progress::new(output);
    let is_pattern = patterns::is_pattern(&options.data);
    let data = (!is_pattern).then_some(options.data.as_path());
    let network = load::network(&options.model, data, &progress)?;
    let graph = &network.quantized.graph;
    let inputs = if let Some(events) = &network.events {
        eval::quantize_inputs(graph, &events.blocks)
            .expect("events were checked when they were read")
    } else {
        let interface = flow::interface_of_ports(graph);
        patterns::read(&options.data, network.config_text(), &interface)?
    };
    check_event(options, inputs.first().map_or(0, |block| block.events))?;
    // The network itself is simulated without its circuit, which may take minutes to build.
    let needs_circuit = options.engine == Engine::Netlist || options.vcd.is_some();
    let circuit = needs_circuit.then(|| network.clone().build(&progress)).transpose()?;
    let circuit = circuit.as_ref().map(|loaded| &loaded.compilation);
    progress.step("simulating");
    let outputs = match options.engine {
        Engine::Tensors => sim::tensors::Simulator::new(graph).run_parallel(&inputs),
        Engine::Netlist => {
            let circuit = circuit.expect("it was built for this engine");
            sim::netlist::NetlistSimulator::new(&circuit.module).run_parallel(&inputs)
        }
    };
    if let Some(folder) = &options.trace {
        progress.step("tracing");
        trace(graph, &inputs, folder)?;
    }
    if let Some((path, circuit)) = options.vcd.as_ref().zip(circuit) {
        let waves = Waves::new(&circuit.module, &inputs, options.event, 1);
        let text = vcd(&circuit.module, &waves, picoseconds(circuit.plan.clock_ns));
        write::file(path, text.as_bytes())?;
    }
    drop(progress);
    render::warnings(&network.quantized.warnings, output);
    let mut document = Vec::new();
    for (port, block) in graph.outputs.iter().zip(&outputs) {
        let shape = &graph[port.node].ty.shape;
        let values = values(block);
        let Some(path) = &options.output else {
            match output.format {
                Format::Text => print(&port.name, block, &values, options.raw),
                Format::Json if options.raw => document.push(to_json(&port.name, block)),
                Format::Json => document.push(to_json(&port.name, &values)),
            }
            continue;
        };
        let path = if graph.outputs.len() == 1 { path.clone() } else { named(path, &port.name) };
        let csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let bytes = match (csv, options.raw) {
            (true, true) => data::csv(block, &port.name).into_bytes(),
            (true, false) => data::csv(&values, &port.name).into_bytes(),
            (false, true) => data::npy(block, shape),
            (false, false) => data::npy(&values, shape),
        };
        write::file(&path, &bytes)?;
        if output.format == Format::Text && !output.quiet {
            render::message(&format!("wrote {}", path.display()));
        }
        document.push(json!({ "name": port.name, "file": path.display().to_string() }));
    }
    if output.format == Format::Json {
        render::result(&format!("{:#}", json!({ "outputs": document })));
    }
    Ok(Exit::Done)
}

/// An output with one row of values for each event.
fn to_json<T: Copy + Default + Serialize>(name: &str, values: &Block<T>) -> serde_json::Value {
    let rows: Vec<Vec<T>> = (0..values.events)
        .map(|event| (0..values.elements()).map(|index| values.element(index)[event]).collect())
        .collect();
    json!({ "name": name, "values": rows })
}

/// Checks that the event whose waveforms are wanted exists.
fn check_event(options: &Options, count: usize) -> Result<(), Diagnostic> {
    if options.vcd.is_none() || options.event < count {
        return Ok(());
    }
    let message = format!("there is no event {}: there are {count}, counted from 0", options.event);
    let help = format!("write `--event {}` for the last one", count.saturating_sub(1));
    Err(Diagnostic::error(Code::D0501, message, help).at(options.data.display().to_string()))
}

/// A clock period as waveforms count it.
fn picoseconds(nanoseconds: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive period, cut to what the type holds"
    )]
    let picoseconds = (nanoseconds * 1000.0).round() as u32;
    picoseconds
}

/// The numbers that raw integers stand for.
fn values(block: &Block<i64>) -> Block<f64> {
    let data = block.data.iter().map(|raw| scale(*raw, block.frac)).collect();
    Block { events: block.events, frac: 0, data }
}

fn print(name: &str, raw: &Block<i64>, values: &Block<f64>, as_raw: bool) {
    let elements = raw.elements();
    render::result(&format!("{name}: {} events of {elements} values", raw.events));
    let shown = raw.events.min(PRINTED);
    for event in 0..shown {
        let row: Vec<String> = (0..elements)
            .map(|index| {
                if as_raw {
                    raw.element(index)[event].to_string()
                } else {
                    format!("{:.6}", values.element(index)[event])
                }
            })
            .collect();
        render::result(&format!("{event:>6}  {}", row.join("  ")));
    }
    if shown < raw.events {
        render::result(&format!(
            "{:>6}  {} more; write them with `-o FILE.npy`",
            "…",
            raw.events - shown
        ));
    }
}

/// The values of every tensor, one file each.
fn trace(graph: &Graph, inputs: &[Block<i64>], folder: &Path) -> Result<(), Failure> {
    write::make_directory(folder)?;
    let traced = eval::eval(graph, inputs);
    for (number, node) in graph.topological().into_iter().enumerate() {
        let block = traced[node.index()].as_ref().expect("every node has a value");
        let name = format!(
            "{number:03}_{}_{}.npy",
            graph[node].op.name(),
            write::file_name(graph.imported(node).0)
        );
        let bytes = data::npy(&values(block), &graph[node].ty.shape);
        write::file(&folder.join(name), &bytes)?;
    }
    Ok(())
}

/// `scores.npy` for output `mass` becomes `scores_mass.npy`.
fn named(path: &Path, output: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}_{}.{extension}", write::file_name(output)))
}
