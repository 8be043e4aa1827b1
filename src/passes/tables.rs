//! Formats of functions by table: index and entries of sigmoid, tanh and softmax.

use super::{PassContext, assign_formats, chain};
use crate::analysis::{Observations, Observed};
use crate::config::Resolved;
use crate::config::settings::Role;
use crate::graph::{Graph, NodeId, rounding};
use crate::numeric::fit::fit;
use crate::numeric::format::FixedFormat;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
use crate::ops::activation::{Function, MAX_INDEX_BITS};
use crate::ops::quantize::FormatSource;
use crate::ops::softmax::SoftmaxFormats;
use crate::ops::{OpKind, PerElement, Quantize};

/// The width of the exponentials and of the inverse inside a softmax.
const SOFTMAX_ENTRY_BITS: u8 = 18;

/// Gives `node` its formats, if it is a function by table without them.
pub(super) fn assign(
    graph: &mut Graph,
    cx: &PassContext<'_>,
    node: NodeId,
    observed: Option<&Observations>,
) {
    match graph[node].op.clone() {
        OpKind::Activation(mut activation) if activation.output.is_none() => {
            let size = match activation.function {
                Function::Sigmoid => cx.config.table.sigmoid,
                Function::Tanh => cx.config.table.tanh,
            };
            insert_configured(graph, cx, node);
            insert_index(graph, node, activation.function, size.index_bits(), observed);
            let settings = settings(graph, cx, node);
            let own = match activation.function {
                Function::Sigmoid => (false, 0),
                Function::Tanh => (true, 1),
            };
            let output = output(graph, node).unwrap_or_else(|| {
                let default = entries(own.0, settings.word_length, own.1, settings.rounding);
                PerElement::Uniform(settings.output.unwrap_or(default))
            });
            activation.output = Some(output);
            graph.set_op(node, activation);
        }
        OpKind::Softmax(mut softmax) if softmax.formats.is_none() => {
            let settings = settings(graph, cx, node);
            let bits = cx.config.table.softmax.index_bits();
            softmax.formats = Some(softmax_formats(softmax.len, bits, &settings));
            graph.set_op(node, softmax);
        }
        _ => {}
    }
}

fn settings(graph: &Graph, cx: &PassContext<'_>, node: NodeId) -> Resolved {
    let role = if graph.is_output(node) { Role::Output } else { Role::Activation };
    cx.config.resolve(&[graph.imported(node)], role)
}

/// Where the model quantizes the result, the table's entries are those values already.
fn output(graph: &Graph, node: NodeId) -> Option<PerElement<Quantizer>> {
    match graph.users(node).as_slice() {
        [user] if !graph.is_output(node) => match &graph[*user].op {
            OpKind::Quantize(quantize) => Some(quantize.quantizer.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Puts the format that the configuration gives to the layer before `node` behind that layer.
fn insert_configured(graph: &mut Graph, cx: &PassContext<'_>, node: NodeId) {
    let operand = graph.operands(node)[0];
    if !rounding::unrounded(graph)[operand.index()] {
        return;
    }
    let settings = cx.config.resolve(&chain::layer(graph, operand), Role::Activation);
    if let Some(quantizer) = settings.output {
        let quantizer = PerElement::Uniform(quantizer);
        assign_formats::insert(graph, operand, quantizer, FormatSource::Configuration);
    }
}

/// Puts a quantizer to the table's index before `node`, unless a narrow enough one is there.
///
/// Its range is where the function still changes, or less if the events need less.
fn insert_index(
    graph: &mut Graph,
    node: NodeId,
    function: Function,
    bits: u8,
    observed: Option<&Observations>,
) {
    let operand = graph.operands(node)[0];
    if let OpKind::Quantize(quantize) = &graph[operand].op {
        let width = quantize.quantizer.as_slice().iter().map(|own| own.format.width()).max();
        let most = if quantize.source == FormatSource::Model { MAX_INDEX_BITS } else { bits };
        if width.is_some_and(|width| width <= most) {
            return;
        }
    }
    let saturates = match function {
        Function::Sigmoid => 4,
        Function::Tanh => 3,
    };
    let integer = match observed.and_then(|observed| observed.get(operand)) {
        Some(elements) => {
            let all = Observed::together(elements.iter());
            let seen = fit(all.lo.min(-all.hi.abs()), all.hi, bits, Rounding::NearestUp);
            (seen.integer_bits() + 1).clamp(1, saturates)
        }
        None => saturates,
    };
    let index = entries(true, bits, integer, Rounding::NearestUp);
    let quantize =
        Quantize { quantizer: PerElement::Uniform(index), source: FormatSource::Derived };
    let origin = graph.derived(assign_formats::NAME, node);
    let inserted = graph.add(quantize, &[operand], origin).expect("a quantizer takes any tensor");
    graph.set_operand(node, 0, inserted);
}

/// The formats of a softmax over `len` values with tables of `2^bits` entries.
///
/// The distance to the maximum reaches down to -8, where the exponential is
/// 3e-4, and to -16 where the table is long enough for that to count; the sum of
/// exponentials lies between 1 and `len`.
fn softmax_formats(len: usize, bits: u8, settings: &Resolved) -> SoftmaxFormats {
    let rounding = Rounding::NearestUp;
    let largest_sum = f64::from(u32::try_from(len).unwrap_or(u32::MAX));
    let sum = fit(0.0, largest_sum, bits, Rounding::NearestUp);
    // The index is never above zero and never the lowest value: 2^bits entries.
    let integer = if bits < 12 { 4 } else { 5 };
    let index = entries(true, bits + 1, integer, rounding);
    SoftmaxFormats {
        index: Quantizer { overflow: Overflow::SaturateSymmetric, ..index },
        exponential: entries(false, SOFTMAX_ENTRY_BITS, 1, rounding),
        sum_index: Quantizer { format: sum, rounding, overflow: Overflow::Saturate },
        inverse: entries(false, SOFTMAX_ENTRY_BITS, 1, rounding),
        output: settings
            .output
            .unwrap_or_else(|| entries(false, settings.word_length, 0, settings.rounding)),
    }
}

fn entries(signed: bool, width: u8, integer: i32, rounding: Rounding) -> Quantizer {
    let format = FixedFormat::with_integer_bits(signed, width, integer)
        .expect("words and tables are a few bits wide");
    Quantizer { format, rounding, overflow: Overflow::Saturate }
}
