//! [`Network`]: sums of many digits over shared terms, the state that every search works on.
//!
//! Each term but the inputs has a row of digits that add up to it; an output is
//! a term that is kept. A row of `k` digits will cost `k - 1` adders. The
//! network counts, for each pattern of two digits, how often it occurs, and
//! keeps the counts while rows change. Every change is written to a journal
//! and can be taken back.

use std::collections::BinaryHeap;

use super::counts::Counts;
use super::dice::mix;
use super::groups::Groups;
use super::journal::{Edit, Journal};
use super::pattern::{Digit, MAX_TERMS, Pattern, PatternKey, TermId};
use super::span::Span;
use super::term::{Role, Term, weight};
use crate::entity::EntityId;

/// How patterns are ranked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    /// Seeds the noise.
    pub(super) seed: u64,
    /// The noise at most, in 256ths of a score.
    pub(super) noise: u64,
}

/// Sums of many digits over shared terms.
#[derive(Clone, Debug)]
pub(super) struct Network {
    terms: Vec<Term>,
    counts: Counts,
    /// Only patterns within a group are counted.
    groups: Groups,
    /// Patterns that may be worth a term, by the score they had when they came.
    queue: BinaryHeap<(u64, PatternKey)>,
    journal: Journal,
    /// What is wanted, zero where nothing.
    pub(super) outputs: Vec<Option<Digit>>,
    /// When the outputs are due; none for never.
    pub(super) deadline: Option<u32>,
    /// Whether rows are added up by threes.
    pub(super) by_threes: bool,
    /// How often a pattern must occur to become a term.
    pub(super) repeats: u32,
    /// How patterns are ranked.
    pub(super) taste: Taste,
    /// The number of pattern counts changed so far: the unit of work.
    pub(super) work: u64,
}

impl Network {
    /// A network of inputs only.
    pub(super) fn new(inputs: &[(Span, u32)], deadline: Option<u32>) -> Self {
        let input = |(span, arrival): &(Span, u32)| Term {
            span: *span,
            digits: Vec::new(),
            users: Vec::new(),
            arrival: *arrival,
            load: 0,
            due: *arrival,
            role: Role::Input,
        };
        Self {
            terms: inputs.iter().map(input).collect(),
            counts: Counts::new(),
            groups: Groups::together(inputs.len()),
            queue: BinaryHeap::new(),
            journal: Journal::default(),
            outputs: Vec::new(),
            deadline,
            by_threes: false,
            repeats: 2,
            taste: Taste { seed: 0, noise: 0 },
            work: 0,
        }
    }

    /// Counts patterns only within groups of `size` neighboring inputs, until [`Network::widen`].
    ///
    /// What long rows have in common is found in their parts, for a fraction of the memory.
    pub(super) fn group_inputs(&mut self, size: usize) {
        self.groups = Groups::of_neighbors(self.terms.len(), size);
    }

    /// Takes two groups together, unless all are already or that makes more than `limit` pairs.
    pub(super) fn widen(&mut self, limit: usize) -> bool {
        let Some(paired) = self.groups.paired() else { return false };
        let pairs: usize = self.terms.iter().map(|term| paired.pairs(&term.digits)).sum();
        if pairs > limit {
            return false;
        }
        self.groups = paired;
        self.counts = Counts::new();
        for id in self.ids() {
            let digits = &self.terms[id.index()].digits;
            for (index, digit) in digits.iter().enumerate() {
                for other in &digits[..index] {
                    if self.groups.group(other.term) == self.groups.group(digit.term) {
                        self.counts.increment(Pattern::of(*other, *digit).key());
                    }
                }
            }
        }
        true
    }

    /// A term.
    pub(super) fn term(&self, id: TermId) -> &Term {
        &self.terms[id.index()]
    }

    /// The number of terms, the dead included.
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    /// Every term, the dead included.
    pub(super) fn ids(&self) -> impl Iterator<Item = TermId> + use<> {
        (0..self.terms.len()).map(TermId::from_index)
    }

    /// Adds a term without a row; its users trust `span` and `arrival`.
    pub(super) fn create(&mut self, span: Span, arrival: u32, role: Role) -> TermId {
        assert!(self.terms.len() < MAX_TERMS, "searches start over before they run out of terms");
        let (digits, users) = (Vec::new(), Vec::new());
        self.terms.push(Term { span, digits, users, arrival, load: 0, due: arrival, role });
        self.groups.push();
        self.journal.write(Edit::Created);
        TermId::from_index(self.terms.len() - 1)
    }

    /// Adds an output without a row that is due at `due` and may be used from `arrival` on.
    pub(super) fn create_output(&mut self, span: Span, arrival: u32, due: u32) -> TermId {
        let id = self.create(span, arrival, Role::Output);
        self.terms[id.index()].due = due;
        id
    }

    /// Adds a digit for good, without looking at the patterns it makes.
    pub(super) fn load(&mut self, row: TermId, digit: Digit) {
        self.attach(row, digit, false);
    }

    /// Adds a digit to a row; digits of one term are merged where that makes them fewer.
    pub(super) fn add(&mut self, row: TermId, digit: Digit) {
        let mut digit = digit;
        loop {
            let same = |other: &&Digit| {
                let (gap, opposed) = (other.shift - digit.shift, other.negative != digit.negative);
                other.term == digit.term && (gap == 0 || (gap.abs() == 1 && opposed))
            };
            let Some(other) = self.term(row).digits.iter().find(same).copied() else {
                return self.insert(row, digit);
            };
            self.remove(row, other);
            digit = match (other.shift - digit.shift, other.negative == digit.negative) {
                (0, true) => digit.scaled(1, false),
                (0, false) => return,
                // 2 - 1 = 1 and 1 - 2 = -1: the lower place, the sign of the higher.
                (1, _) => Digit { shift: digit.shift, ..other },
                _ => Digit { shift: other.shift, ..digit },
            };
        }
    }

    /// Adds a digit as it is.
    pub(super) fn insert(&mut self, row: TermId, digit: Digit) {
        self.journal.write(Edit::Added(row, digit));
        self.attach(row, digit, true);
    }

    /// Takes a digit away, which the row must have.
    pub(super) fn remove(&mut self, row: TermId, digit: Digit) {
        self.journal.write(Edit::Removed(row, digit));
        self.detach(row, digit);
    }

    /// Changes when a term is due.
    pub(super) fn set_arrival(&mut self, id: TermId, arrival: u32) {
        let old = self.term(id).arrival;
        if old != arrival {
            self.journal.write(Edit::Arrival(id, old));
            self.move_arrival(id, arrival);
        }
    }

    fn move_arrival(&mut self, id: TermId, arrival: u32) {
        let term = &mut self.terms[id.index()];
        let (old, users) = (term.arrival, std::mem::take(&mut term.users));
        term.arrival = arrival;
        for user in &users {
            let load = &mut self.terms[user.index()].load;
            *load = *load - weight(old) + weight(arrival);
        }
        self.terms[id.index()].users = users;
    }

    fn attach(&mut self, row: TermId, digit: Digit, offer: bool) {
        let digits = std::mem::take(&mut self.terms[row.index()].digits);
        let group = self.groups.group(digit.term);
        for other in &digits {
            if self.groups.group(other.term) != group {
                continue;
            }
            self.work += 1;
            let pattern = Pattern::of(*other, digit);
            let key = pattern.key();
            let count = self.counts.increment(key);
            if offer && count >= 2 {
                self.queue.push((self.score(pattern, key, count), key));
            }
        }
        let user = self.terms[digit.term.index()].arrival;
        let term = &mut self.terms[row.index()];
        term.digits = digits;
        term.digits.push(digit);
        term.load += weight(user);
        self.terms[digit.term.index()].users.push(row);
    }

    fn detach(&mut self, row: TermId, digit: Digit) {
        let used = &mut self.terms[digit.term.index()];
        let arrival = used.arrival;
        let position = used.users.iter().rposition(|user| *user == row);
        used.users.swap_remove(position.expect("a digit's term knows its rows"));
        let term = &mut self.terms[row.index()];
        let position = term.digits.iter().rposition(|other| *other == digit);
        term.digits.swap_remove(position.expect("only digits of the row are removed"));
        term.load -= weight(arrival);
        let group = self.groups.group(digit.term);
        for other in &self.terms[row.index()].digits {
            if self.groups.group(other.term) == group {
                self.work += 1;
                self.counts.decrement(Pattern::of(*other, digit).key());
            }
        }
    }

    /// Puts a term into the group of another.
    pub(super) fn join(&mut self, id: TermId, other: TermId) {
        self.groups.join(id, other);
    }

    /// How many occurrences of a pattern are counted.
    pub(super) fn count(&self, key: PatternKey) -> u32 {
        self.counts.get(key)
    }

    /// What a term for a pattern of `count` occurrences promises.
    pub(super) fn score(&self, pattern: Pattern, key: PatternKey, count: u32) -> u64 {
        let (a, b) = (self.term(pattern.a), self.term(pattern.b));
        let overlap = a.span.cheapest_overlap(b.span, pattern.shift, pattern.subtract);
        let bits = u64::from(overlap.max(1).unsigned_abs());
        let Taste { seed, noise } = self.taste;
        let scale = 256 + if noise == 0 { 0 } else { mix(key ^ seed) % (noise + 1) };
        u64::from(count) * bits * scale
    }

    /// The pattern that promises most, with its score when it was queued.
    pub(super) fn pop(&mut self) -> Option<(u64, PatternKey)> {
        self.queue.pop()
    }

    /// Queues a pattern.
    pub(super) fn offer(&mut self, score: u64, key: PatternKey) {
        self.queue.push((score, key));
    }

    /// Queues every pattern that occurs twice.
    pub(super) fn offer_all(&mut self) {
        let mut keys: Vec<(PatternKey, u32)> = self.counts.repeated().collect();
        keys.sort_unstable();
        let scored = |(key, count): &(PatternKey, u32)| {
            (self.score(Pattern::from_key(*key), *key, *count), *key)
        };
        self.queue = keys.iter().map(scored).collect();
    }

    /// A place in the journal to which [`Network::undo`] can return.
    pub(super) fn mark(&self) -> usize {
        self.journal.mark()
    }

    /// Takes back every change since `mark`.
    pub(super) fn undo(&mut self, mark: usize) {
        self.queue.clear();
        while let Some(edit) = self.journal.take_back(mark) {
            match edit {
                Edit::Added(row, digit) => self.detach(row, digit),
                Edit::Removed(row, digit) => self.attach(row, digit, false),
                Edit::Arrival(id, old) => self.move_arrival(id, old),
                Edit::Created => {
                    self.terms.pop();
                    self.groups.pop();
                }
            }
        }
    }

    /// Makes every change so far final.
    pub(super) fn commit(&mut self) {
        self.journal.clear();
    }

    /// The same network without dead terms, each term after those it is made of, nothing queued.
    pub(super) fn compacted(&self) -> Self {
        let order = self.topological();
        let mut places = vec![None; self.terms.len()];
        for (place, id) in order.iter().enumerate() {
            places[id.index()] = Some(TermId::from_index(place));
        }
        let moved = |digit: Digit| Digit {
            term: places[digit.term.index()].expect("what is used is alive"),
            ..digit
        };
        let mut compact = Self::new(&[], self.deadline);
        compact.by_threes = self.by_threes;
        compact.repeats = self.repeats;
        compact.taste = self.taste;
        compact.groups = self.groups.emptied();
        compact.work = self.work;
        compact.outputs = self.outputs.iter().map(|output| output.map(moved)).collect();
        for id in &order {
            let term = self.term(*id);
            let row = compact.create(term.span, term.arrival, term.role);
            compact.terms[row.index()].due = term.due;
            compact.groups.put(row, &self.groups, *id);
            for digit in &term.digits {
                compact.load(row, moved(*digit));
            }
        }
        compact.commit();
        compact
    }

    /// The rows that changed since `mark` or whose terms arrive at another time, in order.
    pub(super) fn changed_rows(&self, mark: usize) -> Vec<TermId> {
        let mut rows = Vec::new();
        for edit in self.journal.since(mark) {
            match edit {
                Edit::Added(row, _) | Edit::Removed(row, _) => rows.push(*row),
                Edit::Arrival(id, _) => {
                    rows.push(*id);
                    rows.extend(&self.term(*id).users);
                }
                Edit::Created => {}
            }
        }
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// The terms whose row or users changed since `mark`, in order.
    pub(super) fn touched(&self, mark: usize) -> Vec<TermId> {
        let mut touched = Vec::new();
        for edit in self.journal.since(mark) {
            match edit {
                Edit::Added(row, digit) | Edit::Removed(row, digit) => {
                    touched.extend([*row, digit.term]);
                }
                Edit::Arrival(id, _) => {
                    touched.push(*id);
                    touched.extend(&self.term(*id).users);
                }
                Edit::Created => {}
            }
        }
        touched.sort_unstable();
        touched.dedup();
        touched
    }
}
