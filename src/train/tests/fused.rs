//! Fused operations against their definitions by the operations of burn.

use burn::tensor::activation::{log_softmax, relu};

use super::super::fused::bit_operations::bit_operations;
use super::super::fused::cross_entropy::cross_entropy;
use super::super::fused::quantize::{Mode, quantize};
use super::super::fused::rows::{add_row, standardize};
use super::super::parameter::{single, straight_through};
use super::*;

/// `2^(sign * bits)`, exactly, with its gradient.
fn power(bits: &Tensor<2>, sign: f32) -> Tensor<2> {
    let whole = values(bits.clone()).into_iter().map(|own| (sign * own.round_ties_even()).exp2());
    let exact = tensor(whole.collect(), bits.dims(), &bits.device());
    let zero = bits.clone() - bits.clone().detach();
    exact.clone() + exact * zero * (f64::from(sign) * std::f64::consts::LN_2)
}

fn nearest_up(x: Tensor<2>) -> Tensor<2> {
    let even = x.clone().round();
    let is_below = (x - even.clone()).equal_elem(0.5);
    even + is_below.float()
}

fn rounded(x: &Tensor<2>, rounding: Rounding) -> Tensor<2> {
    let x = x.clone().detach();
    match rounding {
        Rounding::Floor => x.floor(),
        Rounding::TowardZero => x.clone().abs().floor() * x.sign(),
        Rounding::NearestUp => nearest_up(x),
        Rounding::NearestDown => nearest_up(x.neg()).neg(),
        Rounding::NearestAway => nearest_up(x.clone().abs()) * x.sign(),
        Rounding::NearestZero => nearest_up(x.clone().abs().neg()).neg() * x.sign(),
        Rounding::NearestEven => x.round(),
    }
}

fn wrapped(x: Tensor<2>, high: Tensor<2>, modulus: Tensor<2>) -> Tensor<2> {
    let (x, high, modulus) = (x.detach(), high.detach(), modulus.detach());
    let rest = x.clone() - (x / modulus.clone()).floor() * modulus.clone();
    let is_above = rest.clone().greater(high);
    rest - modulus * is_above.float()
}

/// What [`quantize`] is, a term at a time.
fn definition(x: Tensor<2>, integer: &Tensor<2>, fraction: &Tensor<2>, mode: Mode) -> Tensor<2> {
    let x = relu(x.clone()) - relu(x.neg()) * mode.slope;
    let (top, steps, step) = (power(integer, 1.0), power(fraction, 1.0), power(fraction, -1.0));
    let shape = x.dims();
    let high = (top.clone() - step.clone()).expand(shape);
    let low = match (mode.signed, mode.overflow) {
        (false, _) => Tensor::zeros(shape, &x.device()),
        (true, Overflow::SaturateSymmetric) => high.clone().neg(),
        (true, _) => top.clone().neg().expand(shape),
    };
    let on_grid = |x: Tensor<2>| {
        let scaled = x * steps.clone().expand(shape);
        straight_through(rounded(&scaled, mode.rounding), scaled) * step.clone().expand(shape)
    };
    match mode.overflow {
        Overflow::Saturate | Overflow::SaturateSymmetric => on_grid(x.max_pair(low).min_pair(high)),
        Overflow::Wrap => {
            let rounded = on_grid(x);
            let modulus = if mode.signed { top * 2.0 } else { top }.expand(shape);
            straight_through(wrapped(rounded.clone(), high, modulus), rounded)
        }
        Overflow::SaturateZero => {
            let rounded = on_grid(x);
            let outside = rounded.clone().lower(low).bool_or(rounded.clone().greater(high));
            rounded.mask_fill(outside, 0.0)
        }
    }
}

/// Values about every tie and bound of formats near to one, and the ends of single precision.
fn telling_values() -> Vec<f32> {
    let ties = (-600_i16..=600).map(|eighth| f32::from(eighth) / 8.0);
    let ties = ties.flat_map(|x| [x.next_down(), x, x.next_up()]);
    let ends = [0.0, f32::MIN_POSITIVE, 1e-40, 1e-30, 8_388_607.5, 16_777_215.0, 1e30, f32::MAX];
    let ends = ends.into_iter().chain([f32::INFINITY, f32::NAN]);
    ties.chain(ends.flat_map(|x| [x, -x])).collect()
}

/// Relative and absolute agreement.
fn near(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (index, (a, b)) in found.iter().zip(expected).enumerate() {
        let close = (a - b).abs() <= 5e-4 * (1.0 + a.abs().max(b.abs()));
        assert!(close || a.is_nan() && b.is_nan(), "{what} at {index}: {a}, expected {b}");
    }
}

fn modes() -> impl Iterator<Item = Mode> {
    Rounding::ALL.iter().copied().flat_map(|rounding| {
        Overflow::ALL.iter().copied().flat_map(move |overflow| {
            [true, false].into_iter().flat_map(move |signed| {
                let mode = move |slope| Mode { rounding, overflow, signed, slope };
                [1.0, 0.0, 0.25].map(mode)
            })
        })
    })
}

#[test]
fn quantized_values_are_those_of_the_definition_to_the_bit() {
    let xs = telling_values();
    let device = Device::flex();
    let column = tensor(xs.clone(), [xs.len(), 1], &device);
    for mode in modes() {
        for (integer, fraction) in [(3.0, 2.0), (0.0, 1.0), (-2.0, 5.0), (5.0, -3.0), (6.0, 9.0)] {
            let [integer, fraction] = [integer, fraction].map(|n| tensor(vec![n], [1, 1], &device));
            let found = values(quantize(&column, &integer, &fraction, mode));
            let expected = values(definition(column.clone(), &integer, &fraction, mode));
            for ((x, found), expected) in xs.iter().zip(found).zip(expected) {
                // The rectifier of an infinite value is one of its own.
                if mode.slope != 1.0 && x.is_infinite() {
                    continue;
                }
                let same = found.to_bits() == expected.to_bits();
                let same = same || found.is_nan() && expected.is_nan();
                assert!(same, "{mode:?} of {x:e}: {found:e}, expected {expected:e}");
            }
        }
    }
}

#[test]
fn gradients_of_quantized_values_are_those_of_the_definition() {
    let (rows, columns) = (700, 3);
    let mut random = Random::new(3, 0);
    let mut draw = |count: usize, scale: f32| -> Vec<f32> {
        (0..count).map(|_| scale * single(random.unit() * 2.0 - 1.0)).collect()
    };
    let xs = draw(rows * columns, 12.0);
    let factors = draw(rows * columns, 1.0);
    for mode in modes() {
        for shape in [[1, 1], [1, columns], [rows, 1], [rows, columns]] {
            let count = shape[0] * shape[1];
            let integers = draw(count, 3.0);
            let fractions: Vec<f32> = draw(count, 3.0).iter().map(|own| own + 7.0).collect();
            let gradients = |own: fn(Tensor<2>, &Tensor<2>, &Tensor<2>, Mode) -> Tensor<2>| {
                let device = Device::flex().autodiff();
                let x = tensor(xs.clone(), [rows, columns], &device).require_grad();
                let integer = tensor(integers.clone(), shape, &device).require_grad();
                let fraction = tensor(fractions.clone(), shape, &device).require_grad();
                let y = own(x.clone(), &integer, &fraction, mode);
                let tape = (y * tensor(factors.clone(), [rows, columns], &device)).sum().backward();
                [x, integer, fraction].map(|own| own.grad(&tape).map_or_else(Vec::new, values))
            };
            let found =
                gradients(|x, integer, fraction, mode| quantize(&x, integer, fraction, mode));
            let mut expected = gradients(definition);
            for (expected, found) in expected.iter_mut().zip(&found) {
                expected.resize(found.len(), 0.0);
            }
            for (found, expected) in found.iter().zip(&expected) {
                near(found, expected, &format!("{mode:?} {shape:?}"));
            }
        }
    }
}

#[test]
fn rows_are_added_and_standardized_as_by_burn() {
    let device = Device::flex().autodiff();
    let x = || tensor(vec![1.0, -2.0, 3.5, 4.0, 5.0, 7.25], [2, 3], &device).require_grad();
    let row = || tensor(vec![0.5, 1.0, -1.0], [1, 3], &device).require_grad();
    let weights = || tensor(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3], &device);
    let check = |found: fn(&Tensor<2>, &Tensor<2>) -> Tensor<2>,
                 expected: fn(&Tensor<2>, &Tensor<2>) -> Tensor<2>| {
        let all = [found, expected].map(|own| {
            let (x, row) = (x(), row());
            let y = own(&x, &row);
            let tape = (y.clone() * weights()).sum().backward();
            let row = row.grad(&tape).map_or_else(Vec::new, values);
            [values(y), values(x.grad(&tape).unwrap()), row]
        });
        assert_eq!(all[0], all[1]);
    };
    check(add_row, |x, row| x.clone() + row.clone());
    check(
        |x, _| standardize(x, &[1.0, 2.0, 0.5], vec![2.0, 0.5, 0.25]),
        |x, row| {
            let of = |own: [f32; 3]| tensor(own.to_vec(), [1, 3], &row.device());
            (x.clone() - of([1.0, 2.0, 0.5])) * of([2.0, 0.5, 0.25])
        },
    );
}

#[test]
fn bit_operations_are_counted_with_their_gradients() {
    let device = Device::flex().autodiff();
    // Steps of 1/4: 0.75 has 2 bits, -4 has 5, 0 has none; steps of 1/2: 1 has 2, 0.5 has 1.
    let weights = tensor(vec![0.75, 0.0, -4.0, 1.0, 0.5, 0.5], [2, 3], &device);
    let fraction = tensor(vec![2.0, 1.0], [2, 1], &device).require_grad();
    let widths = tensor(vec![8.0, 7.0, 3.0], [1, 3], &device).require_grad();
    for (factor, by) in [(1.0, 1.0), (0.5, 2.0)] {
        let price = bit_operations(&weights, &fraction, &widths, |_, bits| {
            if factor == 1.0 || bits == 0.0 { factor } else { 0.5 }
        });
        assert_eq!(values(price.clone()), [factor * (4.0 * 8.0 + 7.0 + 6.0 * 3.0)]);
        let tape = (price * by).backward();
        assert_eq!(values(fraction.grad(&tape).unwrap()), [8.0 + 3.0, 8.0 + 7.0 + 3.0]);
        assert_eq!(values(widths.grad(&tape).unwrap()), [4.0, 1.0, 6.0]);
    }
}

#[test]
fn the_cross_entropy_of_classes_is_that_of_its_formula() {
    let device = Device::flex().autodiff();
    let outputs = vec![1.0, -2.0, 0.5, 300.0, -300.0, 0.0, 2.0, 2.0, 2.0];
    let targets = tensor(vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.25, 0.25, 0.0], [3, 3], &device);
    let weights = tensor(vec![1.0, 0.0, 2.0], [3, 1], &device);
    let own = || tensor(outputs.clone(), [3, 3], &device).require_grad();
    let (found, expected) = (own(), own());
    let loss = cross_entropy(&found, &targets, &weights);
    let each = (log_softmax(expected.clone(), 1) * targets.clone()).sum_dim(1).neg();
    let definition = (each * weights.clone()).sum() / weights.sum();
    near(&values(loss.clone()), &values(definition.clone()), "the loss");
    let [found, expected] = [(found, loss), (expected, definition)]
        .map(|(own, loss)| values(own.grad(&loss.backward()).unwrap()));
    near(&found, &expected, "its gradient");
}
