//! Sums of two and three, as the [`Builder`] makes them: constants are taken together, what is zero
//! is left out, and a sign that is changed twice is not changed at all.

use super::builder::is_zero;
use super::{Addend, Builder, Cell, NetId};
use crate::numeric::interval::Interval;

impl Builder {
    /// `a + b * 2^shift`.
    pub fn add(&mut self, a: NetId, b: NetId, shift: i8) -> NetId {
        self.sum_of_two(a, b, shift, false)
    }

    /// `a - b * 2^shift`.
    pub fn subtract(&mut self, a: NetId, b: NetId, shift: i8) -> NetId {
        self.sum_of_two(a, b, shift, true)
    }

    /// `-a`.
    pub fn negate(&mut self, a: NetId) -> NetId {
        let zero = self.constant(0, 0);
        self.subtract(zero, a, 0)
    }

    /// `a ± b * 2^shift ± c * 2^shift` in one cell, or in fewer additions where ranges tell.
    pub fn sum(&mut self, a: NetId, b: Addend, c: Addend) -> NetId {
        let [mut b, mut c] = [b, c].map(|term| self.seen_through(term));
        // What is taken away stands last, so that equal sums look equal.
        if b > c {
            (b, c) = (c, b);
        }
        let ranges = [self.range(a), self.addend(b), self.addend(c)];
        if is_zero(ranges[0]) && !b.subtract {
            let a = self.shift(b.net, b.shift);
            return self.sum_of_two(a, c.net, c.shift, c.subtract);
        }
        if let Some(zero) = ranges[1..].iter().position(|range| is_zero(*range)) {
            let other = if zero == 0 { c } else { b };
            return self.sum_of_two(a, other.net, other.shift, other.subtract);
        }
        let points = ranges.iter().filter(|range| range.lo() == range.hi()).count();
        if points > 1 || is_zero(ranges[0]) {
            let first = self.sum_of_two(a, b.net, b.shift, b.subtract);
            return self.sum_of_two(first, c.net, c.shift, c.subtract);
        }
        let range = ranges[0].add(ranges[1]).and_then(|range| range.add(ranges[2]));
        let range = range.expect("the graph's types bound every sum");
        self.folded(range).unwrap_or_else(|| self.push(Cell::Sum { a, b, c }, range))
    }

    /// Wires with another binary point and changes of sign disappear into the term.
    fn seen_through(&self, term: Addend) -> Addend {
        let inner = match self.net(term.net).cell {
            Cell::Shift { a, exponent } => Addend { net: a, shift: term.shift + exponent, ..term },
            _ => match self.negated(term.net) {
                Some(y) => {
                    let subtract = y.subtract != term.subtract;
                    Addend { subtract, net: y.net, shift: term.shift + y.shift }
                }
                None => return term,
            },
        };
        self.seen_through(inner)
    }

    /// The `-y` that a net is, unless more is known about the net than about `y`.
    fn negated(&self, net: NetId) -> Option<Addend> {
        let Cell::Add { a, b, shift, subtract: true } = self.net(net).cell else { return None };
        let y = Addend { subtract: true, net: b, shift };
        (is_zero(self.range(a)) && self.addend(y) == self.range(net)).then_some(y)
    }

    /// The range of what a term adds.
    fn addend(&self, term: Addend) -> Interval {
        let moved = self.range(term.net).shift(term.shift);
        let moved = moved.expect("binary points stay within a byte");
        let range = if term.subtract { moved.negate() } else { Some(moved) };
        range.expect("nets have at most 63 bits")
    }

    fn sum_of_two(&mut self, a: NetId, b: NetId, shift: i8, subtract: bool) -> NetId {
        if !subtract
            && !is_zero(self.range(b))
            && let Some(y) = self.negated(a)
        {
            let b = self.shift(b, shift);
            return self.sum_of_two(b, y.net, y.shift, true);
        }
        let second = self.seen_through(Addend { subtract, net: b, shift });
        let (b, shift, subtract, term) =
            (second.net, second.shift, second.subtract, self.addend(second));
        // Zero lies on every grid.
        if is_zero(term) {
            return a;
        }
        let range = if is_zero(self.range(a)) { Some(term) } else { self.range(a).add(term) };
        let range = range.expect("the graph's types bound every sum");
        if let Some(folded) = self.folded(range) {
            return folded;
        }
        if subtract && a == b && shift == 0 {
            return self.constant(0, 0);
        }
        if is_zero(self.range(a)) && !subtract {
            return self.shift(b, shift);
        }
        if term.lo() == term.hi() {
            return self.add_constant(a, term);
        }
        if shift == 0 && !subtract && self.net(a).cell == Cell::Constant {
            return self.add_constant(b, self.range(a));
        }
        self.push(Cell::Add { a, b, shift, subtract }, range)
    }

    /// `a + term`, where constants that were added before are taken together.
    fn add_constant(&mut self, a: NetId, term: Interval) -> NetId {
        let range = self.range(a).add(term).expect("the graph's types bound every sum");
        if let Some(joined) = self.join_constant(a, term) {
            // What was proved of `a` holds here, moved by the constant.
            return self.prove(joined, range);
        }
        let b = self.constant_of(term);
        self.push(Cell::Add { a, b, shift: 0, subtract: false }, range)
    }

    /// `a + term`, if `a` is a sum with a constant.
    fn join_constant(&mut self, a: NetId, term: Interval) -> Option<NetId> {
        let together = |builder: &mut Self, net: NetId| {
            let own = builder.net(net);
            let own = (own.cell == Cell::Constant).then_some(own.range)?;
            let both = own.add(term).expect("the graph's types bound every sum");
            Some(builder.constant_of(both))
        };
        match self.net(a).cell {
            Cell::Add { a: first, b: second, shift, subtract } => {
                // A constant stands second only as it is, neither moved nor taken away.
                if let Some(both) = together(self, second) {
                    return Some(self.add(first, both, 0));
                }
                let both = together(self, first)?;
                Some(self.sum_of_two(both, second, shift, subtract))
            }
            Cell::Sum { a: first, b, c } => {
                let both = together(self, first)?;
                Some(self.sum(both, b, c))
            }
            Cell::Input { .. }
            | Cell::Constant
            | Cell::Multiply { .. }
            | Cell::Select { .. }
            | Cell::Less { .. }
            | Cell::Truncate { .. }
            | Cell::Shift { .. }
            | Cell::Lookup { .. }
            | Cell::Register { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlist::builder::tests::builder;

    #[test]
    fn a_sign_that_changes_twice_vanishes() {
        let (mut builder, x) = builder();
        let negated = builder.negate(x[1]);
        let difference = builder.subtract(x[0], x[1], 2);
        assert_eq!(builder.negate(negated), x[1]);
        assert_eq!(builder.add(x[0], negated, 2), difference);
        assert_eq!(builder.add(negated, x[0], 0), builder.subtract(x[0], x[1], 0));
        assert_eq!(builder.subtract(x[0], negated, 0), builder.add(x[0], x[1], 0));
        let [plus, minus] =
            [false, true].map(|subtract| Addend { subtract, net: negated, shift: 1 });
        let [own, other] = [true, false].map(|subtract| Addend { subtract, net: x[1], shift: 1 });
        let third = Addend { subtract: true, net: x[0], shift: 3 };
        assert_eq!(builder.sum(x[0], plus, third), builder.sum(x[0], own, third));
        assert_eq!(builder.sum(x[0], minus, third), builder.sum(x[0], other, third));
    }

    #[test]
    fn a_sign_is_kept_where_more_is_known_with_it() {
        let (mut builder, x) = builder();
        let negated = builder.negate(x[1]);
        let negated = builder.prove(negated, Interval::new(0, 3, 0));
        let sum = builder.add(x[0], negated, 0);
        assert_eq!(builder.range(sum), Interval::new(-8, 10, 0));
    }

    #[test]
    fn constants_join_the_sum_that_has_one() {
        let (mut builder, x) = builder();
        let [three, four, seven] = [3, 4, 7].map(|value| builder.constant(value, 1));
        let [b, c] =
            [(x[0], 0), (x[1], 1)].map(|(net, shift)| Addend { subtract: false, net, shift });
        let first = builder.sum(three, b, c);
        let first = builder.prove(first, Interval::new(-7, 9, 1));
        let second = builder.add(first, four, 0);
        assert_eq!(builder.sum(seven, b, c), second);
        assert_eq!(builder.range(second), Interval::new(-3, 13, 1));
        let first = builder.add(x[0], three, 0);
        assert_eq!(builder.add(first, four, 0), builder.add(x[0], seven, 0));
    }
}
