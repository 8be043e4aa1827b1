//! [`Tensor`]: a constant of the model, with the grid that its values were quantized to.

use super::element::{ElementType, whole};
use crate::numeric::interval::scale;

/// The most elements of a constant.
pub(super) const MAX_ELEMENTS: usize = 1 << 24;

/// The most elements of a computed value. Each becomes wires, so this is far beyond any device.
pub(super) const MAX_WIRES: usize = 1 << 20;

/// Stands for the size of a batch that is not fixed in arithmetic on shapes; no dimension of a
/// model has this size. Only its own value is understood, nothing that is computed from it.
pub(super) const UNKNOWN_BATCH: i64 = 7_881_299_347_898_369;

/// A constant, in its full ONNX shape.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tensor {
    /// The dimensions.
    pub shape: Vec<usize>,
    /// The number type.
    pub element: ElementType,
    /// The values in row-major order.
    pub data: Data,
    /// The step of each element, where the model quantized it: the value is a whole multiple.
    pub steps: Option<Vec<f64>>,
    /// True when values follow from the size of a batch that is not fixed. Such a tensor
    /// may give shapes, but never numbers.
    pub from_batch: bool,
}

/// Values of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    /// Of a floating-point type, exactly.
    Float(Vec<f64>),
    /// Of an integer type.
    Int(Vec<i64>),
}

impl Tensor {
    /// A tensor of floats.
    pub(super) fn float(shape: Vec<usize>, element: ElementType, values: Vec<f64>) -> Self {
        Self { shape, element, data: Data::Float(values), steps: None, from_batch: false }
    }

    /// A tensor of integers.
    pub(super) fn int(shape: Vec<usize>, element: ElementType, values: Vec<i64>) -> Self {
        Self { shape, element, data: Data::Int(values), steps: None, from_batch: false }
    }

    /// The number of elements.
    pub(super) fn len(&self) -> usize {
        match &self.data {
            Data::Float(values) => values.len(),
            Data::Int(values) => values.len(),
        }
    }

    /// The values as floats.
    pub(super) fn floats(&self) -> Vec<f64> {
        match &self.data {
            Data::Float(values) => values.clone(),
            Data::Int(values) => values.iter().map(|value| scale(*value, 0)).collect(),
        }
    }

    /// The values as integers, if all are whole.
    pub(super) fn ints(&self) -> Option<Vec<i64>> {
        match &self.data {
            Data::Float(values) => values.iter().map(|value| whole(*value)).collect(),
            Data::Int(values) => Some(values.clone()),
        }
    }

    /// The only value, if there is one element.
    pub(super) fn scalar(&self) -> Option<f64> {
        let values = self.floats();
        <[f64; 1]>::try_from(values).ok().map(|[value]| value)
    }

    /// The elements `indices`, in another shape.
    pub(super) fn gather(&self, shape: Vec<usize>, indices: &[usize]) -> Self {
        fn pick<T: Copy>(values: &[T], indices: &[usize]) -> Vec<T> {
            indices.iter().map(|index| values[*index]).collect()
        }
        let data = match &self.data {
            Data::Float(values) => Data::Float(pick(values, indices)),
            Data::Int(values) => Data::Int(pick(values, indices)),
        };
        let steps = self.steps.as_ref().map(|steps| pick(steps, indices));
        Self { shape, element: self.element, data, steps, from_batch: self.from_batch }
    }

    /// The same elements in another shape of the same size.
    pub(super) fn reshape(&self, shape: Vec<usize>) -> Self {
        Self { shape, ..self.clone() }
    }

    /// The steps, where every one of them is a power of two: the values are then exact.
    pub(super) fn exact_steps(&self) -> Option<&[f64]> {
        self.steps.as_deref().filter(|steps| steps.iter().all(|step| is_power_of_two(*step)))
    }
}

/// True for `2^k`.
pub(super) fn is_power_of_two(value: f64) -> bool {
    value.is_finite() && crate::numeric::quantizer::decompose(value).0 == 1
}

/// The number of elements of a shape, if it is not too large.
///
/// A shape without elements is too large as well if its other dimensions are, so
/// that no product of some of its dimensions can overflow.
pub(super) fn checked_len(dims: impl IntoIterator<Item = usize>) -> Option<usize> {
    let mut empty = false;
    let mut len = 1_usize;
    for dim in dims {
        empty |= dim == 0;
        len = len.checked_mul(dim.max(1)).filter(|len| *len <= MAX_ELEMENTS)?;
    }
    Some(if empty { 0 } else { len })
}
