//! A scale as an integer factor and a shift.

use std::collections::HashMap;

use super::definition::{Definition, Function, Last};
use crate::config::Rescale;
use crate::diag::{Code, Diagnostic};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::{Interval, scale};
use crate::numeric::quantizer::{Quantizer, decompose};
use crate::numeric::round::{Overflow, Rounding};
use crate::ops::{Affine, Constants, PerElement};

/// How wrong a value before rounding may be, in steps of the result.
const TOLERANCE: f64 = 1.0 / 16.0;

/// The longest factor, in bits.
const MAX_FACTOR_BITS: u32 = 40;

/// Fractions of so many bits stay as they are.
const SHORT_BITS: u32 = 8;

/// How many steps of results are compared at most, over all elements.
const MAX_COMPARED: u64 = 1 << 16;

/// The same limit when equality is asked for.
const MAX_COMPARED_EXACT: u64 = 1 << 20;

/// Integer factors for a definition.
pub(super) struct Found {
    /// The exact map.
    pub affine: Affine,
    /// The longest factor, in bits.
    pub bits: u32,
    /// How wrong a value before rounding may be, in steps of the result.
    pub error: f64,
    /// True when every result is the same; false also where that was too much to compare.
    pub same_results: bool,
}

/// The shortest factors that are good enough; none where the end is a staircase of floats.
///
/// # Errors
/// When exact results were asked for and cannot be had.
pub(super) fn approximate(
    definition: &Definition,
    mode: Rescale,
) -> Result<Option<Found>, Diagnostic> {
    let Last::Quantize(quantizer) = &definition.last else { return Ok(None) };
    let elements = definition.operand.len();
    let limit = match mode {
        Rescale::Close => MAX_COMPARED,
        Rescale::Exact => MAX_COMPARED_EXACT,
    };
    let first_equal = first_equal(definition, quantizer);
    let distinct = || (0..elements).filter(|index| first_equal[*index] == *index);
    let levels: u64 = distinct().map(|index| levels(definition, index)).sum();
    let comparable = levels <= limit && distinct().all(|index| definition.is_monotone(index));
    let mut parts: Vec<Part> = Vec::with_capacity(elements);
    for (index, first) in first_equal.iter().enumerate() {
        if let Some(part) = parts.get(*first).copied() {
            parts.push(part);
            continue;
        }
        let step = quantizer.at(index).format.step();
        let mut tolerance = TOLERANCE;
        let mut part = Part::within(definition, index, tolerance * step);
        if mode == Rescale::Exact {
            while comparable && part.bits <= MAX_FACTOR_BITS && !part.agrees(definition, index) {
                tolerance /= 2.0;
                part = Part::within(definition, index, tolerance * step);
            }
            if !comparable || part.bits > MAX_FACTOR_BITS {
                return Err(not_exact());
            }
        }
        if part.error > TOLERANCE {
            return Err(too_long());
        }
        parts.push(part);
    }
    let same_results = comparable
        && (mode == Rescale::Exact
            || distinct().all(|index| parts[index].agrees(definition, index)));
    let scales: Vec<f64> = parts.iter().map(|part| part.scale).collect();
    let offsets: Vec<f64> = parts.iter().map(|part| part.offset).collect();
    Ok(Some(Found {
        affine: Affine {
            scale: Constants::exact(scales).map_err(|_| too_long())?,
            offset: Constants::exact(offsets).map_err(|_| too_long())?,
        },
        bits: parts.iter().map(|part| part.bits).max().unwrap_or(0),
        error: parts.iter().map(|part| part.error).fold(0.0, f64::max),
        same_results,
    }))
}

fn too_long() -> Diagnostic {
    let help = "give the layer before it fewer bits: `word_length` in its section";
    Diagnostic::error(Code::T0101, "a scale needs more bits than there are", help)
}

fn not_exact() -> Diagnostic {
    Diagnostic::error(
        Code::Q0205,
        format!("no factor of {MAX_FACTOR_BITS} bits gives equal results"),
        "write `rescale = \"close\"` into `[quantize]`",
    )
}

/// How many different results an element has.
fn levels(definition: &Definition, index: usize) -> u64 {
    let ((lo, hi), falling) = definition.rising_range(index);
    let [lo, hi] = [lo, hi].map(|x| definition.result(index, if falling { -x } else { x }));
    hi.abs_diff(lo)
}

/// For each element the first that has the same constants, range and quantizer.
fn first_equal(definition: &Definition, quantizer: &PerElement<Quantizer>) -> Vec<usize> {
    let mut seen = HashMap::new();
    let map = &definition.map;
    let key = |index: usize| {
        let [scale, offset] = [&map.scale, &map.offset].map(|own| own.values()[index].to_bits());
        (scale, offset, definition.operand[index], quantizer.at(index))
    };
    (0..definition.operand.len()).map(|index| *seen.entry(key(index)).or_insert(index)).collect()
}

/// The binary fractions of one element.
#[derive(Clone, Copy)]
struct Part {
    scale: f64,
    offset: f64,
    /// The length of the factor.
    bits: u32,
    /// How wrong a value before rounding may be, in steps of the result.
    error: f64,
}

impl Part {
    /// The shortest fractions with which `s x + o` is right to `tolerance`.
    fn within(definition: &Definition, index: usize, tolerance: f64) -> Self {
        let operand = definition.operand[index];
        let largest = operand.lo_f64().abs().max(operand.hi_f64().abs());
        let [own_scale, own_offset] =
            [&definition.map.scale, &definition.map.offset].map(|own| own.values()[index]);
        let scale = if definition.map.scale.is_exact() || is_short(own_scale) {
            own_scale
        } else {
            round_to(own_scale, half_step(tolerance / 2.0 / largest.max(f64::MIN_POSITIVE)))
        };
        let product_frac = i32::from(operand.frac()) - decompose(scale).1.min(0);
        let offset = if definition.map.offset.is_exact() || is_short(own_offset) {
            own_offset
        } else {
            round_to(own_offset, half_step(tolerance / 2.0).max(product_frac))
        };
        let off = largest * (scale - own_scale).abs() + (offset - own_offset).abs();
        let factor = decompose(scale).0.unsigned_abs();
        let Last::Quantize(quantizer) = &definition.last else {
            unreachable!("only quantizers are approximated")
        };
        let step = quantizer.at(index).format.step();
        Self { scale, offset, bits: 64 - factor.leading_zeros(), error: off / step }
    }

    /// True when every operand gives the result of the floating-point definition.
    ///
    /// Both are staircases in one direction, so they agree if they agree on both
    /// sides of each step.
    fn agrees(&self, definition: &Definition, index: usize) -> bool {
        let ((lo, hi), falling) = definition.rising_range(index);
        let turn = |x: i64| if falling { -x } else { x };
        let same = |x: i64| self.result(definition, index, x) == Some(definition.result(index, x));
        let (first, last) =
            (definition.result(index, turn(lo)), definition.result(index, turn(hi)));
        same(turn(lo))
            && same(turn(hi))
            && (first + 1..=last).all(|level| {
                let x = definition.first_reaching(index, level, (lo, hi), falling);
                same(turn(x)) && same(turn(x - 1))
            })
    }

    /// The result with the fractions, in integers; none where that leaves 128 bits.
    fn result(&self, definition: &Definition, index: usize, x: i64) -> Option<i64> {
        let (factor, scale_exponent) = decompose(self.scale);
        let (term, term_exponent) = decompose(self.offset);
        let product_frac = i32::from(definition.operand[index].frac()) - scale_exponent;
        let product = i128::from(x) * i128::from(factor);
        let mut y = Exact { raw: product, frac: product_frac }
            .plus(Exact { raw: i128::from(term), frac: -term_exponent })?;
        for function in &definition.functions {
            y = match function {
                Function::Relu => Exact { raw: y.raw.max(0), ..y },
                Function::LeakyRelu { point, .. } if y.raw < 0 => Exact {
                    raw: y.raw.checked_mul(i128::from(point.lo()))?,
                    frac: y.frac + i32::from(point.frac()),
                },
                Function::LeakyRelu { .. } => y,
                Function::Clip { points, .. } => y.max(points[0].into())?.min(points[1].into())?,
            };
        }
        let Last::Quantize(quantizer) = &definition.last else { return None };
        let raw = i64::try_from(y.raw).ok()?;
        Some(apply(quantizer.at(index), raw, y.frac))
    }
}

fn apply(quantizer: Quantizer, raw: i64, frac: i32) -> i64 {
    crate::numeric::round::overflow(
        quantizer.rounded(raw, frac),
        quantizer.format,
        quantizer.overflow,
    )
}

/// `raw * 2^-frac`.
#[derive(Clone, Copy)]
struct Exact {
    raw: i128,
    frac: i32,
}

impl Exact {
    fn at(self, frac: i32) -> Option<i128> {
        let shift = u32::try_from(frac - self.frac).ok()?;
        if self.raw == 0 {
            return Some(0);
        }
        (shift < self.raw.unsigned_abs().leading_zeros()).then(|| self.raw << shift)
    }

    fn plus(self, other: Self) -> Option<Self> {
        let frac = self.frac.max(other.frac);
        Some(Self { raw: self.at(frac)?.checked_add(other.at(frac)?)?, frac })
    }

    fn max(self, other: Self) -> Option<Self> {
        let frac = self.frac.max(other.frac);
        Some(Self { raw: self.at(frac)?.max(other.at(frac)?), frac })
    }

    fn min(self, other: Self) -> Option<Self> {
        let frac = self.frac.max(other.frac);
        Some(Self { raw: self.at(frac)?.min(other.at(frac)?), frac })
    }
}

impl From<Interval> for Exact {
    fn from(point: Interval) -> Self {
        Self { raw: i128::from(point.lo()), frac: i32::from(point.frac()) }
    }
}

/// True for fractions that no rounding would make much cheaper.
fn is_short(value: f64) -> bool {
    decompose(value).0.unsigned_abs() < 1 << SHORT_BITS
}

/// The binary point at which half a step is at most `error`.
fn half_step(error: f64) -> i32 {
    let (mantissa, exponent) = decompose(error);
    let floor_log = exponent + 63 - mantissa.leading_zeros().cast_signed();
    (-floor_log - 1).clamp(-62, 62)
}

/// The nearest multiple of `2^-frac`.
fn round_to(value: f64, frac: i32) -> f64 {
    let frac = i8::try_from(frac.clamp(-62, 62)).expect("clamped");
    let format = FixedFormat::new(true, 63, frac).expect("within the bounds of formats");
    let quantizer =
        Quantizer { format, rounding: Rounding::NearestEven, overflow: Overflow::Saturate };
    scale(quantizer.apply_f64(value).expect("constants are finite"), frac)
}
