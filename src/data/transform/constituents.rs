//! Jets as lists of constituents, and their images.
//!
//! A jet is a slice of constituents of `values` numbers each: `p_T`, `eta`, `phi`, and what else
//! there is. A constituent with `p_T` 0 is padding and stays zero.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use crate::data::Array;

const PT: usize = 0;
const ETA: usize = 1;
const PHI: usize = 2;

/// The `keep` hardest constituents of at least `least_pt`, in falling order of `p_T`; equals keep theirs.
pub(super) fn sort_by_pt(array: &Array, keep: usize, least_pt: f64) -> Array {
    let (events, values) = (array.events(), array.shape[2]);
    let mut sorted = Vec::with_capacity(events * keep * values);
    for event in 0..events {
        let mut jet: Vec<&[f64]> = array
            .event(event)
            .chunks_exact(values)
            .filter(|own| own[PT] > 0.0 && own[PT] >= least_pt)
            .collect();
        jet.sort_by(|a, b| b[PT].total_cmp(&a[PT]));
        jet.truncate(keep);
        sorted.extend(jet.iter().copied().flatten());
        sorted.resize((event + 1) * keep * values, 0.0);
    }
    Array { name: None, shape: vec![events, keep, values], values: sorted }
}

/// Moves the center of `p_T` to zero; distances in `phi` are the short way around.
pub(super) fn center(jet: &mut [f64], values: usize) {
    let Some(first) = real(jet, values).next() else { return };
    let origin = first[PHI];
    let sums = real(jet, values).fold([0.0; 3], |[pt, eta, phi], own| {
        let weight = own[PT];
        [pt + weight, eta + weight * own[ETA], phi + weight * around(own[PHI] - origin)]
    });
    let [pt, eta, phi] = sums;
    each(jet, values, |own| {
        own[ETA] -= eta / pt;
        own[PHI] = around(around(own[PHI] - origin) - phi / pt);
    });
}

/// Turns the principal axis of `p_T` into that of `phi`. A jet that spreads alike in all directions
/// stays as it is.
pub(super) fn rotate(jet: &mut [f64], values: usize) {
    let [eta_eta, phi_phi, eta_phi] = real(jet, values).fold([0.0; 3], |[a, b, c], own| {
        let (pt, eta, phi) = (own[PT], own[ETA], own[PHI]);
        [a + pt * eta * eta, b + pt * phi * phi, c + pt * eta * phi]
    });
    if eta_eta - phi_phi == 0.0 && eta_phi == 0.0 {
        return;
    }
    let axis = (2.0 * eta_phi).atan2(eta_eta - phi_phi) / 2.0;
    let (sin, cos) = (FRAC_PI_2 - axis).sin_cos();
    each(jet, values, |own| {
        (own[ETA], own[PHI]) = (cos * own[ETA] - sin * own[PHI], sin * own[ETA] + cos * own[PHI]);
    });
}

/// Mirrors so that the sum of `p_T` is larger at positive than at negative `eta`, and `phi`.
pub(super) fn flip(jet: &mut [f64], values: usize) {
    for axis in [ETA, PHI] {
        let balance: f64 = real(jet, values)
            .filter(|own| own[axis] != 0.0)
            .map(|own| own[PT] * own[axis].signum())
            .sum();
        if balance < 0.0 {
            each(jet, values, |own| own[axis] = -own[axis]);
        }
    }
}

/// The sum of `p_T` in each pixel of a square of `width` around zero, rows of `eta` for each `phi`;
/// what lies outside is left out.
pub(super) fn pixelate(array: &Array, pixels: usize, width: f64) -> Array {
    let (events, values) = (array.events(), array.shape[2]);
    let mut images = vec![0.0; events * pixels * pixels];
    for (event, image) in images.chunks_exact_mut(pixels * pixels).enumerate() {
        for own in real(array.event(event), values) {
            let (row, column) = (pixel(own[PHI], pixels, width), pixel(own[ETA], pixels, width));
            if let Some((row, column)) = row.zip(column) {
                image[row * pixels + column] += own[PT];
            }
        }
    }
    Array { name: None, shape: vec![events, pixels, pixels], values: images }
}

/// The pixel of a coordinate: the lower edge belongs to a pixel, the upper one to the next.
fn pixel(coordinate: f64, pixels: usize, width: f64) -> Option<usize> {
    let count = f64::from(u32::try_from(pixels).expect("recipes have at most 1024 pixels"));
    let place = ((coordinate / width + 0.5) * count).floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number between 0 and the number of pixels"
    )]
    let pixel = (0.0..count).contains(&place).then_some(place as usize);
    pixel
}

/// The constituents that are no padding.
fn real(jet: &[f64], values: usize) -> impl Iterator<Item = &[f64]> {
    jet.chunks_exact(values).filter(|own| own[PT] > 0.0)
}

fn each(jet: &mut [f64], values: usize, change: impl Fn(&mut [f64])) {
    jet.chunks_exact_mut(values).filter(|own| own[PT] > 0.0).for_each(change);
}

/// An angle from -π to π.
fn around(angle: f64) -> f64 {
    (angle + PI).rem_euclid(TAU) - PI
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(step: fn(&mut [f64], usize), jet: &[f64], expected: &[f64]) {
        let mut found = jet.to_vec();
        step(&mut found, 3);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} instead of {expected}");
        }
    }

    fn array(constituents: usize, values: &[f64]) -> Array {
        let shape = vec![values.len() / constituents / 3, constituents, 3];
        Array { name: None, shape, values: values.to_vec() }
    }

    #[test]
    fn the_hardest_come_first() {
        let jets = array(3, &[1.0, 0.1, 0.2, 0.0, 9.0, 9.0, 3.0, 0.3, 0.4]);
        let sorted = |keep, least| sort_by_pt(&jets, keep, least).values;
        assert_eq!(sorted(2, 0.0), [3.0, 0.3, 0.4, 1.0, 0.1, 0.2]);
        assert_eq!(sorted(1, 0.0), [3.0, 0.3, 0.4]);
        assert_eq!(sorted(3, 2.0), [3.0, 0.3, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let two = array(1, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(sort_by_pt(&two, 1, 0.0).values, two.values);
    }

    #[test]
    fn the_center_of_momentum_moves_to_zero() {
        let jet = [1.0, 0.0, 0.0, 3.0, 0.4, 0.8, 0.0, 0.0, 0.0];
        check(center, &jet, &[1.0, -0.3, -0.6, 3.0, 0.1, 0.2, 0.0, 0.0, 0.0]);
        // On both sides of where phi wraps, half of 2 π - 6.2 away from the center.
        let half = PI - 3.1;
        check(center, &[1.0, 0.0, 3.1, 1.0, 0.0, -3.1], &[1.0, 0.0, -half, 1.0, 0.0, half]);
        check(center, &[0.0; 3], &[0.0; 3]);
    }

    #[test]
    fn the_principal_axis_becomes_that_of_phi() {
        let root = 2_f64.sqrt();
        check(rotate, &[1.0, 1.0, 0.0, 1.0, -1.0, 0.0], &[1.0, 0.0, 1.0, 1.0, 0.0, -1.0]);
        check(rotate, &[1.0, 1.0, 1.0, 1.0, -1.0, -1.0], &[1.0, 0.0, root, 1.0, 0.0, -root]);
        check(rotate, &[1.0, 0.0, 2.0, 1.0, 0.0, -2.0], &[1.0, 0.0, 2.0, 1.0, 0.0, -2.0]);
        let round = [1.0, 1.0, 0.0, 1.0, -1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, -1.0];
        check(rotate, &round, &round);
    }

    #[test]
    fn most_momentum_lies_at_positive_coordinates() {
        check(flip, &[1.0, 1.0, 1.0, 3.0, -1.0, -2.0], &[1.0, -1.0, -1.0, 3.0, 1.0, 2.0]);
        check(flip, &[3.0, 1.0, -1.0, 1.0, 0.0, -2.0], &[3.0, 1.0, 1.0, 1.0, 0.0, 2.0]);
    }

    #[test]
    fn pixels_sum_momentum() {
        // Upper right twice, lower left on its edge, and two outside.
        let jet = array(
            5,
            &[2.0, 0.5, 0.5, 1.0, 0.0, 0.0, 4.0, -1.0, -1.0, 8.0, 1.0, 0.0, 16.0, 0.0, -1.5],
        );
        let image = pixelate(&jet, 2, 2.0);
        assert_eq!(image.shape, [1, 2, 2]);
        assert_eq!(image.values, [4.0, 0.0, 0.0, 3.0]);
        // Rows are phi, columns eta.
        let image = pixelate(&array(1, &[1.0, 0.5, -0.5]), 2, 2.0);
        assert_eq!(image.values, [0.0, 1.0, 0.0, 0.0]);
    }
}
