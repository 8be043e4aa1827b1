//! Distance correlation: 0 for what is independent, 1 for what is a multiple.
//!
//! Unlike the linear correlation it sees every kind of dependence. Method: G. Székely, M. Rizzo and
//! N. Bakirov, "Measuring and testing dependence by correlation of distances", arXiv:0803.4101; used
//! for this purpose by G. Kasieczka and D. Shih, arXiv:2001.05310.

/// The distance correlation of weighted events, each a row of some columns of `x` and of `y`; zero where
/// one of both is the same for all. It takes the square of the number of events in time and memory.
pub fn distance_correlation(
    (x, x_columns): (&[f64], usize),
    (y, y_columns): (&[f64], usize),
    weights: &[f64],
) -> f64 {
    let a = centered(x, x_columns, weights);
    let b = centered(y, y_columns, weights);
    let covariance = |a: &[f64], b: &[f64]| {
        let pairs = weights.iter().flat_map(|own| weights.iter().map(move |other| own * other));
        a.iter().zip(b).zip(pairs).map(|((a, b), weight)| weight * a * b).sum::<f64>()
    };
    let scale = (covariance(&a, &a) * covariance(&b, &b)).sqrt();
    if scale > 0.0 { (covariance(&a, &b) / scale).max(0.0).sqrt() } else { 0.0 }
}

/// The distances between all pairs of rows, less their means by row and by column.
fn centered(values: &[f64], columns: usize, weights: &[f64]) -> Vec<f64> {
    let count = weights.len();
    let row = |event: usize| &values[event * columns..][..columns];
    let distance = |a: usize, b: usize| {
        row(a).iter().zip(row(b)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    };
    let mut all: Vec<f64> =
        (0..count * count).map(|pair| distance(pair / count, pair % count)).collect();
    let total: f64 = weights.iter().sum();
    let mean = |row: &[f64]| row.iter().zip(weights).map(|(d, w)| d * w).sum::<f64>() / total;
    let means: Vec<f64> = all.chunks_exact(count).map(mean).collect();
    let whole = mean(&means);
    for (pair, distance) in all.iter_mut().enumerate() {
        *distance += whole - means[pair / count] - means[pair % count];
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
    }

    #[test]
    fn it_is_what_the_definition_gives() {
        let x = [0.0, 1.0, 3.0, 4.0];
        let twice = x.map(|x| 5.0 - 2.0 * x);
        near(distance_correlation((&x, 1), (&twice, 1), &[1.0; 4]), 1.0);
        near(distance_correlation((&x, 1), (&[7.0; 4], 1), &[1.0; 4]), 0.0);
        // Every pair of two values each is independent.
        let (a, b) = ([0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]);
        near(distance_correlation((&a, 1), (&b, 1), &[1.0; 4]), 0.0);
        // Worked by hand: of -1, 0 and 1 with their squares the covariance is 8/81, the variances are
        // 40/81 and 16/81: the linear correlation is zero, and this one is not.
        let (x, y) = ([-1.0, 0.0, 1.0], [1.0, 0.0, 1.0]);
        let expected = (8.0_f64 / (40.0_f64 * 16.0).sqrt()).sqrt();
        near(distance_correlation((&x, 1), (&y, 1), &[1.0; 3]), expected);
    }

    #[test]
    fn an_event_of_weight_two_counts_as_two() {
        let (x, y) = ([0.0, 1.0, 3.0, 0.5], [1.0, -1.0, 0.5, 2.0]);
        let (more_x, more_y) = ([0.0, 1.0, 3.0, 0.5, 0.5], [1.0, -1.0, 0.5, 2.0, 2.0]);
        let weighted = distance_correlation((&x, 1), (&y, 1), &[1.0, 1.0, 1.0, 2.0]);
        near(weighted, distance_correlation((&more_x, 1), (&more_y, 1), &[1.0; 5]));
        let planes = [0.0, 0.0, 1.0, 0.0, 3.0, 0.0, 0.5, 0.0];
        let flat = distance_correlation((&planes, 2), (&y, 1), &[1.0; 4]);
        near(flat, distance_correlation((&x, 1), (&y, 1), &[1.0; 4]));
    }
}
