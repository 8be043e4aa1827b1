//! Self-checking testbenches for Verilator and Icarus, and the vectors that they read.

use std::path::PathBuf;

use askama::Template;

use super::interface::{Interface, Pins};
use super::{Artifacts, library, render, vectors};
use crate::numeric::tensor::Block;

/// The folder of testbenches and vectors.
pub const FOLDER: &str = "testbench";

#[derive(Template)]
#[template(path = "testbench/design.h.j2")]
struct DesignView<'a> {
    top: &'a str,
    has_clock: bool,
    clock: &'a str,
    latency: u32,
    input_width: u64,
    output_width: u64,
    inputs: Vec<PortView<'a>>,
    outputs: Vec<PortView<'a>>,
    elements: Vec<ElementView>,
}

#[derive(Template)]
#[template(path = "testbench/testbench.v.j2")]
struct TestbenchView<'a> {
    top: &'a str,
    has_clock: bool,
    clock: &'a str,
    latency: u32,
    input_top: u64,
    output_top: u64,
    output_width: u64,
    outputs: &'a [PortView<'a>],
    gathered: String,
    connections: Vec<String>,
    elements: Vec<ElementView>,
}

/// A port's place in a line of vectors.
struct PortView<'a> {
    name: &'a str,
    low: u64,
    high: u64,
    width: u64,
    top: u64,
}

/// An output element's place in a line of vectors.
struct ElementView {
    name: String,
    low: u64,
    high: u64,
    width: u8,
    signed: bool,
    cast: &'static str,
}

/// Adds the testbenches of a design.
pub fn emit(interface: &Interface, files: &mut Artifacts) {
    let clock = interface.clock.as_deref();
    let (inputs, outputs) = (places(&interface.inputs), places(&interface.outputs));
    let gathered: Vec<String> = (0..outputs.len()).map(|index| format!("output_{index}")).collect();
    let connections: Vec<String> = inputs
        .iter()
        .map(|port| format!(".{}(stimulus[{}:{}])", port.name, port.high, port.low))
        .chain(outputs.iter().zip(&gathered).map(|(port, wire)| format!(".{}({wire})", port.name)))
        .chain(interface.overflow.iter().map(|pins| format!(".{}()", pins.port)))
        .collect();
    let testbench = render(&TestbenchView {
        top: &interface.top,
        has_clock: clock.is_some(),
        clock: clock.unwrap_or_default(),
        latency: interface.latency,
        input_top: interface.input_width() - 1,
        output_top: interface.output_width() - 1,
        output_width: interface.output_width(),
        outputs: &outputs,
        gathered: gathered.into_iter().rev().collect::<Vec<_>>().join(", "),
        connections: comma_separated(connections),
        elements: elements(&interface.outputs),
    });
    let design = DesignView {
        top: &interface.top,
        has_clock: clock.is_some(),
        clock: clock.unwrap_or_default(),
        latency: interface.latency,
        input_width: interface.input_width(),
        output_width: interface.output_width(),
        inputs,
        outputs,
        elements: elements(&interface.outputs),
    };
    let mut add = |name: &str, text: String| {
        files.insert(PathBuf::from(format!("{FOLDER}/{name}")), text);
    };
    add("testbench.v", testbench);
    add("design.h", render(&design));
    add("verilator_main.cpp", library::VERILATOR_MAIN.to_owned());
}

/// Adds the vectors that the testbenches read: what goes in and what must come out.
///
/// Blocks are at the binary point of their ports, one block for each port.
pub fn emit_vectors(
    interface: &Interface,
    inputs: &[Block<i64>],
    outputs: &[Block<i64>],
    files: &mut Artifacts,
) {
    let folder = PathBuf::from(FOLDER).join("vectors");
    files.insert(folder.join("stimulus.hex"), vectors::write(&interface.inputs, inputs));
    files.insert(folder.join("expected.hex"), vectors::write(&interface.outputs, outputs));
}

fn places(ports: &[Pins]) -> Vec<PortView<'_>> {
    let mut low = 0;
    let place = |pins: &'_ Pins| {
        let first = low;
        low += pins.width;
        (first, low - 1)
    };
    let spans: Vec<(u64, u64)> = ports.iter().map(place).collect();
    let view = |(pins, (low, high))| {
        let pins: &Pins = pins;
        PortView { name: &pins.port, low, high, width: pins.width, top: pins.width - 1 }
    };
    ports.iter().zip(spans).map(view).collect()
}

fn elements(ports: &[Pins]) -> Vec<ElementView> {
    let mut offset = 0;
    let mut views = Vec::new();
    for pins in ports {
        for (index, element) in pins.elements.iter().enumerate() {
            views.push(ElementView {
                name: format!("{}[{index}]", pins.port),
                low: offset + element.low,
                high: offset + element.high(),
                width: element.width,
                signed: element.signed,
                cast: if element.signed { "$signed" } else { "$unsigned" },
            });
        }
        offset += pins.width;
    }
    views
}

fn comma_separated(mut items: Vec<String>) -> Vec<String> {
    let last = items.len().saturating_sub(1);
    items.iter_mut().take(last).for_each(|item| item.push(','));
    items
}
