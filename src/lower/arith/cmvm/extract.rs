//! Greedy extraction: the pattern that promises most becomes a term, until none occurs twice.

use super::network::Network;
use super::pattern::{Digit, Pattern, PatternKey, TermId};
use super::term::{Role, weight};
use crate::entity::EntityId;

/// The most pairs of digits that are counted at a time.
pub(super) const MAX_PAIRS: usize = 6_000_000;

/// One occurrence of a pattern: the row and its first digit.
struct Match {
    row: TermId,
    first: Digit,
}

/// Extracts from a fresh network.
pub(super) fn extract_all(network: &mut Network) {
    tidy(network, network.ids().collect());
    network.offer_all();
    extract(network, network.mark());
    network.commit();
    while network.widen(MAX_PAIRS) {
        network.offer_all();
        extract(network, network.mark());
        network.commit();
    }
}

/// Extracts queued patterns, and those that come to occur twice by that, until none is left;
/// then inlines terms of one use. `mark` is where the journal stood before the first change.
pub(super) fn extract(network: &mut Network, mark: usize) {
    let mut seen = mark;
    loop {
        while let Some((promise, key)) = network.pop() {
            let count = network.count(key);
            if count < network.repeats {
                continue;
            }
            let score = network.score(Pattern::from_key(key), key, count);
            if score < promise {
                network.offer(score, key);
            } else {
                substitute(network, key);
            }
        }
        let start = network.mark();
        tidy(network, network.touched(seen));
        seen = start;
        if network.mark() == start {
            return;
        }
    }
}

/// Replaces every occurrence of a pattern by one term, if there are two that the depths admit.
fn substitute(network: &mut Network, key: PatternKey) {
    let pattern = Pattern::from_key(key);
    let arrival = network.term(pattern.a).arrival.max(network.term(pattern.b).arrival) + 1;
    let mut matches = occurrences(network, pattern, arrival);
    if matches.len() < network.repeats as usize {
        return;
    }
    // A row of just these two digits is the term already.
    let known = matches.iter().position(|found| network.term(found.row).digits.len() == 2);
    let (term, scale) = if let Some(index) = known {
        let found = matches.remove(index);
        matches.retain(|other| other.row != found.row);
        if network.deadline.is_some() {
            network.set_arrival(found.row, arrival);
        }
        (found.row, found.first)
    } else {
        let (a, b) = (network.term(pattern.a).span, network.term(pattern.b).span);
        let Some(span) = a.sum(b, pattern.shift, pattern.subtract) else { return };
        let arrival = if network.deadline.is_some() { arrival } else { 0 };
        let term = network.create(span, arrival, Role::Shared);
        let first = Digit { term: pattern.a, shift: 0, negative: false };
        network.join(term, pattern.a);
        network.insert(term, first);
        network.insert(term, pattern.partner(first));
        (term, first)
    };
    for Match { row, first } in matches {
        network.remove(row, first);
        network.remove(row, pattern.partner(first));
        let replaced = Digit {
            term,
            shift: first.shift - scale.shift,
            negative: first.negative != scale.negative,
        };
        network.add(row, replaced);
    }
}

/// The occurrences of a pattern that do not overlap and that the depths admit.
fn occurrences(network: &Network, pattern: Pattern, arrival: u32) -> Vec<Match> {
    let (a, b) = (network.term(pattern.a), network.term(pattern.b));
    let mut rows = if a.users.len() <= b.users.len() { a.users.clone() } else { b.users.clone() };
    rows.sort_unstable();
    rows.dedup();
    let freed = weight(a.arrival) + weight(b.arrival);
    let mut matches = Vec::new();
    for row in rows {
        let term = network.term(row);
        let mut firsts: Vec<Digit> =
            term.digits.iter().filter(|digit| digit.term == pattern.a).copied().collect();
        firsts.sort_unstable_by_key(|digit| digit.shift);
        let mut load = term.load;
        let mut taken: Vec<Digit> = Vec::new();
        for first in firsts {
            let partner = pattern.partner(first);
            if taken.contains(&first) || !term.digits.contains(&partner) {
                continue;
            }
            if network.deadline.is_some() {
                load = load - freed + weight(arrival);
                if load > weight(term.arrival) {
                    break;
                }
            }
            if pattern.a == pattern.b {
                taken.push(partner);
            }
            matches.push(Match { row, first });
        }
    }
    matches
}

/// Writes a term's row in place of the term, wherever it is used; a shared term dies by that.
pub(super) fn dissolve(network: &mut Network, id: TermId) {
    let digits = network.term(id).digits.clone();
    while let Some(row) = network.term(id).users.last().copied() {
        let used = network.term(row).digits.iter().find(|digit| digit.term == id).copied();
        let used = used.expect("users have a digit of the term");
        network.remove(row, used);
        for digit in &digits {
            network.add(row, digit.scaled(used.shift, used.negative));
        }
    }
    if network.term(id).role == Role::Shared {
        for digit in digits {
            network.remove(id, digit);
        }
    }
}

/// Inlines shared terms of one use and rows of one digit, among `touched` and what changes by it.
fn tidy(network: &mut Network, mut touched: Vec<TermId>) {
    loop {
        let mark = network.mark();
        for id in touched {
            if id.index() >= network.len() || network.term(id).role == Role::Input {
                continue;
            }
            let term = network.term(id);
            let alias = term.digits.len() <= 1 && !term.users.is_empty();
            let single = term.users.len() <= 1 && !term.digits.is_empty();
            if alias || (term.role == Role::Shared && single) {
                dissolve(network, id);
            } else if network.deadline.is_some() {
                relax(network, id);
            }
        }
        if network.mark() == mark {
            return;
        }
        touched = network.touched(mark);
    }
}

/// Lets a used term arrive as early as its row allows, and an output on its own when it is due.
fn relax(network: &mut Network, id: TermId) {
    let term = network.term(id);
    if term.digits.is_empty() {
        return;
    }
    let arrival = if term.users.is_empty() { term.due } else { least_arrival(term.load) };
    network.set_arrival(id, arrival);
}

/// When a row of this load can be summed at the earliest.
pub(super) fn least_arrival(load: u128) -> u32 {
    load.next_power_of_two().trailing_zeros()
}
