//! [`Objective`]: what trials are compared by.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::Deserialize;

use super::separation::Separation;
use crate::diag::{Code, Diagnostic};
use crate::train::recipe::Recipe;

/// What trials are compared by: a figure of a trial's network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Objective {
    /// What networks of the run are chosen by, of the integers on the validation events; more is better.
    Metric,
    /// The metric of an output by its name; more is better.
    Output(String),
    /// How well scores tell signal from background; more is better.
    Separation(Separation),
    /// How much the scores that an adversary sees depend on the nuisance; less is better.
    Dependence,
    /// The look-up tables of the compiled circuit; fewer are better.
    Lut,
    /// Its flip-flops; fewer are better.
    Ff,
    /// Look-up tables and flip-flops together; fewer are better.
    LutFf,
    /// Its multipliers; fewer are better.
    Dsp,
    /// Its latency in nanoseconds; less is better.
    Latency,
}

/// Those that have no name of an output or a class, as plans write them.
const PLAIN: [(&str, Objective); 7] = [
    ("metric", Objective::Metric),
    ("dependence", Objective::Dependence),
    ("lut", Objective::Lut),
    ("ff", Objective::Ff),
    ("lut_ff", Objective::LutFf),
    ("dsp", Objective::Dsp),
    ("latency", Objective::Latency),
];

impl Objective {
    /// What a figure of it costs; less is better.
    pub fn cost(&self, figure: f64) -> f64 {
        match self {
            Self::Metric | Self::Output(_) | Self::Separation(_) => -figure,
            Self::Dependence | Self::Lut | Self::Ff | Self::LutFf | Self::Dsp | Self::Latency => {
                figure
            }
        }
    }

    /// Its title in tables.
    pub fn title(&self) -> String {
        match self {
            Self::Metric | Self::Output(_) | Self::Dependence => self.to_string(),
            Self::Separation(own) => own.title(),
            Self::Lut => "LUT".to_owned(),
            Self::Ff => "FF".to_owned(),
            Self::LutFf => "LUT + FF".to_owned(),
            Self::Dsp => "DSP".to_owned(),
            Self::Latency => "ns".to_owned(),
        }
    }

    /// True when it counts parts of a circuit.
    pub fn is_count(&self) -> bool {
        match self {
            Self::Lut | Self::Ff | Self::LutFf | Self::Dsp => true,
            Self::Metric
            | Self::Output(_)
            | Self::Separation(_)
            | Self::Dependence
            | Self::Latency => false,
        }
    }

    /// Checks that runs of a recipe have it.
    ///
    /// # Errors
    /// C0401 with those that they have.
    pub fn check(&self, recipe: &Recipe) -> Result<(), Diagnostic> {
        match self {
            Self::Output(name) => {
                let names: Vec<&str> = recipe.outputs().iter().map(|head| head.name).collect();
                if names.contains(&name.as_str()) {
                    return Ok(());
                }
                let message = format!("`{self}` is the metric of no output");
                let help = format!("the outputs of the recipe are {}", names.join(", "));
                Err(Diagnostic::error(Code::C0401, message, help))
            }
            Self::Separation(own) => own.check(recipe),
            Self::Dependence if recipe.adversary.is_none() => {
                let message = "`dependence` is measured where there is an adversary";
                let help = "leave it out of `objectives`, or write `[adversary]` into the recipe";
                Err(Diagnostic::error(Code::C0401, message, help))
            }
            Self::Metric
            | Self::Dependence
            | Self::Lut
            | Self::Ff
            | Self::LutFf
            | Self::Dsp
            | Self::Latency => Ok(()),
        }
    }
}

impl Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(name) => return write!(f, "metric.{name}"),
            Self::Separation(own) => return write!(f, "{own}"),
            Self::Metric
            | Self::Dependence
            | Self::Lut
            | Self::Ff
            | Self::LutFf
            | Self::Dsp
            | Self::Latency => {}
        }
        let own = PLAIN.iter().find(|(_, own)| own == self);
        f.write_str(own.expect("those without a name are listed").0)
    }
}

/// A name that is no objective's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no objective: they are `metric.OUTPUT`, `auc`, `auc.NAME`, `rejection@0.5`, \
         `rejection.NAME@0.5`, {list}", list = list())]
pub struct Unknown(pub String);

fn list() -> String {
    PLAIN.map(|(name, _)| format!("`{name}`")).join(", ")
}

impl FromStr for Objective {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        let plain = PLAIN.into_iter().find(|(name, _)| *name == text).map(|(_, own)| own);
        let output = || text.strip_prefix("metric.").filter(|name| !name.is_empty());
        let output = || output().map(|name| Self::Output(name.to_owned()));
        let separation = || text.parse().map(Self::Separation);
        plain.or_else(output).map_or_else(separation, Ok)
    }
}

impl TryFrom<String> for Objective {
    type Error = Unknown;

    fn try_from(text: String) -> Result<Self, Unknown> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for (name, own) in PLAIN {
            assert_eq!((name.parse(), own.to_string()), (Ok(own), name.to_owned()));
        }
        let output = Objective::Output("mass.x".to_owned());
        assert_eq!("metric.mass.x".parse(), Ok(output.clone()));
        assert_eq!(output.to_string(), "metric.mass.x");
        let separation = Objective::Separation("rejection.t@0.3".parse().unwrap());
        assert_eq!("rejection.t@0.30".parse(), Ok(separation.clone()));
        assert_eq!(separation.to_string(), "rejection.t@0.3");
        for wrong in ["metric.", "LUT", "", "lut.y"] {
            assert_eq!(wrong.parse::<Objective>(), Err(Unknown(wrong.to_owned())));
        }
    }
}
