//! [`DensePairs`]: a dense layer over values of 16 bits, rounded and clipped in registers.
//!
//! Two neighboring inputs share a lane, so one instruction does two
//! multiplications and an addition for each event. Sums stay in registers from
//! the bias to the clipped result.

use super::fold::{Bound, Fold};
use super::lanes::{Lanes, Row, TILE};

/// How many outputs are computed together.
const GROUP: usize = 4;

/// `fold(W x + b)` for each row of `x`, on packed pairs.
#[derive(Clone, Debug)]
pub(in crate::sim) struct DensePairs {
    /// Pairs of inputs in one row.
    pairs: usize,
    /// Outputs in one row.
    outputs: usize,
    /// `weights[group * pairs + pair][k]`: the two weights of output `group * GROUP + k`.
    weights: Vec<[i32; GROUP]>,
    /// Where the sums begin: the bias, and what rounding adds unless ties need the plain sum.
    start: Vec<i32>,
    /// What happens to the sums.
    folds: Vec<RegisterFold>,
    /// Whether some rounding needs the plain sum.
    ties: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct RegisterFold {
    offset: i32,
    tie_shift: u32,
    tie_mask: i32,
    shift: u32,
    lo: i32,
    hi: i32,
    finer: u32,
}

impl DensePairs {
    /// A layer with `weights[output * inputs + input]`, if weights have 16 bits and
    /// no fold but clamps its result.
    pub(in crate::sim) fn new(
        inputs: usize,
        weights: &[i32],
        bias: &[i32],
        folds: &[Fold<i32>],
    ) -> Option<Self> {
        let outputs = bias.len();
        let pairs = inputs.div_ceil(2);
        let ties = folds.iter().any(|fold| fold.tie_mask != 0);
        let mut start = vec![0; outputs.next_multiple_of(GROUP)];
        let mut registers = vec![RegisterFold::default(); start.len()];
        for (index, (fold, bias)) in folds.iter().zip(bias).enumerate() {
            let Fold { offset, tie_shift, tie_mask, shift, finer, .. } = *fold;
            let Bound::Clamp { lo, hi } = fold.bound else { return None };
            start[index] = if ties { *bias } else { bias.wrapping_add(offset) };
            registers[index] = RegisterFold { offset, tie_shift, tie_mask, shift, lo, hi, finer };
        }
        let mut packed = vec![[0; GROUP]; start.len() / GROUP * pairs];
        for (output, row) in weights.chunks_exact(inputs).enumerate() {
            for (pair, weights) in row.chunks(2).enumerate() {
                let low = i16::try_from(weights[0]).ok()?;
                let high = i16::try_from(weights.get(1).copied().unwrap_or(0)).ok()?;
                let word = (i32::from(high) << 16) | i32::from(low.cast_unsigned());
                packed[output / GROUP * pairs + pair][output % GROUP] = word;
            }
        }
        Some(Self { pairs, outputs, weights: packed, start, folds: registers, ties })
    }

    /// Computes all outputs of a tile, as pairs (`packed`) or one in each lane.
    #[inline(always)]
    pub(in crate::sim) fn run<L: Lanes, const REGISTERS: usize>(
        &self,
        lanes: L,
        x: &[Row<i32>],
        y: &mut [Row<i32>],
        packed: bool,
    ) {
        let stride = if packed { self.outputs.div_ceil(2) } else { self.outputs };
        for (x, y) in x.chunks_exact(self.pairs).zip(y.chunks_exact_mut(stride)) {
            if self.ties {
                self.row::<L, REGISTERS, true>(lanes, x, y, packed);
            } else {
                self.row::<L, REGISTERS, false>(lanes, x, y, packed);
            }
        }
    }

    #[inline(always)]
    fn row<L: Lanes, const REGISTERS: usize, const TIES: bool>(
        &self,
        lanes: L,
        x: &[Row<i32>],
        y: &mut [Row<i32>],
        packed: bool,
    ) {
        let groups = self.weights.chunks_exact(self.pairs);
        let starts = self.start.as_chunks::<GROUP>().0;
        let folds = self.folds.as_chunks::<GROUP>().0;
        let y = y.chunks_mut(if packed { GROUP / 2 } else { GROUP });
        for (((weights, start), folds), y) in groups.zip(starts).zip(folds).zip(y) {
            for part in (0..TILE / L::COUNT).step_by(REGISTERS) {
                let mut sums = start.map(|start| [lanes.splat(start); REGISTERS]);
                for (weights, x) in weights.iter().zip(x) {
                    let x: [L::Vector; REGISTERS] =
                        std::array::from_fn(|index| lanes.load(x, part + index));
                    for (sums, weight) in sums.iter_mut().zip(weights) {
                        let weight = lanes.splat(*weight);
                        for (sum, x) in sums.iter_mut().zip(x) {
                            *sum = lanes.multiply_pairs(*sum, x, weight);
                        }
                    }
                }
                for (sums, fold) in sums.iter_mut().zip(folds) {
                    fold.apply::<L, REGISTERS, TIES>(lanes, sums);
                }
                for index in 0..REGISTERS {
                    let at = part + index;
                    if packed {
                        for (y, sums) in y.iter_mut().zip(sums.as_chunks::<2>().0) {
                            let pair = lanes.pack(sums[0][index], sums[1][index]);
                            lanes.store(y, at, pair);
                        }
                    } else {
                        for (y, sums) in y.iter_mut().zip(&sums) {
                            lanes.store(y, at, sums[index]);
                        }
                    }
                }
            }
        }
    }
}

impl RegisterFold {
    #[inline(always)]
    fn apply<L: Lanes, const REGISTERS: usize, const TIES: bool>(
        &self,
        lanes: L,
        sums: &mut [L::Vector; REGISTERS],
    ) {
        let (lo, hi) = (lanes.splat(self.lo), lanes.splat(self.hi));
        for sum in sums {
            if TIES {
                let tie = lanes.shift_right(*sum, self.tie_shift);
                let tie = lanes.and(tie, lanes.splat(self.tie_mask));
                *sum = lanes.add(lanes.add(*sum, lanes.splat(self.offset)), tie);
            }
            let rounded = lanes.shift_right(*sum, self.shift);
            let bounded = lanes.min(lanes.max(rounded, lo), hi);
            *sum = lanes.shift_left(bounded, self.finer);
        }
    }
}

/// Packs each two neighboring elements of a row into the halves of a lane.
#[inline(always)]
pub(in crate::sim) fn pack(x: &[Row<i32>], y: &mut [Row<i32>], len: usize) {
    for (x, y) in x.chunks_exact(len).zip(y.chunks_exact_mut(len.div_ceil(2))) {
        for (x, y) in x.chunks(2).zip(y) {
            let zero = [0; TILE];
            let high = x.get(1).unwrap_or(&zero);
            for ((y, low), high) in y.iter_mut().zip(&x[0]).zip(high) {
                *y = (high << 16) | (low & 0xffff);
            }
        }
    }
}

/// The reverse of [`pack`].
#[inline(always)]
pub(in crate::sim) fn unpack(x: &[Row<i32>], y: &mut [Row<i32>], len: usize) {
    for (x, y) in x.chunks_exact(len.div_ceil(2)).zip(y.chunks_exact_mut(len)) {
        for (x, y) in x.iter().zip(y.chunks_mut(2)) {
            for (y, x) in y[0].iter_mut().zip(x) {
                *y = (x << 16) >> 16;
            }
            if let Some(y) = y.get_mut(1) {
                for (y, x) in y.iter_mut().zip(x) {
                    *y = x >> 16;
                }
            }
        }
    }
}
