//! Fills the report of a compiled design, and hands the design to the back ends.

use std::collections::BTreeMap;

use super::{capacity, formats, resources, statistics};
use crate::analysis::{self, TensorVerdict};
use crate::compile::Compilation;
use crate::diag::{self, Severity};
use crate::emit::hls::Flavor;
use crate::emit::interface::Interface;
use crate::emit::{Artifacts, Backend, Design, Source, Target, Vendor};
use crate::graph::{Graph, NodeId, Port};
use crate::naming::Namer;
use crate::netlist::{Builder, Layer};
use crate::numeric::format::FixedFormat;
use crate::numeric::tensor::Block;
use crate::plan::CarryChain;
use crate::report::{Report, data};

/// What a design is called and what it was made of.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The name of the design.
    pub name: String,
    /// The model's file.
    pub model: String,
    /// The hash of everything that the firmware depends on.
    pub hash: String,
}

/// The pins that the tensors of a graph get, without the circuit between them.
pub fn interface_of_ports(graph: &Graph) -> Interface {
    let nothing = Layer { name: String::new(), operator: String::new(), origin: None };
    let mut builder = Builder::new(nothing);
    let formats = |port: &Port| -> Vec<FixedFormat> {
        let ty = &graph[port.node].ty;
        let formats = ty.formats().expect("a quantized graph is fixed point");
        (0..ty.shape.len()).map(|index| formats.at(index)).collect()
    };
    for port in &graph.inputs {
        builder.input(&port.name, &formats(port));
    }
    let zero = builder.constant(0, 0);
    for port in &graph.outputs {
        let formats = formats(port);
        builder.output(&port.name, vec![zero; formats.len()], formats);
    }
    Interface::new(&builder.finish(0), String::new(), 0.0, &mut Namer::new())
}

/// The report of a compiled design: everything but verification and gates.
pub fn describe(
    subject: &Subject,
    compilation: &Compilation,
    events: Option<&[Block<f64>]>,
) -> Report {
    let verdicts = analysis::verdicts(&compilation.graph, events);
    let device = compilation.plan.device;
    let mut diagnostics = compilation.warnings.clone();
    let judged = analysis::verdict::diagnostics(&verdicts).into_iter();
    diagnostics.extend(judged.map(|found| found.in_file(&subject.model)));
    let (resources, timing) = (resources::resources(compilation), resources::timing(compilation));
    diagnostics.extend(capacity::exceeded(&resources, &device.name));
    Report {
        design: data::Design {
            name: subject.name.clone(),
            model: subject.model.clone(),
            hash: subject.hash.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: Some(data::Device { part: device.part.clone(), family: device.family.clone() }),
            clock_ns: Some(compilation.plan.clock_ns),
            inputs: ports(&compilation.graph, &compilation.graph.inputs),
            outputs: ports(&compilation.graph, &compilation.graph.outputs),
        },
        resources: Some(resources),
        timing: Some(timing),
        formats: formats::rows(&verdicts),
        scales: compilation.rescaled.iter().map(formats::scale).collect(),
        weights: statistics::weights(&compilation.graph),
        activations: events
            .map_or_else(Vec::new, |events| activations(compilation, &verdicts, events)),
        diagnostics: diagnostics.iter().map(reported).collect(),
        ..Report::default()
    }
}

/// The design as the back ends see it.
pub fn design<'a>(subject: &'a Subject, compilation: &'a Compilation) -> Design<'a> {
    let device = compilation.plan.device;
    Design {
        name: &subject.name,
        module: &compilation.module,
        origins: Some(&compilation.graph.origins),
        target: Target {
            vendor: match device.vendor.as_str() {
                "AMD" => Vendor::Amd,
                "Intel" => Vendor::Intel,
                _ => Vendor::Other,
            },
            family: device.family.clone(),
            carry_bits: device.sum_of_three.map(CarryChain::bits),
            part: device.part.clone(),
            clock_ns: compilation.plan.clock_ns,
            synth_command: device.yosys.clone(),
        },
        layer_costs: resources::layer_costs(compilation),
    }
}

/// The C++ that `flavor` makes of a design, without vectors.
///
/// # Errors
/// What the flavor cannot express.
pub fn cpp_project(
    flavor: &Flavor,
    subject: &Subject,
    compilation: &Compilation,
) -> Result<Artifacts, Vec<diag::Diagnostic>> {
    let design = design(subject, compilation);
    let Compilation { graph, plan, .. } = compilation;
    flavor.project(&Source { design: &design, graph, plan, inputs: &[], outputs: &[] })
}

/// The report of a model that could not be compiled.
pub fn faulty(name: &str, model: &str, faults: &[diag::Diagnostic]) -> Report {
    let design = data::Design {
        name: name.to_owned(),
        model: model.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..data::Design::default()
    };
    Report { design, diagnostics: faults.iter().map(reported).collect(), ..Report::default() }
}

/// A diagnostic as the report carries it.
pub fn reported(diagnostic: &diag::Diagnostic) -> data::Diagnostic {
    data::Diagnostic {
        code: diagnostic.code.name().to_owned(),
        severity: match diagnostic.severity {
            Severity::Warning => data::Severity::Warning,
            Severity::Error => data::Severity::Error,
        },
        message: diagnostic.message.clone(),
        place: diagnostic.place.clone(),
        notes: diagnostic.notes.clone(),
        help: diagnostic.help.clone(),
    }
}

fn ports(graph: &Graph, ports: &[Port]) -> Vec<data::Port> {
    let port = |port: &Port| data::Port {
        name: port.name.clone(),
        shape: graph[port.node].ty.shape.0.clone(),
        format: graph[port.node].ty.formats().map_or("float".to_owned(), ToString::to_string),
    };
    ports.iter().map(port).collect()
}

/// Statistics of the floating-point values that each quantizer was made for.
fn activations(
    compilation: &Compilation,
    verdicts: &[TensorVerdict],
    events: &[Block<f64>],
) -> Vec<data::ActivationStatistics> {
    let float = &compilation.float;
    let mut by_name: BTreeMap<&str, NodeId> = BTreeMap::new();
    for node in float.topological() {
        by_name.insert(float.imported(node).0, node);
    }
    let quantized: Vec<_> = verdicts
        .iter()
        .filter_map(|tensor| {
            let node = by_name.get(tensor.name.as_str())?;
            let format = tensor.formats().as_slice().iter().copied().max_by_key(|f| f.width())?;
            Some((*node, format))
        })
        .collect();
    statistics::activations(float, events, &quantized)
}
