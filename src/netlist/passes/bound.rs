//! `bound`: how large a sum can get whose terms cancel, which interval arithmetic does not see.
//!
//! ```text
//! n0, n1 : 0 to 15
//! n2 = add n0, n1           0 to 30
//! n3 = subtract n0, n1    -15 to 15
//! n4 = add n2, n3         -15 to 45    =>    0 to 30
//! ```
//!
//! Sums are followed down to what is no sum, as affine forms over it.

use super::rebuild::Rebuild;
use crate::entity::SideTable;
use crate::netlist::{Builder, Cell, Module, NetId};
use crate::numeric::interval::Interval;

/// A form of more terms than this is not followed further.
const MOST_TERMS: usize = 64;

/// The module with the ranges of its sums proved by their affine forms.
pub fn bound(module: &Module) -> Module {
    let mut rebuild = Rebuild::new(module);
    let mut forms: SideTable<NetId, Option<Form>> = SideTable::filled(module.nets.len(), None);
    for (id, net) in module.nets.iter() {
        let copy = rebuild.copy(id);
        let copy = rebuild.builder.prove(copy, net.range);
        let form = Form::of(&forms, net.cell, net.range);
        let range = form.as_ref().and_then(|form| form.range(&rebuild.builder));
        let new = range.map_or(copy, |range| rebuild.builder.prove(copy, range));
        rebuild.nets[id] = new;
        // What is no sum, or one of too many terms, is a term of others.
        forms[id] = form.or_else(|| Some(Form { terms: vec![(new, 1)], offset: 0, frac: 0 }));
    }
    rebuild.finish(module.latency)
}

/// `(offset + sum of factor * net) * 2^-frac`.
#[derive(Clone, Debug)]
struct Form {
    /// Nets in rising order, none twice.
    terms: Vec<(NetId, i64)>,
    offset: i64,
    frac: i8,
}

impl Form {
    /// The form of a constant, a sum or a shift over known forms; nothing where factors grow too
    /// large.
    fn of(forms: &SideTable<NetId, Option<Self>>, cell: Cell, range: Interval) -> Option<Self> {
        let known = |net: NetId| forms[net].as_ref().expect("operands come first");
        match cell {
            Cell::Constant => {
                Some(Self { terms: Vec::new(), offset: range.lo(), frac: range.frac() })
            }
            Cell::Shift { a, exponent } => known(a).scaled(exponent, false),
            Cell::Add { .. } | Cell::Sum { .. } => {
                let zero = Self { terms: Vec::new(), offset: 0, frac: 0 };
                cell.addends().try_fold(zero, |sum, term| {
                    sum.plus(&known(term.net).scaled(term.shift, term.subtract)?)
                })
            }
            Cell::Input { .. }
            | Cell::Multiply { .. }
            | Cell::Select { .. }
            | Cell::Less { .. }
            | Cell::Truncate { .. }
            | Cell::Lookup { .. }
            | Cell::Register { .. } => None,
        }
    }

    /// `± self * 2^shift`.
    fn scaled(&self, shift: i8, negate: bool) -> Option<Self> {
        let sign = |value: i64| if negate { value.checked_neg() } else { Some(value) };
        let terms = self.terms.iter().map(|(net, factor)| Some((*net, sign(*factor)?)));
        let terms: Option<Vec<_>> = terms.collect();
        Some(Self {
            terms: terms?,
            offset: sign(self.offset)?,
            frac: self.frac.checked_sub(shift)?,
        })
    }

    fn plus(&self, other: &Self) -> Option<Self> {
        let frac = self.frac.max(other.frac);
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let mut offset = 0_i64;
        for form in [self, other] {
            let unit = 2_i64.checked_pow(u32::from(frac.abs_diff(form.frac)))?;
            offset = offset.checked_add(form.offset.checked_mul(unit)?)?;
            for (net, factor) in &form.terms {
                terms.push((*net, factor.checked_mul(unit)?));
            }
        }
        terms.sort_unstable_by_key(|(net, _)| *net);
        let mut together: Vec<(NetId, i64)> = Vec::with_capacity(terms.len());
        for (net, factor) in terms {
            match together.last_mut() {
                Some((last, sum)) if *last == net => *sum = sum.checked_add(factor)?,
                Some(_) | None => together.push((net, factor)),
            }
        }
        together.retain(|(_, factor)| *factor != 0);
        (together.len() <= MOST_TERMS).then_some(Self { terms: together, offset, frac })
    }

    /// The range that follows from those of the terms; nothing beyond 63 bits.
    fn range(&self, builder: &Builder) -> Option<Interval> {
        let offset = Interval::point(self.offset, self.frac);
        self.terms.iter().try_fold(offset, |sum, (net, factor)| {
            sum.add(builder.range(*net).multiply(Interval::point(*factor, self.frac))?)
        })
    }
}
