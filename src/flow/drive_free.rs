//! The free-running shell over many events: each must come out at its clock.

use std::path::Path;

use super::drive::{Driven, Request, rate};
use super::latency::Latency;
use crate::cosim::{self, CosimError};
use crate::emit::vectors;
use crate::shell::free::{self, Beam, Frame, Outcome, Run};

/// What goes into the shell.
#[derive(Clone, Debug)]
pub struct Stimulus {
    /// What stands at the inputs, clock by clock.
    pub frames: Vec<Frame>,
    /// The clock at which each event begins.
    pub starts: Vec<usize>,
    /// Clocks behind them, in which the last event comes out.
    pub settle: u64,
}

impl Stimulus {
    /// The events of `request` in a beam; its `stall` is the chance that a bunch crossing is empty.
    pub fn new(request: &Request<'_>, beam: Beam) -> Self {
        let packing = request.packing;
        let events = request.inputs.first().map_or(0, |block| block.events);
        let words = |event| {
            let bits = vectors::pack(&request.interface.inputs, request.inputs, event);
            packing.words(&bits, packing.input_words)
        };
        let events: Vec<Vec<u64>> = (0..events).map(words).collect();
        let (frames, starts) = free::frames(beam, &events, request.stall);
        let settle = latency(request) + u64::from(packing.output_words) + 4;
        Self { frames, starts, settle }
    }

    /// The run of these frames.
    pub fn run(&self, request: &Request<'_>) -> Run<'_> {
        let threshold = request.threshold.unwrap_or(i32::MIN);
        Run { frames: &self.frames, settle: self.settle, threshold }
    }
}

/// Clocks from the first word of an event to the first of its results.
fn latency(request: &Request<'_>) -> u64 {
    free::latency(request.packing.input_words, request.interface.latency)
}

/// Compiles the shell in `folder` and runs it over the events.
///
/// # Errors
/// When a tool is missing or fails.
pub fn drive(request: &Request<'_>, beam: Beam, folder: &Path) -> Result<Driven, CosimError> {
    let executable = cosim::shell::build(request.top, request.files, folder)?;
    let stimulus = Stimulus::new(request, beam);
    let outcome = executable.run_free(&stimulus.run(request))?;
    Ok(judge(request, beam, &stimulus, &outcome))
}

/// Holds what came out, and when, against what should have.
pub fn judge(request: &Request<'_>, beam: Beam, stimulus: &Stimulus, outcome: &Outcome) -> Driven {
    let packing = request.packing;
    let events = stimulus.starts.len();
    let output_words = usize::from(packing.output_words);
    let first = &request.interface.outputs[0].elements[0];
    let threshold = i64::from(request.threshold.unwrap_or(i32::MIN));
    let (mut different, mut accepted, mut overflow) = (0, 0, false);
    let mut latencies = Vec::new();
    let results = outcome.beats.chunks_exact(output_words);
    for (event, (start, result)) in stimulus.starts.iter().zip(results).enumerate() {
        let bits = vectors::pack(&request.interface.outputs, request.outputs, event);
        let wanted = packing.words(&bits, packing.output_words);
        let verdict = vectors::element(&bits, first.low, first.width, first.signed) >= threshold;
        accepted += usize::from(verdict);
        let entered = u64::try_from(*start).expect("clocks are counted in 64 bits");
        let bunch = entered / u64::from(beam.period) % u64::from(beam.orbit);
        let equal = (0_u64..).zip(result).zip(&wanted).all(|((index, found), word)| {
            found.word == *word
                && found.start == (index == 0)
                && found.last == (index + 1 == u64::from(packing.output_words))
                && found.accepted == verdict
                && found.cycle == entered + latency(request) + index
                && u64::from(found.bunch) == bunch
        });
        different += usize::from(!equal);
        overflow |= result[0].overflow;
        latencies.extend(result.last().map(|word| word.cycle.saturating_sub(entered)));
    }
    // Words beyond the last event belong to nobody.
    let strangers = outcome.beats.len().saturating_sub(events * output_words);
    let mut wrong_registers = Vec::new();
    if outcome.fault {
        wrong_registers.push("fault");
    }
    if overflow != (request.overflow != [0; 4]) {
        wrong_registers.push("out_overflow");
    }
    let entered = stimulus.starts.first().and_then(|start| u64::try_from(*start).ok());
    let span = entered.zip(outcome.beats.last());
    let cycles = span.map_or(0, |(first, last)| last.cycle + 1 - first);
    Driven {
        events,
        lost: events - latencies.len().min(events),
        different: different + usize::from(strangers > 0),
        accepted,
        wrong_registers,
        cycles,
        events_per_second: rate(events, cycles, request.interface.clock_ns),
        latency: Latency::of(latencies),
    }
}
