//! [`Plan`]: everything that decides a search, as TOML; unknown keys are refused.

use serde::Deserialize;

use super::sampler::Sampler;
use super::space::Space;
use crate::diag::{Code, Diagnostic};

/// The most trials of a search.
const MOST_TRIALS: usize = 10_000;

/// What is searched, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The recipe that values are put into, beside the plan.
    pub recipe: String,
    /// The number of trials.
    pub trials: usize,
    /// Which values are tried.
    pub sampler: Sampler,
    /// What all that is drawn depends on.
    pub seed: u64,
    /// What trials are compared by.
    pub objectives: Vec<Objective>,
    /// What may change.
    pub space: Space,
}

/// What trials are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// The metric of the integers on the validation events; more is better.
    Metric,
    /// The look-up tables of the compiled circuit; fewer are better.
    Lut,
    /// The latency of the compiled circuit in nanoseconds; less is better.
    Latency,
}

/// A plan as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    recipe: String,
    trials: Option<usize>,
    #[serde(default)]
    sampler: Kind,
    steps: Option<usize>,
    #[serde(default)]
    seed: u64,
    #[serde(default = "metric")]
    objectives: Vec<Objective>,
    space: toml::Table,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Grid,
    Random,
    #[default]
    Tpe,
}

fn metric() -> Vec<Objective> {
    vec![Objective::Metric]
}

impl Plan {
    /// Parses a plan; `path` is for messages only.
    ///
    /// # Errors
    /// C0401.
    pub fn parse(text: &str, path: &str) -> Result<Self, Diagnostic> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            let line = before.matches('\n').count() + 1;
            let message = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
            let help = "write `recipe = \"recipe.toml\"`, `trials = 32`, and a section `[space]`";
            Diagnostic::error(Code::C0401, message, help).at(format!("{path}:{line}"))
        })?;
        Self::of(written).map_err(|fault| fault.at(path))
    }

    fn of(written: Written) -> Result<Self, Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        let space = Space::of(&written.space)?;
        let own = &written.objectives;
        let is_twice = (1..own.len()).any(|index| own[..index].contains(&own[index]));
        if own.is_empty() || is_twice {
            let help = "write for example `objectives = [\"metric\", \"lut\"]`";
            return refuse("the objectives are none, or one of them twice".to_owned(), help);
        }
        let sampler = match (written.sampler, written.steps) {
            (Kind::Grid, steps) => Sampler::Grid { steps: steps.unwrap_or(4) },
            (_, Some(_)) => {
                let help = "leave out `steps`, or write `sampler = \"grid\"`";
                return refuse("`steps` are those of a grid".to_owned(), help);
            }
            (Kind::Random, None) => Sampler::Random,
            (Kind::Tpe, None) => Sampler::Tpe,
        };
        let trials = match (sampler, written.trials) {
            (Sampler::Grid { .. }, Some(_)) => {
                let help = "leave out `trials`: a grid has as many as its points";
                return refuse("a grid takes no number of trials".to_owned(), help);
            }
            (Sampler::Grid { steps }, None) => {
                let sizes = space.parameters.iter().map(|own| own.domain.grid(steps));
                sizes.fold(1, usize::saturating_mul)
            }
            (Sampler::Random | Sampler::Tpe, trials) => trials.unwrap_or(32),
        };
        if !(1..=MOST_TRIALS).contains(&trials) {
            let help = "write for example `trials = 32`, or fewer `steps` of a grid";
            return refuse(format!("{trials} trials are not possible"), help);
        }
        let Written { recipe, seed, objectives, .. } = written;
        Ok(Self { recipe, trials, sampler, seed, objectives, space })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_read_and_contradictions_refused() {
        let plan = |more: &str| Plan::parse(&format!("recipe = 'r.toml'\n{more}"), "plan.toml");
        let space =
            "[space]\ntrain.epochs = { uniform = [2, 9] }\nlayer.a.outputs = { choose = [1, 2] }\n";
        let grid = plan(&format!("sampler = 'grid'\nsteps = 3\n{space}")).unwrap();
        assert_eq!((grid.trials, grid.objectives), (6, vec![Objective::Metric]));
        for wrong in [
            "sampler = 'grid'\ntrials = 3",
            "steps = 3",
            "trials = 0",
            "objectives = []",
            "objectives = ['metric', 'lut', 'metric']",
            "tirals = 3",
        ] {
            let fault = plan(&format!("{wrong}\n{space}")).unwrap_err();
            assert_eq!(fault.code, Code::C0401, "{wrong}");
        }
        assert_eq!(plan("[space]\n").unwrap_err().message, "the space has no parameter");
    }
}
