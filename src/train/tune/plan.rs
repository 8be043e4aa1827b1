//! [`Plan`]: everything that decides a search, as TOML; unknown keys are refused.

use serde::Deserialize;

use super::halving::Halving;
use super::objective::Objective;
use super::sampler::Sampler;
use super::schedule::Schedule;
use super::separation::{Scores, Separation};
use super::space::Space;
use crate::diag::{Code, Diagnostic};
use crate::train::dataset::Dataset;
use crate::train::recipe::Recipe;
use crate::train::recipe::adversary::Adversary;

/// The most trials of a search.
const MOST_TRIALS: u32 = 10_000;

/// The most parts of the events.
const MOST_FOLDS: u32 = 100;

/// What is searched, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The recipe that values are put into, beside the plan.
    pub recipe: String,
    /// The number of trials.
    pub trials: u32,
    /// Which values are tried.
    pub sampler: Sampler,
    /// How trials are cut short.
    pub halving: Option<Halving>,
    /// The number of networks of a trial, each validated by other events; one, as the recipe splits
    /// them, when left out.
    pub folds: Option<u32>,
    /// What all that is drawn depends on.
    pub seed: u64,
    /// What trials are compared by.
    pub objectives: Vec<Objective>,
    /// What may change.
    pub space: Space,
}

/// A plan as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    recipe: String,
    trials: Option<u32>,
    #[serde(default)]
    sampler: Kind,
    steps: Option<usize>,
    halving: Option<Halving>,
    folds: Option<u32>,
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
                u32::try_from(sizes.fold(1, usize::saturating_mul)).unwrap_or(u32::MAX)
            }
            (Sampler::Random | Sampler::Tpe, trials) => trials.unwrap_or(32),
        };
        if !(1..=MOST_TRIALS).contains(&trials) {
            let help = "write for example `trials = 32`, or fewer `steps` of a grid";
            return refuse(format!("{trials} trials are not possible"), help);
        }
        if written.folds.is_some_and(|folds| !(2..=MOST_FOLDS).contains(&folds)) {
            return refuse(
                "these `folds` are not possible".to_owned(),
                "write for example `folds = 5`",
            );
        }
        if let Some(halving) = written.halving {
            halving.check(sampler, &space)?;
        }
        let Written { recipe, seed, objectives, halving, folds, .. } = written;
        Ok(Self { recipe, trials, sampler, halving, folds, seed, objectives, space })
    }

    /// Checks that the runs of a recipe have what is compared, and that networks are there when they are
    /// compared first: after epoch `first`, where that is not the end.
    ///
    /// # Errors
    /// C0401.
    pub fn check(&self, recipe: &Recipe, first: Option<usize>) -> Result<(), Diagnostic> {
        self.objectives.iter().try_for_each(|objective| objective.check(recipe))?;
        let chosen = recipe.first_epoch();
        let Some(first) = first.filter(|first| *first <= chosen) else { return Ok(()) };
        let risen = recipe.adversary.as_ref().map_or(0, Adversary::first_epoch);
        let (what, help) = if risen == chosen {
            let help = "write a larger `least` into `[halving]`, or a smaller `warmup` or `rise` into \
                        `[adversary]` of the recipe";
            ("`lambda` has risen", help)
        } else {
            let help = "write a larger `least` into `[halving]`, or a smaller `epoch` into `calibrate` \
                        of the recipe";
            ("ranges are calibrated", help)
        };
        let message = format!("trials are compared after epoch {first}, before {what}");
        Err(Diagnostic::error(Code::C0401, message, help))
    }

    /// Which trials are trained for how long, with a recipe of so many epochs.
    ///
    /// # Errors
    /// C0401 where these are too few to be cut.
    pub fn schedule(&self, epochs: usize) -> Result<Schedule, Diagnostic> {
        let Self { trials, halving, .. } = *self;
        match halving {
            None => Ok(Schedule { trials, stops: Vec::new(), factor: 2, brackets: 1 }),
            Some(halving) => halving.schedule(trials, epochs),
        }
    }

    /// The figures of scores among the objectives, and which scores they are of.
    ///
    /// # Errors
    /// C0401 where events for the recipe have no such scores.
    pub fn separations(
        &self,
        recipe: &Recipe,
        events: &Dataset,
    ) -> Result<Vec<(Separation, Scores)>, Diagnostic> {
        let own = self.objectives.iter().filter_map(|objective| match objective {
            Objective::Separation(own) => Some(own),
            Objective::Metric
            | Objective::Output(_)
            | Objective::Dependence
            | Objective::Lut
            | Objective::Ff
            | Objective::LutFf
            | Objective::Dsp
            | Objective::Latency => None,
        });
        own.map(|own| Ok((own.clone(), own.scores(recipe, events)?))).collect()
    }

    /// The figures that are shown, and kept: the metric, the objectives, look-up tables and latency.
    pub fn figures(&self) -> Vec<Objective> {
        let last = [Objective::Lut, Objective::Latency];
        let mut figures = vec![Objective::Metric];
        for own in self.objectives.iter().chain(&last) {
            if !figures.contains(own) {
                figures.push(own.clone());
            }
        }
        figures
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
            "objectives = ['luts']",
            "tirals = 3",
            "folds = 1",
            "folds = 101",
            "halving = { factor = 3 }",
            "halving = { least = 0 }",
            "halving = { least = 1, factor = 1 }",
            "halving = { least = 1, brackets = 0 }",
            "sampler = 'grid'\nhalving = { least = 1 }",
        ] {
            let fault = plan(&format!("{wrong}\n{space}")).unwrap_err();
            assert_eq!(fault.code, Code::C0401, "{wrong}");
        }
        assert_eq!(plan("[space]\n").unwrap_err().message, "the space has no parameter");
        let fault = plan(&format!("halving = {{ least = 1 }}\n{space}")).unwrap_err();
        assert_eq!(fault.message, "`train.epochs` is searched, and `[halving]` cuts it");
    }

    #[test]
    fn rungs_are_parts_of_the_epochs() {
        let plan = |halving: &str| {
            let text = format!(
                "recipe = 'r.toml'\nobjectives = ['lut_ff', 'lut']\nhalving = {{ {halving} }}\n\
                 space.input.width = {{ choose = [4, 8] }}"
            );
            Plan::parse(&text, "plan.toml").unwrap()
        };
        let stops = |halving: &str, epochs| plan(halving).schedule(epochs).map(|own| own.stops);
        assert_eq!(stops("least = 3", 100), Ok(vec![3, 11, 33]));
        assert_eq!(stops("least = 4", 100), Ok(vec![11, 33]));
        assert_eq!(stops("least = 1, factor = 2", 8), Ok(vec![1, 2, 4]));
        assert_eq!(stops("least = 1", 2).unwrap_err().code, Code::C0401);
        assert_eq!(stops("least = 3, brackets = 5", 100).unwrap_err().code, Code::C0401);
        assert_eq!(plan("least = 3, brackets = 4").schedule(100).unwrap().brackets, 4);
        let titles: Vec<String> =
            plan("least = 3").figures().iter().map(Objective::title).collect();
        assert_eq!(titles, ["metric", "LUT + FF", "LUT", "ns"]);
    }
}
