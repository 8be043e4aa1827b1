//! The report's table of formats, from the verdicts.

use crate::analysis::{TensorVerdict, Verdict};
use crate::numeric::format::FixedFormat;
use crate::numeric::quantizer::Quantizer;
use crate::ops::PerElement;
use crate::ops::quantize::FormatSource;
use crate::passes::{Rescaled, Rescaling};
use crate::report::data;

/// One row for each quantized tensor.
pub(super) fn rows(verdicts: &[TensorVerdict]) -> Vec<data::FormatRow> {
    verdicts.iter().map(row).collect()
}

/// A scale that is no power of two, as the report says it.
pub(super) fn scale(rescaled: &Rescaled) -> data::ScaleNote {
    let method = match rescaled.how {
        Rescaling::Thresholds { steps } => data::ScaleMethod::Thresholds { count: count(steps) },
        Rescaling::Factor { bits, error, same_results } => {
            data::ScaleMethod::Rescaled { multiplier_bits: bits, error_steps: error, same_results }
        }
        Rescaling::Rounded { bits, error } => {
            data::ScaleMethod::Rounded { multiplier_bits: u32::from(bits), error }
        }
    };
    data::ScaleNote { node: rescaled.name.clone(), method }
}

fn row(tensor: &TensorVerdict) -> data::FormatRow {
    let widest = widest(&tensor.quantizer);
    let formats = tensor.formats();
    let bounds = |format: FixedFormat| {
        let interval = format.interval();
        data::Range { lo: interval.lo_f64(), hi: interval.hi_f64() }
    };
    data::FormatRow {
        node: tensor.name.clone(),
        format: formats.to_string(),
        rounding: widest.rounding.to_string(),
        overflow: widest.overflow.to_string(),
        source: match tensor.source {
            Some(FormatSource::Model) => data::FormatSource::Model,
            Some(FormatSource::Configuration) => data::FormatSource::Configuration,
            Some(FormatSource::Calibration) => data::FormatSource::Calibration,
            Some(FormatSource::Derived) | None => data::FormatSource::Exact,
        },
        range: tensor.observed.or(tensor.range).map(|(lo, hi)| data::Range { lo, hi }),
        bounds: Some(bounds(widest.format)),
        verdict: verdict(&tensor.verdict),
    }
}

fn verdict(verdict: &Verdict) -> data::Verdict {
    match verdict {
        Verdict::Proved => data::Verdict::Proved,
        Verdict::Calibrated { events, margin_bits } => data::Verdict::Calibrated {
            events: count(*events),
            margin_bits: f64::from(*margin_bits),
        },
        Verdict::Violated(overflowed) => data::Verdict::Violated {
            event: count(overflowed.event),
            element: count(overflowed.element),
            value: overflowed.value,
            by: overflowed.by,
            events: count(overflowed.events),
            of: count(overflowed.of),
        },
        Verdict::Saturates(overflowed) => {
            data::Verdict::Saturates { events: count(overflowed.events), of: count(overflowed.of) }
        }
        Verdict::Unchecked => data::Verdict::Unchecked,
    }
}

/// The quantizer with the largest bounds, which stands for all in a table.
fn widest(quantizer: &PerElement<Quantizer>) -> Quantizer {
    let reach =
        |quantizer: &&Quantizer| (quantizer.format.integer_bits(), quantizer.format.width());
    *quantizer.as_slice().iter().max_by_key(reach).expect("a tensor has elements")
}

/// A count as reports carry it.
pub(super) fn count(count: usize) -> u64 {
    u64::try_from(count).expect("counts fit 64 bits")
}
