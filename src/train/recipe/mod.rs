//! [`Recipe`]: everything that decides a training run, as TOML; unknown keys are refused.

pub mod adversary;
pub mod export;
pub mod format;
pub mod layer;
pub mod output;
pub mod peel;
pub mod training;
pub mod wiring;

use serde::Deserialize;

use crate::config::Config;
use crate::data::Source;
use crate::diag::{Code, Diagnostic};
use crate::numeric::round::Rounding;
use adversary::Adversary;
use export::Export;
use format::Granularity;
use layer::Layer;
use output::Output;
use peel::Peel;
use training::Train;

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
    /// What of it has a loss, where that is not the last layer alone.
    #[serde(default)]
    pub output: Vec<Output>,
    /// How it is trained.
    pub train: Train,
    /// What keeps scores from depending on a nuisance.
    pub adversary: Option<Adversary>,
    /// What bits cost; without it the widths serve the loss alone.
    #[serde(default)]
    pub resources: Resources,
    /// Which networks the run leaves.
    #[serde(default)]
    pub front: Front,
    /// Whether they are peeled; without it they are not.
    pub peel: Option<Peel>,
    /// Which part of them becomes a circuit.
    #[serde(default)]
    pub export: Export,
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

/// The price of bits in the loss: `beta` for each effective bit operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resources {
    /// The price at first, and at the end; in between it grows by the same factor each epoch.
    pub beta: Option<[f64; 2]>,
    /// For so many epochs it stays at first.
    pub warmup: usize,
    /// What is priced.
    pub surrogate: Surrogate,
    /// Every so many epochs the network is compiled, and the price of each dense layer set so that it
    /// comes to the look-up tables that the layer takes; `beta` is then the price of one of them.
    pub refit: Option<usize>,
}

/// What stands for hardware in the loss, of each product: the bits of the input times something of the
/// weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surrogate {
    /// The bits of the weight: effective bit operations.
    #[default]
    Ebops,
    /// The digits that are not zero when the weight is written with the fewest of them, some
    /// negative: each is an adder, so that 7 = 8 - 1 costs less than 5 bits of 11.
    Digits,
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

    /// The first epoch whose network may be chosen: from there on ranges come from events, and an adversary
    /// has all of its `lambda`, where the recipe asks for that.
    pub fn first_epoch(&self) -> usize {
        let calibrated = self.train.calibrate.map_or(0, |own| own.epoch);
        self.adversary.as_ref().map_or(0, Adversary::first_epoch).max(calibrated)
    }

    /// Checks what the types cannot say.
    fn check(&self) -> Result<(), Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        let Train { epochs, batch_size, .. } = self.train;
        if epochs == 0 || batch_size == 0 || self.front.points == 0 {
            return refuse(
                "`epochs`, `batch_size` and `points` are at least 1".to_owned(),
                "write for example `epochs = 100` and `batch_size = 1024`",
            );
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
        if self.resources.refit == Some(0)
            || self.resources.refit.is_some() && self.resources.beta.is_none()
        {
            let help =
                "write for example `refit = 10` and `beta = [1e-6, 1e-4]` into `[resources]`";
            return refuse("nothing is priced that could be fitted anew".to_owned(), help);
        }
        if !(2..=16).contains(&self.input.width) {
            let help = "write for example `width = 10`";
            return refuse(format!("inputs of {} bits are not possible", self.input.width), help);
        }
        self.input.quantizer()?;
        self.train.check()?;
        if self.train.calibrate.is_some() && !self.layer.iter().any(Layer::learns_values) {
            let help = "write for example `learn = \"channel\"` into `output` of a layer";
            return refuse(
                "no format of values is learned that could be calibrated".to_owned(),
                help,
            );
        }
        self.peel.map_or(Ok(()), Peel::check)?;
        wiring::check(self)?;
        let heads = self.outputs();
        self.export.check(&self.layer, &heads)?;
        self.adversary.as_ref().map_or(Ok(()), |adversary| adversary.check(self, &heads))
    }
}

impl Input {
    /// The rounding of the inputs, with saturation.
    ///
    /// # Errors
    /// When the name is not one of the modes.
    pub fn quantizer(&self) -> Result<Rounding, Diagnostic> {
        self.rounding.parse().map_err(|error| {
            let help = "write `rounding = \"RND\"`";
            Diagnostic::error(Code::C0401, format!("{error}"), help)
        })
    }
}
