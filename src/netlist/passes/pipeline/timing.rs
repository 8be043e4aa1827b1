//! [`Timing`]: which stages a clock period allows.

use std::collections::BTreeMap;

use crate::entity::SideTable;
use crate::netlist::{Cell, Module, NetId};

/// Rounding of sums of delays, in nanoseconds, that does not count.
pub(super) const TOLERANCE_NS: f64 = 1e-9;

/// How often the interval around the shortest period is halved.
const HALVINGS: usize = 32;

/// The stage of each net.
pub(super) type Stages = SideTable<NetId, u32>;

/// Two nets that may not be in one stage: the path from the first through the last is too long.
pub(super) type Apart = (NetId, NetId);

/// A module with what timing needs to know.
pub(super) struct Timing<'a> {
    pub(super) module: &'a Module,
    pub(super) delays: &'a SideTable<NetId, f64>,
    pub(super) users: SideTable<NetId, Vec<NetId>>,
    pub(super) is_output: SideTable<NetId, bool>,
    /// Logic that its users take into their look-up tables, and wires of it: no
    /// register may part it from them.
    pub(super) is_tied: SideTable<NetId, bool>,
}

impl<'a> Timing<'a> {
    pub(super) fn new(module: &'a Module, delays: &'a SideTable<NetId, f64>) -> Self {
        let mut users = SideTable::filled(module.nets.len(), Vec::new());
        let mut is_output = SideTable::filled(module.nets.len(), false);
        let mut is_tied = SideTable::filled(module.nets.len(), false);
        module.outputs.iter().flat_map(|port| &port.nets).for_each(|net| is_output[*net] = true);
        for (id, net) in module.nets.iter() {
            net.cell.operands().for_each(|operand| users[operand].push(id));
            let ties = match net.cell {
                Cell::Select { .. } | Cell::Less { .. } | Cell::Lookup { .. } => delays[id] == 0.0,
                Cell::Truncate { a, .. } | Cell::Shift { a, .. } => is_tied[a],
                Cell::Input { .. }
                | Cell::Constant
                | Cell::Add { .. }
                | Cell::Sum { .. }
                | Cell::Multiply { .. }
                | Cell::Register { .. } => false,
            };
            is_tied[id] = ties && !is_output[id];
        }
        Self { module, delays, users, is_output, is_tied }
    }

    /// The operands that a register can delay.
    pub(super) fn operands(&self, net: NetId) -> impl Iterator<Item = NetId> {
        let operands = self.module.nets[net].cell.operands();
        operands.filter(|operand| self.module.nets[*operand].cell != Cell::Constant)
    }

    /// Each net in the first stage that it can be in; nothing where some net would
    /// have to come after stage `last`.
    pub(super) fn earliest(&self, period: f64, last: u32) -> Option<Stages> {
        let mut stages = SideTable::filled(self.module.nets.len(), 0);
        loop {
            self.delay(&mut stages, period);
            if self.module.nets.ids().any(|net| stages[net] > last) {
                return None;
            }
            let mut moves = false;
            for id in self.module.nets.ids().rev().filter(|net| self.is_tied[*net]) {
                let with = self.users[id].iter().map(|user| stages[*user]).max();
                if let Some(stage) = with.filter(|stage| *stage > stages[id]) {
                    stages[id] = stage;
                    moves = true;
                }
            }
            if !moves {
                return Some(stages);
            }
        }
    }

    /// Moves nets to later stages until none comes before its operands and no stage is too long.
    fn delay(&self, stages: &mut Stages, period: f64) {
        let mut arrivals = SideTable::filled(self.module.nets.len(), 0.0_f64);
        for id in self.module.nets.ids() {
            let stage = self.operands(id).map(|net| stages[net]).fold(stages[id], u32::max);
            let within = self.operands(id).filter(|net| stages[*net] == stage);
            let arrival = within.map(|net| arrivals[net]).fold(0.0, f64::max) + self.delays[id];
            let fits = arrival <= period + TOLERANCE_NS;
            (stages[id], arrivals[id]) =
                if fits { (stage, arrival) } else { (stage + 1, self.delays[id]) };
        }
    }

    /// The last stage if nothing comes later than it must.
    pub(super) fn least_last(&self, period: f64) -> u32 {
        let mut stages = SideTable::filled(self.module.nets.len(), 0);
        self.delay(&mut stages, period);
        self.module.nets.ids().map(|net| stages[net]).max().unwrap_or(0)
    }

    /// The shortest period with which everything is done by stage `last`.
    pub(super) fn shortest_period(&self, last: u32) -> f64 {
        let delays = || self.module.nets.ids().map(|net| self.delays[net]);
        let (mut too_short, mut enough) = (delays().fold(0.0, f64::max), delays().sum());
        if self.earliest(too_short, last).is_some() {
            return too_short;
        }
        for _ in 0..HALVINGS {
            let middle = 0.5 * (too_short + enough);
            if self.earliest(middle, last).is_some() {
                enough = middle;
            } else {
                too_short = middle;
            }
        }
        enough
    }

    /// Pairs that must be parted, at least one for each net at which a stage becomes too long.
    ///
    /// A pair is not listed where one inside it says as much.
    pub(super) fn too_long(&self, stages: &Stages, period: f64) -> Vec<Apart> {
        let mut apart = Vec::new();
        let mut arrivals = SideTable::filled(self.module.nets.len(), 0.0_f64);
        for id in self.module.nets.ids() {
            let within = self.operands(id).filter(|net| stages[*net] == stages[id]);
            arrivals[id] = within.map(|net| arrivals[net]).fold(0.0, f64::max) + self.delays[id];
            if arrivals[id] > period + TOLERANCE_NS {
                self.sources_too_far(id, stages, period, &mut apart);
                // As if it began a stage, so that what follows is looked at as well.
                arrivals[id] = self.delays[id];
            }
        }
        apart
    }

    /// The nearest nets of the same stage from which the way through `end` is too long.
    fn sources_too_far(&self, end: NetId, stages: &Stages, period: f64, apart: &mut Vec<Apart>) {
        // The delay of the longest way from each net's operands through `end`, youngest net first.
        let mut ways = BTreeMap::from([(end, self.delays[end])]);
        while let Some((net, way)) = ways.pop_last() {
            if way > period + TOLERANCE_NS {
                apart.push((net, end));
                continue;
            }
            for operand in self.operands(net).filter(|operand| stages[*operand] == stages[end]) {
                let longer = way + self.delays[operand];
                let known = ways.entry(operand).or_insert(longer);
                *known = known.max(longer);
            }
        }
    }
}
