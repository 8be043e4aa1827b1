//! From a [`Network`] to sums of two: trees for the rows, equal sums once.

use rustc_hash::FxHashMap;

use super::network::Network;
use super::pattern::Digit;
use super::term::Role;
use super::tree::Tree;
use crate::entity::EntityId;

/// `± term * 2^shift`, over the terms of a [`Draft`] or a [`Web`](super::web::Web).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Value {
    pub(super) term: usize,
    pub(super) shift: i16,
    pub(super) negative: bool,
}

impl Value {
    /// `± self * 2^shift`.
    pub(super) fn scaled(self, shift: i16, negate: bool) -> Self {
        Self { shift: self.shift + shift, negative: self.negative ^ negate, ..self }
    }
}

/// `a ± b * 2^shift`; it may yet be built as its negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) shift: i16,
    pub(super) subtract: bool,
}

/// Sums of two, none twice, whose signs are still free.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Terms `0..inputs` are the inputs.
    pub(super) inputs: usize,
    /// Term `inputs + k`, over earlier terms.
    pub(super) nodes: Vec<Node>,
    /// The outputs; nothing stands for zero.
    pub(super) outputs: Vec<Option<Value>>,
    known: FxHashMap<Node, usize>,
}

impl Draft {
    /// What a network stands for.
    pub(super) fn new(network: &Network, inputs: usize) -> Self {
        let mut draft = Self { inputs, ..Self::default() };
        let mut values: Vec<Option<Value>> = vec![None; network.len()];
        let mut tree = Tree::default();
        for id in network.topological() {
            if network.term(id).role == Role::Input {
                values[id.index()] = Some(Value { term: id.index(), shift: 0, negative: false });
                continue;
            }
            tree.of_row(network, id);
            let mut slots: Vec<Option<Value>> =
                network.term(id).digits.iter().map(|digit| read(&values, *digit)).collect();
            for (first, second) in &tree.merges {
                slots[*first] = draft.sum(slots[*first], slots[*second]);
            }
            // Each merge keeps the first slot, so the last one holds the whole.
            let root = tree.merges.last().map_or(0, |(first, _)| *first);
            values[id.index()] = slots.get(root).copied().flatten();
        }
        draft.outputs = network.outputs.iter().map(|digit| read(&values, (*digit)?)).collect();
        draft
    }

    fn sum(&mut self, first: Option<Value>, second: Option<Value>) -> Option<Value> {
        let (Some(first), Some(second)) = (first, second) else { return first.or(second) };
        let (low, high) = if first <= second { (first, second) } else { (second, first) };
        let subtract = low.negative != high.negative;
        let shift = high.shift - low.shift;
        if low.term == high.term && shift == 0 {
            return (!subtract).then_some(low.scaled(1, false));
        }
        let node = Node { a: low.term, b: high.term, shift, subtract };
        let next = self.inputs + self.nodes.len();
        let term = *self.known.entry(node).or_insert(next);
        if term == next {
            self.nodes.push(node);
        }
        Some(Value { term, ..low })
    }
}

fn read(values: &[Option<Value>], digit: Digit) -> Option<Value> {
    Some(values[digit.term.index()]?.scaled(digit.shift, digit.negative))
}
