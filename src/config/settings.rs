//! Which settings hold for a node: layer before operator before default.

use std::fmt;
use std::str::FromStr;

use globset::Glob;
use serde::{Deserialize, Deserializer};
use serde_with::DeserializeFromStr;

use super::Config;
use super::quantize::{Granularity, WordLength};
use crate::numeric::format::FixedFormat;
use crate::numeric::quantizer::{Quantizer, QuantizerError};
use crate::numeric::round::{Overflow, Rounding};

/// A format, or how to find one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, DeserializeFromStr)]
pub enum Choice {
    /// `"auto"`: the model's annotation, else calibration.
    #[default]
    Auto,
    /// `"fixed<16,6>"`, `"fixed<16,6,RND>"` or `"fixed<16,6,RND,SAT>"`; what is left out is as
    /// `rounding` and `overflow` say.
    Fixed {
        /// Sign, width and binary point.
        format: FixedFormat,
        /// How low bits are dropped.
        rounding: Option<Rounding>,
        /// What happens at the ends.
        overflow: Option<Overflow>,
    },
}

impl FromStr for Choice {
    type Err = ChoiceError;
    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        if text.trim() == "auto" {
            return Ok(Self::Auto);
        }
        let full: Quantizer = text.parse().map_err(|source| ChoiceError { source })?;
        let modes = text.matches(',').count().saturating_sub(1);
        Ok(Self::Fixed {
            format: full.format,
            rounding: (modes >= 1).then_some(full.rounding),
            overflow: (modes >= 2).then_some(full.overflow),
        })
    }
}

/// A text that is neither `auto` nor a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{source}, or `auto`")]
pub struct ChoiceError {
    source: QuantizerError,
}

/// What a layer or an operator may set; what is left out is as in the next wider section.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LayerSettings {
    /// Weights, and the factors of batch normalization.
    pub weights: Option<Choice>,
    /// Biases, and the terms of batch normalization.
    pub bias: Option<Choice>,
    /// What comes out behind the layer and its activation function.
    pub output: Option<Choice>,
    /// See [`Quantize`](super::Quantize).
    pub word_length: Option<WordLength>,
    /// See [`Quantize`](super::Quantize).
    pub weight_length: Option<WordLength>,
    /// See [`Quantize`](super::Quantize).
    pub margin_bits: Option<u8>,
    /// See [`Quantize`](super::Quantize).
    pub error_budget: Option<f64>,
    /// See [`Quantize`](super::Quantize).
    pub granularity: Option<Granularity>,
    /// See [`Quantize`](super::Quantize).
    pub weight_granularity: Option<Granularity>,
    /// See [`Quantize`](super::Quantize).
    #[serde(deserialize_with = "some_mode")]
    pub rounding: Option<Rounding>,
    /// See [`Quantize`](super::Quantize).
    #[serde(deserialize_with = "some_mode")]
    pub overflow: Option<Overflow>,
}

impl LayerSettings {
    /// These settings, and where they say nothing those of `wider`.
    fn or(self, wider: &Self) -> Self {
        Self {
            weights: self.weights.or(wider.weights),
            bias: self.bias.or(wider.bias),
            output: self.output.or(wider.output),
            word_length: self.word_length.or(wider.word_length),
            weight_length: self.weight_length.or(wider.weight_length),
            margin_bits: self.margin_bits.or(wider.margin_bits),
            error_budget: self.error_budget.or(wider.error_budget),
            granularity: self.granularity.or(wider.granularity),
            weight_granularity: self.weight_granularity.or(wider.weight_granularity),
            rounding: self.rounding.or(wider.rounding),
            overflow: self.overflow.or(wider.overflow),
        }
    }
}

/// Where a tensor stands, which decides its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An input of the network.
    Input,
    /// Between two layers.
    Activation,
    /// An output of the network.
    Output,
}

/// The settings that hold for one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The format of its weights.
    pub weights: Option<Quantizer>,
    /// The format of its bias.
    pub bias: Option<Quantizer>,
    /// The format of its output.
    pub output: Option<Quantizer>,
    /// The width of automatic formats.
    pub word_length: u8,
    /// The width of automatic formats of weights.
    pub weight_length: u8,
    /// Integer bits above what was observed.
    pub margin_bits: u8,
    /// The coarsest step against the root mean square.
    pub error_budget: Option<f64>,
    /// What shares a format.
    pub granularity: Granularity,
    /// What shares a format of weights.
    pub weight_granularity: Granularity,
    /// How automatic formats drop low bits.
    pub rounding: Rounding,
    /// What automatic formats do at their ends.
    pub overflow: Overflow,
}

impl Config {
    /// The settings for a layer of one or more nodes, given as (name, operator) in the order of
    /// computation: among sections of one rank the last node's holds.
    pub fn resolve(&self, nodes: &[(&str, &str)], role: Role) -> Resolved {
        let mut own = LayerSettings::default();
        for (name, _) in nodes.iter().rev() {
            for (_, settings) in self.sections(name) {
                own = own.or(settings);
            }
        }
        for (_, operator) in nodes.iter().rev() {
            if let Some(settings) = self.operator.get(*operator) {
                own = own.or(settings);
            }
        }
        let defaults = &self.quantize;
        let rounding = own.rounding.unwrap_or(defaults.rounding);
        let overflow = own.overflow.unwrap_or(defaults.overflow);
        let output = match role {
            Role::Input => defaults.input,
            Role::Activation => defaults.activations,
            Role::Output => defaults.output,
        };
        let quantizer = |choice: Choice| match choice {
            Choice::Auto => None,
            Choice::Fixed { format, rounding: own_rounding, overflow: own_overflow } => {
                Some(Quantizer {
                    format,
                    rounding: own_rounding.unwrap_or(rounding),
                    overflow: own_overflow.unwrap_or(overflow),
                })
            }
        };
        let word_length = own.word_length.unwrap_or(defaults.word_length);
        let weight_length = own.weight_length.or(defaults.weight_length).unwrap_or(word_length);
        Resolved {
            weights: quantizer(own.weights.unwrap_or(defaults.weights)),
            bias: quantizer(own.bias.unwrap_or(defaults.bias)),
            output: quantizer(own.output.unwrap_or(output)),
            word_length: word_length.bits(),
            weight_length: weight_length.bits(),
            margin_bits: own.margin_bits.unwrap_or(defaults.margin_bits),
            error_budget: own.error_budget.or(defaults.error_budget),
            granularity: own.granularity.unwrap_or(defaults.granularity),
            weight_granularity: own.weight_granularity.unwrap_or(defaults.weight_granularity),
            rounding,
            overflow,
        }
    }

    /// The layer sections that match `name`, the most specific first: the name itself, then
    /// longer patterns before shorter ones.
    fn sections(&self, name: &str) -> Vec<(&str, &LayerSettings)> {
        let mut matching: Vec<(&str, &LayerSettings)> = self
            .layer
            .iter()
            .filter(|(pattern, _)| names_layer(pattern, name))
            .map(|(pattern, settings)| (pattern.as_str(), settings))
            .collect();
        matching.sort_by_key(|(pattern, _)| {
            (*pattern != name, std::cmp::Reverse(pattern.len()), pattern.to_owned())
        });
        matching
    }
}

/// True when the section `pattern` stands for the layer `name`.
pub fn names_layer(pattern: &str, name: &str) -> bool {
    pattern == name || Glob::new(pattern).is_ok_and(|glob| glob.compile_matcher().is_match(name))
}

/// Reads a rounding or overflow mode by its `ap_fixed` name.
pub(super) fn mode<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn some_mode<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    mode(deserializer).map(Some)
}
