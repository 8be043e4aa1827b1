//! The shell over many events, held against the network event by event.

use serde::Serialize;

use super::latency::Latency;
use crate::cosim::{self, CosimError};
use crate::emit::interface::{Interface, Pins};
use crate::emit::{Artifacts, vectors};
use crate::graph::{Graph, NodeId};
use crate::numeric::tensor::Block;
use crate::ops::OpKind;
use crate::ops::quantize::FormatSource;
use crate::shell::core::pack_flags;
use crate::shell::map;
use crate::shell::packing::Packing;
use crate::shell::run::{Outcome, Run};
use crate::sim;

/// What is driven.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The name of the shell's top module.
    pub top: &'a str,
    /// The Verilog of the core and the files of the shell.
    pub files: &'a Artifacts,
    /// The pins of the core.
    pub interface: &'a Interface,
    /// How they are cut into words.
    pub packing: Packing,
    /// The hash that the register file must tell.
    pub hash: [u32; 4],
    /// The events, one block for each input.
    pub inputs: &'a [Block<i64>],
    /// What the network says to them, one block for each output.
    pub outputs: &'a [Block<i64>],
    /// The overflow flags that the registers must show afterwards, as [`overflow_flags`] gives them.
    pub overflow: [u32; 4],
    /// The chance in percent that either side pauses at a clock, or a bunch crossing is empty.
    pub stall: u8,
    /// The cut on the first output, a raw integer.
    pub threshold: Option<i32>,
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Driven {
    /// Events that went in.
    pub events: usize,
    /// Events whose results did not all come out.
    pub lost: usize,
    /// Events with results that are not the network's, or with a wrong verdict of the threshold.
    pub different: usize,
    /// Events at or above the threshold.
    pub accepted: usize,
    /// Registers, or single pins of a free-running shell, that do not say what happened, by name.
    pub wrong_registers: Vec<&'static str>,
    /// Clocks from the first word in to the last word out.
    pub cycles: u64,
    /// Events each second at the clock of the design.
    pub events_per_second: f64,
    /// Clocks from the first word of an event to the last of its results.
    pub latency: Option<Latency>,
}

impl Driven {
    /// Whether every event came out as it should.
    pub fn is_good(&self) -> bool {
        self.lost == 0 && self.different == 0 && self.wrong_registers.is_empty()
    }
}

/// The words of all events, and which are the last of their event.
pub fn words(interface: &Interface, packing: Packing, inputs: &[Block<i64>]) -> Vec<(u64, bool)> {
    let events = inputs.first().map_or(0, |block| block.events);
    let mut all = Vec::new();
    for event in 0..events {
        let bits = vectors::pack(&interface.inputs, inputs, event);
        let words = packing.words(&bits, packing.input_words);
        let last = words.len() - 1;
        all.extend(words.into_iter().enumerate().map(|(index, word)| (word, index == last)));
    }
    all
}

/// The blocks of events that stand in words of 64 bits, as [`vectors::pack`] packs them.
pub fn blocks(interface: &Interface, events: &[Vec<u64>]) -> Vec<Block<i64>> {
    let pins = interface.inputs.iter();
    let zeros = pins.map(|pins| Block::zeros(pins.elements.len(), events.len(), pins.frac()));
    let mut blocks: Vec<Block<i64>> = zeros.collect();
    for (event, words) in events.iter().enumerate() {
        for (block, own) in blocks.iter_mut().zip(vectors::unpack(&interface.inputs, words)) {
            for index in 0..own.elements() {
                block.element_mut(index)[event] = own.element(index)[0];
            }
        }
    }
    blocks
}

/// The flags of the layers that overflow in some event, by the network's own definition.
pub fn overflow_flags(graph: &Graph, interface: &Interface, inputs: &[Block<i64>]) -> [u32; 4] {
    if interface.overflow.is_empty() {
        return [0; 4];
    }
    let observed = sim::trace::Observer::new(graph).run(inputs).overflows;
    let overflowed = |pins: &Pins| {
        let own = |node: NodeId| match &graph[node].op {
            OpKind::Quantize(op) => op.source != FormatSource::Derived,
            _ => false,
        };
        observed.iter().any(|(node, overflows)| {
            own(*node) && graph.imported(*node).0 == pins.tensor && overflows.events > 0
        })
    };
    pack_flags(interface.overflow.iter().map(overflowed))
}

/// Compiles the shell in `folder` and runs it over the events.
///
/// # Errors
/// When a tool is missing or fails.
pub fn drive(request: &Request<'_>, folder: &std::path::Path) -> Result<Driven, CosimError> {
    let executable = cosim::shell::build(request.top, request.files, folder)?;
    let words = words(request.interface, request.packing, request.inputs);
    let run = Run { words: &words, stall: request.stall, threshold: request.threshold };
    Ok(judge(request, &executable.run(&run)?))
}

/// Holds what happened at the pins against what should have.
pub fn judge(request: &Request<'_>, outcome: &Outcome) -> Driven {
    let packing = request.packing;
    let events = request.inputs.first().map_or(0, |block| block.events);
    let (input_words, output_words) =
        (usize::from(packing.input_words), usize::from(packing.output_words));
    let first = &request.interface.outputs[0].elements[0];
    let threshold = i64::from(request.threshold.unwrap_or(i32::MIN));
    let mut results = outcome.left.chunks_exact(output_words);
    let (mut different, mut accepted) = (0, 0);
    let mut latencies = Vec::new();
    for (event, result) in results.by_ref().take(events).enumerate() {
        let bits = vectors::pack(&request.interface.outputs, request.outputs, event);
        let wanted = packing.words(&bits, packing.output_words);
        let score = vectors::element(&bits, first.low, first.width, first.signed);
        let verdict = score >= threshold;
        accepted += usize::from(verdict);
        let equal = result.iter().zip(&wanted).enumerate().all(|(index, (found, word))| {
            let last = index + 1 == output_words;
            (found.data, found.last, found.accepted) == (*word, last, verdict)
        });
        different += usize::from(!equal);
        let entered = outcome.entered.get(event * input_words);
        let left = result.last().map(|transfer| transfer.cycle);
        latencies.extend(entered.zip(left).map(|(entered, left)| left - entered));
    }
    // Words beyond the last event belong to nobody.
    let strangers = outcome.left.len().saturating_sub(events * output_words);
    let span = outcome.entered.first().zip(outcome.left.last());
    let cycles = span.map_or(0, |(first, last)| last.cycle + 1 - first);
    Driven {
        events,
        lost: events - latencies.len().min(events),
        different: different + usize::from(strangers > 0),
        accepted,
        wrong_registers: wrong_registers(request, outcome, latencies.len(), accepted),
        cycles,
        events_per_second: rate(events, cycles, request.interface.clock_ns),
        latency: Latency::of(latencies),
    }
}

/// Registers whose values are not what happened at the pins.
fn wrong_registers(
    request: &Request<'_>,
    outcome: &Outcome,
    left: usize,
    accepted: usize,
) -> Vec<&'static str> {
    let modulo = |count: usize| u32::try_from(count % (1 << 32)).expect("below 2^32");
    let taken = outcome.entered.len() / usize::from(request.packing.input_words);
    let threshold = request.threshold.map_or(map::RESET_THRESHOLD, i32::cast_unsigned);
    let packing = request.packing;
    let wanted = [
        ("identification", map::IDENTIFICATION),
        ("version", map::VERSION),
        ("status", 0),
        ("hash_0", request.hash[0]),
        ("hash_1", request.hash[1]),
        ("hash_2", request.hash[2]),
        ("hash_3", request.hash[3]),
        ("events_in", modulo(taken)),
        ("events_out", modulo(left)),
        ("events_accepted", modulo(accepted)),
        ("packets_dropped", 0),
        ("threshold", threshold),
        ("words", u32::from(packing.input_words) | u32::from(packing.output_words) << 16),
        ("overflow_0", request.overflow[0]),
        ("overflow_1", request.overflow[1]),
        ("overflow_2", request.overflow[2]),
        ("overflow_3", request.overflow[3]),
    ];
    let wrong = |(name, value): (&'static str, u32)| {
        let found = outcome.registers.iter().find(|(address, _)| *address == map::address(name));
        (found.map(|(_, found)| *found) != Some(value)).then_some(name)
    };
    wanted.into_iter().filter_map(wrong).collect()
}

/// Events each second.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
pub(super) fn rate(events: usize, cycles: u64, clock_ns: f64) -> f64 {
    if cycles == 0 { 0.0 } else { events as f64 / (cycles as f64 * clock_ns * 1e-9) }
}
