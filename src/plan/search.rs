//! [`Search`]: how hard to look for a small circuit, and from where.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::de::{Deserializer, Visitor};

/// How hard to search for the circuit of a constant matrix, and from where.
///
/// Equal searches find equal circuits, on any machine and with any number of threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Search {
    /// How hard.
    pub effort: Effort,
    /// Where every random choice comes from.
    pub seed: u64,
}

/// How hard to search for the circuit of a constant matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Effort {
    /// A few greedy runs, for designs that change by the minute: a millisecond for a small matrix.
    Fast,
    /// More greedy runs and a short search: milliseconds for a small matrix, less than a second for
    /// a layer of 64 by 64.
    #[default]
    Default,
    /// Minutes for a large layer.
    Best,
    /// About so many seconds of one core. They are counted in steps of the search and by no
    /// clock, so that they end at the same circuit everywhere.
    Seconds(NonZeroU32),
}

impl Effort {
    const NAMED: [(&str, Self); 3] =
        [("fast", Self::Fast), ("default", Self::Default), ("best", Self::Best)];
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fast => f.write_str("fast"),
            Self::Default => f.write_str("default"),
            Self::Best => f.write_str("best"),
            Self::Seconds(seconds) => seconds.fmt(f),
        }
    }
}

/// A text that is no effort.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an effort is `fast`, `default`, `best` or a whole number of seconds, not `{0}`")]
pub struct NotAnEffort(String);

impl FromStr for Effort {
    type Err = NotAnEffort;
    fn from_str(text: &str) -> Result<Self, NotAnEffort> {
        let named = Self::NAMED.into_iter().find(|(name, _)| *name == text);
        let seconds = || text.parse().ok().map(Self::Seconds);
        named.map(|(_, effort)| effort).or_else(seconds).ok_or_else(|| NotAnEffort(text.to_owned()))
    }
}

impl<'de> serde::Deserialize<'de> for Effort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EffortVisitor)
    }
}

/// Reads a name or a number.
struct EffortVisitor;

impl Visitor<'_> for EffortVisitor {
    type Value = Effort;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`fast`, `default`, `best` or a whole number of seconds")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Effort, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Effort, E> {
        seconds.to_string().parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efforts_read_what_they_print() {
        let minute = Effort::Seconds(NonZeroU32::new(60).unwrap());
        for effort in [Effort::Fast, Effort::Default, Effort::Best, minute] {
            assert_eq!(effort.to_string().parse(), Ok(effort));
        }
        for text in ["0", "-3", "1.5", "FAST", "", "99999999999"] {
            assert_eq!(text.parse::<Effort>(), Err(NotAnEffort(text.to_owned())));
        }
    }
}
