//! Verilog-2001: one module for each layer, one for each table, and a top module.
//!
//! Widths are exact and every extension is written out, so the text means the
//! same to every tool and none of them has anything to warn of.

mod cells;
mod documents;
mod layer;
mod layout;
pub mod probe;
pub mod scripts;
mod sums;
mod tables;
mod text;
mod top;
mod wires;

use std::collections::BTreeMap;
use std::path::PathBuf;

use self::layout::Layout;
use self::tables::Tables;
use super::interface::Interface;
use super::{Artifacts, Backend, Design, Source, testbench};
use crate::diag::{Diagnostic, origin};
use crate::naming::Namer;
use crate::netlist::{Cell, LayerId};

/// Writes Verilog-2001.
#[derive(Clone, Copy, Debug)]
pub struct Verilog;

/// The folder of the synthesizable modules.
pub const SOURCES: &str = "rtl";

impl Backend for Verilog {
    fn name(&self) -> &'static str {
        "verilog"
    }

    fn about(&self) -> &'static str {
        "Verilog-2001 with testbenches and scripts for Vivado, Quartus and Yosys"
    }

    fn project(&self, source: &Source<'_>) -> Result<Artifacts, Vec<Diagnostic>> {
        let mut files = self.emit(source.design);
        let interface = interface(source.design);
        testbench::emit_vectors(&interface, source.inputs, source.outputs, &mut files);
        Ok(files)
    }
}

impl Verilog {
    /// The modules, the documents, the scripts and the testbenches.
    pub fn emit(self, design: &Design<'_>) -> Artifacts {
        let cx = Context::new(design);
        let mut tables = Tables::new(cx.namer.clone());
        let mut files = Artifacts::new();
        let mut add = |module: &str, text: String| {
            files.insert(PathBuf::from(format!("{SOURCES}/{module}.v")), text);
        };
        add(&cx.interface.top, top::emit(&cx));
        for layer in cx.layout.members.keys() {
            add(&cx.module_name[layer], layer::emit(&cx, *layer, &mut tables));
        }
        for (name, text) in tables.finish() {
            add(&name, text);
        }
        if cx.has_sums() {
            add(&cx.sum_module, sums::module(&cx));
        }
        documents::emit(&cx, &mut files);
        scripts::emit(&cx, &mut files);
        testbench::emit(&cx.interface, &mut files);
        files
    }
}

/// The pins that [`Verilog`] gives to a design.
pub fn interface(design: &Design<'_>) -> Interface {
    pins(design).0
}

/// The name of the module of each layer, by which synthesis reports count.
///
/// Layers without cells become no module.
pub fn module_names(design: &Design<'_>) -> BTreeMap<LayerId, String> {
    Context::new(design).module_name
}

fn pins(design: &Design<'_>) -> (Interface, Namer) {
    let mut namer = Namer::new();
    // Words that the fixed parts of the templates use.
    for word in ["index", "value", "unused", "testbench", probe::MODULE] {
        namer.name(word);
    }
    let top = namer.name(design.name);
    let interface = Interface::new(design.module, top, design.target.clock_ns, &mut namer);
    (interface, namer)
}

/// What all files of one design share.
struct Context<'a> {
    design: &'a Design<'a>,
    interface: Interface,
    layout: Layout,
    module_name: BTreeMap<LayerId, String>,
    instance_name: BTreeMap<LayerId, String>,
    /// The name of the module that adds three operands.
    sum_module: String,
    namer: Namer,
}

impl<'a> Context<'a> {
    fn new(design: &'a Design<'a>) -> Self {
        let (interface, mut namer) = pins(design);
        let layout = Layout::new(design.module, &interface, &mut namer);
        let mut module_name = BTreeMap::new();
        let mut instance_name = BTreeMap::new();
        for layer in layout.members.keys() {
            let name = &design.module.layers[*layer].name;
            module_name.insert(*layer, namer.name(&format!("{}_{name}", interface.top)));
            instance_name.insert(*layer, namer.name(&format!("u_{name}")));
        }
        let sum_module = namer.name(&format!("{}_sum_of_three", interface.top));
        Self { design, interface, layout, module_name, instance_name, sum_module, namer }
    }

    /// The name and the operator of the model's node behind a layer.
    fn node(&self, layer: LayerId) -> (&str, &str) {
        let layer = &self.design.module.layers[layer];
        match (self.design.origins, layer.origin) {
            (Some(origins), Some(id)) => origin::imported(origins, id),
            _ => (&layer.name, &layer.operator),
        }
    }

    /// True when anything is a sum of three.
    fn has_sums(&self) -> bool {
        let mut members = self.layout.members.values().flatten();
        members.any(|net| matches!(self.design.module.nets[*net].cell, Cell::Sum { .. }))
    }

    /// True for layers that have registers.
    fn is_clocked(&self, layer: LayerId) -> bool {
        let nets = &self.design.module.nets;
        let mut members = self.layout.members[&layer].iter();
        members.any(|net| matches!(nets[*net].cell, Cell::Register { .. }))
    }
}
