//! Back ends: a design becomes text. Nothing is written to disk here.
//!
//! A back end is one folder, one set of templates, and one row in [`BACKENDS`].

pub mod hls;
pub mod interface;
pub mod library;
pub mod testbench;
pub mod vectors;
pub mod verilog;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diag::{Diagnostic, OriginTable};
use crate::graph::Graph;
use crate::netlist::{LayerId, Module};
use crate::numeric::tensor::Block;
use crate::plan::Plan;

/// Every file that a back end makes: relative path to text.
pub type Artifacts = BTreeMap<PathBuf, String>;

/// Every back end, in the order in which help lists them.
pub const BACKENDS: &[&dyn Backend] =
    &[&verilog::Verilog, &hls::VITIS, &hls::VIVADO_HLS, &hls::ONEAPI, &hls::CATAPULT];

/// A way to write a design down.
pub trait Backend: Sync {
    /// The name, as the command line spells it.
    fn name(&self) -> &'static str;
    /// What it writes, in one phrase.
    fn about(&self) -> &'static str;
    /// The files of a whole project. The same design gives the same bytes.
    ///
    /// # Errors
    /// What the target language or its tools cannot express.
    fn project(&self, source: &Source<'_>) -> Result<Artifacts, Vec<Diagnostic>>;
}

/// What a back end starts from: each takes the form of the design that it needs.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The circuit.
    pub design: &'a Design<'a>,
    /// The network that the circuit computes.
    pub graph: &'a Graph,
    /// How it is built.
    pub plan: &'a Plan,
    /// Events for the test bench, one block for each input.
    pub inputs: &'a [Block<i64>],
    /// What comes out for these events, one block for each output.
    pub outputs: &'a [Block<i64>],
}

/// The back end with this name.
pub fn backend(name: &str) -> Option<&'static dyn Backend> {
    BACKENDS.iter().copied().find(|backend| backend.name() == name)
}

/// A circuit and what it is built for.
#[derive(Clone, Debug)]
pub struct Design<'a> {
    /// The model's name; the top module is named after it.
    pub name: &'a str,
    /// The circuit.
    pub module: &'a Module,
    /// Where layers come from; without it they go by their own names.
    pub origins: Option<&'a OriginTable>,
    /// What the circuit is built for.
    pub target: Target,
    /// What a layer is estimated to cost, in words such as `310 LUT, 64 FF`.
    pub layer_costs: BTreeMap<LayerId, String>,
}

/// The device and the clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Who makes the device, which decides the scripts that are written.
    pub vendor: Vendor,
    /// The device family as Quartus spells it; unused elsewhere.
    pub family: String,
    /// The bits of a carry block, on devices whose look-up tables prepare three operands for it:
    /// these are then named in the text.
    pub carry_bits: Option<u8>,
    /// The part number as the vendor's tool spells it.
    pub part: String,
    /// The clock period in nanoseconds.
    pub clock_ns: f64,
    /// The Yosys command that maps to the device, such as `synth_xilinx -family xcup`.
    pub synth_command: String,
}

/// Whose tools build the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// Vivado.
    Amd,
    /// Quartus.
    Intel,
    /// A vendor for which only the Yosys script is written.
    Other,
}

/// The text of a view, ending in a newline.
fn render(view: &impl askama::Template) -> String {
    let mut text = view.render().expect("templates write to a string");
    text.push('\n');
    text
}
