//! [`Recipe`]: everything that decides a training run, as TOML; unknown keys are refused.

use serde::Deserialize;

use super::loss::Loss;
use crate::config::Config;
use crate::data::Source;
use crate::diag::{Code, Diagnostic};
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};

/// What is trained, on what, and how.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The name of the network and of its files.
    pub name: String,
    /// The events.
    pub data: Source,
    /// How the inputs become fixed-point numbers.
    pub input: Input,
    /// The network, from the inputs on.
    pub layer: Vec<Layer>,
    /// How it is trained.
    pub train: Train,
    /// What bits cost; without it the widths serve the loss alone.
    #[serde(default)]
    pub resources: Resources,
    /// Which networks the run leaves.
    #[serde(default)]
    pub front: Front,
    /// How these are compiled to count their look-up tables: the keys of `trigforge.toml`.
    #[serde(default)]
    pub compile: Config,
}

/// The formats of the inputs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The name of the input.
    #[serde(default = "input_name")]
    pub name: String,
    /// The bits of each input at first; its range comes from the training events.
    pub width: u8,
    /// How values are rounded.
    #[serde(default = "rounding")]
    pub rounding: String,
    /// Whether the bits behind the point are learned, and for what.
    #[serde(default)]
    pub learn: Granularity,
}

fn input_name() -> String {
    "x".to_owned()
}

fn rounding() -> String {
    "RND".to_owned()
}

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
    },
    /// `y = max(x, 0)`, quantized.
    Relu {
        /// The name in the exported network.
        name: String,
        /// The format of the results.
        output: Format,
    },
}

impl Layer {
    /// The name in the exported network.
    pub fn name(&self) -> &str {
        match self {
            Self::Dense { name, .. } | Self::Relu { name, .. } => name,
        }
    }
}

/// A format, or where the learning of one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Such as `fixed<8,3,RND,SAT>`.
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

/// How the network is trained.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Train {
    /// What is made small.
    pub loss: Loss,
    /// How often each event is seen.
    pub epochs: usize,
    /// How many events one step sees.
    pub batch_size: usize,
    /// What all that is drawn depends on.
    #[serde(default)]
    pub seed: u64,
    /// The rule of a step.
    #[serde(default)]
    pub optimizer: Optimizer,
    /// The length of the first step.
    pub learning_rate: f64,
    /// How many times longer steps of bit widths are.
    #[serde(default = "width_rate")]
    pub width_rate: f64,
    /// How the length changes.
    #[serde(default)]
    pub schedule: Schedule,
    /// The momentum of SGD.
    #[serde(default)]
    pub momentum: f64,
    /// The weight decay of `AdamW`, in units of the learning rate.
    #[serde(default)]
    pub weight_decay: f64,
    /// The longest gradient, as its norm over all parameters.
    pub clip_gradient: Option<f64>,
    /// Stop after so many epochs without a better validation metric.
    pub patience: Option<usize>,
}

fn width_rate() -> f64 {
    10.0
}

/// The rule of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    /// D. Kingma and J. Ba, arXiv:1412.6980.
    #[default]
    Adam,
    /// With decoupled weight decay: I. Loshchilov and F. Hutter, arXiv:1711.05101.
    #[serde(rename = "adamw")]
    AdamW,
    /// Gradient descent, with momentum where it is given.
    Sgd,
}

/// How the length of steps changes over the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// From the learning rate to zero along half a cosine.
    #[default]
    Cosine,
    /// Not at all.
    Constant,
}

/// The price of bits in the loss: `beta` for each effective bit operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resources {
    /// The price at first, and at the end; in between it grows by the same factor each epoch.
    pub beta: Option<[f64; 2]>,
    /// For so many epochs it stays at first.
    pub warmup: usize,
}

/// Which networks the run leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Front {
    /// How many are compiled, at most.
    pub points: usize,
}

impl Default for Front {
    fn default() -> Self {
        Self { points: 8 }
    }
}

impl Recipe {
    /// Parses a recipe; `path` is for messages only.
    ///
    /// # Errors
    /// C0401 with the line and what may stand there.
    pub fn parse(text: &str, path: &str) -> Result<Self, Diagnostic> {
        let recipe: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            let line = before.matches('\n').count() + 1;
            let drawn = error.to_string();
            let message = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
            let help = "`models/jet_tagger/recipe.toml` is a recipe with every section";
            let snippet = drawn.lines().filter(|line| line.contains(" | "));
            let diagnostic = Diagnostic::error(Code::C0401, message, help);
            snippet.fold(diagnostic.at(format!("{path}:{line}")), Diagnostic::note)
        })?;
        recipe.check().map_err(|fault| fault.at(path))?;
        Ok(recipe)
    }

    /// The number of outputs of the network.
    pub fn outputs(&self) -> usize {
        match self.layer.last() {
            Some(Layer::Dense { outputs, .. }) => *outputs,
            Some(Layer::Relu { .. }) | None => unreachable!("recipes end in a dense layer"),
        }
    }

    /// Checks what the types cannot say.
    fn check(&self) -> Result<(), Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        let Train { epochs, batch_size, learning_rate, .. } = self.train;
        if epochs == 0 || batch_size == 0 || self.front.points == 0 {
            return refuse(
                "`epochs`, `batch_size` and `points` are at least 1".to_owned(),
                "write for example `epochs = 100` and `batch_size = 1024`",
            );
        }
        if !(learning_rate.is_finite() && learning_rate > 0.0) {
            let help = "write for example `learning_rate = 5e-3`";
            return refuse(format!("a learning rate of {learning_rate} is not possible"), help);
        }
        self.data.check()?;
        if self
            .resources
            .beta
            .is_some_and(|beta| beta.iter().any(|own| own.is_nan() || *own <= 0.0))
        {
            let help = "write for example `beta = [1e-7, 1e-4]`";
            return refuse("the price of bits is positive".to_owned(), help);
        }
        if !(2..=16).contains(&self.input.width) {
            let help = "write for example `width = 10`";
            return refuse(format!("inputs of {} bits are not possible", self.input.width), help);
        }
        self.input.quantizer()?;
        self.check_layers()
    }

    fn check_layers(&self) -> Result<(), Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        let mut names: Vec<&str> = self.layer.iter().map(Layer::name).collect();
        names.sort_unstable();
        if let Some([name, _]) = names.array_windows().find(|[name, next]| name == next) {
            let help = "give each layer a name of its own";
            return refuse(format!("two layers are called `{name}`"), help);
        }
        if !matches!(self.layer.last(), Some(Layer::Dense { .. })) {
            let help = "end the network with `kind = \"dense\"`, whose outputs are the scores";
            return refuse("the last layer is not dense".to_owned(), help);
        }
        self.train.loss.check(self.outputs())?;
        for layer in &self.layer {
            match layer {
                Layer::Dense { outputs, weights, bias, name } => {
                    if *outputs == 0 {
                        let help = "write for example `outputs = 64`";
                        return refuse(format!("`{name}` has no output"), help);
                    }
                    check_format(name, *weights, Signs::Both, true)?;
                    check_format(name, *bias, Signs::Both, false)?;
                }
                Layer::Relu { output, name } => {
                    check_format(name, *output, Signs::Positive, false)?;
                }
            }
        }
        Ok(())
    }
}

impl Input {
    /// The rounding of the inputs, with saturation.
    ///
    /// # Errors
    /// When the name is not one of the modes.
    pub fn quantizer(&self) -> Result<Rounding, Diagnostic> {
        let rounding: Rounding = self.rounding.parse().map_err(|error| {
            let help = "write `rounding = \"RND\"`";
            Diagnostic::error(Code::C0401, format!("{error}"), help)
        })?;
        check_rounding("input", rounding)?;
        Ok(rounding)
    }
}

/// Which values a tensor has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signs {
    Positive,
    Both,
}

fn check_format(
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
    if own.learn == Granularity::Weight && !has_weights {
        let help = "write `learn = \"channel\"`";
        return refuse(format!("`{name}` has no weights in this format"), help);
    }
    check_rounding(name, own.format.rounding)
}

fn check_rounding(name: &str, rounding: Rounding) -> Result<(), Diagnostic> {
    match rounding {
        Rounding::Floor | Rounding::NearestUp | Rounding::NearestEven => Ok(()),
        Rounding::TowardZero
        | Rounding::NearestZero
        | Rounding::NearestAway
        | Rounding::NearestDown => Err(Diagnostic::error(
            Code::C0401,
            format!("`{name}` is rounded by `{rounding}`, which is not trained"),
            "write `RND`, `RND_CONV` or `TRN`",
        )),
    }
}
