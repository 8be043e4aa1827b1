//! [`Window`]: the cheapest way to add a few operands up, of all there are.
//!
//! Dynamic programming over sets of operands, from the small ones to the whole: what a set and its
//! negative cost at least, for each time by which they can be there, is known before any larger
//! set asks for it.

use std::iter;

use super::fuse::LEVELS_OF_THREE;
use super::span::{Ends, Span};
use super::tree::Operand;

/// A few operands that are to be added up.
#[derive(Debug)]
pub(super) struct Window<'a> {
    /// At least two, and few: the time grows by about five with each.
    pub(super) operands: &'a [Operand],
    /// For each set of operands, whether it or its negative is there already, and since when.
    pub(super) given: &'a [Option<(bool, u32)>],
    /// When the sum must be there.
    pub(super) due: u32,
    /// Whether sums may have three terms.
    pub(super) by_threes: bool,
    /// The sum must cost fewer bits.
    pub(super) below: u32,
}

/// What a sum adds up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A set of operands that is there, as a mask.
    Given(usize),
    /// An earlier sum, by its place.
    Sum(usize),
}

/// Two or three pieces, each with whether it is taken away; the first is there always.
pub(super) type Pieces = [Option<(Piece, bool)>; 3];

/// A set of operands as a mask, and whether it is meant with the opposite sign.
#[derive(Clone, Copy, Debug, Default)]
struct Set {
    operands: usize,
    negated: bool,
}

impl Set {
    fn place(self) -> usize {
        2 * self.operands + usize::from(self.negated)
    }
}

/// Parts of a sum: the set, which of its ways, and whether it is taken away.
type Parts = [Option<(Set, usize, bool)>; 3];

/// A way to make a set; no parts where it is there.
#[derive(Clone, Copy, Debug)]
struct Way {
    cost: u32,
    arrival: u32,
    parts: Option<Parts>,
}

/// Ways to make each set, none of them both dearer and later than another.
struct Table<'a> {
    window: &'a Window<'a>,
    ways: Vec<Vec<Way>>,
    spans: Vec<Span>,
    ends: Vec<Ends>,
    /// The operands that are added, and those that are taken away.
    signs: [usize; 2],
    /// The least cost of each set or its negative.
    floors: Vec<u32>,
    /// The least cost of each set, and of each negative, that is there as early as is of use.
    enough: Vec<u32>,
    work: u64,
}

impl Window<'_> {
    /// The sums, the whole last, and how many were weighed; nothing where none costs few enough bits.
    pub(super) fn solve(&self) -> (Option<Vec<Pieces>>, u64) {
        let table = Table::new(self);
        let whole = Set { operands: (1 << self.operands.len()) - 1, negated: false };
        let ways = table.ways[whole.place()].iter().enumerate();
        let best = ways.min_by_key(|(_, way)| (way.cost, way.arrival));
        let sums = best.map(|(way, _)| {
            let mut sums = Vec::new();
            table.write(whole, way, &mut sums);
            sums
        });
        (sums, table.work)
    }
}

impl<'a> Table<'a> {
    fn new(window: &'a Window<'a>) -> Self {
        let sets = 1 << window.operands.len();
        let nothing = window.operands[0].span;
        let added = |(place, operand): (usize, &Operand)| usize::from(!operand.negative) << place;
        let added = window.operands.iter().enumerate().map(added).sum();
        let mut table = Self {
            window,
            ways: vec![Vec::new(); 2 * sets],
            spans: vec![nothing; sets],
            ends: vec![nothing.ends(); 2 * sets],
            signs: [added, (sets - 1) ^ added],
            floors: vec![u32::MAX; sets],
            enough: vec![window.below; 2 * sets],
            work: 0,
        };
        for operands in 1..sets {
            table.measure(operands);
            if let Some((negated, arrival)) = window.given[operands] {
                table.add(Set { operands, negated }, Way { cost: 0, arrival, parts: None });
            }
            for (a, rest) in splits(operands) {
                table.sums(&[a, rest], 1);
                if window.by_threes {
                    splits(rest).for_each(|(b, c)| table.sums(&[a, b, c], LEVELS_OF_THREE));
                }
            }
            let ways = &table.ways[2 * operands..2 * operands + 2];
            let least = ways.iter().flatten().map(|way| way.cost).min();
            table.floors[operands] = least.unwrap_or(u32::MAX);
        }
        table
    }

    /// Finds the bits of a set and of its negative.
    fn measure(&mut self, operands: usize) {
        let Operand { span, negative, .. } =
            self.window.operands[operands.trailing_zeros() as usize];
        let first = if negative { span.negated() } else { span };
        let rest = operands & (operands - 1);
        let whole = if rest == 0 { Some(first) } else { first.sum(self.spans[rest], 0, false) };
        let whole = whole.expect("the problem bounds every partial sum");
        self.spans[operands] = whole;
        self.ends[2 * operands] = whole.ends();
        self.ends[2 * operands + 1] = whole.negated().ends();
    }

    /// All sums of two or three sets, with all signs.
    fn sums(&mut self, sets: &[usize], levels: u32) {
        let operands = sets.iter().sum();
        self.work += 1;
        if self.is_hopeless(operands, sets) {
            return;
        }
        let mut parts = [(Set::default(), false); 3];
        let mut ends = [(Ends::default(), false); 3];
        for negated in [false, true] {
            // All parts taken away would be a sum of its own and a change of signs.
            for signs in 0..(1 << sets.len()) - 1 {
                for (place, operands) in sets.iter().enumerate() {
                    let minus = signs >> place & 1 != 0;
                    let set = Set { operands: *operands, negated: minus != negated };
                    parts[place] = (set, minus);
                    ends[place] = (self.ends[set.place()], minus);
                }
                let bits = Ends::overlap(&ends[..sets.len()]).max(0).unsigned_abs().into();
                self.combine(Set { operands, negated }, bits, levels, &parts[..sets.len()]);
            }
        }
    }

    /// True when a sum cannot be cheaper than what is known, whatever its signs.
    fn is_hopeless(&self, operands: usize, sets: &[usize]) -> bool {
        let least = sets.iter().try_fold(0_u32, |sum, set| sum.checked_add(self.floors[*set]));
        let bits = Ends::least_overlap(sets.iter().map(|set| self.ends[2 * set]));
        let Some(least) = least.and_then(|least| least.checked_add(bits)) else { return true };
        let needed = |negated: bool| self.signs[usize::from(negated)] & operands != 0;
        let known = |negated: bool| self.enough[Set { operands, negated }.place()];
        [false, true].into_iter().all(|negated| !needed(negated) || least >= known(negated))
    }

    /// Every way to make a set of ways to make its parts.
    fn combine(&mut self, whole: Set, bits: u32, levels: u32, parts: &[(Set, bool)]) {
        let ways =
            |place: usize| parts.get(place).map_or(1, |(set, _)| self.ways[set.place()].len());
        let [first, second, third] = [ways(0), ways(1), ways(2)];
        for choice in 0..first * second * third {
            let chosen = [choice % first, choice / first % second, choice / first / second];
            let (mut cost, mut arrival) = (bits, 0);
            for ((set, _), way) in iter::zip(parts, chosen) {
                let way = self.ways[set.place()][way];
                cost += way.cost;
                arrival = arrival.max(way.arrival);
            }
            let arrival = arrival + levels;
            if cost < self.window.below && arrival <= self.window.due {
                let part = |place: usize| {
                    parts.get(place).map(|(set, minus)| (*set, chosen[place], *minus))
                };
                let parts = Some([part(0), part(1), part(2)]);
                self.add(whole, Way { cost, arrival, parts });
            }
        }
    }

    /// Remembers a way, of a set that no other is made of yet.
    fn add(&mut self, set: Set, way: Way) {
        // Whatever comes after, it is no use to be there earlier than this.
        let left = 1 + self.signs.iter().sum::<usize>().count_ones() - set.operands.count_ones();
        let soon = self.window.due.saturating_sub(left);
        let way = Way { arrival: way.arrival.max(soon), ..way };
        if way.arrival == soon {
            let enough = &mut self.enough[set.place()];
            *enough = way.cost.min(*enough);
        }
        let ways = &mut self.ways[set.place()];
        if ways.iter().any(|known| known.cost <= way.cost && known.arrival <= way.arrival) {
            return;
        }
        ways.retain(|known| known.cost < way.cost || known.arrival < way.arrival);
        ways.push(way);
    }

    /// Writes down what a set is made of.
    fn write(&self, set: Set, way: usize, sums: &mut Vec<Pieces>) -> Piece {
        let Some(parts) = self.ways[set.place()][way].parts else {
            return Piece::Given(set.operands);
        };
        let pieces =
            parts.map(|part| part.map(|(set, way, minus)| (self.write(set, way, sums), minus)));
        sums.push(pieces);
        Piece::Sum(sums.len() - 1)
    }
}

/// A set in two, in every way; the first operand is in the first part.
fn splits(operands: usize) -> impl Iterator<Item = (usize, usize)> {
    let rest = operands & operands.wrapping_sub(1);
    // From the whole rest down to its smallest part.
    iter::successors((rest != 0).then_some(rest), move |part| {
        Some((part - 1) & rest).filter(|part| *part != 0)
    })
    .map(move |other| (operands ^ other, other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::numeric::interval::Interval;

    /// The least bits and arrival over all orders of adding items up, by trying each.
    fn least(items: &[Operand], due: u32, by_threes: bool) -> Option<u32> {
        if let [item] = items {
            return (!item.negative && item.arrival <= due).then_some(0);
        }
        let sizes = if by_threes { 2..4 } else { 2..3 };
        let masks = (0..1_usize << items.len()).filter(|mask| sizes.contains(&mask.count_ones()));
        let mut best = None;
        for mask in masks {
            let (taken, rest): (Vec<_>, Vec<_>) =
                (0..items.len()).partition(|place| mask >> place & 1 != 0);
            let taken: Vec<Operand> = taken.iter().map(|place| items[*place]).collect();
            for negative in [false, true] {
                let minus: Vec<bool> = taken.iter().map(|item| item.negative != negative).collect();
                let Some(first) = minus.iter().position(|minus| !minus) else { continue };
                let terms: Vec<_> = taken.iter().map(|item| item.span).zip(minus).collect();
                let (bits, levels) = match terms[..] {
                    [a, b] if first == 0 => (a.0.overlap(b.0, 0, b.1), 1),
                    [a, b] => (b.0.overlap(a.0, 0, a.1), 1),
                    [a, b, c] => (Span::overlap_of_three([a, b, c]), LEVELS_OF_THREE),
                    _ => unreachable!("two or three"),
                };
                let others = terms.iter().enumerate().filter(|(place, _)| *place != first);
                let span = others.fold(terms[first].0, |sum, (_, (span, minus))| {
                    sum.sum(*span, 0, *minus).unwrap()
                });
                let arrival = levels + taken.iter().map(|item| item.arrival).max().unwrap();
                let mut left: Vec<Operand> = rest.iter().map(|place| items[*place]).collect();
                left.push(Operand { span, negative, arrival });
                let cost = least(&left, due, by_threes)
                    .map(|cost| cost + u32::from(bits.max(0).unsigned_abs()));
                best = best.into_iter().chain(cost).min();
            }
        }
        best
    }

    fn operand() -> impl Strategy<Value = Operand> {
        let range = (-9_i64..=0, 0_i64..=9, -3_i8..=3);
        (range, any::<bool>(), 0_u32..3).prop_map(|((lo, hi, frac), negative, arrival)| Operand {
            span: Span::of(Interval::new(lo, hi, frac)),
            negative,
            arrival,
        })
    }

    proptest! {
        #[test]
        fn no_order_is_cheaper(
            operands in prop::collection::vec(operand(), 2..=4),
            due in 1_u32..9,
            by_threes in any::<bool>(),
        ) {
            let mut given = vec![None; 1 << operands.len()];
            for (place, operand) in operands.iter().enumerate() {
                given[1 << place] = Some((operand.negative, operand.arrival));
            }
            let expected = least(&operands, due, by_threes);
            let cost = |below| {
                let window = Window { operands: &operands, given: &given, due, by_threes, below };
                window.solve().0.is_some()
            };
            prop_assert!(!cost(expected.unwrap_or(u32::MAX)));
            if let Some(expected) = expected {
                prop_assert!(cost(expected + 1));
            }
        }
    }

    #[test]
    fn a_set_that_is_there_costs_nothing() {
        let byte = Span::of(Interval::new(-128, 127, 0));
        let operand = Operand { span: byte, negative: false, arrival: 0 };
        let single = Some((false, 0));
        let mut given = [None, single, single, None, single, None, None, None];
        let window = |given: &[_], below| {
            let operands = &[operand; 3];
            Window { operands, given, due: 9, by_threes: false, below }.solve().0
        };
        assert_eq!(window(&given, 17), None);
        assert!(window(&given, 18).is_some());
        given[0b101] = Some((true, 3));
        let whole = [Some((Piece::Given(0b010), false)), Some((Piece::Given(0b101), true)), None];
        let sums = window(&given, 10).unwrap();
        assert!(sums == [whole] || sums == [[whole[1], whole[0], None]]);
    }
}
