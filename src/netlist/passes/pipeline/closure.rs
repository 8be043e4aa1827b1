//! [`Closure`]: the set of items with the largest gain, among those that hold
//! with every item also what it requires.
//!
//! The set is one side of a minimum cut (Picard 1976): the source feeds what
//! gains, what costs drains into the sink, and requirements are arcs without
//! bound. The maximum flow is Dinic's. Requirements may be added after a set was
//! found; the flow so far stays.

use std::collections::VecDeque;

/// An item of a [`Closure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item(usize);

/// Items, what each of them gains or costs, and what it requires.
#[derive(Debug)]
pub(super) struct Closure {
    /// The first arc of each node; the source is node 0, the sink node 1.
    first: Vec<Option<usize>>,
    /// Arcs in pairs: arc `k ^ 1` runs back along arc `k`.
    arcs: Vec<Arc>,
}

#[derive(Clone, Copy, Debug)]
struct Arc {
    to: usize,
    /// What more can flow along it.
    room: u64,
    /// The next arc out of the same node.
    next: Option<usize>,
}

const SOURCE: usize = 0;
const SINK: usize = 1;
/// More than all gains together.
const UNBOUNDED: u64 = u64::MAX / 4;

impl Closure {
    /// No items yet.
    pub(super) fn new() -> Self {
        Self { first: vec![None; 2], arcs: Vec::new() }
    }

    /// A new item that neither gains nor costs.
    pub(super) fn item(&mut self) -> Item {
        self.first.push(None);
        Item(self.first.len() - 1)
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

    fn arc(&mut self, from: usize, to: usize, room: u64) {
        for (from, to, room) in [(from, to, room), (to, from, 0)] {
            let next = self.first[from].replace(self.arcs.len());
            self.arcs.push(Arc { to, room, next });
        }
    }

    /// The smallest of the sets with the largest gain; empty if nothing gains.
    pub(super) fn best(&mut self) -> Best {
        loop {
            let levels = self.levels();
            if levels[SINK].is_none() {
                return Best { is_in: levels.iter().map(Option::is_some).collect() };
            }
            self.augment(&levels);
        }
    }

    fn arcs_of(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.first[node], |arc| self.arcs[*arc].next)
    }

    /// The distance of each node from the source along arcs with room.
    fn levels(&self) -> Vec<Option<usize>> {
        let mut levels = vec![None; self.first.len()];
        levels[SOURCE] = Some(0);
        let mut queue = VecDeque::from([(SOURCE, 0)]);
        while let Some((node, level)) = queue.pop_front() {
            for arc in self.arcs_of(node) {
                let Arc { to, room, .. } = self.arcs[arc];
                if room > 0 && levels[to].is_none() {
                    levels[to] = Some(level + 1);
                    queue.push_back((to, level + 1));
                }
            }
        }
        levels
    }

    /// Sends as much as the shortest paths take.
    fn augment(&mut self, levels: &[Option<usize>]) {
        let mut current = self.first.clone();
        let mut path: Vec<usize> = Vec::new();
        loop {
            let node = path.last().map_or(SOURCE, |arc| self.arcs[*arc].to);
            if node == SINK {
                let sent = path.iter().map(|arc| self.arcs[*arc].room).min().unwrap_or(0);
                for arc in &path {
                    self.arcs[*arc].room -= sent;
                    self.arcs[arc ^ 1].room += sent;
                }
                // Back to where the first of the filled arcs began.
                let full = path.iter().position(|arc| self.arcs[*arc].room == 0);
                path.truncate(full.unwrap_or(0));
            } else if let Some(arc) = current[node] {
                let Arc { to, room, next } = self.arcs[arc];
                let is_nearer = levels[to].zip(levels[node]).is_some_and(|(to, own)| to == own + 1);
                if room > 0 && is_nearer {
                    path.push(arc);
                } else {
                    current[node] = next;
                }
            } else if let Some(arc) = path.pop() {
                // A dead end: whoever led here goes on with the next arc.
                let from = self.arcs[arc ^ 1].to;
                current[from] = self.arcs[arc].next;
            } else {
                return;
            }
        }
    }
}

/// A set of items.
#[derive(Debug)]
pub(super) struct Best {
    is_in: Vec<bool>,
}

impl Best {
    /// Whether the item is in the set.
    pub(super) fn holds(&self, item: Item) -> bool {
        self.is_in[item.0]
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
