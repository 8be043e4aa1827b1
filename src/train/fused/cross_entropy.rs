//! [`cross_entropy`]: the loss of classes, whose gradient is the probabilities less the targets.
//!
//! With the outputs `y` of an event, its targets `t` and its weight `w`:
//!
//! ```text
//! ln p = y - ln(sum of exp y)
//! loss = sum over events of w (- sum of t ln p), by the sum of w
//! by y   w / (sum of w) (p (sum of t) - t)
//! ```

use burn::tensor::Tensor;

use super::tape::{Gradient, Operation, View, record};

/// The loss of events, each a row; `weights` is one column.
pub(in crate::train) fn cross_entropy(
    outputs: &Tensor<2>,
    targets: &Tensor<2>,
    weights: &Tensor<2>,
) -> Tensor<1> {
    let classes = outputs.dims()[1];
    let (y, targets, weights) = (View::of(outputs), View::of(targets), View::of(weights));
    let total: f32 = weights.iter().sum();
    let mut by_outputs = Vec::with_capacity(y.len());
    let mut loss = 0.0;
    let rows = y.chunks(classes).zip(targets.chunks(classes)).zip(weights.iter());
    for ((y, targets), weight) in rows {
        let share = weight / total;
        let highest = y.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let first = by_outputs.len();
        by_outputs.extend(y.iter().map(|y| (y - highest).exp()));
        let probabilities = &mut by_outputs[first..];
        let sum: f32 = probabilities.iter().sum();
        let (logarithm, wanted) = (sum.ln(), targets.iter().sum::<f32>());
        let own = y.iter().zip(targets).map(|(y, target)| target * (y - highest - logarithm));
        loss -= share * own.sum::<f32>();
        for (own, target) in probabilities.iter_mut().zip(targets) {
            *own = share * (*own / sum * wanted - target);
        }
    }
    record([outputs], vec![loss], [1, 1], CrossEntropy { by_outputs }).reshape([1])
}

/// What is recorded.
#[derive(Clone, Debug)]
struct CrossEntropy {
    by_outputs: Vec<f32>,
}

impl Operation<1> for CrossEntropy {
    fn gradients(mut self, gradient: &[f32], [outputs]: [bool; 1]) -> [Option<Gradient>; 1] {
        self.by_outputs.iter_mut().for_each(|own| *own *= gradient[0]);
        [outputs.then_some(Gradient::Own(self.by_outputs))]
    }
}
