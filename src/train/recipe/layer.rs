//! [`Layer`]: what a network is made of.

use serde::Deserialize;

use super::format::{Format, Granularity, Signs, check_format};
use crate::diag::{Code, Diagnostic};
use crate::numeric::quantizer::Quantizer;
use crate::ops::softmax::SoftmaxFormats;

/// One layer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// `y = W x + b`.
    Dense {
        /// The name in the exported network.
        name: String,
        /// What it takes; the layer before when left out.
        #[serde(default)]
        from: Vec<String>,
        /// The number of neurons.
        outputs: usize,
        /// The format of the weights.
        weights: Format,
        /// The format of the biases.
        bias: Format,
        /// Whether outputs are normalized over a batch; weights and biases with it folded in are what
        /// is quantized, so that it costs nothing.
        #[serde(default)]
        batch_norm: bool,
    },
    /// `y = max(x, 0)`, quantized.
    Relu {
        /// The name in the exported network.
        name: String,
        /// What it takes; the layer before when left out.
        #[serde(default)]
        from: Vec<String>,
        /// The format of the results.
        output: Format,
    },
    /// `y = x` where `x >= 0`, else `slope * x`, quantized.
    LeakyRelu {
        /// The name in the exported network.
        name: String,
        /// What it takes; the layer before when left out.
        #[serde(default)]
        from: Vec<String>,
        /// The slope below zero, a power of two.
        slope: f64,
        /// The format of the results.
        output: Format,
    },
    /// `y = tanh(x)` by a table.
    Tanh {
        /// The name in the exported network.
        name: String,
        /// What it takes; the layer before when left out.
        #[serde(default)]
        from: Vec<String>,
        /// The format of the arguments, which the table is over.
        input: Format,
        /// The format of its entries.
        output: Format,
    },
    /// `y = 1 / (1 + exp(-x))` by a table.
    Sigmoid {
        /// The name in the exported network.
        name: String,
        /// What it takes; the layer before when left out.
        #[serde(default)]
        from: Vec<String>,
        /// The format of the arguments, which the table is over.
        input: Format,
        /// The format of its entries.
        output: Format,
    },
    /// `y = x`, quantized.
    Identity {
        /// The name in the exported network.
        name: String,
        /// What it takes; the layer before when left out.
        #[serde(default)]
        from: Vec<String>,
        /// The format of the results.
        output: Format,
    },
    /// Each value is left out of a step with some probability; in the circuit it does nothing.
    Dropout {
        /// The name, for messages.
        name: String,
        /// What it takes; the layer before when left out.
        #[serde(default)]
        from: Vec<String>,
        /// The probability.
        share: f64,
    },
    /// Values one after another; each has its format.
    Concat {
        /// The name in the exported network.
        name: String,
        /// What it takes, two layers or more.
        from: Vec<String>,
    },
    /// `y = a + b + ...`, exactly: as a dense layer's, its sums have no format.
    Add {
        /// The name in the exported network.
        name: String,
        /// What it takes, two layers or more of as many values.
        from: Vec<String>,
    },
    /// `y_i = exp(x_i) / sum_j exp(x_j)` of the scores of classes, by the tables of
    /// [`ops::softmax`](crate::ops::softmax): an output, trained by its logarithm.
    Softmax {
        /// The name in the exported network.
        name: String,
        /// What it takes; the layer before when left out.
        #[serde(default)]
        from: Vec<String>,
        /// The distance of a score from the highest: signed.
        index: Quantizer,
        /// The entries of the table of exponentials.
        exponential: Quantizer,
        /// The sum of exponentials, which the second table is over.
        sum_index: Quantizer,
        /// The entries of the table of inverses.
        inverse: Quantizer,
        /// The format of the results.
        output: Quantizer,
    },
    /// Some of the values, one after another.
    Slice {
        /// The name in the exported network.
        name: String,
        /// What it takes; the layer before when left out.
        #[serde(default)]
        from: Vec<String>,
        /// The first of them, counted from 0.
        first: usize,
        /// How many.
        count: usize,
    },
}

impl Layer {
    /// The name in the exported network.
    pub fn name(&self) -> &str {
        self.name_and_operands().0
    }

    /// The layers that it takes, by name; none for the one before.
    pub fn from(&self) -> &[String] {
        self.name_and_operands().1
    }

    fn name_and_operands(&self) -> (&str, &[String]) {
        match self {
            Self::Dense { name, from, .. }
            | Self::Relu { name, from, .. }
            | Self::LeakyRelu { name, from, .. }
            | Self::Tanh { name, from, .. }
            | Self::Sigmoid { name, from, .. }
            | Self::Identity { name, from, .. }
            | Self::Dropout { name, from, .. }
            | Self::Concat { name, from }
            | Self::Add { name, from }
            | Self::Softmax { name, from, .. }
            | Self::Slice { name, from, .. } => (name, from),
        }
    }

    /// What it gives.
    pub fn gives(&self) -> Gives {
        match self {
            Self::Dense { .. } | Self::Add { .. } => Gives::Sums,
            Self::Relu { .. }
            | Self::LeakyRelu { .. }
            | Self::Tanh { .. }
            | Self::Sigmoid { .. }
            | Self::Softmax { .. }
            | Self::Identity { .. } => Gives::Values,
            Self::Dropout { .. } | Self::Concat { .. } | Self::Slice { .. } => Gives::WhatItTakes,
        }
    }

    /// Whether its values may be the scores of classes: numbers of both signs without bounds.
    pub fn gives_scores(&self) -> bool {
        match self {
            Self::Dense { .. } | Self::Add { .. } | Self::Identity { .. } => true,
            Self::Relu { .. }
            | Self::LeakyRelu { .. }
            | Self::Tanh { .. }
            | Self::Sigmoid { .. }
            | Self::Dropout { .. }
            | Self::Concat { .. }
            | Self::Softmax { .. }
            | Self::Slice { .. } => false,
        }
    }

    /// Whether the bits of any of its values are learned.
    pub fn learns_values(&self) -> bool {
        let is_learned = |own: &Format| own.learn != Granularity::Fixed;
        match self {
            Self::Relu { output, .. }
            | Self::LeakyRelu { output, .. }
            | Self::Identity { output, .. } => is_learned(output),
            Self::Tanh { input, output, .. } | Self::Sigmoid { input, output, .. } => {
                is_learned(input) || is_learned(output)
            }
            Self::Dense { .. }
            | Self::Dropout { .. }
            | Self::Concat { .. }
            | Self::Add { .. }
            | Self::Softmax { .. }
            | Self::Slice { .. } => false,
        }
    }

    /// How many layers it takes: exactly one, or else two and more.
    pub fn takes_several(&self) -> bool {
        matches!(self, Self::Concat { .. } | Self::Add { .. })
    }

    /// The number of values it gives for operands of these numbers of values; none where they do not
    /// fit it, or each other.
    pub fn columns(&self, operands: &[usize]) -> Option<usize> {
        let first = operands[0];
        match self {
            Self::Dense { outputs, .. } => Some(*outputs),
            Self::Relu { .. }
            | Self::LeakyRelu { .. }
            | Self::Tanh { .. }
            | Self::Sigmoid { .. }
            | Self::Identity { .. }
            | Self::Softmax { .. }
            | Self::Dropout { .. } => Some(first),
            Self::Concat { .. } => Some(operands.iter().sum()),
            Self::Add { .. } => operands.iter().all(|own| *own == first).then_some(first),
            Self::Slice { first: start, count, .. } => {
                start.checked_add(*count).filter(|end| *end <= first).map(|_| *count)
            }
        }
    }

    /// The formats of a softmax.
    pub fn softmax(&self) -> Option<SoftmaxFormats> {
        let Self::Softmax { index, exponential, sum_index, inverse, output, .. } = *self else {
            return None;
        };
        Some(SoftmaxFormats { index, exponential, sum_index, inverse, output })
    }

    /// Checks what the types cannot say of one layer.
    pub(super) fn check(&self) -> Result<(), Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        let name = self.name();
        match self {
            Self::Dense { outputs, weights, bias, .. } => {
                if *outputs == 0 {
                    let help = "write for example `outputs = 64`";
                    return refuse(format!("`{name}` has no output"), help);
                }
                check_format(name, *weights, Signs::Both, true)?;
                check_format(name, *bias, Signs::Both, false)
            }
            Self::Relu { output, .. } => check_format(name, *output, Signs::Positive, false),
            Self::LeakyRelu { slope, output, .. } => {
                let is_power = *slope > 0.0 && *slope < 1.0 && slope.log2().fract() == 0.0;
                if !is_power || *slope < 1.0 / 256.0 {
                    let help = "write for example `slope = 0.125`, which is a shift";
                    let message = format!("the slope {slope} of `{name}` is no power of two");
                    return refuse(message, help);
                }
                check_format(name, *output, Signs::Both, false)
            }
            Self::Tanh { input, output, .. } => {
                check_format(name, *input, Signs::Both, false)?;
                check_format(name, *output, Signs::Both, false)
            }
            Self::Sigmoid { input, output, .. } => {
                check_format(name, *input, Signs::Both, false)?;
                check_format(name, *output, Signs::Positive, false)
            }
            Self::Identity { output, .. } => check_format(name, *output, Signs::Both, false),
            Self::Dropout { share, .. } if !(*share >= 0.0 && *share < 1.0) => {
                let help = "write for example `share = 0.1`";
                refuse(format!("`{name}` cannot leave out a share of {share}"), help)
            }
            Self::Softmax { .. } => {
                let formats = self.softmax().expect("it is one");
                let Some((part, why)) = formats.fault() else { return Ok(()) };
                let help = "write for example `index = \"fixed<9,4,RND,SAT_SYM>\"`, \
                            `exponential = \"ufixed<12,1,RND,SAT>\"`, `sum_index = \"ufixed<9,3,RND,SAT>\"`, \
                            `inverse = \"ufixed<12,1,RND,SAT>\"` and `output = \"ufixed<8,0,RND,SAT>\"`";
                refuse(format!("the format `{part}` of `{name}` {why}"), help)
            }
            Self::Slice { count: 0, .. } => {
                refuse(format!("`{name}` has no value"), "write for example `count = 8`")
            }
            Self::Dropout { .. } | Self::Concat { .. } | Self::Add { .. } | Self::Slice { .. } => {
                Ok(())
            }
        }
    }
}

/// Whether what a layer gives has a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Exact sums, which have none.
    Sums,
    /// Quantized values.
    Values,
    /// What it takes has one, or has none.
    WhatItTakes,
}
