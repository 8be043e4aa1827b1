//! What the circuit costs and how long it takes, for the report.

use std::collections::BTreeMap;

use super::{Subject, design};
use crate::compile::Compilation;
use crate::cosim::{CosimError, temporary_folder, yosys};
use crate::emit::verilog;
use crate::entity::SideTable;
use crate::estimate::Cost;
use crate::netlist::{Cell, LayerId, NetId};
use crate::report::{Report, data};

/// What a memory block holds, where Yosys counts blocks.
const MEMORY_BLOCK_KBIT: u64 = 18;

/// The estimate, layer by layer, beside what the device has.
pub(super) fn resources(compilation: &Compilation) -> data::Resources {
    let device = compilation.plan.device;
    let stages = stages_of_layers(compilation);
    let outputs = outputs_of_layers(compilation);
    let estimates = compilation.module.layers.ids().zip(&compilation.estimate.layers);
    let layers = estimates.map(|(id, layer)| {
        let (shape, format) = outputs.get(&id).cloned().unwrap_or_default();
        data::LayerResources {
            name: layer.name.clone(),
            operator: layer.operator.clone(),
            shape,
            format,
            adders: layer.cost.adders,
            estimate: usage(layer.cost),
            stages: stages[id],
            synthesis: None,
        }
    });
    data::Resources {
        layers: layers.collect(),
        total: usage(compilation.estimate.total),
        capacity: Some(data::Usage {
            lut: device.resources.lut,
            ff: device.resources.ff,
            dsp: device.resources.dsp,
            bram_kbit: kilobits(device.resources.bram_kbit),
        }),
        synthesis: None,
    }
}

/// Latency, throughput and pipeline stages.
pub(super) fn timing(compilation: &Compilation) -> data::Timing {
    let estimate = &compilation.estimate;
    let cycles = cycles(compilation);
    let mut registers = vec![0; estimate.stages_ns.len()];
    for (id, net) in compilation.module.nets.iter() {
        if let (Cell::Register { .. }, Some(cycle)) = (net.cell, cycles[id]) {
            // The registers at the end of stage k carry values of cycle k + 1.
            let stage = (cycle - 1) as usize;
            if let Some(bits) = registers.get_mut(stage) {
                *bits += u64::from(net.width());
            }
        }
    }
    let stages = estimate.stages_ns.iter().zip(registers);
    let stages = stages.map(|(delay_ns, registers)| data::Stage { delay_ns: *delay_ns, registers });
    data::Timing {
        latency_cycles: estimate.latency_cycles,
        latency_ns: estimate.latency_ns,
        latency_bx: estimate.latency_bunch_crossings,
        initiation_interval: 1,
        stages: stages.collect(),
    }
}

/// What each layer costs, in words, for the comments of the emitted text.
pub(super) fn layer_costs(compilation: &Compilation) -> BTreeMap<LayerId, String> {
    let words = |cost: &Cost| format!("{} LUT, {} FF", cost.lut, cost.ff);
    let layers = compilation.module.layers.ids().zip(&compilation.estimate.layers);
    layers.map(|(id, layer)| (id, words(&layer.cost))).collect()
}

/// Maps the design with Yosys and puts its counts beside the estimate.
///
/// # Errors
/// When Yosys is missing or fails.
pub fn synthesize(
    subject: &Subject,
    compilation: &Compilation,
    report: &mut Report,
    progress: &dyn Fn(&str),
) -> Result<(), CosimError> {
    let design = design(subject, compilation);
    let interface = verilog::interface(&design);
    let artifacts = verilog::Verilog.emit(&design);
    let folder = temporary_folder()?;
    let run = |hierarchy| {
        let command = design.target.synth_command.as_str();
        let synthesis =
            yosys::Synthesis { artifacts: &artifacts, top: &interface.top, command, hierarchy };
        yosys::synthesize(synthesis, folder.path())
    };
    progress("mapping the design with Yosys (this takes minutes)");
    let flat = run(yosys::Hierarchy::Flattened)?;
    progress("mapping each layer with Yosys");
    let layered = run(yosys::Hierarchy::Kept)?;
    let names = verilog::module_names(&design);
    let mapped = |resources: &yosys::Resources| data::Usage {
        lut: resources.lut,
        ff: resources.ff,
        dsp: resources.dsp,
        bram_kbit: kilobits(resources.bram * MEMORY_BLOCK_KBIT),
    };
    if let Some(resources) = &mut report.resources {
        for (id, layer) in compilation.module.layers.ids().zip(&mut resources.layers) {
            let module = names.get(&id).and_then(|name| layered.modules.get(name));
            layer.synthesis = module.map(mapped);
        }
        resources.synthesis = Some(data::Synthesis {
            tool: format!("Yosys {}", design.target.synth_command),
            usage: mapped(&flat.total),
            carry: flat.total.carry,
        });
    }
    Ok(())
}

/// Puts what vendors' tools reported beside the estimate; layers take the figures of the tool that
/// came furthest.
pub fn reported_by_tools(
    subject: &Subject,
    compilation: &Compilation,
    tools: Vec<data::ToolReport>,
    report: &mut Report,
) {
    let names = verilog::module_names(&design(subject, compilation));
    if let Some(resources) = &mut report.resources {
        for (id, layer) in compilation.module.layers.ids().zip(&mut resources.layers) {
            let Some(name) = names.get(&id) else { continue };
            let modules = tools.iter().rev().flat_map(|tool| &tool.modules);
            let module = modules.into_iter().find(|module| module.module == *name);
            layer.synthesis = module.map(|module| module.usage);
        }
    }
    report.tools = tools;
}

fn usage(cost: Cost) -> data::Usage {
    data::Usage { lut: cost.lut, ff: cost.ff, dsp: cost.dsp, bram_kbit: kilobits(cost.bram_kbit) }
}

fn kilobits(kilobits: u64) -> f64 {
    f64::from(u32::try_from(kilobits).expect("no device has 4 Tbit"))
}

/// The clock cycle in which each net has the value of the event that entered in cycle 0; none for
/// constants.
fn cycles(compilation: &Compilation) -> SideTable<NetId, Option<u32>> {
    let nets = &compilation.module.nets;
    let mut cycles = SideTable::filled(nets.len(), None);
    for (id, net) in nets.iter() {
        let operands = net.cell.operands().filter_map(|operand| cycles[operand]);
        cycles[id] = match net.cell {
            Cell::Input { .. } => Some(0),
            Cell::Register { .. } => operands.max().map(|cycle: u32| cycle + 1),
            _ => operands.max(),
        };
    }
    cycles
}

/// The stages in which a layer computes something.
fn stages_of_layers(compilation: &Compilation) -> SideTable<LayerId, Option<data::StageRange>> {
    let cycles = cycles(compilation);
    let module = &compilation.module;
    let mut stages = SideTable::filled(module.layers.len(), None);
    for (id, net) in module.nets.iter() {
        let wires = matches!(
            net.cell,
            Cell::Input { .. }
                | Cell::Constant
                | Cell::Shift { .. }
                | Cell::Truncate { .. }
                | Cell::Register { .. }
        );
        if let (false, Some(cycle)) = (wires, cycles[id]) {
            let range: &mut Option<data::StageRange> = &mut stages[net.layer];
            let known = range.get_or_insert(data::StageRange { first: cycle, last: cycle });
            known.first = known.first.min(cycle);
            known.last = known.last.max(cycle);
        }
    }
    stages
}

/// The shape and the format of the tensor that each layer makes.
fn outputs_of_layers(compilation: &Compilation) -> BTreeMap<LayerId, (Vec<usize>, String)> {
    let graph = &compilation.graph;
    let mut by_layer = BTreeMap::new();
    for (id, layer) in compilation.module.layers.iter() {
        let made = graph.topological().into_iter().find(|node| {
            Some(graph[*node].origin) == layer.origin && graph[*node].op.name() == layer.operator
        });
        if let Some(node) = made {
            let ty = &graph[node].ty;
            let format = ty.formats().map_or(String::new(), ToString::to_string);
            by_layer.insert(id, (ty.shape.0.clone(), format));
        }
    }
    by_layer
}
