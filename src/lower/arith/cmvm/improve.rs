//! Local search: dissolves a few connected terms, extracts anew, and keeps what is not worse.

use super::dice::Dice;
use super::extract::{dissolve, extract};
use super::network::Network;
use super::pattern::TermId;
use super::term::Role;
use super::tree::Tree;
use crate::entity::EntityId;

/// How far below an output a difference is looked for that may take its sign.
const LOOK_DOWN: u32 = 3;

/// What turning a difference round may cost elsewhere, in bits.
const TURN: u32 = 4;

/// The adder bits of each row.
#[derive(Debug)]
pub(super) struct Costs {
    rows: Vec<u32>,
    tree: Tree,
    /// Of all rows.
    pub(super) total: u64,
    /// What weighing all rows took, in pattern counts.
    work: u64,
}

impl Costs {
    /// The costs of a network.
    pub(super) fn new(network: &Network) -> Self {
        let mut costs = Self { rows: Vec::new(), tree: Tree::default(), total: 0, work: 0 };
        for id in network.ids() {
            let cost = costs.row(network, id);
            costs.rows.push(cost);
            costs.total += u64::from(cost);
            costs.work += row_work(network, id);
        }
        costs
    }

    /// The rows that cost another number of bits since `mark`.
    fn changes(&mut self, network: &Network, mark: usize) -> Changes {
        let mut changes = Changes { rows: Vec::new(), delta: 0, work: 0 };
        for id in network.changed_rows(mark) {
            let cost = self.row(network, id);
            let old = self.rows.get(id.index()).copied().unwrap_or(0);
            changes.delta += i64::from(cost) - i64::from(old);
            changes.rows.push((id, cost));
            changes.work += row_work(network, id);
        }
        changes
    }

    fn accept(&mut self, network: &Network, changes: Changes) {
        self.rows.resize(network.len(), 0);
        for (id, cost) in changes.rows {
            self.rows[id.index()] = cost;
        }
        let total = self.total.checked_add_signed(changes.delta);
        self.total = total.expect("a cost is not negative");
    }

    fn row(&mut self, network: &Network, id: TermId) -> u32 {
        let term = network.term(id);
        if term.digits.is_empty() {
            return 0;
        }
        let negation = match term.role {
            Role::Output if !network.buildable(id, false, LOOK_DOWN) => {
                u32::from(term.span.width().unsigned_abs())
            }
            Role::Output if term.digits.iter().all(|digit| digit.negative) => TURN,
            Role::Output | Role::Shared | Role::Input => 0,
        };
        if term.digits.len() == 1 {
            return negation;
        }
        self.tree.of_row(network, id);
        self.tree.cost + negation
    }
}

/// What a move does to the costs.
struct Changes {
    rows: Vec<(TermId, u32)>,
    delta: i64,
    /// What weighing the rows took, in pattern counts.
    work: u64,
}

/// Settings of a local search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// The pattern counts that may be changed.
    pub(super) work: u64,
    /// The loss in bits that is taken with probability one half, at first; none in the end.
    pub(super) heat: u64,
    /// The most terms dissolved at once.
    pub(super) reach: usize,
}

/// The noise in the scores while searching, in 256ths.
const NOISE: u64 = 1024;

/// What weighing a row costs at least, in pattern counts.
const ROW_WORK: u64 = 8;

/// So many pairs of a row's digits are looked at in the time of a pattern count.
const PAIRS_OF_A_COUNT: u64 = 64;

/// Dead terms that a network may have, beside as many as are alive.
const ROOM: usize = 64;

/// How often at most a large network is weighed during a search.
const WEIGHINGS: u64 = 512;

/// A large network is weighed only when the search took so many times as long since the last time.
const WEIGHING_PAUSE: u64 = 4;

/// Terms are pruned for at most so many times as long as the extraction took.
const PRUNING: u64 = 4;

/// A network whose rows cost more than this many bits too much is not weighed.
const NEAR: i64 = 16;

/// A term of more uses than this is worth its adder.
const MANY: usize = 4;

/// A network of so few terms is weighed by the solution that it stands for, signs and all.
const SMALL: usize = 64;

/// Searches in the neighborhood of a network.
///
/// `weigh` tells the bits of the solution that a network stands for, and keeps the best. It is
/// slow, so that large networks are judged by their rows, and only the most promising weighed.
pub(super) fn improve(
    network: &mut Network,
    dice: &mut Dice,
    schedule: Schedule,
    mut weigh: impl FnMut(&Network) -> u64,
) {
    *network = network.compacted();
    network.taste.noise = NOISE;
    network.work = 0;
    let mut costs = Costs::new(network);
    let mut weight = (network.len() <= SMALL).then(|| weigh(network));
    let (mut best, mut next) = (costs.total, 0);
    let mut room = 2 * network.len() + ROOM;
    while network.work < schedule.work {
        let Some(chosen) = choose(network, dice, schedule.reach) else { break };
        network.taste.seed = dice.roll();
        if network.by_threes {
            // What occurs twice saves nothing by itself, but may become a sum of three.
            network.repeats = if dice.below(2) == 0 { 2 } else { 3 };
        }
        let mark = network.mark();
        for id in &chosen {
            dissolve(network, *id);
        }
        extract(network, mark);
        let changes = costs.changes(network, mark);
        network.work += 1 + changes.work;
        let left = schedule.work.saturating_sub(network.work);
        let heat = schedule.heat * 256 * left / schedule.work;
        let tolerance = heat * u64::from(dice.roll().trailing_zeros()) / 256;
        let tolerance = i64::try_from(tolerance).expect("a few bits");
        let accepted = match &mut weight {
            None => changes.delta <= tolerance,
            Some(_) if changes.delta > tolerance + NEAR => false,
            Some(weight) => {
                network.work += ROW_WORK * terms(network);
                let new = weigh(network);
                let accepted = new <= weight.saturating_add_signed(tolerance);
                if accepted {
                    *weight = new;
                }
                accepted
            }
        };
        if !accepted {
            network.undo(mark);
            continue;
        }
        costs.accept(network, changes);
        network.commit();
        if network.len() > room {
            *network = network.compacted();
            costs = Costs::new(network);
            room = 2 * network.len() + ROOM;
        }
        let near = costs.total <= best.saturating_add_signed(NEAR);
        if weight.is_none() && network.work >= next && near {
            weigh(network);
            next = network.work + schedule.work / WEIGHINGS + WEIGHING_PAUSE * costs.work;
        }
        best = best.min(costs.total);
    }
    weigh(network);
}

/// Dissolves shared terms, one at a time, where rows that are added up by threes are cheaper so.
///
/// The first terms are those of most promise; where rows are long, time may end before the last.
pub(super) fn prune(network: &mut Network) {
    let mut costs = Costs::new(network);
    let end = (1 + PRUNING) * network.work;
    for id in network.ids() {
        if network.work >= end {
            break;
        }
        let term = network.term(id);
        if term.role != Role::Shared || term.digits.is_empty() || term.users.len() > MANY {
            continue;
        }
        let mark = network.mark();
        dissolve(network, id);
        let changes = costs.changes(network, mark);
        network.work += changes.work;
        if changes.delta < 0 {
            costs.accept(network, changes);
            network.commit();
        } else {
            network.undo(mark);
        }
    }
}

/// What weighing a row takes, in pattern counts: adding a long one up looks at all its pairs.
fn row_work(network: &Network, id: TermId) -> u64 {
    let digits = u64::try_from(network.term(id).digits.len()).expect("a length is a word");
    ROW_WORK.max(digits * digits / PAIRS_OF_A_COUNT)
}

fn terms(network: &Network) -> u64 {
    u64::try_from(network.len()).expect("a length is a word")
}

/// A random shared term and some of those around it.
fn choose(network: &Network, dice: &mut Dice, reach: usize) -> Option<Vec<TermId>> {
    let shared = |id: TermId| {
        let term = network.term(id);
        let used = term.role == Role::Shared || !term.users.is_empty();
        used && !term.digits.is_empty()
    };
    let first =
        (0..1000).map(|_| TermId::from_index(dice.below(network.len()))).find(|id| shared(*id))?;
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
