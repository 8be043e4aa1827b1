//! Registers, so that no stage takes longer than the clock period.
//!
//! Every net is given a stage; where a user lives in a later stage than its
//! operand, registers stand between them, one chain for all users. Among many
//! assignments with the least number of stages the one with the fewest bits in
//! registers is taken: as early as possible and as late as possible, each for
//! several shares of the period, for a tree is narrow at some of its levels.

use super::rebuild::Rebuild;
use crate::diag::{Code, Diagnostic};
use crate::entity::SideTable;
use crate::netlist::{Cell, Module, NetId};

/// Rounding of sums of delays, in nanoseconds, that does not count.
const TOLERANCE_NS: f64 = 1e-9;

/// How many shares of the period are tried.
const SHARES: u32 = 12;

/// The module with registers between stages of at most `period_ns`.
///
/// `delays` are those of the cells; what a register itself takes must have been
/// taken off the period. Logic without a delay shares the look-up tables of its
/// users and stays with them. The module must not have registers yet.
///
/// # Errors
/// `P0302` for the slowest cell, when it alone takes longer than the period.
pub fn pipeline(
    module: &Module,
    delays: &SideTable<NetId, f64>,
    period_ns: f64,
) -> Result<Module, Diagnostic> {
    let has_registers = module.nets.values().any(|net| matches!(net.cell, Cell::Register { .. }));
    assert!(!has_registers, "a module is pipelined once");
    if let Some(fault) = too_slow(module, delays, period_ns) {
        return Err(fault);
    }
    let stages = best_stages(&Timing { module, delays, users: users(module) }, period_ns);
    Ok(build(module, &stages))
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
        .note(if period_ns > 0.0 {
            format!("a stage has {period_ns:.2} ns between its registers")
        } else {
            "the registers alone take the whole period".to_owned()
        }),
    )
}

/// A module with what timing needs to know.
struct Timing<'a> {
    module: &'a Module,
    delays: &'a SideTable<NetId, f64>,
    users: SideTable<NetId, Vec<NetId>>,
}

type Stages = SideTable<NetId, u32>;

impl Timing<'_> {
    fn is_constant(&self, net: NetId) -> bool {
        self.module.nets[net].cell == Cell::Constant
    }

    /// Each net in the first stage that it can be in.
    fn earliest(&self, period: f64) -> Stages {
        let mut stages = SideTable::filled(self.module.nets.len(), 0);
        let mut arrivals = SideTable::filled(self.module.nets.len(), 0.0_f64);
        for (id, net) in self.module.nets.iter() {
            let (mut stage, mut start) = (0, 0.0_f64);
            for operand in net.cell.operands() {
                if stages[operand] > stage {
                    (stage, start) = (stages[operand], 0.0);
                }
                if stages[operand] == stage {
                    start = start.max(arrivals[operand]);
                }
            }
            let fits = start + self.delays[id] <= period + TOLERANCE_NS;
            (stages[id], arrivals[id]) =
                if fits { (stage, start + self.delays[id]) } else { (stage + 1, self.delays[id]) };
        }
        stages
    }

    /// Each net in the last stage that it can be in when the outputs are in stage `last`.
    fn latest(&self, period: f64, last: u32) -> Stages {
        let mut stages = SideTable::filled(self.module.nets.len(), last);
        let mut tails = SideTable::filled(self.module.nets.len(), 0.0_f64);
        for (id, net) in self.module.nets.iter().rev() {
            let (mut stage, mut tail) = (last, 0.0_f64);
            for user in &self.users[id] {
                if stages[*user] < stage {
                    (stage, tail) = (stages[*user], 0.0);
                }
                if stages[*user] == stage {
                    tail = tail.max(tails[*user]);
                }
            }
            let fits = tail + self.delays[id] <= period + TOLERANCE_NS;
            (stages[id], tails[id]) = match (fits, stage) {
                (false, 1..) => (stage - 1, self.delays[id]),
                _ => (stage, tail + self.delays[id]),
            };
            if matches!(net.cell, Cell::Input { .. }) {
                stages[id] = 0;
            }
        }
        stages
    }

    /// The same stages, but with nets that cost nothing moved to their users.
    ///
    /// Logic that shares the look-up tables of its users must not be parted from
    /// them. Bare wires move where keeping the word that they are cut from takes
    /// fewer register bits than keeping all of them.
    fn sunk(&self, mut stages: Stages) -> Stages {
        let mut is_output = SideTable::filled(self.module.nets.len(), false);
        let outputs = self.module.outputs.iter().flat_map(|port| &port.nets);
        outputs.for_each(|net| is_output[*net] = true);
        for id in self.module.nets.ids().rev() {
            let first = |net: NetId, stages: &Stages| {
                self.users[net].iter().map(|user| stages[*user]).min()
            };
            if self.is_shared(id) && !is_output[id] {
                stages[id] = first(id, &stages).unwrap_or(0).max(stages[id]);
            }
            let moves: Vec<(NetId, u32)> = self.users[id]
                .iter()
                .filter(|wire| self.is_wire(**wire) && !is_output[**wire])
                .filter_map(|wire| first(*wire, &stages).map(|stage| (*wire, stage)))
                .filter(|(wire, stage)| *stage > stages[*wire])
                .collect();
            let kept = |net: NetId, from: u32, to: u32| {
                u64::from(to.saturating_sub(from)) * u64::from(self.module.nets[net].width())
            };
            let until = self.users[id].iter().map(|user| stages[*user]).max().unwrap_or(0);
            let moved_until = moves.iter().map(|(_, to)| *to).fold(until, u32::max);
            let saved: u64 = moves.iter().map(|(wire, to)| kept(*wire, stages[*wire], *to)).sum();
            if saved > kept(id, until, moved_until) {
                for (wire, to) in moves {
                    stages[wire] = to;
                }
            }
        }
        stages
    }

    fn is_wire(&self, net: NetId) -> bool {
        matches!(self.module.nets[net].cell, Cell::Truncate { .. } | Cell::Shift { .. })
    }

    /// True for logic that its users take into their look-up tables.
    fn is_shared(&self, net: NetId) -> bool {
        let cell = self.module.nets[net].cell;
        let is_logic =
            matches!(cell, Cell::Select { .. } | Cell::Less { .. } | Cell::Lookup { .. });
        is_logic && self.delays[net] == 0.0
    }

    /// The bits in registers that an assignment needs.
    fn register_bits(&self, stages: &Stages) -> u64 {
        let last = last_stage(self.module, stages);
        let mut until: Stages = SideTable::filled(self.module.nets.len(), 0);
        for (id, net) in self.module.nets.iter() {
            for operand in net.cell.operands() {
                until[operand] = until[operand].max(stages[id]);
            }
        }
        for net in self.module.outputs.iter().flat_map(|port| &port.nets) {
            until[*net] = last;
        }
        let bits = |id: NetId| {
            let kept = until[id].saturating_sub(stages[id]);
            u64::from(kept) * u64::from(self.module.nets[id].width())
        };
        self.module.nets.ids().filter(|id| !self.is_constant(*id)).map(bits).sum()
    }
}

fn users(module: &Module) -> SideTable<NetId, Vec<NetId>> {
    let mut users = SideTable::filled(module.nets.len(), Vec::new());
    for (id, net) in module.nets.iter() {
        net.cell.operands().for_each(|operand| users[operand].push(id));
    }
    users
}

/// The stage in which the outputs come.
fn last_stage(module: &Module, stages: &Stages) -> u32 {
    let outputs = module.outputs.iter().flat_map(|port| &port.nets);
    outputs.map(|net| stages[*net]).max().unwrap_or(0)
}

/// The assignment with the fewest register bits among those with the fewest stages.
fn best_stages(timing: &Timing, period: f64) -> Stages {
    let earliest = timing.earliest(period);
    let last = last_stage(timing.module, &earliest);
    let slowest = timing.module.nets.ids().map(|id| timing.delays[id]).fold(0.0, f64::max);
    // The shortest period that needs no stage more.
    let (mut too_short, mut enough) = (slowest - 2.0 * TOLERANCE_NS, period);
    for _ in 0..16 {
        let middle = 0.5 * (too_short + enough);
        let needed = if middle < slowest {
            u32::MAX
        } else {
            last_stage(timing.module, &timing.earliest(middle))
        };
        if needed <= last {
            enough = middle;
        } else {
            too_short = middle;
        }
    }
    let earliest = timing.sunk(earliest);
    let mut best = (timing.register_bits(&earliest), earliest);
    for share in 0..=SHARES {
        let period = enough + (period - enough) * f64::from(share) / f64::from(SHARES);
        for stages in [timing.earliest(period), timing.latest(period, last)] {
            let stages = timing.sunk(stages);
            let bits = timing.register_bits(&stages);
            if bits < best.0 && last_stage(timing.module, &stages) == last {
                best = (bits, stages);
            }
        }
    }
    best.1
}

/// The module with registers wherever a net is used in a later stage than its own.
fn build(module: &Module, stages: &Stages) -> Module {
    let last = last_stage(module, stages);
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
