//! `[quantize]`: the formats where neither an operator nor a layer says otherwise.

use serde::Deserialize;

use super::settings::Choice;
use crate::numeric::round::{Overflow, Rounding};

/// Formats, unless `[operator.…]` or `[layer.…]` says otherwise.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quantize {
    /// The network's inputs.
    pub input: Choice,
    /// Weights, and the factors of batch normalization.
    pub weights: Choice,
    /// Biases, and the terms of batch normalization.
    pub bias: Choice,
    /// What a layer hands to the next.
    pub activations: Choice,
    /// The network's outputs.
    pub output: Choice,
    /// The width of automatic formats of inputs, activations and outputs.
    pub word_length: WordLength,
    /// The width of automatic formats of weights; `word_length` by default.
    pub weight_length: Option<WordLength>,
    /// Integer bits that calibration adds above the largest value observed, which by itself leaves
    /// up to one bit of room: ranges are powers of two.
    pub margin_bits: u8,
    /// The coarsest step that calibration may choose, as a fraction of the root mean square of the
    /// observed values; `word_length` is then an upper bound.
    pub error_budget: Option<f64>,
    /// What shares an automatic format of activations.
    pub granularity: Granularity,
    /// What shares an automatic format of weights.
    pub weight_granularity: Granularity,
    /// How automatic formats drop low bits, and formats that do not name it.
    #[serde(deserialize_with = "super::settings::mode")]
    pub rounding: Rounding,
    /// What automatic formats do at their ends, and formats that do not name it.
    #[serde(deserialize_with = "super::settings::mode")]
    pub overflow: Overflow,
    /// Scales before a quantizer of at most so many bits become integer thresholds.
    pub threshold_bits: u8,
    /// How a scale that is no power of two becomes a multiplication by an integer.
    pub rescale: Rescale,
}

impl Default for Quantize {
    fn default() -> Self {
        Self {
            input: Choice::Auto,
            weights: Choice::Auto,
            bias: Choice::Auto,
            activations: Choice::Auto,
            output: Choice::Auto,
            word_length: WordLength(16),
            weight_length: None,
            margin_bits: 0,
            error_budget: None,
            granularity: Granularity::Tensor,
            weight_granularity: Granularity::Tensor,
            rounding: Rounding::NearestUp,
            overflow: Overflow::Saturate,
            threshold_bits: 4,
            rescale: Rescale::Close,
        }
    }
}

/// What shares an automatic format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Granularity {
    /// The whole tensor.
    Tensor,
    /// A place in the last dimension; of weights, the row that makes one output.
    Channel,
    /// Nothing: each element has its own.
    Element,
}

/// How a scale that is no power of two becomes a multiplication by an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rescale {
    /// Before rounding the result is right to a sixteenth of a step, so it may differ by one step.
    Close,
    /// The factor is as long as it takes for every result to be the same.
    Exact,
}

/// The width of automatic formats: 1 to 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "u8")]
pub struct WordLength(u8);

impl WordLength {
    /// The number of bits.
    pub fn bits(self) -> u8 {
        self.0
    }
}

/// A number that is no word length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a word length is 1 to 32 bits, not {0}")]
pub struct NotAWordLength(u8);

impl TryFrom<u8> for WordLength {
    type Error = NotAWordLength;
    fn try_from(bits: u8) -> Result<Self, NotAWordLength> {
        if (1..=32).contains(&bits) { Ok(Self(bits)) } else { Err(NotAWordLength(bits)) }
    }
}
