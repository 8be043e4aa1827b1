//! The adders of one row: the cheapest pair first, as far as its due time admits.

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
    /// The adders, in order.
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
        for _ in 1..self.slots.len() {
            self.merge_best();
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

    fn merge_best(&mut self) {
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
        self.cost += self.price(a, b).expect("checked above").0;
        self.slack = self.slack.map(|slack| slack - waste(a, b));
        let (plus, minus) = if a.negative { (b, a) } else { (a, b) };
        let span = plus.span.sum(minus.span, 0, a.negative != b.negative);
        self.slots[first] = Some(Operand {
            span: span.expect("the problem bounds every partial sum"),
            negative: a.negative && b.negative,
            arrival: a.arrival.max(b.arrival) + 1,
        });
        self.merges.push((first, second));
        self.partners[second] = None;
        for slot in 0..self.slots.len() {
            let lost = self.partners[slot].is_some_and(|(_, p)| p == first || p == second);
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

/// What a pair adds to the load of its row.
fn waste(first: Operand, second: Operand) -> u128 {
    let sum = weight(first.arrival.max(second.arrival) + 1);
    sum - weight(first.arrival) - weight(second.arrival)
}
