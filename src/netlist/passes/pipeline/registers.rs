//! Registers where stages meet and at the ports.

use std::num::NonZeroU32;

use super::stages::best_stages;
use super::timing::{Stages, TOLERANCE_NS, Timing};
use crate::diag::{Code, Diagnostic};
use crate::entity::SideTable;
use crate::netlist::passes::rebuild::Rebuild;
use crate::netlist::{Cell, Module, NetId};

/// The module with the fewest registers between stages of at most `period_ns`: between so many
/// `stages`, or as few as can be.
///
/// `delays` are those of the cells; what a register itself takes must have been
/// taken off the period. Logic without a delay shares the look-up tables of its
/// users and stays with them. The module must not have registers yet.
///
/// # Errors
/// `P0302` for the slowest cell, when it alone takes longer than the period, where the stages are
/// too few for it, and where logic that shares a table has users in different stages.
pub fn pipeline(
    module: &Module,
    delays: &SideTable<NetId, f64>,
    period_ns: f64,
    stages: Option<NonZeroU32>,
) -> Result<Module, Diagnostic> {
    let has_registers = module.nets.values().any(|net| matches!(net.cell, Cell::Register { .. }));
    assert!(!has_registers, "a module is pipelined once");
    if let Some(fault) = too_slow(module, delays, period_ns) {
        return Err(fault);
    }
    let timing = Timing::new(module, delays);
    let last = stages.map_or_else(|| timing.least_last(period_ns), |stages| stages.get() - 1);
    match best_stages(&timing, period_ns, last) {
        Some(best) => Ok(build(module, &best, last)),
        None => Err(stages.map_or_else(several, |stages| too_few(&timing, period_ns, stages))),
    }
}

/// The module with a register behind each input, before each output, or both.
pub fn register_ports(module: &Module, inputs: bool, outputs: bool) -> Module {
    let mut rebuild = Rebuild::new(module);
    for (id, net) in module.nets.iter() {
        let copy = rebuild.copy(id);
        let copy = rebuild.builder.prove(copy, net.range);
        let is_input = matches!(net.cell, Cell::Input { .. });
        rebuild.nets[id] = if inputs && is_input { rebuild.builder.register(copy) } else { copy };
    }
    if outputs {
        let mut done = SideTable::filled(module.nets.len(), false);
        for net in module.outputs.iter().flat_map(|port| &port.nets) {
            if !std::mem::replace(&mut done[*net], true) {
                rebuild.builder.enter_layer(module.nets[*net].layer);
                rebuild.nets[*net] = rebuild.builder.register(rebuild.nets[*net]);
            }
        }
    }
    rebuild.finish(module.latency + u32::from(inputs) + u32::from(outputs))
}

fn too_slow(module: &Module, delays: &SideTable<NetId, f64>, period_ns: f64) -> Option<Diagnostic> {
    let slowest = module.nets.ids().max_by(|a, b| delays[*a].total_cmp(&delays[*b]))?;
    let delay = delays[slowest];
    if delay <= period_ns + TOLERANCE_NS {
        return None;
    }
    let net = &module.nets[slowest];
    let layer = &module.layers[net.layer];
    let longer = (10.0 * (delay - period_ns)).ceil() / 10.0;
    Some(
        Diagnostic::error(
            Code::P0302,
            format!("one `{}` of {} bits takes {delay:.2} ns", net.cell.name(), net.width()),
            format!("make the clock period {longer:.1} ns longer, or narrow the formats there"),
        )
        .at_node(&layer.name, &layer.operator)
        .note(room(period_ns)),
    )
}

fn too_few(timing: &Timing, period_ns: f64, stages: NonZeroU32) -> Diagnostic {
    let shortest = timing.shortest_period(stages.get() - 1);
    let longer = (10.0 * (shortest - period_ns)).ceil() / 10.0;
    let needed = timing.least_last(period_ns) + 1;
    let help = format!("write `stages = {needed}`, or make the clock period {longer:.1} ns longer");
    let message = format!("with `stages = {stages}` a stage takes {shortest:.2} ns");
    Diagnostic::error(Code::P0302, message, help).at("`[pipeline] stages`").note(room(period_ns))
}

fn several() -> Diagnostic {
    Diagnostic::error(
        Code::P0302,
        "logic that shares a look-up table would stand in several stages",
        "make the clock period longer",
    )
}

/// What a stage has to do with.
fn room(period_ns: f64) -> String {
    if period_ns > 0.0 {
        format!("a stage has {period_ns:.2} ns between its registers")
    } else {
        "the registers alone take the whole period".to_owned()
    }
}

/// The module with registers wherever a net is used in a later stage than its own.
fn build(module: &Module, stages: &Stages, last: u32) -> Module {
    let mut rebuild = Rebuild::new(module);
    // `chains[net][k]` is the net, k + 1 clocks later.
    let mut chains: SideTable<NetId, Vec<NetId>> = SideTable::filled(module.nets.len(), Vec::new());
    for (id, net) in module.nets.iter() {
        let undelayed: Vec<(NetId, NetId)> =
            net.cell.operands().map(|operand| (operand, rebuild.nets[operand])).collect();
        for operand in net.cell.operands() {
            let clocks = stages[id].saturating_sub(stages[operand]);
            rebuild.nets[operand] = delayed(&mut rebuild, &mut chains[operand], operand, clocks);
        }
        let copy = rebuild.copy(id);
        let copy = rebuild.builder.prove(copy, net.range);
        for (operand, net) in undelayed {
            rebuild.nets[operand] = net;
        }
        rebuild.nets[id] = copy;
    }
    let mut aligned = Vec::new();
    for net in module.outputs.iter().flat_map(|port| &port.nets) {
        let clocks = last - stages[*net];
        aligned.push((*net, delayed(&mut rebuild, &mut chains[*net], *net, clocks)));
    }
    for (old, new) in aligned {
        rebuild.nets[old] = new;
    }
    rebuild.finish(last)
}

/// What became of `net`, some clocks later.
fn delayed(rebuild: &mut Rebuild, chain: &mut Vec<NetId>, net: NetId, clocks: u32) -> NetId {
    let first = rebuild.nets[net];
    rebuild.builder.enter_layer(rebuild.old.nets[net].layer);
    while chain.len() < clocks as usize {
        let previous = chain.last().copied().unwrap_or(first);
        chain.push(rebuild.builder.register(previous));
    }
    match clocks {
        0 => first,
        _ => chain[clocks as usize - 1],
    }
}
