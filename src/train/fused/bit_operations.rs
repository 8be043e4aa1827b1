//! [`bit_operations`]: the price of a layer's products.
//!
//! The bits `b` of a weight reach from its highest that is not zero down to the
//! lowest of its format; a zero has none. With the widths `v` of what the weights are
//! multiplied by, a column for each, and factors `k` that the recipe's estimate gives,
//! the price is the sum of `k b v`. By the bits behind the point its gradient
//! is the sum of `k v` over the weights that have bits, by the widths the sum of `k b`.

use burn::tensor::Tensor;

use super::broadcast::Broadcast;
use super::exponent::{exponent, whole};
use super::tape::{Gradient, Operation, View, record};

/// The price of weights with so many bits behind the point, times `widths`, one row; `factor` is what
/// the bits of a weight count for, by the weight and its bits.
pub(in crate::train) fn bit_operations(
    weights: &Tensor<2>,
    fraction: &Tensor<2>,
    widths: &Tensor<2>,
    factor: impl Fn(f32, f32) -> f32,
) -> Tensor<1> {
    let broadcast = Broadcast { values: weights.dims(), own: fraction.dims() };
    let weights = View::of(weights);
    let behind: Vec<f32> = View::of(fraction).iter().map(|own| whole(*own)).collect();
    let bits = weights.iter().zip(broadcast.indices()).map(|(weight, index)| {
        let is_zero = weight.abs() < f32::MIN_POSITIVE;
        let bits = (exponent(*weight) + behind[index]).max(0.0);
        if is_zero { 0.0 } else { bits }
    });
    let bits: Vec<f32> = bits.collect();
    let factors = weights.iter().zip(&bits).map(|(weight, bits)| factor(*weight, *bits));
    let factors: Vec<f32> = factors.collect();
    let own = BitOperations { bits, factors, broadcast, widths: View::of(widths) };
    let price = own.by_widths().iter().zip(own.widths.iter()).map(|(own, width)| own * width).sum();
    record([fraction, widths], vec![price], [1, 1], own).reshape([1])
}

/// What is recorded.
#[derive(Clone, Debug)]
struct BitOperations {
    bits: Vec<f32>,
    factors: Vec<f32>,
    broadcast: Broadcast,
    widths: View,
}

impl BitOperations {
    /// The sum of `k b` of each column.
    fn by_widths(&self) -> Vec<f32> {
        let columns = self.widths.len();
        let mut sums = vec![0.0; columns];
        for (bits, factors) in self.bits.chunks(columns).zip(self.factors.chunks(columns)) {
            let own = bits.iter().zip(factors);
            sums.iter_mut().zip(own).for_each(|(sum, (bits, factor))| *sum += bits * factor);
        }
        sums
    }

    /// The sum of `k v` for each format.
    fn by_fraction(&self) -> Vec<f32> {
        let mut sums = vec![0.0; self.broadcast.len()];
        let rows = self.bits.iter().zip(&self.factors).zip(self.widths.iter().cycle());
        for (((bits, factor), width), index) in rows.zip(self.broadcast.indices()) {
            if *bits > 0.0 {
                sums[index] += factor * width;
            }
        }
        sums
    }
}

impl Operation<2> for BitOperations {
    fn gradients(self, gradient: &[f32], [fraction, widths]: [bool; 2]) -> [Option<Gradient>; 2] {
        let times =
            |own: Vec<f32>| Gradient::Own(own.into_iter().map(|own| gradient[0] * own).collect());
        [fraction.then(|| times(self.by_fraction())), widths.then(|| times(self.by_widths()))]
    }
}
