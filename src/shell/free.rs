//! The free-running shell as plain data: its beam, what goes in clock by clock, and what comes out.

use std::fmt::Write;

use super::run::{OutcomeError, Stalls};

/// The bunch crossings of an orbit of the LHC.
pub const ORBIT: u16 = 3564;

/// The bunch crossings that twelve bits count.
pub const LONGEST_ORBIT: u32 = 4096;

/// The time structure of what comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beam {
    /// Clocks of a bunch crossing: from one event to the next, at the least.
    pub period: u16,
    /// Bunch crossings of an orbit, at most [`LONGEST_ORBIT`].
    pub orbit: u16,
}

/// What stands at the inputs for one clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The word belongs to an event.
    pub valid: bool,
    /// It is the event's first.
    pub start: bool,
    /// The first bunch crossing of the orbit begins.
    pub bc0: bool,
    /// The word.
    pub word: u64,
}

/// A run of the free-running shell.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What goes in, clock by clock.
    pub frames: &'a [Frame],
    /// Clocks without events behind them, so that everything comes out.
    pub settle: u64,
    /// The threshold at its pins.
    pub threshold: i32,
}

impl Run<'_> {
    /// The frames as the harness reads them: the word and three flags on each line.
    pub fn stimulus(&self) -> String {
        self.frames.iter().fold(String::new(), |mut text, frame| {
            let [valid, start, bc0] = [frame.valid, frame.start, frame.bc0].map(u8::from);
            writeln!(text, "{:x} {valid} {start} {bc0}", frame.word)
                .expect("a string takes everything");
            text
        })
    }
}

/// The frames of events in a beam, and the clock at which each begins.
///
/// Each bunch crossing is empty with a chance of `percent`.
pub fn frames(beam: Beam, events: &[Vec<u64>], percent: u8) -> (Vec<Frame>, Vec<usize>) {
    let mut empty = Stalls::new(percent);
    let (mut frames, mut starts) = (Vec::new(), Vec::new());
    let mut events = events.iter().peekable();
    let mut crossing = 0;
    while events.peek().is_some() {
        let begin = frames.len();
        frames.resize(begin + usize::from(beam.period), Frame::default());
        frames[begin].bc0 = crossing == 0;
        crossing = (crossing + 1) % beam.orbit;
        if empty.stalled() {
            continue;
        }
        starts.push(begin);
        let words = events.next().into_iter().flatten();
        for ((index, word), frame) in words.enumerate().zip(&mut frames[begin..]) {
            *frame = Frame { valid: true, start: index == 0, word: *word, ..*frame };
        }
    }
    (frames, starts)
}

/// A word that came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each pin")]
pub struct Beat {
    /// The clock in which it stood at the outputs.
    pub cycle: u64,
    /// The word.
    pub word: u64,
    /// Whether it is the first of its event.
    pub start: bool,
    /// Whether it is the last.
    pub last: bool,
    /// Whether its event is at or above the threshold.
    pub accepted: bool,
    /// Whether a layer overflowed; it stands at the first word.
    pub overflow: bool,
    /// The bunch crossing in which the event began.
    pub bunch: u16,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The words.
    pub beats: Vec<Beat>,
    /// Whether the shell saw a broken event or cut results short.
    pub fault: bool,
}

impl Outcome {
    /// Reads what the harness wrote: `out CYCLE WORD START LAST ACCEPTED OVERFLOW BUNCH` for each
    /// word, the word in hexadecimal, and `fault` at the end if there was one.
    ///
    /// # Errors
    /// The first line of another form.
    pub fn parse(text: &str) -> Result<Self, OutcomeError> {
        let mut outcome = Self::default();
        for (index, line) in text.lines().enumerate() {
            if line == "fault" {
                outcome.fault = true;
                continue;
            }
            let beat = beat(line);
            let fault = || OutcomeError { line: index + 1, text: line.to_owned() };
            outcome.beats.push(beat.ok_or_else(fault)?);
        }
        Ok(outcome)
    }
}

fn beat(line: &str) -> Option<Beat> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let ["out", cycle, word, start, last, accepted, overflow, bunch] = fields[..] else {
        return None;
    };
    let flag = |text: &str| match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    };
    Some(Beat {
        cycle: cycle.parse().ok()?,
        word: u64::from_str_radix(word, 16).ok()?,
        start: flag(start)?,
        last: flag(last)?,
        accepted: flag(accepted)?,
        overflow: flag(overflow)?,
        bunch: bunch.parse().ok()?,
    })
}

/// Clocks from the first word of an event to the first of its results: the words come in, the core
/// takes its time, and the results stand in a register.
pub fn latency(input_words: u16, core: u32) -> u64 {
    u64::from(input_words) + u64::from(core) + 1
}
