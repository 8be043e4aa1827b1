//! The types of tensors: shape, and floating point or formats.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::numeric::format::{FixedFormat, FormatError};
use crate::numeric::interval::Interval;
use crate::numeric::tensor::Shape;

/// The most bits an exact value may have: below the word size, so that rounding
/// constants and shared partial sums of the hardware still fit.
pub const MAX_EXACT_WIDTH: u8 = 60;

/// Something given once for a whole tensor, or once for each element.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PerElement<T> {
    /// The same for all elements.
    Uniform(T),
    /// One for each element, in row-major order.
    Each(Arc<[T]>),
}

impl<T: Copy + PartialEq> PerElement<T> {
    /// One for each element, folded to one for all where they agree.
    pub fn from_elements(items: Vec<T>) -> Self {
        match items.first() {
            Some(first) if items.iter().all(|item| item == first) => Self::Uniform(*first),
            _ => Self::Each(items.into()),
        }
    }

    /// What holds for element `index`.
    pub fn at(&self, index: usize) -> T {
        match self {
            Self::Uniform(item) => *item,
            Self::Each(items) => items[index],
        }
    }

    /// The distinct places: one for all, or one for each element.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::Uniform(item) => std::slice::from_ref(item),
            Self::Each(items) => items,
        }
    }

    /// True when a tensor of `len` elements can have it.
    pub fn fits(&self, len: usize) -> bool {
        match self {
            Self::Uniform(_) => true,
            Self::Each(items) => items.len() == len,
        }
    }

    /// Another thing for each.
    pub fn map<U: Copy + PartialEq>(&self, f: impl FnMut(T) -> U) -> PerElement<U> {
        match self {
            Self::Uniform(item) => {
                let mut f = f;
                PerElement::Uniform(f(*item))
            }
            Self::Each(items) => PerElement::from_elements(items.iter().copied().map(f).collect()),
        }
    }
}

/// The formats of a tensor's elements.
pub type Formats = PerElement<FixedFormat>;

impl Formats {
    /// The narrowest format for each range.
    ///
    /// # Errors
    /// When one is wider than [`MAX_EXACT_WIDTH`].
    pub fn covering(ranges: &[Interval]) -> Result<Self, TypeError> {
        let formats = ranges.iter().map(|range| match FixedFormat::covering(*range) {
            Ok(format) if format.width() <= MAX_EXACT_WIDTH => Ok(format),
            Ok(_) | Err(_) => Err(TypeError::TooWide),
        });
        Ok(Self::from_elements(formats.collect::<Result<_, _>>()?))
    }

    /// The finest binary point, at which every element is a whole number of steps.
    pub fn frac(&self) -> i8 {
        self.as_slice().iter().map(|format| format.frac()).max().unwrap_or(0)
    }

    /// The widest element, in bits.
    pub fn max_width(&self) -> u8 {
        self.as_slice().iter().map(|format| format.width()).max().unwrap_or(1)
    }
}

impl fmt::Display for Formats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform(format) => write!(f, "{format}"),
            Self::Each(formats) => {
                let signed = formats.iter().any(|format| format.signed());
                let integer = formats
                    .iter()
                    .map(|format| format.integer_bits() + i32::from(signed && !format.signed()))
                    .max()
                    .unwrap_or(1);
                let width = integer + i32::from(self.frac());
                let prefix = if signed { "" } else { "u" };
                write!(f, "{prefix}fixed<={width},{integer}>")
            }
        }
    }
}

/// What the elements of a tensor are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Element {
    /// Floating point, before quantization.
    Float,
    /// Fixed point.
    Fixed(Formats),
}

/// Shape and element type of a tensor; never the batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TensorType {
    /// The dimensions of one event.
    pub shape: Shape,
    /// What the elements are.
    pub element: Element,
}

impl TensorType {
    /// A fixed-point type.
    ///
    /// # Errors
    /// When the formats are not as many as the elements, or their common grid
    /// needs more than [`MAX_EXACT_WIDTH`] bits.
    pub fn fixed(shape: Shape, formats: Formats) -> Result<Self, TypeError> {
        if !formats.fits(shape.len()) {
            return Err(TypeError::Count {
                expected: shape.len(),
                found: formats.as_slice().len(),
            });
        }
        let frac = i32::from(formats.frac());
        let widest = formats.as_slice().iter().map(|format| format.integer_bits() + frac).max();
        if widest.unwrap_or(0) > i32::from(MAX_EXACT_WIDTH) {
            return Err(TypeError::TooWide);
        }
        Ok(Self { shape, element: Element::Fixed(formats) })
    }

    /// A floating-point type.
    pub fn float(shape: Shape) -> Self {
        Self { shape, element: Element::Float }
    }

    /// The formats, unless it is floating point.
    pub fn formats(&self) -> Option<&Formats> {
        match &self.element {
            Element::Float => None,
            Element::Fixed(formats) => Some(formats),
        }
    }

    /// The binary point of its blocks; 0 for floating point.
    pub fn frac(&self) -> i8 {
        self.formats().map_or(0, Formats::frac)
    }

    /// The range of each element's format; empty for floating point.
    pub fn intervals(&self) -> Vec<Interval> {
        match &self.element {
            Element::Float => Vec::new(),
            Element::Fixed(formats) => {
                (0..self.shape.len()).map(|index| formats.at(index).interval()).collect()
            }
        }
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.element {
            Element::Float => write!(f, "float{}", self.shape),
            Element::Fixed(formats) => write!(f, "{formats}{}", self.shape),
        }
    }
}

/// Why an operator cannot be given these inputs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// The wrong number of inputs.
    #[error("takes {expected} inputs, not {found}")]
    Arity {
        /// How many it takes.
        expected: usize,
        /// How many it was given.
        found: usize,
    },
    /// Shapes that do not fit together.
    #[error("inputs of shape {0} and {1} do not fit together")]
    Shapes(Shape, Shape),
    /// The wrong number of elements.
    #[error("needs {expected} elements, not {found}")]
    Count {
        /// How many it needs.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// An index beyond the end.
    #[error("index {index} is not below {len}")]
    Index {
        /// The index.
        index: usize,
        /// The number of elements.
        len: usize,
    },
    /// A tensor without elements.
    #[error("shape {0} has no elements")]
    Empty(Shape),
    /// An exact value that is too wide.
    #[error("an exact value needs more than {MAX_EXACT_WIDTH} bits")]
    TooWide,
    /// A constant that was not quantized.
    #[error("its constants have no fixed-point format")]
    FloatConstants,
    /// A table whose output was not given a format.
    #[error("its output has no fixed-point format")]
    NoOutputFormat,
    /// A table with too many entries.
    #[error("its table would have 2^{0} entries")]
    TableTooLarge(u8),
    /// Floating-point and fixed-point inputs together.
    #[error("some inputs have a fixed-point format and some have none")]
    Mixed,
    /// A format that cannot be.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// Checks the number of inputs.
pub(super) fn arity<T: Copy, const N: usize>(inputs: &[T]) -> Result<[T; N], TypeError> {
    <[T; N]>::try_from(inputs).map_err(|_| TypeError::Arity { expected: N, found: inputs.len() })
}

/// Checks that `shape` has a whole number of rows of `len` elements in its last dimension.
pub(super) fn last_dimension(shape: &Shape, len: usize) -> Result<(), TypeError> {
    if shape.is_empty() {
        return Err(TypeError::Empty(shape.clone()));
    }
    if shape.last() != len {
        return Err(TypeError::Count { expected: len, found: shape.last() });
    }
    Ok(())
}

/// An interval of an operator's result, which must exist.
pub(super) fn exact(range: Option<Interval>) -> Result<Interval, TypeError> {
    range.ok_or(TypeError::TooWide)
}

/// Checks that a value still fits when it is counted in steps of `2^-frac`, as evaluation does.
pub(super) fn fits_at(range: Interval, frac: i32) -> Result<Interval, TypeError> {
    let fine = i8::try_from(frac).ok().and_then(|frac| range.at_frac(frac.max(range.frac())));
    match fine.map(FixedFormat::covering) {
        Some(Ok(format)) if format.width() <= MAX_EXACT_WIDTH => Ok(range),
        Some(_) | None => Err(TypeError::TooWide),
    }
}

/// The finest binary point among `ranges`, which their block shares.
pub(super) fn common_frac(ranges: &[Interval]) -> i32 {
    ranges.iter().map(|range| i32::from(range.frac())).max().unwrap_or(0)
}
