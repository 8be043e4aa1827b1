//! Chooses formats from observed values or exact ranges.

use crate::analysis::Observed;
use crate::config::{Granularity, Resolved};
use crate::numeric::fit::{MAX_FITTED_FRAC, MAX_SPREAD, fit, limited};
use crate::numeric::format::{FixedFormat, MAX_WIDTH};
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::tensor::Shape;
use crate::ops::PerElement;

/// Quantizers for a tensor whose values were `observed`.
///
/// The integer bits hold the observed range and [`Resolved::margin_bits`] more;
/// where `proved` ranges are known, never more than they need. The rest of the
/// word are fraction bits, or with an error budget the fewest whose step is at
/// most the budget times the root mean square of the observed values.
pub(super) fn calibrated(
    shape: &Shape,
    observed: &[Observed],
    proved: Option<&[Interval]>,
    settings: &Resolved,
) -> PerElement<Quantizer> {
    by_group(shape, settings, |members| {
        let all = Observed::together(members.iter().map(|index| &observed[*index]));
        let seen = fit(all.lo.min(all.hi), all.hi, settings.word_length, settings.rounding);
        let widened = seen.integer_bits() + i32::from(settings.margin_bits);
        let bound = proved.map(|proved| {
            let all = members.iter().map(|index| proved[*index]);
            bounded(all, settings).integer_bits()
        });
        let integer = bound.map_or(widened, |bound| widened.min(bound.max(seen.integer_bits())));
        let format = budgeted(seen.signed(), integer, all.mean_square.sqrt(), settings);
        quantizer(format, settings)
    })
}

/// Quantizers for a tensor whose exact ranges are known: no value can overflow.
pub(super) fn proved(
    shape: &Shape,
    ranges: &[Interval],
    settings: &Resolved,
) -> PerElement<Quantizer> {
    by_group(shape, settings, |members| {
        quantizer(bounded(members.iter().map(|index| ranges[*index]), settings), settings)
    })
}

fn bounded(ranges: impl Iterator<Item = Interval> + Clone, settings: &Resolved) -> FixedFormat {
    let lo = ranges.clone().map(Interval::lo_f64).fold(f64::INFINITY, f64::min);
    let hi = ranges.map(Interval::hi_f64).fold(f64::NEG_INFINITY, f64::max);
    fit(lo, hi, settings.word_length, settings.rounding)
}

/// The word of `integer` bits before the point and as many behind it as the settings ask for.
fn budgeted(signed: bool, integer: i32, rms: f64, settings: &Resolved) -> FixedFormat {
    let mut width = i32::from(settings.word_length);
    if let Some(budget) = settings.error_budget.filter(|_| rms > 0.0) {
        let mut needed = integer.max(1);
        while needed < width && f64::from(2).powi(integer - needed) > budget * rms {
            needed += 1;
        }
        width = needed;
    }
    width = width.min(i32::from(MAX_FITTED_FRAC) + integer).max(1);
    let width = u8::try_from(width).expect("at most a word").min(MAX_WIDTH);
    FixedFormat::with_integer_bits(signed, width, integer)
        .expect("the range was fitted to a format before")
}

fn quantizer(format: FixedFormat, settings: &Resolved) -> Quantizer {
    Quantizer { format, rounding: settings.rounding, overflow: settings.overflow }
}

/// One quantizer for each group of elements that share one.
fn by_group(
    shape: &Shape,
    settings: &Resolved,
    choose: impl Fn(&[usize]) -> Quantizer,
) -> PerElement<Quantizer> {
    let elements: Vec<usize> = (0..shape.len()).collect();
    let channels = shape.last();
    let whole = choose(&elements);
    let limit = i32::from(whole.format.frac()) + i32::from(MAX_SPREAD);
    let choose = |members: &[usize]| {
        let own = choose(members);
        Quantizer { format: limited(own.format, limit), ..own }
    };
    match settings.granularity {
        Granularity::Tensor => PerElement::Uniform(whole),
        Granularity::Channel => {
            let chosen: Vec<Quantizer> = (0..channels)
                .map(|channel| {
                    let members: Vec<usize> =
                        elements.iter().copied().filter(|own| own % channels == channel).collect();
                    choose(&members)
                })
                .collect();
            PerElement::from_elements(elements.iter().map(|own| chosen[own % channels]).collect())
        }
        Granularity::Element => {
            PerElement::from_elements(elements.iter().map(|own| choose(&[*own])).collect())
        }
    }
}
