//! A run of the shell: what goes in, when it stalls, and what comes out, for every simulator alike.

use std::fmt::Write;

/// After so many clocks without a transfer a run is over.
///
/// It is longer than anything in the shell takes, so what is not out by then is lost.
pub const SETTLE: u64 = 2000;

/// What a run does.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The words of all events, and which of them are the last of their event.
    pub words: &'a [(u64, bool)],
    /// The chance in percent that either side pauses at a clock.
    pub stall: u8,
    /// What is written to the threshold register before.
    pub threshold: Option<i32>,
}

impl Run<'_> {
    /// The words as the harness reads them: one on each line, and `1` behind the last of an event.
    pub fn stimulus(&self) -> String {
        self.words.iter().fold(String::new(), |mut text, (word, last)| {
            writeln!(text, "{word:x} {}", u8::from(*last)).expect("a string takes everything");
            text
        })
    }
}

/// Pauses at random, the same in each simulator: Marsaglia's `xorshift32`.
#[derive(Clone, Debug)]
pub struct Stalls {
    state: u32,
    percent: u32,
}

impl Stalls {
    /// Pauses with a chance of `percent`.
    pub fn new(percent: u8) -> Self {
        Self { state: 0x9e37_79b9, percent: percent.into() }
    }

    /// Whether one side pauses; one draw.
    pub fn stalled(&mut self) -> bool {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        self.state % 100 < self.percent
    }
}

/// A word that left the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The clock at whose end it was taken.
    pub cycle: u64,
    /// The word.
    pub data: u64,
    /// Whether it is the last of its event.
    pub last: bool,
    /// Whether its event is at or above the threshold.
    pub accepted: bool,
}

/// What happened at the pins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// For each word, the clock at whose end it was taken.
    pub entered: Vec<u64>,
    /// The words that left.
    pub left: Vec<Transfer>,
    /// What the registers said afterwards: address and value.
    pub registers: Vec<(u8, u32)>,
}

/// A line of the harness that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not understood: `{text}`")]
pub struct OutcomeError {
    /// The number of the line, from 1.
    pub line: usize,
    /// What it says.
    pub text: String,
}

impl Outcome {
    /// Reads what the harness wrote: `in CYCLE`, `out CYCLE WORD LAST ACCEPTED` and
    /// `register ADDRESS VALUE`, one on each line, words and registers in hexadecimal.
    ///
    /// # Errors
    /// The first line of another form.
    pub fn parse(text: &str) -> Result<Self, OutcomeError> {
        let mut outcome = Self::default();
        for (index, line) in text.lines().enumerate() {
            outcome
                .line(line)
                .ok_or_else(|| OutcomeError { line: index + 1, text: line.to_owned() })?;
        }
        Ok(outcome)
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        match fields[..] {
            ["in", cycle] => self.entered.push(cycle.parse().ok()?),
            ["out", cycle, data, last, accepted] => self.left.push(Transfer {
                cycle: cycle.parse().ok()?,
                data: u64::from_str_radix(data, 16).ok()?,
                last: flag(last)?,
                accepted: flag(accepted)?,
            }),
            ["register", address, value] => self.registers.push((
                u8::from_str_radix(address, 16).ok()?,
                u32::from_str_radix(value, 16).ok()?,
            )),
            _ => return None,
        }
        Some(())
    }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}
