//! The adders of one row: the cheapest pair first, as far as its due time admits.
//!
//! Where sums may have three terms, the cheapest pair is joined by the third that fits best.

use super::fuse::LEVELS_OF_THREE;
use super::network::{Network, weight};
use super::pattern::TermId;
use super::span::Span;

/// Something to be added up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    /// Its bits, where they stand in the sum.
    pub(super) span: Span,
    /// Whether it is taken away.
    pub(super) negative: bool,
    /// When it is there.
    pub(super) arrival: u32,
}

/// One adder of a tree: two slots; the sum takes the place of the first, the second falls empty.
pub(super) type Merge = (usize, usize);

/// Adds operands up in pairs.
///
/// `due` is when the sum must be there; the operands' [`weight`]s must not exceed its own.
#[derive(Debug, Default)]
pub(super) struct Tree {
    slots: Vec<Option<Operand>>,
    /// For each slot, the best of the later ones to add it to.
    partners: Vec<Option<(Price, usize)>>,
    slack: Option<u128>,
    by_threes: bool,
    /// The adders, in order; two that make a sum of three follow each other.
    pub(super) merges: Vec<Merge>,
    /// The bits of all adders.
    pub(super) cost: u32,
}

/// What a pair is chosen by: adder bits and, where these are equal, bits of the sum.
type Price = (u32, u32);

impl Tree {
    /// The tree of a row.
    pub(super) fn of_row(&mut self, network: &Network, row: TermId) {
        let term = network.term(row);
        let operands = term.digits.iter().map(|digit| {
            let used = network.term(digit.term);
            let span = used.span.moved(digit.shift);
            Operand { span, negative: digit.negative, arrival: used.arrival }
        });
        self.by_threes = network.by_threes;
        self.build(operands, network.deadline.map(|_| term.arrival));
    }

    /// The tree of some operands.
    pub(super) fn build(&mut self, operands: impl Iterator<Item = Operand>, due: Option<u32>) {
        self.slots.clear();
        self.slots.extend(operands.map(Some));
        self.merges.clear();
        self.cost = 0;
        let load: u128 = self.slots.iter().flatten().map(|operand| weight(operand.arrival)).sum();
        self.slack = due.map(|due| weight(due) - load);
        self.partners.clear();
        self.partners.extend((0..self.slots.len()).map(|_| None));
        for slot in 0..self.slots.len() {
            self.find_partner(slot);
        }
        let mut left = self.slots.len();
        while left > 1 {
            // Threes leave an odd number as it is: one sum of two makes the number odd.
            let by_threes = self.by_threes && left % 2 == 1;
            left -= self.merge_best(by_threes);
        }
    }

    fn price(&self, first: Operand, second: Operand) -> Option<Price> {
        if let Some(slack) = self.slack
            && waste(first, second) > slack
        {
            return None;
        }
        let subtract = first.negative != second.negative;
        let overlap = first.span.cheapest_overlap(second.span, 0, subtract);
        let bits = u32::from(overlap.max(0).unsigned_abs());
        let width = first.span.width_with(second.span);
        Some((bits, u32::from(width.unsigned_abs())))
    }

    fn find_partner(&mut self, slot: usize) {
        let own = self.slots[slot];
        let better = |best: Option<(Price, usize)>, other: usize| {
            let price = self.price(own?, self.slots[other]?);
            match (price, best) {
                (Some(price), Some(known)) if (price, other) < known => Some((price, other)),
                (Some(price), None) => Some((price, other)),
                _ => best,
            }
        };
        let mut best = None;
        for other in slot + 1..self.slots.len() {
            best = better(best, other).or(best);
        }
        self.partners[slot] = best;
    }

    /// Adds the cheapest pair, and a third operand if it may; returns how many operands are gone.
    fn merge_best(&mut self, by_threes: bool) -> usize {
        let (first, second) = loop {
            let best = self.partners.iter().enumerate();
            let best = best.filter_map(|(slot, partner)| partner.map(|p| (p.0, slot, p.1))).min();
            let (_, first, second) = best.expect("the two earliest can always be added");
            let pair = (self.slots[first], self.slots[second]);
            if let (Some(a), Some(b)) = pair
                && self.price(a, b).is_some()
            {
                break (first, second);
            }
            self.find_partner(first);
        };
        let (a, b) = (self.slots[first].take(), self.slots[second].take());
        let (a, b) = (a.expect("partners are there"), b.expect("partners are there"));
        let third = if by_threes { self.third(a, b) } else { None };
        let bits = self.price(a, b).expect("checked above").0;
        self.merges.push((first, second));
        self.partners[second] = None;
        let pair = added(a, b);
        let (sum, lost) = match third {
            None => {
                self.cost += bits;
                self.slack = self.slack.map(|slack| slack - waste(a, b));
                (pair, [second; 2])
            }
            Some(Third { slot, bits, waste }) => {
                let c = self.slots[slot].take().expect("the third is there");
                self.cost += bits;
                self.slack = self.slack.map(|slack| slack - waste);
                self.merges.push((first, slot));
                self.partners[slot] = None;
                let arrival = a.arrival.max(b.arrival).max(c.arrival) + LEVELS_OF_THREE;
                (Operand { arrival, ..added(pair, c) }, [second, slot])
            }
        };
        self.slots[first] = Some(sum);
        self.find_partners(first, lost);
        lost.len() - usize::from(lost[0] == lost[1])
    }

    /// The operand that makes the cheapest sum of three with a pair, if it saves anything.
    fn third(&self, a: Operand, b: Operand) -> Option<Third> {
        let mut best: Option<((u32, u32), Third)> = None;
        for (slot, c) in self.slots.iter().enumerate() {
            let Some(c) = c else { continue };
            let waste = waste_of_three(a, b, *c);
            if self.slack.is_some_and(|slack| waste > slack) {
                continue;
            }
            let spans = [a, b, *c].map(|operand| (operand.span, operand.negative));
            let bits = u32::from(Span::overlap_of_three(spans).max(0).unsigned_abs());
            let width = u32::from(a.span.width_with(c.span).unsigned_abs());
            if best.as_ref().is_none_or(|(known, _)| (bits, width) < *known) {
                best = Some(((bits, width), Third { slot, bits, waste }));
            }
        }
        best.map(|(_, third)| third)
    }

    fn find_partners(&mut self, first: usize, gone: [usize; 2]) {
        for slot in 0..self.slots.len() {
            let lost = self.partners[slot].is_some_and(|(_, p)| p == first || gone.contains(&p));
            if slot == first || lost {
                self.find_partner(slot);
            } else if slot < first
                && let (Some(own), Some(sum)) = (self.slots[slot], self.slots[first])
                && let Some(price) = self.price(own, sum)
                && self.partners[slot].is_none_or(|known| (price, first) < known)
            {
                self.partners[slot] = Some((price, first));
            }
        }
    }
}

/// The third operand of a sum.
struct Third {
    slot: usize,
    /// The bits of the whole sum.
    bits: u32,
    waste: u128,
}

/// A pair added up.
fn added(a: Operand, b: Operand) -> Operand {
    let (plus, minus) = if a.negative { (b, a) } else { (a, b) };
    let span = plus.span.sum(minus.span, 0, a.negative != b.negative);
    Operand {
        span: span.expect("the problem bounds every partial sum"),
        negative: a.negative && b.negative,
        arrival: a.arrival.max(b.arrival) + 1,
    }
}

/// What a sum of three adds to the load of its row.
fn waste_of_three(a: Operand, b: Operand, c: Operand) -> u128 {
    let sum = weight(a.arrival.max(b.arrival).max(c.arrival) + LEVELS_OF_THREE);
    sum - weight(a.arrival) - weight(b.arrival) - weight(c.arrival)
}

/// What a pair adds to the load of its row.
fn waste(first: Operand, second: Operand) -> u128 {
    let sum = weight(first.arrival.max(second.arrival) + 1);
    sum - weight(first.arrival) - weight(second.arrival)
}
