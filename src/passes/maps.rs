//! Arithmetic on the constants of `affine` and `dense`: exact where all of them are.

use crate::numeric::quantizer::decompose;
use crate::ops::{Affine, Constants, Dense};

/// The one value of all elements.
#[expect(clippy::float_cmp, reason = "equal means the same bits")]
pub(super) fn uniform(constants: &Constants) -> Option<f64> {
    let (first, rest) = constants.values().split_first()?;
    rest.iter().all(|value| value == first).then_some(*first)
}

/// True when every element is plus or minus a power of two.
pub(super) fn powers_of_two(constants: &Constants) -> bool {
    constants.values().iter().all(|value| decompose(*value).0.unsigned_abs() == 1)
}

/// True when every element is zero.
pub(super) fn zero(constants: &Constants) -> bool {
    constants.values().iter().all(|value| *value == 0.0)
}

/// Exact zeros.
pub(super) fn zeros(len: usize) -> Constants {
    Constants::exact(vec![0.0; len]).expect("zero is on every grid")
}

/// `outer(inner(x))` as one map; none where that is exact but needs too many bits.
pub(super) fn compose(outer: &Affine, inner: &Affine) -> Option<Affine> {
    let exact = [&outer.scale, &outer.offset, &inner.scale, &inner.offset];
    let exact = exact.iter().all(|constants| constants.is_exact());
    let arithmetic = Arithmetic { exact };
    let len = inner.scale.len();
    let mut scale = Vec::with_capacity(len);
    let mut offset = Vec::with_capacity(len);
    for index in 0..len {
        let [a, b] = [outer.scale.values()[index], outer.offset.values()[index]];
        let [c, d] = [inner.scale.values()[index], inner.offset.values()[index]];
        scale.push(arithmetic.multiply(a, c)?);
        offset.push(arithmetic.add(arithmetic.multiply(a, d)?, b)?);
    }
    Some(Affine { scale: arithmetic.constants(scale)?, offset: arithmetic.constants(offset)? })
}

/// `affine(dense(x))` as one `dense`; none where exact weights would lose their integers.
pub(super) fn behind(dense: &Dense, affine: &Affine) -> Option<Dense> {
    let keeps_integers =
        affine.scale.is_exact() && powers_of_two(&affine.scale) && affine.offset.is_exact();
    if dense.weights.is_exact() && !keeps_integers {
        return None;
    }
    let scale = period(&affine.scale, dense.outputs)?;
    let offset = period(&affine.offset, dense.outputs)?;
    let of_weights = Arithmetic { exact: dense.weights.is_exact() };
    let of_bias = Arithmetic { exact: keeps_integers && dense.bias.is_exact() };
    let weights = dense.weights.values().chunks_exact(dense.inputs).zip(scale);
    let weights: Option<Vec<f64>> = weights
        .flat_map(|(row, scale)| row.iter().map(move |weight| of_weights.multiply(*weight, *scale)))
        .collect();
    let bias = dense.bias.values().iter().zip(scale).zip(offset);
    let bias: Option<Vec<f64>> = bias
        .map(|((bias, scale), offset)| of_bias.add(of_bias.multiply(*bias, *scale)?, *offset))
        .collect();
    Some(Dense {
        weights: of_weights.constants(weights?)?,
        bias: of_bias.constants(bias?)?,
        ..*dense
    })
}

/// `dense(affine(x))` as one `dense`; none where exact weights would lose their integers.
pub(super) fn before(affine: &Affine, dense: &Dense) -> Option<Dense> {
    let keeps_integers =
        affine.scale.is_exact() && powers_of_two(&affine.scale) && affine.offset.is_exact();
    if dense.weights.is_exact() && !keeps_integers {
        return None;
    }
    let scale = period(&affine.scale, dense.inputs)?;
    let of_weights = Arithmetic { exact: dense.weights.is_exact() };
    let weights = dense.weights.values().chunks_exact(dense.inputs);
    let weights: Option<Vec<f64>> = weights
        .flat_map(|row| {
            row.iter().zip(scale).map(|(weight, scale)| of_weights.multiply(*weight, *scale))
        })
        .collect();
    Some(Dense {
        bias: bias_of(affine, dense)?,
        weights: of_weights.constants(weights?)?,
        ..*dense
    })
}

/// `W offset + b`: what the term of a map before `dense` adds to its bias.
pub(super) fn bias_of(affine: &Affine, dense: &Dense) -> Option<Constants> {
    let offset = period(&affine.offset, dense.inputs)?;
    let exact = affine.offset.is_exact() && dense.bias.is_exact() && dense.weights.is_exact();
    let arithmetic = Arithmetic { exact };
    let rows = dense.weights.values().chunks_exact(dense.inputs).zip(dense.bias.values());
    let bias: Option<Vec<f64>> = rows
        .map(|(row, bias)| {
            row.iter().zip(offset).try_fold(*bias, |sum, (weight, offset)| {
                arithmetic.add(sum, arithmetic.multiply(*weight, *offset)?)
            })
        })
        .collect();
    arithmetic.constants(bias?)
}

/// The first `len` constants, if the others repeat them.
pub(super) fn period(constants: &Constants, len: usize) -> Option<&[f64]> {
    let (first, _) = constants.values().split_at_checked(len)?;
    constants.values().chunks(len).all(|chunk| chunk == first).then_some(first)
}

/// Arithmetic in `f64` that is rounded, or that refuses to be.
#[derive(Clone, Copy)]
struct Arithmetic {
    exact: bool,
}

impl Arithmetic {
    fn multiply(self, a: f64, b: f64) -> Option<f64> {
        let product = a * b;
        let error = a.mul_add(b, -product);
        (!self.exact || error == 0.0).then_some(product)
    }

    fn add(self, a: f64, b: f64) -> Option<f64> {
        let sum = a + b;
        let part = sum - a;
        let error = (a - (sum - part)) + (b - part);
        (!self.exact || error == 0.0).then_some(sum)
    }

    fn constants(self, values: Vec<f64>) -> Option<Constants> {
        if self.exact { Constants::exact(values).ok() } else { Some(Constants::float(values)) }
    }
}
