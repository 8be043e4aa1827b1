//! The adders of one row: the cheapest pair first, as far as its due time admits.
//!
//! Where sums may have three terms, the cheapest pair is joined by the third that fits best.
//!
//! Each slot remembers its cheapest partner among the later ones. What it remembers is checked when
//! it is about to be used, for until then it can only be too cheap.

use super::fuse::LEVELS_OF_THREE;
use super::network::Network;
use super::pattern::TermId;
use super::span::Span;
use super::term::weight;

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
    /// For each slot the best of the later ones to add it to, as [`pack`] writes it, or a lower
    /// bound of it.
    best: Vec<u64>,
    slack: Option<Slack>,
    by_threes: bool,
    /// The adders, in order; two that make a sum of three follow each other.
    pub(super) merges: Vec<Merge>,
    /// The bits of all adders.
    pub(super) cost: u32,
}

/// No partner.
const NONE: u64 = u64::MAX;

/// What a pair is chosen by: adder bits, then bits of the sum, then the partner.
fn pack(bits: u16, width: u16, partner: usize) -> u64 {
    let partner = u64::try_from(partner).expect("an index is a word");
    (u64::from(bits) << 48) | (u64::from(width) << 32) | partner
}

/// The adder bits and the partner.
fn unpack(best: u64) -> (u32, usize) {
    let bits = u32::try_from(best >> 48).expect("16 bits");
    (bits, usize::try_from(best & u64::from(u32::MAX)).expect("made from an index"))
}

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
        self.slack = due.map(|due| Slack::new(weight(due) - load));
        self.best.clear();
        self.best.resize(self.slots.len(), NONE);
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

    /// How good it is to add an operand to that of another slot; [`NONE`] where it would be late.
    fn price(&self, own: Operand, other: usize) -> u64 {
        let Some(partner) = self.slots[other] else { return NONE };
        if self.slack.is_some_and(|slack| !slack.admits(own, partner)) {
            return NONE;
        }
        let subtract = own.negative != partner.negative;
        let overlap = own.span.cheapest_overlap(partner.span, 0, subtract);
        let width = own.span.width_with(partner.span);
        pack(overlap.max(0).unsigned_abs(), width.unsigned_abs(), other)
    }

    fn find_partner(&mut self, slot: usize) {
        let Some(own) = self.slots[slot] else { return };
        let later = slot + 1..self.slots.len();
        self.best[slot] = later.map(|other| self.price(own, other)).min().unwrap_or(NONE);
    }

    /// Adds the cheapest pair, and a third operand if it may; returns how many operands are gone.
    fn merge_best(&mut self, by_threes: bool) -> usize {
        let (first, second, bits) = loop {
            let (best, first) = self.cheapest();
            assert_ne!(best, NONE, "the two earliest can always be added");
            let (bits, second) = unpack(best);
            if self.slots[first].is_some_and(|own| self.price(own, second) == best) {
                break (first, second, bits);
            }
            self.find_partner(first);
        };
        let (a, b) = (self.take(first), self.take(second));
        self.merges.push((first, second));
        let pair = added(a, b);
        let third = if by_threes { self.third(a, b) } else { None };
        let Some(Third { slot, bits, waste }) = third else {
            self.cost += bits;
            self.slack = self.slack.map(|slack| slack.less(waste(a, b)));
            self.put(first, pair);
            return 1;
        };
        let c = self.take(slot);
        self.merges.push((first, slot));
        self.cost += bits;
        self.slack = self.slack.map(|slack| slack.less(waste));
        let arrival = a.arrival.max(b.arrival).max(c.arrival) + LEVELS_OF_THREE;
        self.put(first, Operand { arrival, ..added(pair, c) });
        2
    }

    /// The least of what the slots remember, and where that is.
    fn cheapest(&self) -> (u64, usize) {
        let mut cheapest = (NONE, 0);
        for (slot, best) in self.best.iter().enumerate() {
            if *best < cheapest.0 {
                cheapest = (*best, slot);
            }
        }
        cheapest
    }

    fn take(&mut self, slot: usize) -> Operand {
        self.best[slot] = NONE;
        self.slots[slot].take().expect("partners are there")
    }

    /// Puts a sum among the operands.
    fn put(&mut self, slot: usize, sum: Operand) {
        self.slots[slot] = Some(sum);
        self.find_partner(slot);
        for other in 0..slot {
            if let Some(own) = self.slots[other] {
                self.best[other] = self.best[other].min(self.price(own, slot));
            }
        }
    }

    /// The operand that makes the cheapest sum of three with a pair, if it saves anything.
    fn third(&self, a: Operand, b: Operand) -> Option<Third> {
        let mut best: Option<((u32, u32), Third)> = None;
        for (slot, c) in self.slots.iter().enumerate() {
            let Some(c) = c else { continue };
            let waste = waste_of_three(a, b, *c);
            if self.slack.is_some_and(|slack| waste > slack.left) {
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
}

/// What may be lost by adding operands that arrive at different times.
#[derive(Clone, Copy, Debug)]
struct Slack {
    left: u128,
    /// The latest arrival of a pair whose other one may arrive at any time.
    free: Option<u32>,
    /// One arrival later, the other one must not arrive before this.
    since: u32,
}

impl Slack {
    fn new(left: u128) -> Self {
        let free = left.checked_ilog2();
        // `2^next - 2^since` must not be more than what is left.
        let next = weight(free.map_or(0, |free| free + 1));
        Self { left, free, since: super::extract::least_arrival(next - left) }
    }

    fn less(self, waste: u128) -> Self {
        Self::new(self.left - waste)
    }

    /// True when a pair may be added: it loses `2^late - 2^early`.
    fn admits(self, a: Operand, b: Operand) -> bool {
        let (early, late) = (a.arrival.min(b.arrival), a.arrival.max(b.arrival));
        let Some(free) = self.free else { return early == late };
        late <= free || early == late || (late == free + 1 && early >= self.since)
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
    weight(first.arrival.max(second.arrival)) - weight(first.arrival.min(second.arrival))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::numeric::interval::Interval;

    proptest! {
        #[test]
        fn slack_admits_what_it_can_pay(left in any::<u16>(), early in 0_u32..18, gap in 0_u32..18) {
            let operand = |arrival| Operand {
                span: Span::of(Interval::new(0, 1, 0)),
                negative: false,
                arrival,
            };
            let (a, b) = (operand(early), operand(early + gap));
            let slack = Slack::new(left.into());
            prop_assert_eq!(slack.admits(a, b), waste(a, b) <= slack.left);
            prop_assert_eq!(slack.admits(b, a), waste(a, b) <= slack.left);
        }
    }
}
