//! [`Train`]: how a network is trained.

use serde::Deserialize;

use crate::diag::{Code, Diagnostic};
use crate::train::loss::Loss;

/// How the network is trained.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Train {
    /// What is made small; none where each output has a loss of its own.
    pub loss: Option<Loss>,
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
    /// For so many epochs the length rises to the learning rate, before the schedule begins.
    #[serde(default)]
    pub rise: usize,
    /// How much of its speed a step keeps, for `sgd` and `nesterov`.
    #[serde(default)]
    pub momentum: f64,
    /// The weight decay of `adamw`, in units of the learning rate.
    #[serde(default)]
    pub weight_decay: f64,
    /// The price of the sum of magnitudes of all weights.
    #[serde(default)]
    pub l1: f64,
    /// The price of the sum of squares of all weights.
    #[serde(default)]
    pub l2: f64,
    /// The longest gradient, as its norm over all parameters.
    pub clip_gradient: Option<f64>,
    /// Stop after so many epochs without a better validation metric.
    pub patience: Option<usize>,
    /// When ranges of values begin to come from the training events, instead of being learned.
    pub calibrate: Option<Calibrate>,
}

/// From when on the bits before the point of values come from the training events, where formats are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibrate {
    /// The first epoch, counted from 0; networks before it are not chosen.
    pub epoch: usize,
    /// How many bits more there are than hold the values of these events.
    #[serde(default)]
    pub margin: u8,
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
    /// With the gradient taken ahead, in the form of I. Sutskever et al. (2013).
    Nesterov,
}

/// How the length of steps changes over the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// From the learning rate to zero along half a cosine.
    #[default]
    Cosine,
    /// Not at all.
    Constant,
    /// Half a cosine, again and again (I. Loshchilov and F. Hutter, arXiv:1608.03983).
    Restarts {
        /// The epochs of one.
        every: usize,
        /// By what each is lower than the one before.
        factor: f64,
    },
    /// Lower by a factor after every so many epochs.
    Steps {
        /// The epochs.
        every: usize,
        /// The factor.
        factor: f64,
    },
    /// Lower by a factor with each epoch, step by step.
    Exponential {
        /// The factor of an epoch.
        factor: f64,
    },
    /// Lower by a factor whenever the validation metric stopped getting better.
    Plateau {
        /// For so many epochs.
        patience: usize,
        /// The factor.
        factor: f64,
    },
}

impl Schedule {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// C0401 with what to write.
    pub(super) fn check(self) -> Result<(), Diagnostic> {
        let (epochs, factor) = match self {
            Self::Constant | Self::Cosine => (1, 1.0),
            Self::Restarts { every, factor } | Self::Steps { every, factor } => (every, factor),
            Self::Exponential { factor } => (1, factor),
            Self::Plateau { patience, factor } => (patience, factor),
        };
        if epochs == 0 || !(factor > 0.0 && factor <= 1.0) {
            let message = "the schedule has no epochs, or no factor from 0 to 1";
            let help = "write for example `schedule = { steps = { every = 30, factor = 0.1 } }`";
            return Err(Diagnostic::error(Code::C0401, message, help));
        }
        Ok(())
    }
}

impl Train {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// C0401 with what to write.
    pub(super) fn check(&self) -> Result<(), Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            let help = "write for example `learning_rate = 5e-3`";
            return refuse(
                format!("a learning rate of {} is not possible", self.learning_rate),
                help,
            );
        }
        if !(0.0..1.0).contains(&self.momentum) {
            let help = "write for example `momentum = 0.9`";
            return refuse(format!("a momentum of {} is not possible", self.momentum), help);
        }
        let prices = [
            ("width_rate", self.width_rate),
            ("weight_decay", self.weight_decay),
            ("l1", self.l1),
            ("l2", self.l2),
        ];
        for (name, value) in prices {
            if !(value.is_finite() && value >= 0.0) {
                let help = format!("write for example `{name} = 1e-4`");
                return refuse(format!("`{name}` of {value} is not possible"), &help);
            }
        }
        if self.clip_gradient.is_some_and(|longest| longest.is_nan() || longest <= 0.0) {
            let help = "write for example `clip_gradient = 1.0`";
            return refuse("the longest gradient has no length".to_owned(), help);
        }
        let has_momentum = matches!(self.optimizer, Optimizer::Sgd | Optimizer::Nesterov);
        if self.momentum > 0.0 && !has_momentum {
            let help = "write `optimizer = \"sgd\"` or `\"nesterov\"`, or leave `momentum` out";
            return refuse("`momentum` is for other optimizers".to_owned(), help);
        }
        if self.weight_decay > 0.0 && self.optimizer != Optimizer::AdamW {
            let help = "write `optimizer = \"adamw\"`, or `l2` instead of `weight_decay`";
            return refuse("`weight_decay` is for another optimizer".to_owned(), help);
        }
        if let Some(own) = self.calibrate
            && (own.epoch >= self.epochs || own.margin > 8)
        {
            let help = "write for example `calibrate = { epoch = 10, margin = 1 }`";
            let message =
                "the run ends before ranges are calibrated, or the margin is not from 0 to 8";
            return refuse(message.to_owned(), help);
        }
        self.schedule.check()
    }
}
