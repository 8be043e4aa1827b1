//! [`Layer`]: what a network is made of, and the [`Format`]s in it.

use serde::Deserialize;

use crate::diag::{Code, Diagnostic};
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
use crate::train::loss::Targets;

/// One layer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// `y = W x + b`.
    Dense {
        /// The name in the exported network.
        name: String,
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
        /// The format of the results.
        output: Format,
    },
    /// `y = x` where `x >= 0`, else `slope * x`, quantized.
    LeakyRelu {
        /// The name in the exported network.
        name: String,
        /// The slope below zero, a power of two.
        slope: f64,
        /// The format of the results.
        output: Format,
    },
    /// `y = tanh(x)` by a table.
    Tanh {
        /// The name in the exported network.
        name: String,
        /// The format of the arguments, which the table is over.
        input: Format,
        /// The format of its entries.
        output: Format,
    },
    /// `y = 1 / (1 + exp(-x))` by a table.
    Sigmoid {
        /// The name in the exported network.
        name: String,
        /// The format of the arguments, which the table is over.
        input: Format,
        /// The format of its entries.
        output: Format,
    },
    /// `y = x`, quantized.
    Identity {
        /// The name in the exported network.
        name: String,
        /// The format of the results.
        output: Format,
    },
    /// Each value is left out of a step with some probability; in the circuit it does nothing.
    Dropout {
        /// The name, for messages.
        name: String,
        /// The probability.
        share: f64,
    },
}

impl Layer {
    /// The name in the exported network.
    pub fn name(&self) -> &str {
        match self {
            Self::Dense { name, .. }
            | Self::Relu { name, .. }
            | Self::LeakyRelu { name, .. }
            | Self::Tanh { name, .. }
            | Self::Sigmoid { name, .. }
            | Self::Identity { name, .. }
            | Self::Dropout { name, .. } => name,
        }
    }

    /// Whether the circuit computes something for it.
    pub fn is_computed(&self) -> bool {
        match self {
            Self::Dense { .. }
            | Self::Relu { .. }
            | Self::LeakyRelu { .. }
            | Self::Tanh { .. }
            | Self::Sigmoid { .. }
            | Self::Identity { .. } => true,
            Self::Dropout { .. } => false,
        }
    }

    /// The number of values it gives; none where it gives as many as it takes.
    pub fn outputs(&self) -> Option<usize> {
        match self {
            Self::Dense { outputs, .. } => Some(*outputs),
            Self::Relu { .. }
            | Self::LeakyRelu { .. }
            | Self::Tanh { .. }
            | Self::Sigmoid { .. }
            | Self::Identity { .. }
            | Self::Dropout { .. } => None,
        }
    }

    /// Checks what the types cannot say of one layer.
    fn check(&self) -> Result<(), Diagnostic> {
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
            Self::Dropout { .. } => Ok(()),
        }
    }
}

/// A format, or where the learning of one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Such as `fixed<8,3,RND,SAT>`. It saturates, and does not round by `RND_MIN_INF`: a QONNX file, which
    /// a run leaves, cannot say otherwise.
    pub format: Quantizer,
    /// Whether its bits are learned, and for what.
    #[serde(default)]
    pub learn: Granularity,
}

/// What has a bit width of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// The width is given.
    #[default]
    Fixed,
    /// The tensor.
    Tensor,
    /// Each channel: an element of an activation, the weights of a neuron.
    Channel,
    /// Each weight.
    Weight,
}

/// Checks layers together: their names, and what may follow what.
pub(super) fn check(layers: &[Layer], targets: Targets) -> Result<(), Diagnostic> {
    let refuse = |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
    let mut names: Vec<&str> = layers.iter().map(Layer::name).collect();
    names.sort_unstable();
    if let Some([name, _]) = names.array_windows().find(|[name, next]| name == next) {
        let help = "give each layer a name of its own";
        return refuse(format!("two layers are called `{name}`"), help);
    }
    match (layers.last(), targets) {
        (Some(Layer::Dense { .. }), _) => {}
        (Some(last), Targets::Values) if last.is_computed() => {}
        (Some(_), Targets::Values) => {
            let help = "end the network with a layer that gives values, such as `kind = \"dense\"`";
            return refuse("the last layer only trains".to_owned(), help);
        }
        _ => {
            let help = "end the network with `kind = \"dense\"`, whose outputs are the scores";
            return refuse("the last layer is not dense".to_owned(), help);
        }
    }
    if !layers.iter().any(|layer| layer.outputs().is_some()) {
        let help = "add a layer of `kind = \"dense\"`";
        return refuse("no layer has weights".to_owned(), help);
    }
    let mut quantized = true;
    for layer in layers {
        layer.check()?;
        let is_dense = matches!(layer, Layer::Dense { .. });
        if is_dense && !quantized {
            let help = "put a layer of `kind = \"relu\"` or `\"identity\"` before it";
            let message =
                format!("`{}` follows a dense layer, whose sums have no format", layer.name());
            return refuse(message, help);
        }
        if !matches!(layer, Layer::Dropout { .. }) {
            quantized = !is_dense;
        }
    }
    Ok(())
}

/// Which values a tensor has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signs {
    Positive,
    Both,
}

/// Checks a format for values of such signs.
pub(super) fn check_format(
    name: &str,
    own: Format,
    signs: Signs,
    has_weights: bool,
) -> Result<(), Diagnostic> {
    let format = own.format.format;
    let refuse = |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
    if format.signed() != (signs == Signs::Both) {
        let (is, help) = match signs {
            Signs::Both => ("without sign", "write for example `fixed<8,2,RND,SAT>`"),
            Signs::Positive => ("with a sign", "write for example `ufixed<8,3,RND,SAT>`"),
        };
        return refuse(format!("`{name}` has the format `{}` {is}", own.format), help);
    }
    let least = 1 + u8::from(format.signed());
    if !(least..=16).contains(&format.width()) || format.frac().abs() > 16 {
        let help = "write for example `fixed<8,2,RND,SAT>`";
        return refuse(format!("`{}` of `{name}` has too few or too many bits", own.format), help);
    }
    match own.format.overflow {
        Overflow::Saturate | Overflow::SaturateSymmetric => {}
        Overflow::Wrap | Overflow::SaturateZero => {
            let saturating = Quantizer { overflow: Overflow::Saturate, ..own.format };
            let help = format!("write `{saturating}`");
            return refuse(format!("`{}` of `{name}` does not saturate", own.format), &help);
        }
    }
    check_rounding(name, own.format.rounding)?;
    if own.learn == Granularity::Weight && !has_weights {
        let help = "write `learn = \"channel\"`";
        return refuse(format!("`{name}` has no weights in this format"), help);
    }
    Ok(())
}

/// Checks that a QONNX file can say how values are rounded.
pub(super) fn check_rounding(name: &str, rounding: Rounding) -> Result<(), Diagnostic> {
    if rounding == Rounding::NearestDown {
        let message = format!("`{name}` is rounded by `{rounding}`, which QONNX has no name for");
        return Err(Diagnostic::error(Code::C0401, message, "write `RND` or `RND_CONV`"));
    }
    Ok(())
}
