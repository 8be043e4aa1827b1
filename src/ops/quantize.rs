//! [`Quantize`]: the one operator that drops bits.

use serde::{Deserialize, Serialize};

use super::Op;
use super::types::{Formats, PerElement, TypeError, arity};
use crate::numeric::interval::{Interval, scale};
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{self, Overflow};
use crate::numeric::tensor::{Block, Shape};

/// Rounds values and brings them into range, element by element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantize {
    /// Format, rounding and overflow of each element.
    pub quantizer: PerElement<Quantizer>,
    /// Who asked for it.
    pub source: FormatSource,
}

/// Where a format comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormatSource {
    /// An annotation of the model: the network was trained with it, saturation included.
    Model,
    /// The configuration.
    Configuration,
    /// Calibration on events.
    Calibration,
    /// Arithmetic: the format follows from others, as for the index of a table.
    Derived,
}

impl Op for Quantize {
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, TypeError> {
        let [x] = arity(inputs)?;
        Ok(x.clone())
    }

    fn range(&self, inputs: &[&[Interval]]) -> Result<Vec<Interval>, TypeError> {
        let [x] = arity(inputs)?;
        Ok(x.iter()
            .enumerate()
            .map(|(index, x)| quantized_range(*x, self.quantizer.at(index)))
            .collect())
    }

    fn eval(&self, inputs: &[&Block<i64>], frac: i8) -> Block<i64> {
        let x = inputs[0];
        let frac_in = x.frac;
        let mut result = Block::zeros(x.elements(), x.events, frac);
        for index in 0..x.elements() {
            let quantizer = self.quantizer.at(index);
            let finer = frac.abs_diff(quantizer.format.frac());
            for (y, x) in result.element_mut(index).iter_mut().zip(x.element(index)) {
                *y = quantizer.apply(*x, frac_in) << finer;
            }
        }
        result
    }

    fn eval_f64(&self, inputs: &[&Block<f64>]) -> Block<f64> {
        let x = inputs[0];
        let mut result = Block::zeros(x.elements(), x.events, 0);
        for index in 0..x.elements() {
            let quantizer = self.quantizer.at(index);
            for (y, x) in result.element_mut(index).iter_mut().zip(x.element(index)) {
                let raw = quantizer.apply_f64(*x).expect("events and weights are finite");
                *y = scale(raw, quantizer.format.frac());
            }
        }
        result
    }

    fn own_formats(&self) -> Option<Formats> {
        Some(self.quantizer.map(|quantizer| quantizer.format))
    }
}

/// The values that a quantizer makes of the values of `x`.
pub fn quantized_range(x: Interval, quantizer: Quantizer) -> Interval {
    let format = quantizer.format;
    let [lo, hi] = [x.lo(), x.hi()].map(|raw| quantizer.rounded(raw, i32::from(x.frac())));
    let (min, max) = (i128::from(format.min_raw()), i128::from(format.max_raw()));
    let inside = |raw: i128| i64::try_from(raw.clamp(min, max)).expect("a format's bounds are i64");
    if lo >= min && hi <= max {
        let applied = |raw| quantizer.apply(raw, x.frac());
        return Interval::new(applied(x.lo()), applied(x.hi()), format.frac());
    }
    match quantizer.overflow {
        Overflow::Wrap => {
            // Within one period of the modulus the order survives, so the ends are the ends.
            let period = |raw: i128| (raw - min).div_euclid(1_i128 << format.width());
            if period(lo) == period(hi) {
                let wrapped = |raw| round::overflow(raw, format, Overflow::Wrap);
                Interval::new(wrapped(lo), wrapped(hi), format.frac())
            } else {
                format.interval()
            }
        }
        Overflow::Saturate => Interval::new(inside(lo), inside(hi), format.frac()),
        Overflow::SaturateZero => {
            let (lo, hi) = if hi < min || lo > max { (0, 0) } else { (inside(lo), inside(hi)) };
            Interval::new(lo.min(0), hi.max(0), format.frac())
        }
        Overflow::SaturateSymmetric => {
            let floor = if format.signed() { -format.max_raw() } else { 0 };
            Interval::new(inside(lo).max(floor), inside(hi).max(floor), format.frac())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::format::FixedFormat;
    use crate::numeric::round::Rounding;

    #[test]
    fn ranges_are_what_the_values_become() {
        for signed in [false, true] {
            for (width, frac) in [(1, 0), (2, -1), (3, 1), (4, 2), (5, 0)] {
                let format = FixedFormat::new(signed, width, frac).unwrap();
                for rounding in Rounding::ALL {
                    for overflow in Overflow::ALL {
                        let quantizer =
                            Quantizer { format, rounding: *rounding, overflow: *overflow };
                        check(quantizer);
                    }
                }
            }
        }
    }

    fn check(quantizer: Quantizer) {
        for lo in -40..=40 {
            let mut values = Vec::new();
            for hi in lo..=(lo + 45) {
                values.push(quantizer.apply(hi, 1));
                let range = quantized_range(Interval::new(lo, hi, 1), quantizer);
                let least = *values.iter().min().unwrap();
                let most = *values.iter().max().unwrap();
                assert!(range.lo() <= least && most <= range.hi(), "{lo}..={hi} {quantizer}");
                if quantizer.overflow.is_monotone() {
                    assert_eq!((range.lo(), range.hi()), (least, most), "{lo}..={hi} {quantizer}");
                }
            }
        }
    }
}
