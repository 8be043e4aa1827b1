//! `README.md` and `interface.json`: what whoever instantiates the design needs to know.

use std::path::PathBuf;

use askama::Template;

use super::super::interface::{Element, Pins};
use super::super::{Artifacts, Vendor, render};
use super::Context;
use super::text::comment;
use crate::netlist::LayerId;

#[derive(Template)]
#[template(path = "verilog/README.md.j2")]
struct ReadmeView<'a> {
    top: &'a str,
    model: String,
    part: &'a str,
    period: String,
    has_clock: bool,
    clock: &'a str,
    latency: u32,
    latency_ns: String,
    ports: Vec<PortRow>,
    connections: Vec<String>,
    layers: Vec<LayerRow>,
    scripts: Vec<&'static str>,
}

/// Elements of a port that stand side by side in one format.
struct PortRow {
    port: String,
    direction: &'static str,
    tensor: String,
    elements: String,
    bits: String,
    place: String,
    format: String,
    step: String,
}

struct LayerRow {
    module: String,
    node: String,
    operator: String,
    cost: String,
}

/// Adds both.
pub(super) fn emit(cx: &Context<'_>, files: &mut Artifacts) {
    files.insert(PathBuf::from("interface.json"), cx.interface.json());
    let interface = &cx.interface;
    let inputs = interface.inputs.iter().flat_map(|pins| rows(pins, "input"));
    let outputs = interface.outputs.iter().flat_map(|pins| rows(pins, "output"));
    let ports = interface.clock.iter().cloned();
    let flags = interface.overflow.iter().flat_map(|pins| rows(pins, "overflow flag"));
    let pins = interface.inputs.iter().chain(interface.results());
    let names: Vec<String> = ports.chain(pins.map(|pins| pins.port.clone())).collect();
    let last = names.len().saturating_sub(1);
    let connection = |(index, name): (usize, &String)| {
        format!(".{name}({name}){}", if index < last { "," } else { "" })
    };
    let view = ReadmeView {
        top: &interface.top,
        model: comment(cx.design.name),
        part: &cx.design.target.part,
        period: format!("{:.3}", interface.clock_ns),
        has_clock: interface.clock.is_some(),
        clock: interface.clock.as_deref().unwrap_or_default(),
        latency: interface.latency,
        latency_ns: format!("{:.3}", f64::from(interface.latency) * interface.clock_ns),
        ports: inputs.chain(outputs).chain(flags).collect(),
        connections: names.iter().enumerate().map(connection).collect(),
        layers: cx.layout.members.keys().map(|layer| layer_row(cx, *layer)).collect(),
        scripts: match cx.design.target.vendor {
            Vendor::Amd => vec!["vivado -mode batch -source synthesis/vivado_ooc.tcl"],
            Vendor::Intel => vec!["quartus_sh -t synthesis/quartus_ooc.tcl"],
            Vendor::Other => vec![],
        },
    };
    let text = render(&view);
    files.insert(PathBuf::from("README.md"), text);
}

fn rows(pins: &Pins, direction: &'static str) -> Vec<PortRow> {
    let mut rows = Vec::new();
    let mut first = 0;
    for run in pins.elements.chunk_by(|a, b| a.format == b.format) {
        rows.push(row(pins, direction, first, run));
        first += run.len();
    }
    rows
}

fn row(pins: &Pins, direction: &'static str, first: usize, run: &[Element]) -> PortRow {
    let (lowest, last) = (&run[0], &run[run.len() - 1]);
    let start = match first {
        _ if lowest.low == 0 => String::new(),
        _ => format!("{} + ", lowest.low),
    };
    let index = if first == 0 { "i".to_owned() } else { format!("(i - {first})") };
    let (elements, place) = match run.len() {
        1 => (first.to_string(), format!("[{}:{}]", lowest.high(), lowest.low)),
        count => (
            format!("{first} to {}", first + count - 1),
            format!("[{start}{index} * {0} +: {0}]", lowest.width),
        ),
    };
    PortRow {
        port: pins.port.clone(),
        direction,
        tensor: cell(&pins.tensor),
        elements,
        bits: format!("[{}:{}]", last.high(), lowest.low),
        place,
        format: lowest.format.to_string(),
        step: format!("2^{}", -i32::from(lowest.frac)),
    }
}

fn layer_row(cx: &Context<'_>, layer: LayerId) -> LayerRow {
    let (node, operator) = cx.node(layer);
    LayerRow {
        module: cx.module_name[&layer].clone(),
        node: cell(node),
        operator: cell(operator),
        cost: cx.design.layer_costs.get(&layer).map(|cost| cell(cost)).unwrap_or_default(),
    }
}

/// Any text as a cell of a table.
fn cell(text: &str) -> String {
    comment(text).replace('|', "\\|").replace('`', "'")
}
