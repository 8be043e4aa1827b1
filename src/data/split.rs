//! [`Shares`]: which events train, validate and test, by their hashes alone.

use crate::numeric::hash;

/// What an event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The network learns from it.
    Training,
    /// It chooses among networks.
    Validation,
    /// It does neither.
    Test,
}

/// The shares of events that do not train.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// Of all events.
    pub validation: f64,
    /// Of all events.
    pub test: f64,
}

impl Shares {
    /// What an event with this hash is for.
    pub fn of(self, key: u64) -> Use {
        match hash::share(key) {
            share if share < self.validation => Use::Validation,
            share if share < self.validation + self.test => Use::Test,
            _ => Use::Training,
        }
    }

    /// What an event with this hash is for when all that do not test are in `folds` parts, of which the
    /// one of number `fold` validates.
    pub fn of_fold(self, key: u64, folds: u32, fold: u32) -> Use {
        let before = match self.of(key) {
            Use::Test => return Use::Test,
            Use::Validation => 0.0,
            Use::Training => self.test,
        };
        let place = (hash::share(key) - before) / (1.0 - self.test) * f64::from(folds);
        // What rounding puts behind the last part belongs to it.
        let begins = |part: u32| place >= f64::from(part) || part == 0;
        let ends = |part: u32| place < f64::from(part + 1) || part + 1 == folds;
        if begins(fold) && ends(fold) { Use::Validation } else { Use::Training }
    }
}
