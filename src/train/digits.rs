//! Canonical signed digits: a weight as the shortest sum of powers of two, some of them negative.
//!
//! Each digit beyond the first is an adder of a constant product (A. Avizienis, 1961).

use crate::numeric::quantizer::decompose;

/// How many digits of the canonical signed form of a weight are not zero.
pub fn digits(weight: f64) -> u32 {
    let raw = decompose(weight).0.unsigned_abs();
    // 3 x and x differ where the digits of x are, one place above them.
    ((3 * u128::from(raw)) ^ u128::from(raw)).count_ones()
}

/// Values near a weight that have fewer digits: one lowest digit away to either side, and zero.
pub fn shorter(weight: f64) -> Vec<f64> {
    let lowest = f64::from(2).powi(decompose(weight).1);
    let own = digits(weight);
    let mut near: Vec<f64> = Vec::with_capacity(3);
    for value in [weight - lowest, weight + lowest, 0.0] {
        if digits(value) < own && !near.contains(&value) {
            near.push(value);
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_canonical_form() {
        for (weight, count) in [(0.0, 0), (7.0, 2), (-7.0, 2), (11.0, 3), (0.375, 2), (-0.5, 1)] {
            assert_eq!(digits(weight), count, "{weight}");
        }
    }

    #[test]
    fn shorter_values_have_fewer_digits() {
        for (weight, expected) in [
            (0.0, vec![]),
            (0.5, vec![0.0]),
            (-0.75, vec![-1.0, -0.5, 0.0]),
            (5.0, vec![4.0, 0.0]),
            (11.0, vec![10.0, 12.0, 0.0]),
        ] {
            assert_eq!(shorter(weight), expected, "{weight}");
        }
    }
}
