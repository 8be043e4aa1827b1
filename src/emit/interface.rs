//! [`Interface`]: the pins of a design, as `interface.json` and every testbench see them.

use serde::Serialize;

use crate::naming::Namer;
use crate::netlist::{Cell, Module, Port, Role};
use crate::numeric::format::FixedFormat;

/// The version of the schema of `interface.json`; it grows when a field changes its meaning.
pub const SCHEMA: u32 = 1;

/// What stands at the boundary of the top module.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interface {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The name of the top module.
    pub top: String,
    /// The name of the clock; none where the design has no registers.
    pub clock: Option<String>,
    /// The clock period in nanoseconds that the pipeline was made for.
    pub clock_ns: f64,
    /// Clock cycles from an input to the outputs that belong to it. A new event enters each cycle.
    pub latency: u32,
    /// The inputs in the model's order.
    pub inputs: Vec<Pins>,
    /// The outputs in the model's order.
    pub outputs: Vec<Pins>,
    /// A wire for each layer that has an overflow flag, at the time of the outputs: 1 where some value
    /// of the layer did not fit its format in that event. The tensor's name is the layer's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overflow: Vec<Pins>,
}

/// One packed port: the elements of a tensor side by side, element 0 in the lowest bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pins {
    /// The name of the port.
    pub port: String,
    /// The name of the tensor in the model.
    pub tensor: String,
    /// The number of wires.
    pub width: u64,
    /// The elements in row-major order.
    pub elements: Vec<Element>,
}

/// The place and the format of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Element {
    /// The lowest bit in the port.
    pub low: u64,
    /// The number of bits.
    pub width: u8,
    /// True when the highest bit is a sign (two's complement).
    pub signed: bool,
    /// The value is `raw * 2^-frac`.
    pub frac: i8,
    /// The same in one word, such as `fixed<8,3>`.
    pub format: FixedFormat,
}

impl Interface {
    /// The pins of `module`, named by `namer`, with a clock if anything is registered.
    pub fn new(module: &Module, top: String, clock_ns: f64, namer: &mut Namer) -> Self {
        let registered = module.nets.values().any(|net| matches!(net.cell, Cell::Register { .. }));
        let clock = registered.then(|| namer.name("clock"));
        let mut pins = |ports: &[Port], role: Role| -> Vec<Pins> {
            let ports = ports.iter().filter(|port| port.role == role);
            let name = |port: &Port| match role {
                Role::Tensor => port.name.clone(),
                Role::Overflow => format!("overflow_{}", port.name),
            };
            ports.map(|port| Pins::new(port, namer.name(&name(port)))).collect()
        };
        Self {
            schema: SCHEMA,
            top,
            clock,
            clock_ns,
            latency: module.latency,
            inputs: pins(&module.inputs, Role::Tensor),
            outputs: pins(&module.outputs, Role::Tensor),
            overflow: pins(&module.outputs, Role::Overflow),
        }
    }

    /// The text of `interface.json`.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plain data has a JSON form");
        text.push('\n');
        text
    }

    /// The wires of all inputs together.
    pub fn input_width(&self) -> u64 {
        self.inputs.iter().map(|pins| pins.width).sum()
    }

    /// The pins of everything that comes out, in the order of [`Module::outputs`].
    pub fn results(&self) -> impl Iterator<Item = &Pins> {
        self.outputs.iter().chain(&self.overflow)
    }

    /// The wires of all outputs together, without the overflow flags.
    pub fn output_width(&self) -> u64 {
        self.outputs.iter().map(|pins| pins.width).sum()
    }
}

impl Pins {
    fn new(port: &Port, name: String) -> Self {
        let mut width = 0;
        let place = |format: &FixedFormat| {
            let low = width;
            width += u64::from(format.width());
            Element {
                low,
                width: format.width(),
                signed: format.signed(),
                frac: format.frac(),
                format: *format,
            }
        };
        let elements = port.formats.iter().map(place).collect();
        Self { port: name, tensor: port.name.clone(), width, elements }
    }

    /// The binary point that all elements share in a block: the finest of theirs.
    pub fn frac(&self) -> i8 {
        self.elements.iter().map(|element| element.frac).max().unwrap_or(0)
    }
}

impl Element {
    /// The highest bit in the port.
    pub fn high(&self) -> u64 {
        self.low + u64::from(self.width) - 1
    }
}
