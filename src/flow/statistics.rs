//! What weights and activations look like, for the report's range plots.

use super::formats::count;
use crate::graph::{Graph, NodeId, eval};
use crate::numeric::tensor::Block;
use crate::ops::{Constants, OpKind};
use crate::report::data;

/// How many events the activation statistics look at.
const EVENTS: usize = 1000;

/// The bins of a weight histogram.
const BINS: u32 = 32;

/// The percentiles of the range plots.
const PERCENTS: [f64; 5] = [0.0, 25.0, 50.0, 75.0, 100.0];

/// One row for each constant tensor of the fixed-point graph.
pub(super) fn weights(graph: &Graph) -> Vec<data::WeightStatistics> {
    let mut rows = Vec::new();
    for node in graph.topological() {
        let name = graph.imported(node).0;
        match &graph[node].op {
            OpKind::Dense(op) => {
                rows.push(constants(format!("{name} weights"), &op.weights));
                rows.push(constants(format!("{name} bias"), &op.bias));
            }
            OpKind::Affine(op) => {
                rows.push(constants(format!("{name} scale"), &op.scale));
                rows.push(constants(format!("{name} offset"), &op.offset));
            }
            OpKind::Constant(op) => rows.push(constants(name.to_owned(), &op.constants)),
            _ => {}
        }
    }
    rows
}

fn constants(name: String, constants: &Constants) -> data::WeightStatistics {
    let values = constants.values();
    let range = span(values);
    let format = constants.format();
    data::WeightStatistics {
        name,
        count: count(values.len()),
        zeros: count(values.iter().filter(|value| **value == 0.0).count()),
        range,
        format: format.map_or_else(|| "float".to_owned(), |format| format.to_string()),
        bounds: format.map(|format| {
            let interval = format.interval();
            data::Range { lo: interval.lo_f64(), hi: interval.hi_f64() }
        }),
        step: format.map(crate::numeric::format::FixedFormat::step),
        magnitudes: magnitudes(values),
        histogram: Some(histogram(values, range)),
    }
}

/// One row for each node of the floating-point graph that a format was given to.
///
/// `quantized` are pairs of a node of the float graph and its format in the
/// fixed-point graph.
pub(super) fn activations(
    float: &Graph,
    events: &[Block<f64>],
    quantized: &[(NodeId, crate::numeric::format::FixedFormat)],
) -> Vec<data::ActivationStatistics> {
    let events: Vec<Block<f64>> = events.iter().map(|block| block.first_events(EVENTS)).collect();
    let values = eval::eval_f64(float, &events);
    let row = |(node, format): &(NodeId, crate::numeric::format::FixedFormat)| {
        let values = &values[node.index()].as_ref()?.data;
        let interval = format.interval();
        Some(data::ActivationStatistics {
            name: float.imported(*node).0.to_owned(),
            events: count(events.first().map_or(0, |block| block.events)),
            range: span(values),
            bounds: Some(data::Range { lo: interval.lo_f64(), hi: interval.hi_f64() }),
            step: Some(format.step()),
            magnitudes: magnitudes(values),
        })
    };
    quantized.iter().filter_map(row).collect()
}

fn span(values: &[f64]) -> data::Range {
    let lo = values.iter().copied().fold(f64::INFINITY, f64::min);
    let hi = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if lo <= hi { data::Range { lo, hi } } else { data::Range::default() }
}

/// Percentiles of the magnitudes that are not zero.
fn magnitudes(values: &[f64]) -> Vec<data::Percentile> {
    let mut sorted: Vec<f64> =
        values.iter().map(|value| value.abs()).filter(|value| *value > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() {
        return Vec::new();
    }
    let last = sorted.len() - 1;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank from a percentage of a count"
    )]
    let rank = |percent: f64| (percent / 100.0 * last as f64).round() as usize;
    PERCENTS
        .iter()
        .map(|percent| data::Percentile { percent: *percent, value: sorted[rank(*percent)] })
        .collect()
}

/// Counts of `values` in equal bins over `range`.
pub(super) fn histogram(values: &[f64], range: data::Range) -> data::Histogram {
    data::Histogram::of(values.iter().copied(), range, BINS)
}
