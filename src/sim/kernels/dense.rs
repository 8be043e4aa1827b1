//! [`Dense`]: a dense layer in any machine integer.

use super::fold::Fold;
use super::lanes::{Row, TILE};
use super::word::Word;

/// How many outputs are computed together.
const GROUP: usize = 4;
/// How many events are computed together.
const CHUNK: usize = 16;

/// `fold(W x + b)` for each row of `x`.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Dense<T> {
    inputs: usize,
    outputs: usize,
    /// `weights[group * inputs + input][k]`: the weight of output `group * GROUP + k`.
    weights: Vec<[T; GROUP]>,
    bias: Vec<T>,
    /// One for each element of the result.
    folds: Vec<Fold<T>>,
}

impl<T: Word> Dense<T> {
    /// A layer with `weights[output * inputs + input]`.
    pub(in crate::sim) fn new(
        inputs: usize,
        weights: &[T],
        bias: Vec<T>,
        folds: Vec<Fold<T>>,
    ) -> Self {
        let outputs = bias.len();
        let mut grouped = vec![[T::default(); GROUP]; outputs.div_ceil(GROUP) * inputs];
        for (output, row) in weights.chunks_exact(inputs).enumerate() {
            for (input, weight) in row.iter().enumerate() {
                grouped[output / GROUP * inputs + input][output % GROUP] = *weight;
            }
        }
        Self { inputs, outputs, weights: grouped, bias, folds }
    }

    /// Computes all outputs of a tile.
    #[inline(always)]
    pub(in crate::sim) fn run(&self, x: &[Row<T>], y: &mut [Row<T>]) {
        for (x, y) in x.chunks_exact(self.inputs).zip(y.chunks_exact_mut(self.outputs)) {
            let groups = self.weights.chunks_exact(self.inputs);
            for ((weights, bias), y) in groups.zip(self.bias.chunks(GROUP)).zip(y.chunks_mut(GROUP))
            {
                let start: [T; GROUP] =
                    std::array::from_fn(|index| bias.get(index).copied().unwrap_or_default());
                for chunk in 0..TILE / CHUNK {
                    let sums = sums(weights, start, x, chunk);
                    for (y, sums) in y.iter_mut().zip(sums) {
                        y.as_chunks_mut::<CHUNK>().0[chunk] = sums;
                    }
                }
            }
        }
        for (y, fold) in y.iter_mut().zip(&self.folds) {
            let sums = *y;
            fold.apply(&sums, y);
        }
    }
}

/// The sums of a group of outputs for some events.
#[inline(always)]
fn sums<T: Word>(
    weights: &[[T; GROUP]],
    start: [T; GROUP],
    x: &[Row<T>],
    chunk: usize,
) -> [[T; CHUNK]; GROUP] {
    let mut sums = start.map(|start| [start; CHUNK]);
    for (weights, x) in weights.iter().zip(x) {
        let x: [T; CHUNK] = x.as_chunks().0[chunk];
        for (sums, weight) in sums.iter_mut().zip(weights) {
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = sum.plus(weight.times(x));
            }
        }
    }
    sums
}
