//! [`Halving`]: how trials are cut short, as plans write it.

use serde::Deserialize;

use super::sampler::Sampler;
use super::schedule::Schedule;
use super::space::Space;
use crate::diag::{Code, Diagnostic};

/// How trials are cut short. What changes over a run, such as the length of steps and the price of bits, is
/// that of all epochs of the recipe; a trial is stopped before, and goes on where it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Halving {
    /// The fewest epochs at which trials are compared.
    pub least: usize,
    /// One in so many goes on, for so many times the epochs.
    #[serde(default = "factor")]
    pub factor: u32,
    /// One is successive halving, several are Hyperband.
    #[serde(default = "brackets")]
    pub brackets: usize,
}

fn factor() -> u32 {
    3
}

fn brackets() -> usize {
    1
}

impl Halving {
    /// Checks it against the rest of a plan.
    ///
    /// # Errors
    /// C0401.
    pub(super) fn check(self, sampler: Sampler, space: &Space) -> Result<(), Diagnostic> {
        let refuse = |message: &str, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        if self.least == 0 || self.factor < 2 || self.brackets == 0 {
            let help = "write for example `least = 4`, `factor = 3` and `brackets = 1`";
            return refuse("this `[halving]` is not possible", help);
        }
        if let Sampler::Grid { .. } = sampler {
            let help = "write `sampler = \"tpe\"` or `\"random\"`, or leave out `[halving]`";
            return refuse("a grid trains each of its points to the end", help);
        }
        if space.parameters.iter().any(|own| own.path == "train.epochs") {
            let help = "leave `train.epochs` out of `[space]`: the recipe has the most epochs";
            return refuse("`train.epochs` is searched, and `[halving]` cuts it", help);
        }
        Ok(())
    }

    /// The schedule of so many trials of a recipe with so many epochs: from the end, each rung has the
    /// epochs of the next over the factor, as long as they are not fewer than the least.
    ///
    /// # Errors
    /// C0401 where the epochs are too few.
    pub(super) fn schedule(self, trials: u32, epochs: usize) -> Result<Schedule, Diagnostic> {
        let Self { least, factor, brackets } = self;
        let divisor = usize::try_from(factor).expect("32 bits fit");
        let mut stops = Vec::new();
        let mut divided = divisor;
        while epochs / divided >= least {
            stops.insert(0, epochs / divided);
            divided = divided.saturating_mul(divisor);
        }
        let refuse =
            |message: String, help: String| Err(Diagnostic::error(Code::C0401, message, help));
        if stops.is_empty() {
            let message = format!("`epochs = {epochs}` leaves no rung of at least {least}");
            let help = "write a smaller `least`, or more `epochs` into the recipe";
            return refuse(message, help.to_owned());
        }
        if brackets > stops.len() + 1 {
            let message = format!("{brackets} brackets begin at {} rungs", stops.len() + 1);
            return refuse(message, format!("write at most `brackets = {}`", stops.len() + 1));
        }
        Ok(Schedule { trials, stops, factor, brackets })
    }
}
