//! For every quantized tensor: can its values leave the format, and how do we know?

use super::ranges::{Ranges, ranges};
use super::walk;
use crate::diag::{Code, Diagnostic};
use crate::graph::{Graph, NodeId};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::scale;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::Overflow;
use crate::numeric::tensor::Block;
use crate::ops::quantize::FormatSource;
use crate::ops::{Formats, OpKind, PerElement};

/// What is known about the values that a quantizer is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Interval arithmetic shows that no value can overflow, given the formats of the inputs.
    Proved,
    /// No value of so many events overflowed.
    Calibrated {
        /// How many events were run.
        events: usize,
        /// By how many factors of two the values could grow before one overflows.
        margin_bits: u32,
    },
    /// A value overflowed that should not have.
    Violated(Overflowed),
    /// Values were clipped where the quantizer is meant to clip: the network was trained with it,
    /// or a table ends there.
    Saturates(Overflowed),
    /// Overflow is possible, and no event was run.
    Unchecked,
}

/// The values that left a format.
#[derive(Clone, Debug, PartialEq)]
pub struct Overflowed {
    /// How many events have such a value.
    pub events: usize,
    /// How many events were run.
    pub of: usize,
    /// The event whose value lies farthest outside.
    pub event: usize,
    /// The element of that value.
    pub element: usize,
    /// That value.
    pub value: f64,
    /// How far beyond the last value of the format it lies.
    pub by: f64,
}

/// A quantized tensor with its verdict: a row of the report's table of formats.
#[derive(Clone, Debug)]
pub struct TensorVerdict {
    /// The quantizer, or the input that has one.
    pub node: NodeId,
    /// The name of the model's node.
    pub name: String,
    /// Its operator in the model.
    pub operator: String,
    /// The quantizers of its elements.
    pub quantizer: PerElement<Quantizer>,
    /// Who asked for them; inputs may not know.
    pub source: Option<FormatSource>,
    /// The exact range of the values before quantization; unknown for inputs.
    pub range: Option<(f64, f64)>,
    /// The range of the values before quantization among the events.
    pub observed: Option<(f64, f64)>,
    /// The verdict.
    pub verdict: Verdict,
}

impl TensorVerdict {
    /// The formats of the elements.
    pub fn formats(&self) -> Formats {
        self.quantizer.map(|quantizer| quantizer.format)
    }

    /// The format of the element that overflowed, with as many bits above as its value needs.
    fn wider(&self, found: &Overflowed) -> Quantizer {
        let own = self.quantizer.at(found.element);
        let signed = own.format.signed() || found.value < 0.0;
        let with_more = |bits: u8| {
            let width = own.format.width().checked_add(bits)?;
            let integer = own.format.integer_bits() + i32::from(bits);
            let format = FixedFormat::with_integer_bits(signed, width, integer).ok()?;
            Some(Quantizer { format, overflow: Overflow::Saturate, ..own })
        };
        let mut wider = (1..=u8::MAX).map_while(with_more);
        wider.find(|wider| !wider.overflows_f64(found.value)).unwrap_or(own)
    }

    /// True when clipping is part of the network: it was trained with it, or a table ends there.
    pub fn clips_by_design(&self) -> bool {
        clips_by_design(self.source, &self.quantizer)
    }
}

/// The verdict on each quantizer of a fixed-point graph, inputs first, then in order of computation.
///
/// `events` are finite floating-point values, one block for each graph input.
pub fn verdicts(graph: &Graph, events: Option<&[Block<f64>]>) -> Vec<TensorVerdict> {
    let ranges = ranges(graph);
    let mut watches: Vec<Watch> = graph
        .topological()
        .into_iter()
        .filter_map(|node| Watch::new(graph, node, &ranges))
        .collect();
    watches.sort_by_key(|watch| !watch.is_input);
    let mut place = vec![None; graph.capacity()];
    for (index, watch) in watches.iter().enumerate() {
        place[watch.node.index()] = Some(index);
    }
    if let Some(events) = events {
        let watches = std::cell::RefCell::new(&mut watches);
        let input = |node: NodeId, first: usize, values: &Block<f64>| {
            if let Some(index) = place[node.index()] {
                watches.borrow_mut()[index].see(first, values);
            }
        };
        walk::fixed(graph, events, input, |visit| {
            let mut watches = watches.borrow_mut();
            match place[visit.node.index()] {
                Some(index) if !watches[index].is_input => {
                    watches[index].see_raw(visit.first_event, visit.operands[0]);
                }
                Some(_) | None => {}
            }
        });
    }
    watches.into_iter().map(|watch| watch.conclude(graph)).collect()
}

/// What the user should know: a warning for each violated and for each unchecked tensor.
pub fn diagnostics(verdicts: &[TensorVerdict]) -> Vec<Diagnostic> {
    verdicts.iter().filter_map(diagnostic).collect()
}

fn diagnostic(own: &TensorVerdict) -> Option<Diagnostic> {
    let formats = own.formats();
    let warning = match &own.verdict {
        Verdict::Proved | Verdict::Calibrated { .. } | Verdict::Saturates(_) => return None,
        Verdict::Violated(found) => Diagnostic::warning(
            Code::Q0201,
            format!("{} of {} events overflow {formats} at `{}`", found.events, found.of, own.name),
            format!("write `[layer.\"{}\"]` and `output = \"{}\"`", own.name, own.wider(found)),
        )
        .note(format!(
            "event {}, element {}: {} lies {} beyond the last value",
            found.event, found.element, found.value, found.by
        )),
        Verdict::Unchecked if own.clips_by_design() => return None,
        Verdict::Unchecked => Diagnostic::warning(
            Code::Q0202,
            format!("values at `{}` may overflow {formats}", own.name),
            "give events with `--data events.npy`",
        ),
    };
    let warning = match own.range {
        Some((lo, hi)) => warning.note(format!("by interval arithmetic they lie in [{lo}, {hi}]")),
        None => warning,
    };
    Some(warning.at_node(&own.name, &own.operator))
}

/// One quantizer under observation.
struct Watch {
    node: NodeId,
    is_input: bool,
    quantizer: PerElement<Quantizer>,
    source: Option<FormatSource>,
    /// None for inputs, whose values come from outside.
    range: Option<(f64, f64)>,
    proved: bool,
    events: usize,
    observed: Option<(f64, f64)>,
    /// The fewest factors of two that an element can still grow by.
    margin_bits: Option<u32>,
    outside_events: Vec<bool>,
    worst: Option<Overflowed>,
}

impl Watch {
    fn new(graph: &Graph, node: NodeId, ranges: &Ranges) -> Option<Self> {
        let (is_input, quantizer, source) = match &graph[node].op {
            OpKind::Input(input) => (true, input.quantizer.clone()?, input.source),
            OpKind::Quantize(quantize) => {
                (false, quantize.quantizer.clone(), Some(quantize.source))
            }
            _ => return None,
        };
        let operand = graph.operands(node).first().and_then(|operand| ranges.get(*operand));
        let proved = operand.is_some_and(|ranges| {
            ranges.iter().enumerate().all(|(index, range)| {
                let overflows = |raw| quantizer.at(index).overflows(raw, range.frac());
                !overflows(range.lo()) && !overflows(range.hi())
            })
        });
        let range = operand.map(|ranges| {
            let lo = ranges.iter().map(|range| range.lo_f64()).fold(f64::INFINITY, f64::min);
            let hi = ranges.iter().map(|range| range.hi_f64()).fold(f64::NEG_INFINITY, f64::max);
            (lo, hi)
        });
        Some(Self {
            node,
            is_input,
            quantizer,
            source,
            range,
            proved,
            events: 0,
            observed: None,
            margin_bits: None,
            outside_events: Vec::new(),
            worst: None,
        })
    }

    fn see_raw(&mut self, first: usize, values: &Block<i64>) {
        let data = values.data.iter().map(|raw| scale(*raw, values.frac)).collect();
        let outside = |quantizer: Quantizer, index: usize, event: usize| {
            quantizer.overflows(values.element(index)[event], values.frac)
        };
        let floats = Block { events: values.events, frac: 0, data };
        self.record(first, &floats, outside);
    }

    fn see(&mut self, first: usize, values: &Block<f64>) {
        let outside = |quantizer: Quantizer, index: usize, event: usize| {
            quantizer.overflows_f64(values.element(index)[event])
        };
        self.record(first, values, outside);
    }

    fn record(
        &mut self,
        first: usize,
        values: &Block<f64>,
        outside: impl Fn(Quantizer, usize, usize) -> bool,
    ) {
        self.events = self.events.max(first + values.events);
        self.outside_events.resize(self.events, false);
        for index in 0..values.elements() {
            let quantizer = self.quantizer.at(index);
            let (lo, hi) = bounds(quantizer);
            for (event, value) in values.element(index).iter().enumerate() {
                let seen = self.observed.get_or_insert((*value, *value));
                *seen = (seen.0.min(*value), seen.1.max(*value));
                if outside(quantizer, index, event) {
                    self.outside_events[first + event] = true;
                    let by = (value - hi).max(lo - value);
                    if self.worst.as_ref().is_none_or(|worst| by > worst.by) {
                        let event = first + event;
                        let value = *value;
                        self.worst =
                            Some(Overflowed { events: 0, of: 0, event, element: index, value, by });
                    }
                } else {
                    let bits = headroom(*value, lo, hi);
                    self.margin_bits = Some(self.margin_bits.map_or(bits, |own| own.min(bits)));
                }
            }
        }
    }

    fn conclude(self, graph: &Graph) -> TensorVerdict {
        let (name, operator) = graph.imported(self.node);
        let (name, operator) = (name.to_owned(), operator.to_owned());
        let meant = clips_by_design(self.source, &self.quantizer);
        let outside = self.outside_events.iter().filter(|outside| **outside).count();
        let worst =
            self.worst.map(|worst| Overflowed { events: outside, of: self.events, ..worst });
        let verdict = match worst {
            _ if self.proved => Verdict::Proved,
            Some(worst) if meant => Verdict::Saturates(worst),
            Some(worst) => Verdict::Violated(worst),
            None if self.events == 0 => Verdict::Unchecked,
            None => Verdict::Calibrated {
                events: self.events,
                margin_bits: self.margin_bits.unwrap_or(0),
            },
        };
        TensorVerdict {
            node: self.node,
            name,
            operator,
            quantizer: self.quantizer,
            source: self.source,
            range: self.range,
            observed: self.observed,
            verdict,
        }
    }
}

fn clips_by_design(source: Option<FormatSource>, quantizer: &PerElement<Quantizer>) -> bool {
    match source {
        Some(FormatSource::Model | FormatSource::Derived) => {
            quantizer.as_slice().iter().all(|own| own.overflow != Overflow::Wrap)
        }
        Some(FormatSource::Configuration | FormatSource::Calibration) | None => false,
    }
}

/// The first and the last value of a quantizer's range.
fn bounds(quantizer: Quantizer) -> (f64, f64) {
    let interval = quantizer.format.interval();
    (interval.lo_f64(), interval.hi_f64())
}

/// By how many factors of two `value` can grow and stay between `lo` and `hi`.
fn headroom(value: f64, lo: f64, hi: f64) -> u32 {
    let limit = if value < 0.0 { lo } else { hi };
    let mut bits = 0;
    let mut grown = value * 2.0;
    while bits < 63 && grown.abs() <= limit.abs() && value != 0.0 {
        grown *= 2.0;
        bits += 1;
    }
    if value == 0.0 { 63 } else { bits }
}
