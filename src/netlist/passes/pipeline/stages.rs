//! The stage of every net, with the fewest bits in registers.
//!
//! The bits in registers are an L-natural-convex function of the stages: of two
//! assignments the larger and the smaller stages together need no more than both.
//! For such a function steepest ascent is exact (Murota, *Discrete Convex
//! Analysis*, 2003): from below every optimum, move by one stage the smallest set
//! of nets that gains most, until none gains. The earliest stages are below
//! everything that is allowed, so there are at most as many moves as stages.
//!
//! Of the pairs that a period keeps apart only those are looked at which a move
//! would bring together: there are millions of them, and few ever matter.

use std::collections::BTreeSet;

use super::closure::{Closure, Item};
use super::timing::{Apart, Stages, Timing};
use crate::entity::SideTable;
use crate::netlist::{Cell, NetId};

/// The assignment with the fewest register bits, with the outputs in stage `last`;
/// nothing where the period demands more stages.
pub(super) fn best_stages(timing: &Timing, period: f64, last: u32) -> Option<Stages> {
    let mut stages = timing.earliest(period, last)?;
    let mut apart = BTreeSet::new();
    while let Some(moved) = moved(timing, &stages, last, period, &mut apart) {
        stages = moved;
    }
    Some(stages)
}

/// The stages after the best move; nothing when no move gains.
fn moved(
    timing: &Timing,
    stages: &Stages,
    last: u32,
    period: f64,
    apart: &mut BTreeSet<Apart>,
) -> Option<Stages> {
    let (mut closure, items) = gains(timing, stages, last);
    let follows = |(first, end): &Apart| stages[*end] == stages[*first] + 1;
    for (first, end) in apart.iter().filter(|pair| follows(pair)) {
        closure.require(items[*first], items[*end]);
    }
    loop {
        let best = closure.best();
        let set: Vec<NetId> =
            timing.module.nets.ids().filter(|net| best.holds(items[*net])).collect();
        if set.is_empty() {
            return None;
        }
        let mut moved = stages.clone();
        for net in set {
            moved[net] += 1;
        }
        let too_long = timing.too_long(&moved, period);
        if too_long.is_empty() {
            return Some(moved);
        }
        for (first, end) in too_long {
            closure.require(items[first], items[end]);
            apart.insert((first, end));
        }
    }
}

/// What each net gains by coming one stage later, and which others must come with it.
fn gains(timing: &Timing, stages: &Stages, last: u32) -> (Closure, SideTable<NetId, Item>) {
    let mut closure = Closure::new();
    let unset = closure.item();
    let mut items = SideTable::filled(timing.module.nets.len(), unset);
    timing.module.nets.ids().for_each(|net| items[net] = closure.item());
    for (id, net) in timing.module.nets.iter() {
        if stages[id] == last || matches!(net.cell, Cell::Input { .. } | Cell::Constant) {
            closure.forbid(items[id]);
        }
        if net.cell == Cell::Constant {
            continue;
        }
        let users = &timing.users[id];
        for user in users.iter().filter(|user| stages[**user] == stages[id]) {
            closure.require(items[id], items[*user]);
            if timing.is_tied[id] {
                closure.require(items[*user], items[id]);
            }
        }
        let width = u64::from(net.width());
        if timing.is_output[id] {
            closure.gain(items[id], width);
        } else if let Some(until) = users.iter().map(|user| stages[*user]).max() {
            closure.gain(items[id], width);
            // Its registers last one stage longer when any of the last users moves.
            let longer = closure.item();
            closure.cost(longer, width);
            for user in users.iter().filter(|user| stages[**user] == until) {
                closure.require(items[*user], longer);
            }
        }
    }
    (closure, items)
}
