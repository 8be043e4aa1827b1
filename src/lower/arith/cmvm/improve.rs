//! Local search: dissolves a few connected terms, extracts anew, and keeps what is not worse.

use super::extract::{dissolve, extract};
use super::network::{Network, Role, mix};
use super::pattern::TermId;
use super::tree::Tree;
use crate::entity::EntityId;

/// A reproducible source of choices.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// The next word.
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `bound`, which is not zero.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("a length is a word");
        usize::try_from(self.roll() % bound).expect("below a length")
    }
}

/// How far below an output a difference is looked for that may take its sign.
const LOOK_DOWN: u32 = 3;

/// The adder bits of each row.
#[derive(Debug)]
pub(super) struct Costs {
    rows: Vec<u32>,
    tree: Tree,
    /// Of all rows.
    pub(super) total: u64,
}

impl Costs {
    /// The costs of a network.
    pub(super) fn new(network: &Network) -> Self {
        let mut costs = Self { rows: Vec::new(), tree: Tree::default(), total: 0 };
        for id in network.ids() {
            let cost = costs.row(network, id);
            costs.rows.push(cost);
            costs.total += u64::from(cost);
        }
        costs
    }

    fn row(&mut self, network: &Network, id: TermId) -> u32 {
        let term = network.term(id);
        if term.digits.is_empty() {
            return 0;
        }
        let negation = term.role == Role::Output && !network.buildable(id, false, LOOK_DOWN);
        let negation = if negation { u32::from(term.span.width().unsigned_abs()) } else { 0 };
        if term.digits.len() == 1 {
            return negation;
        }
        self.tree.of_row(network, id);
        self.tree.cost + negation
    }
}

/// Settings of a local search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// The pattern counts that may be changed.
    pub(super) work: u64,
    /// The loss in bits that is taken with probability one half, at first.
    pub(super) heat: f64,
    /// The most terms dissolved at once.
    pub(super) reach: usize,
}

/// Searches in the neighborhood of a network.
pub(super) fn improve(network: &mut Network, dice: &mut Dice, schedule: Schedule) -> u64 {
    let start = network.work;
    let mut moves = 0_u64;
    *network = network.compacted();
    let mut costs = Costs::new(network);
    let mut room = 2 * network.len() + 64;
    while network.work - start < schedule.work {
        moves += 1;
        let spent = (network.work - start) as f64 / schedule.work as f64;
        let heat = schedule.heat * (1.0 - spent);
        let Some(chosen) = choose(network, dice, schedule.reach) else { break };
        network.taste.seed = dice.roll();
        let mark = network.mark();
        for id in &chosen {
            dissolve(network, *id);
        }
        extract(network, mark);
        let changed = network.changed_rows(mark);
        let mut changes = Vec::with_capacity(changed.len());
        let mut delta = 0_i64;
        for id in changed {
            if id.index() >= network.len() {
                continue;
            }
            let cost = costs.row(network, id);
            let old = costs.rows.get(id.index()).copied().unwrap_or(0);
            delta += i64::from(cost) - i64::from(old);
            changes.push((id, cost));
        }
        network.work += 8 * changes.len() as u64;
        let tolerance = (heat * f64::from(dice.roll().trailing_zeros())) as i64;
        if delta <= tolerance {
            costs.rows.resize(network.len(), 0);
            for (id, cost) in changes {
                costs.rows[id.index()] = cost;
            }
            costs.total = costs.total.checked_add_signed(delta).expect("a cost is not negative");
            network.commit();
            if network.len() > room {
                *network = network.compacted();
                costs = Costs::new(network);
                room = 2 * network.len() + 64;
            }
        } else {
            network.undo(mark);
        }
    }
    if std::env::var("VERB").is_ok() { eprintln!("    estimate {} ", costs.total); }
    moves
}

/// A random shared term and some of those around it.
fn choose(network: &Network, dice: &mut Dice, reach: usize) -> Option<Vec<TermId>> {
    let shared = |id: TermId| {
        let term = network.term(id);
        term.role == Role::Shared && !term.digits.is_empty()
    };
    let first = (0..1000)
        .map(|_| TermId::from_index(dice.below(network.len())))
        .find(|id| shared(*id))?;
    let mut chosen = vec![first];
    let mut here = first;
    let wanted = 1 + dice.below(reach);
    for _ in 0..3 * wanted {
        if chosen.len() >= wanted {
            break;
        }
        let term = network.term(here);
        let (down, up) = (term.digits.len(), term.users.len());
        if down + up == 0 {
            here = first;
            continue;
        }
        let pick = dice.below(down + up);
        here = if pick < down { term.digits[pick].term } else { term.users[pick - down] };
        if shared(here) && !chosen.contains(&here) {
            chosen.push(here);
        }
    }
    Some(chosen)
}
