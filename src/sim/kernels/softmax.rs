//! [`Softmax`]: shifted exponentials and one reciprocal by tables, as the operator defines them.

use super::fold::Fold;
use super::lanes::{Row, TILE};
use super::rows::Table;
use super::word::Word;

/// `y_i = exp(x_i) / sum_j exp(x_j)` over each `len` elements.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Softmax<T> {
    /// The length of a row of elements.
    pub(in crate::sim) len: usize,
    /// From the distance to the maximum to the index of the exponentials.
    pub(in crate::sim) index: Fold<T>,
    /// The exponentials.
    pub(in crate::sim) exponentials: Table<T>,
    /// From their sum to the index of the reciprocals.
    pub(in crate::sim) sum_index: Fold<T>,
    /// The reciprocals.
    pub(in crate::sim) inverses: Table<T>,
    /// From the product to the result.
    pub(in crate::sim) output: Fold<T>,
}

impl<T: Word> Softmax<T> {
    /// Computes all rows of elements.
    #[inline(always)]
    pub(in crate::sim) fn run(&self, x: &[Row<T>], y: &mut [Row<T>]) {
        for (x, y) in x.chunks_exact(self.len).zip(y.chunks_exact_mut(self.len)) {
            self.row(x, y);
        }
    }

    #[inline(always)]
    fn row(&self, x: &[Row<T>], y: &mut [Row<T>]) {
        let mut highest = x[0];
        for x in &x[1..] {
            for (highest, x) in highest.iter_mut().zip(x) {
                *highest = (*highest).max(*x);
            }
        }
        let mut sum = [T::default(); TILE];
        let mut scratch = [T::default(); TILE];
        for (x, y) in x.iter().zip(&mut *y) {
            for ((distance, x), highest) in scratch.iter_mut().zip(x).zip(&highest) {
                *distance = x.minus(*highest);
            }
            let distances = scratch;
            self.index.apply(&distances, &mut scratch);
            self.exponentials.apply(&scratch, y);
            for (sum, exponential) in sum.iter_mut().zip(y) {
                *sum = sum.plus(*exponential);
            }
        }
        self.sum_index.apply(&sum, &mut scratch);
        let mut inverse = [T::default(); TILE];
        self.inverses.apply(&scratch, &mut inverse);
        for y in y {
            for ((product, y), inverse) in scratch.iter_mut().zip(&*y).zip(&inverse) {
                *product = y.times(*inverse);
            }
            self.output.apply(&scratch, y);
        }
    }
}
