//! [`Chain`]: a linear operator and what follows it, element by element, as one [`Fold`] each.

use crate::graph::{Graph, NodeId};
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{self, Overflow};
use crate::ops::{OpKind, TensorType};

use super::super::kernels::fold::{Bound, Fold};

/// The operators from a linear one to `end`, fused.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// The last operator, whose value this is.
    pub(super) end: NodeId,
    /// The operators before it, whose values exist nowhere.
    pub(super) fused: Vec<NodeId>,
    /// Each element.
    pub(super) elements: Vec<Link>,
}

/// One element of a chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// The formula.
    pub(super) fold: Fold<i128>,
    /// The values of `x` in the formula.
    pub(super) domain: (i128, i128),
    /// The values of the result so far, in steps of `2^-frac`.
    range: (i128, i128),
    frac: i32,
    rounded: bool,
}

impl Link {
    /// `y = x`, where `x` is in `domain`, in steps of `2^-frac`.
    pub(super) fn new(domain: (i128, i128), frac: i32) -> Self {
        Self { fold: Fold::identity(), domain, range: domain, frac, rounded: false }
    }

    /// `y = factor * x + bias`, with the product at the binary point `frac`.
    pub(super) fn affine(domain: (i128, i128), frac: i32, factor: i128, bias: i128) -> Self {
        let ends = [domain.0 * factor + bias, domain.1 * factor + bias];
        let range = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        let fold = Fold { factor, bias, ..Fold::identity() };
        Self { fold, domain, range, frac, rounded: false }
    }

    /// Clips, where the chain does nothing that clipping does not commute with.
    fn clip(&mut self, lo: i128, hi: i128) -> Option<()> {
        let Bound::Clamp { lo: first_lo, hi: first_hi } = self.fold.bound else { return None };
        let clip = |raw: i128| raw.max(lo).min(hi);
        self.fold.bound = Bound::Clamp { lo: clip(first_lo), hi: clip(first_hi) };
        self.range = (clip(self.range.0), clip(self.range.1));
        Some(())
    }

    /// Rounds and brings into range.
    pub(super) fn quantize(&mut self, quantizer: Quantizer) -> Option<()> {
        let format = quantizer.format;
        if self.rounded {
            return None;
        }
        let shift = self.frac - i32::from(format.frac());
        self.refine(u32::try_from(-shift).unwrap_or(0))?;
        let shift = u32::try_from(shift).unwrap_or(0);
        let Bound::Clamp { lo, hi } = self.fold.bound else { return None };
        self.frac = i32::from(format.frac());
        self.rounded = true;
        self.fold.round(shift, quantizer.rounding);
        let round = |raw: i128| round::shift_right(raw, shift, quantizer.rounding);
        let (lo, hi, range) = (round(lo), round(hi), (round(self.range.0), round(self.range.1)));
        let (min, max) = (i128::from(format.min_raw()), i128::from(format.max_raw()));
        let symmetric = quantizer.overflow == Overflow::SaturateSymmetric && format.signed();
        let min = if symmetric { -max } else { min };
        self.range = (range.0.clamp(min, max), range.1.clamp(min, max));
        self.fold.bound = Bound::Clamp { lo: lo.clamp(min, max), hi: hi.clamp(min, max) };
        if range.0 >= min && range.1 <= max {
            return Some(());
        }
        let unclipped = lo < range.0 && hi > range.1;
        match quantizer.overflow {
            Overflow::Saturate | Overflow::SaturateSymmetric => Some(()),
            Overflow::Wrap => {
                self.range = (min, max);
                let (bits, signed) = (u32::from(format.width()), format.signed());
                self.fold.bound = Bound::Wrap { bits, signed };
                unclipped.then_some(())
            }
            Overflow::SaturateZero => {
                self.range = (min, max);
                self.fold.bound = Bound::Zero { lo: min, hi: max };
                unclipped.then_some(())
            }
        }
    }

    /// Counts in finer steps from here on.
    fn refine(&mut self, bits: u32) -> Option<()> {
        let up = |raw: i128| raw.checked_mul(1_i128.checked_shl(bits).filter(|_| bits < 126)?);
        let Bound::Clamp { lo, hi } = self.fold.bound else { return None };
        let far = |raw: i128| up(raw).unwrap_or(if raw < 0 { i128::MIN } else { i128::MAX });
        self.fold.factor = up(self.fold.factor)?;
        self.fold.bias = up(self.fold.bias)?;
        self.fold.bound = Bound::Clamp { lo: far(lo), hi: far(hi) };
        self.range = (up(self.range.0)?, up(self.range.1)?);
        self.frac += i32::try_from(bits).expect("checked by up");
        Some(())
    }

    /// Moves the result to its final binary point.
    pub(super) fn finish(&mut self, frac: i32) -> Option<()> {
        match Some(frac - self.frac) {
            Some(finer @ 0..) => self.fold.finer = finer.unsigned_abs(),
            // The type says that the bits below its binary point are zero.
            Some(coarser) if !self.rounded => {
                let Bound::Clamp { lo, hi } = self.fold.bound else { return None };
                let shift = coarser.unsigned_abs();
                self.fold.round(shift, round::Rounding::Floor);
                self.fold.bound =
                    Bound::Clamp { lo: lo >> shift.min(126), hi: hi >> shift.min(126) };
            }
            _ => return None,
        }
        Some(())
    }
}

impl Chain {
    /// The chain that begins with `start`, which computes `elements` itself.
    ///
    /// With `fuse` it goes on as far as each value has one user only.
    pub(super) fn new(
        graph: &Graph,
        start: NodeId,
        elements: Vec<Link>,
        fuse: bool,
    ) -> Option<Self> {
        let mut chain = Self { end: start, fused: Vec::new(), elements };
        while fuse && !graph.is_output(chain.end) {
            let [user] = graph.users(chain.end)[..] else { break };
            let mut longer = chain.elements.clone();
            if graph.operands(user).len() != 1 || absorb(graph, user, &mut longer).is_none() {
                break;
            }
            chain.elements = longer;
            chain.fused.push(std::mem::replace(&mut chain.end, user));
        }
        let frac = i32::from(graph[chain.end].ty.frac());
        chain.elements.iter_mut().try_for_each(|element| element.finish(frac))?;
        Some(chain)
    }
}

/// Appends the operator of `node` to each element, if it can be.
pub(super) fn absorb(graph: &Graph, node: NodeId, elements: &mut [Link]) -> Option<()> {
    match &graph[node].op {
        OpKind::Relu(_) => elements.iter_mut().try_for_each(|element| element.clip(0, i128::MAX)),
        OpKind::Clip(clip) => {
            let (bounds, frac) = clip.bounds.raw().ok()?;
            for element in elements {
                if i32::from(frac) > element.frac && !element.rounded {
                    element.refine((i32::from(frac) - element.frac).unsigned_abs())?;
                }
                let up = u32::try_from(element.frac - i32::from(frac)).ok()?;
                let [lo, hi] = [bounds[0], bounds[1]].map(|bound| {
                    i128::from(bound).checked_mul(1_i128.checked_shl(up).filter(|_| up < 64)?)
                });
                element.clip(lo?, hi?)?;
            }
            Some(())
        }
        OpKind::Quantize(quantize) => {
            let mut elements = elements.iter_mut().enumerate();
            elements.try_for_each(|(index, element)| element.quantize(quantize.quantizer.at(index)))
        }
        _ => None,
    }
}

/// The values of each element of a type, in steps of its common binary point.
pub(super) fn domains(ty: &TensorType) -> Vec<(i128, i128)> {
    let frac = ty.frac();
    ty.intervals()
        .into_iter()
        .map(|interval| {
            let fine = interval.at_frac(frac).expect("a type's common grid fits a word");
            (i128::from(fine.lo()), i128::from(fine.hi()))
        })
        .collect()
}
