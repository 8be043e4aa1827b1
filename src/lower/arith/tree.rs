//! Balanced trees: sums and maxima of many values.

use crate::netlist::{Builder, NetId};

/// The sum; zero of nothing.
pub fn sum(builder: &mut Builder, terms: &[NetId]) -> NetId {
    let zero = builder.constant(0, 0);
    reduce(builder, terms, |builder, a, b| builder.add(a, b, 0)).unwrap_or(zero)
}

/// The largest; none of nothing.
pub fn max(builder: &mut Builder, terms: &[NetId]) -> Option<NetId> {
    reduce(builder, terms, super::select::max)
}

/// `combine` over neighbors, then over their results, until one is left; the order is kept.
pub fn reduce<T: Copy>(
    builder: &mut Builder,
    terms: &[T],
    combine: impl Fn(&mut Builder, T, T) -> T,
) -> Option<T> {
    let mut round = terms.to_vec();
    while round.len() > 1 {
        let pair = |pair: &[T]| match pair {
            [a, b] => combine(builder, *a, *b),
            _ => pair[0],
        };
        round = round.chunks(2).map(pair).collect();
    }
    round.first().copied()
}
