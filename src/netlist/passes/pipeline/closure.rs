//! [`Closure`]: the set of items with the largest gain, among those that hold
//! with every item also what it requires.
//!
//! The set is one side of a minimum cut (Picard 1976): the source feeds what
//! gains, what costs drains into the sink, and requirements are arcs without
//! bound. The maximum flow is Dinic's, with distances from the sink, so that no
//! path ends anywhere else. Requirements may be added after a set was found; the
//! flow so far stays.

use std::collections::VecDeque;

/// An item of a [`Closure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item(u32);

/// Items, what each of them gains or costs, and what it requires.
#[derive(Debug)]
pub(super) struct Closure {
    /// The first arc of each node, or [`NONE`]; the source is node 0, the sink node 1.
    first: Vec<u32>,
    /// Arcs in pairs: arc `k ^ 1` runs back along arc `k`.
    arcs: Vec<Arc>,
}

#[derive(Clone, Copy, Debug)]
struct Arc {
    to: u32,
    /// The next arc out of the same node, or [`NONE`].
    next: u32,
    /// What more can flow along it.
    room: u64,
}

const SOURCE: u32 = 0;
const SINK: u32 = 1;
/// No arc, no distance. Half the memory of an option, and memory is what the flow waits for.
const NONE: u32 = u32::MAX;
/// More than all gains together.
const UNBOUNDED: u64 = u64::MAX / 4;

impl Closure {
    /// No items yet.
    pub(super) fn new() -> Self {
        Self { first: vec![NONE; 2], arcs: Vec::new() }
    }

    /// A new item that neither gains nor costs.
    pub(super) fn item(&mut self) -> Item {
        self.first.push(NONE);
        Item(narrow(self.first.len() - 1))
    }

    /// Adds to what taking the item in gains.
    pub(super) fn gain(&mut self, item: Item, gain: u64) {
        self.arc(SOURCE, item.0, gain);
    }

    /// Adds to what taking the item in costs.
    pub(super) fn cost(&mut self, item: Item, cost: u64) {
        self.arc(item.0, SINK, cost);
    }

    /// The item is in no set.
    pub(super) fn forbid(&mut self, item: Item) {
        self.arc(item.0, SINK, UNBOUNDED);
    }

    /// A set with `item` holds `other`.
    pub(super) fn require(&mut self, item: Item, other: Item) {
        self.arc(item.0, other.0, UNBOUNDED);
    }

    fn arc(&mut self, from: u32, to: u32, room: u64) {
        for (from, to, room) in [(from, to, room), (to, from, 0)] {
            let arc = narrow(self.arcs.len());
            let next = std::mem::replace(&mut self.first[index(from)], arc);
            self.arcs.push(Arc { to, next, room });
        }
    }

    /// The smallest of the sets with the largest gain; empty if nothing gains.
    pub(super) fn best(&mut self) -> Best {
        loop {
            let distances = self.distances();
            if distances[index(SOURCE)] == NONE {
                return Best { is_in: self.reached() };
            }
            self.augment(&distances);
        }
    }

    fn arcs_of(&self, node: u32) -> impl Iterator<Item = u32> {
        let some = |arc: u32| (arc != NONE).then_some(arc);
        std::iter::successors(some(self.first[index(node)]), move |arc| {
            some(self.arcs[index(*arc)].next)
        })
    }

    /// The distance of each node to the sink along arcs with room, up to that of the source.
    fn distances(&self) -> Vec<u32> {
        let mut distances = vec![NONE; self.first.len()];
        distances[index(SINK)] = 0;
        let mut queue = VecDeque::from([SINK]);
        while let Some(node) = queue.pop_front() {
            for arc in self.arcs_of(node) {
                let from = self.arcs[index(arc)].to;
                if distances[index(from)] == NONE && self.arcs[index(arc ^ 1)].room > 0 {
                    distances[index(from)] = distances[index(node)] + 1;
                    if from == SOURCE {
                        return distances;
                    }
                    queue.push_back(from);
                }
            }
        }
        distances
    }

    /// The nodes that more could flow to.
    fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.first.len()];
        reached[index(SOURCE)] = true;
        let mut open = vec![SOURCE];
        while let Some(node) = open.pop() {
            for arc in self.arcs_of(node) {
                let Arc { to, room, .. } = self.arcs[index(arc)];
                if room > 0 && !std::mem::replace(&mut reached[index(to)], true) {
                    open.push(to);
                }
            }
        }
        reached
    }

    /// Sends as much as the shortest paths take.
    fn augment(&mut self, distances: &[u32]) {
        let mut current = self.first.clone();
        let mut path: Vec<u32> = Vec::new();
        loop {
            let node = path.last().map_or(SOURCE, |arc| self.arcs[index(*arc)].to);
            let arc = current[index(node)];
            if node == SINK {
                let rooms = path.iter().map(|arc| self.arcs[index(*arc)].room);
                let sent = rooms.min().unwrap_or(0);
                for arc in &path {
                    self.arcs[index(*arc)].room -= sent;
                    self.arcs[index(arc ^ 1)].room += sent;
                }
                // Back to where the first of the filled arcs began.
                let full = path.iter().position(|arc| self.arcs[index(*arc)].room == 0);
                path.truncate(full.unwrap_or(0));
            } else if arc != NONE {
                let Arc { to, room, next } = self.arcs[index(arc)];
                let distance = distances[index(to)];
                if room > 0 && distance != NONE && distance + 1 == distances[index(node)] {
                    path.push(arc);
                } else {
                    current[index(node)] = next;
                }
            } else if let Some(arc) = path.pop() {
                // A dead end: whoever led here goes on with the next arc.
                let from = self.arcs[index(arc ^ 1)].to;
                current[index(from)] = self.arcs[index(arc)].next;
            } else {
                return;
            }
        }
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).expect("a number of nodes or arcs is an index")
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).expect("a flow has fewer than 2^32 nodes and arcs")
}

/// A set of items.
#[derive(Debug)]
pub(super) struct Best {
    is_in: Vec<bool>,
}

impl Best {
    /// Whether the item is in the set.
    pub(super) fn holds(&self, item: Item) -> bool {
        self.is_in[index(item.0)]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_set_is_the_best_of_all(
            values in prop::collection::vec(-9..9_i64, 1..9),
            first in prop::collection::vec((0..9_usize, 0..9_usize), 0..8),
            later in prop::collection::vec((0..9_usize, 0..9_usize), 0..8),
        ) {
            let mut closure = Closure::new();
            let items: Vec<Item> = values.iter().map(|_| closure.item()).collect();
            for (item, value) in items.iter().zip(&values) {
                match value {
                    0.. => closure.gain(*item, value.unsigned_abs()),
                    _ => closure.cost(*item, value.unsigned_abs()),
                }
            }
            let mut required = Vec::new();
            for round in [first, later] {
                for (a, b) in round {
                    let (a, b) = (a % items.len(), b % items.len());
                    closure.require(items[a], items[b]);
                    required.push((a, b));
                }
                let found = closure.best();
                let gain = |set: u32| -> Option<i64> {
                    let is_in = |item: usize| set >> item & 1 == 1;
                    let is_closed = required.iter().all(|(a, b)| !is_in(*a) || is_in(*b));
                    is_closed.then(|| (0..values.len()).filter(|i| is_in(*i)).map(|i| values[i]).sum())
                };
                let sets = 0..1_u32 << values.len();
                let best = sets.clone().filter_map(gain).max().unwrap();
                let own: u32 = (0..values.len()).filter(|i| found.holds(items[*i])).map(|i| 1 << i).sum();
                prop_assert_eq!(gain(own), Some(best));
                prop_assert!(sets.filter(|set| gain(*set) == Some(best)).all(|set| set & own == own));
            }
        }
    }
}
