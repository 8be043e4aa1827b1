//! What training makes small, and the metrics that are looked at.

use burn::tensor::{Tensor, activation::log_softmax};

use super::recipe::Loss;

/// The mean loss of events of the given weights, each a row; `weights` is one column.
pub fn loss(kind: Loss, outputs: Tensor<2>, targets: Tensor<2>, weights: Tensor<2>) -> Tensor<1> {
    let each = match kind {
        // - sum_c t_c log softmax(y)_c
        Loss::CrossEntropy => (log_softmax(outputs, 1) * targets).sum_dim(1).neg(),
        // The mean over the outputs of (y - t)^2.
        Loss::MeanSquaredError => (outputs - targets).square().mean_dim(1),
    };
    (each * weights.clone()).sum() / weights.sum()
}

/// What is made large by choosing among networks: the weighted accuracy for classes, minus the
/// mean squared error otherwise. Outputs and targets are event after event.
pub fn metric(kind: Loss, outputs: &[f64], targets: &[f32], weights: &[f32]) -> f64 {
    let n_outputs = outputs.len() / weights.len().max(1);
    let (mut sum, mut total) = (0.0, 0.0);
    let rows = outputs.chunks_exact(n_outputs).zip(targets.chunks_exact(n_outputs));
    for ((outputs, targets), weight) in rows.zip(weights) {
        let weight = f64::from(*weight);
        total += weight;
        sum += weight
            * match kind {
                Loss::CrossEntropy => f64::from(u8::from(targets[highest(outputs)] > 0.5)),
                Loss::MeanSquaredError => {
                    let square = |(y, t): (&f64, &f32)| (y - f64::from(*t)).powi(2);
                    let count = u32::try_from(n_outputs).expect("fewer than 2^32 outputs");
                    -outputs.iter().zip(targets).map(square).sum::<f64>() / f64::from(count)
                }
            };
    }
    sum / total
}

/// The first of the largest.
fn highest(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}
