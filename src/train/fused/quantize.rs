//! [`quantize`]: values in a learned format, behind a leaky rectifier.
//!
//! With the slope `a` of the rectifier, the bounds `l` and `h` of the format, its
//! step `s = 2^-f` and `t = 2^i`:
//!
//! ```text
//! y = x where x > 0, a x elsewhere        a = 1: no rectifier
//! c = y, but l below l and h above h      where the format saturates
//! q = s round(c / s)
//! ```
//!
//! and for the gradient `g` of `q`
//!
//! ```text
//! by x   g a or g             where y is inside, 0 elsewhere
//! by f   ln 2 g (c - q)       inside; + ln 2 g s above, where h = t - s, and the opposite below -h
//! by i   ln 2 g t             above; the opposite below -t or -h; 0 below 0
//! ```
//!
//! Formats that wrap count as if they did not, and where one gives zero for what it
//! does not hold, there is no gradient. The formats of rows that are alike stand side
//! by side, so that loops are long however few columns there are.

use std::f32::consts::LN_2;

use burn::tensor::Tensor;

use super::broadcast::Broadcast;
use super::exponent::{power_of_two, whole};
use super::tape::{self, Gradient, View, record};
use crate::numeric::round::{Overflow, Rounding};

/// What formats have in common.
#[derive(Clone, Copy, Debug)]
pub(in crate::train) struct Mode {
    /// How low bits are dropped.
    pub rounding: Rounding,
    /// What becomes of values that a format does not hold.
    pub overflow: Overflow,
    /// Whether there is a sign.
    pub signed: bool,
    /// What values below zero are multiplied by first; 1 leaves them.
    pub slope: f32,
}

/// `x` in formats of so many bits before the point, the sign not counted, and behind it: for each value,
/// or for each column or row, or for all. Bits are rounded to whole ones.
pub(in crate::train) fn quantize(
    x: &Tensor<2>,
    integer: &Tensor<2>,
    fraction: &Tensor<2>,
    mode: Mode,
) -> Tensor<2> {
    assert_eq!(integer.dims(), fraction.dims(), "each format has both");
    let lanes = lanes(x.dims(), integer.dims());
    let formats = Formats::new(lanes, &View::of(integer), &View::of(fraction), mode);
    let own = Quantize { x: View::of(x), formats, lanes, mode };
    let values = dispatch(mode.rounding, Forward(&own));
    record([x, integer, fraction], values, x.dims(), own)
}

/// About how many formats stand side by side.
const LANES: usize = 512;

/// The values whose formats stand side by side: all, or some rows.
fn lanes(values: [usize; 2], bits: [usize; 2]) -> Broadcast {
    let [rows, columns] = values;
    let together = (LANES / columns.max(1)).clamp(1, rows.max(1));
    Broadcast { values: [if bits[0] == 1 { together } else { rows }, columns], own: bits }
}

/// Formats side by side.
#[derive(Clone, Debug)]
struct Formats {
    low: Vec<f32>,
    high: Vec<f32>,
    step: Vec<f32>,
    /// The inverse of the step.
    steps: Vec<f32>,
}

/// One format.
#[derive(Clone, Copy)]
struct Format {
    low: f32,
    high: f32,
    step: f32,
    steps: f32,
}

impl Formats {
    fn new(lanes: Broadcast, integer: &[f32], fraction: &[f32], mode: Mode) -> Self {
        let own = integer.iter().zip(fraction).map(|(integer, fraction)| {
            let [top, steps] = [integer, fraction].map(|n| power_of_two(whole(*n)));
            let step = steps.recip();
            let high = top - step;
            let low = match (mode.signed, mode.overflow) {
                (false, _) => 0.0,
                (true, Overflow::SaturateSymmetric) => -high,
                (true, Overflow::Saturate | Overflow::Wrap | Overflow::SaturateZero) => -top,
            };
            Format { low, high, step, steps }
        });
        let own: Vec<Format> = own.collect();
        let empty = || Vec::with_capacity(lanes.values[0] * lanes.values[1]);
        let mut formats = Self { low: empty(), high: empty(), step: empty(), steps: empty() };
        for Format { low, high, step, steps } in lanes.indices().map(|index| own[index]) {
            formats.low.push(low);
            formats.high.push(high);
            formats.step.push(step);
            formats.steps.push(steps);
        }
        formats
    }

    fn len(&self) -> usize {
        self.low.len()
    }

    #[inline(always)]
    fn iter(&self) -> impl Iterator<Item = Format> {
        let bounds = self.low.iter().zip(&self.high);
        let rows = bounds.zip(self.step.iter().zip(&self.steps));
        rows.map(|((low, high), (step, steps))| Format {
            low: *low,
            high: *high,
            step: *step,
            steps: *steps,
        })
    }
}

/// What is recorded.
#[derive(Clone, Debug)]
struct Quantize {
    x: View,
    formats: Formats,
    lanes: Broadcast,
    mode: Mode,
}

impl Quantize {
    /// `x` behind the rectifier.
    #[inline(always)]
    fn rectified(&self, x: f32) -> f32 {
        if x > 0.0 { x } else { self.mode.slope * x }
    }
}

/// The nearest multiple of a step; what is no number, or so large that it becomes none, stays so.
#[inline(always)]
fn on_grid(round: impl Fn(f32) -> f32, y: f32, format: Format) -> f32 {
    let scaled = y * format.steps;
    (round(scaled) + zero_of(scaled)) * format.step
}

/// The bound that a value is beyond, or the value.
#[inline(always)]
fn clipped(y: f32, format: Format) -> f32 {
    let y = if y < format.low { format.low } else { y };
    if format.high < y { format.high } else { y }
}

/// `y` without multiples of the range of a format.
#[inline(always)]
fn wrapped(y: f32, format: Format) -> f32 {
    // Exact: the quotient by a power of two is, and so is what is left.
    let modulus = format.high - format.low + format.step;
    let rest = y - (y / modulus).floor() * modulus;
    let inside = if rest > format.high { rest - modulus } else { rest };
    inside + zero_of(y)
}

/// Zero of a finite value: added, it makes negative zeros positive, and keeps what is no number from
/// being lost.
#[inline(always)]
fn zero_of(x: f32) -> f32 {
    0.0 * x.abs()
}

/// A pass over all values, with a rounding mode compiled in.
trait Pass {
    type Result;
    fn run(self, round: impl Fn(f32) -> f32 + Copy) -> Self::Result;
}

/// Runs a pass with the vector instructions that the processor has.
fn dispatch<P: Pass>(rounding: Rounding, pass: P) -> P::Result {
    match rounding {
        Rounding::Floor => vectorized(pass, f32::floor),
        Rounding::TowardZero => vectorized(pass, f32::trunc),
        Rounding::NearestUp => vectorized(pass, nearest_up),
        Rounding::NearestDown => vectorized(pass, |x| -nearest_up(-x)),
        Rounding::NearestAway => vectorized(pass, |x| nearest_up(x.abs()).copysign(x)),
        Rounding::NearestZero => vectorized(pass, |x| nearest_up(-x.abs()).copysign(x)),
        Rounding::NearestEven => vectorized(pass, f32::round_ties_even),
    }
}

fn vectorized<P: Pass>(pass: P, round: impl Fn(f32) -> f32 + Copy) -> P::Result {
    pulp::Arch::new().dispatch(Vectorized(pass, round))
}

/// A pass, as pulp takes it.
struct Vectorized<P, R>(P, R);

impl<P: Pass, R: Fn(f32) -> f32 + Copy> pulp::NullaryFnOnce for Vectorized<P, R> {
    type Output = P::Result;

    #[inline(always)]
    fn call(self) -> P::Result {
        self.0.run(self.1)
    }
}

/// The nearest whole number, the upper one of two; exact, for the distance to the nearest one is.
#[inline(always)]
#[expect(clippy::float_cmp, reason = "the distance is exact")]
fn nearest_up(x: f32) -> f32 {
    let even = x.round_ties_even();
    even + if x - even == 0.5 { 1.0 } else { 0.0 }
}

/// The values.
struct Forward<'a>(&'a Quantize);

impl Pass for Forward<'_> {
    type Result = Vec<f32>;

    #[inline(always)]
    fn run(self, round: impl Fn(f32) -> f32 + Copy) -> Vec<f32> {
        match self.0.mode.overflow {
            Overflow::Saturate | Overflow::SaturateSymmetric => {
                self.each(|y, format| on_grid(round, clipped(y, format), format))
            }
            Overflow::Wrap => self.each(|y, format| wrapped(on_grid(round, y, format), format)),
            Overflow::SaturateZero => self.each(|y, format| {
                let y = on_grid(round, y, format);
                if y < format.low || y > format.high { 0.0 } else { y }
            }),
        }
    }
}

impl Forward<'_> {
    #[inline(always)]
    fn each(&self, value: impl Fn(f32, Format) -> f32) -> Vec<f32> {
        let Self(own) = self;
        let mut values = vec![0.0; own.x.len()];
        let lanes = own.formats.len().max(1);
        for (x, values) in own.x.chunks(lanes).zip(values.chunks_mut(lanes)) {
            for ((x, value_of), format) in x.iter().zip(values).zip(own.formats.iter()) {
                *value_of = value(own.rectified(*x), format);
            }
        }
        values
    }
}

/// The gradient of each value, and what those of the bits are made of, for each format side by side.
struct Sums {
    by_x: Vec<f32>,
    /// The sum of `g (c - q)`.
    inside: Vec<f32>,
    /// The sum of `g` above the upper bound.
    above: Vec<f32>,
    /// The sum of `g` below the lower bound.
    below: Vec<f32>,
}

/// What a value adds to the sums.
struct Terms {
    by_y: f32,
    inside: f32,
    above: f32,
    below: f32,
}

struct Backward<'a>(&'a Quantize, &'a [f32]);

impl Pass for Backward<'_> {
    type Result = Sums;

    #[inline(always)]
    fn run(self, round: impl Fn(f32) -> f32 + Copy) -> Sums {
        let nothing = Terms { by_y: 0.0, inside: 0.0, above: 0.0, below: 0.0 };
        match self.0.mode.overflow {
            Overflow::Saturate | Overflow::SaturateSymmetric => self.each(|y, format, g| {
                let c = clipped(y, format);
                let above = if y > format.high { g } else { 0.0 };
                let below = if y < format.low { g } else { 0.0 };
                let by_y = if y > format.high || y < format.low { 0.0 } else { g };
                Terms { by_y, inside: g * (c - on_grid(round, c, format)), above, below }
            }),
            Overflow::Wrap => self.each(|y, format, g| Terms {
                by_y: g,
                inside: g * (y - on_grid(round, y, format)),
                ..nothing
            }),
            Overflow::SaturateZero => self.each(|y, format, g| {
                let q = on_grid(round, y, format);
                let g = if q < format.low || q > format.high { 0.0 } else { g };
                Terms { by_y: g, inside: g * (y - q), ..nothing }
            }),
        }
    }
}

impl Backward<'_> {
    #[inline(always)]
    fn each(&self, terms: impl Fn(f32, Format, f32) -> Terms) -> Sums {
        let Self(own, gradient) = self;
        let lanes = own.formats.len().max(1);
        let zeros = || vec![0.0; lanes];
        let mut by_x = vec![0.0; own.x.len()];
        let (mut inside, mut above, mut below) = (zeros(), zeros(), zeros());
        let chunks = own.x.chunks(lanes).zip(gradient.chunks(lanes)).zip(by_x.chunks_mut(lanes));
        for ((x, gradient), by_x) in chunks {
            let sums = inside.iter_mut().zip(&mut above).zip(&mut below);
            let rows = x.iter().zip(gradient).zip(by_x).zip(own.formats.iter()).zip(sums);
            for ((((x, g), by_x), format), ((inside, above), below)) in rows {
                let own_terms = terms(own.rectified(*x), format, *g);
                *by_x = own_terms.by_y * if *x > 0.0 { 1.0 } else { own.mode.slope };
                *inside += own_terms.inside;
                *above += own_terms.above;
                *below += own_terms.below;
            }
        }
        Sums { by_x, inside, above, below }
    }
}

impl tape::Operation<3> for Quantize {
    fn gradients(self, gradient: &[f32], wanted: [bool; 3]) -> [Option<Gradient>; 3] {
        let sums = dispatch(self.mode.rounding, Backward(&self, gradient));
        let is_symmetric = self.mode.overflow == Overflow::SaturateSymmetric;
        let mut by_integer = vec![0.0; self.lanes.len()];
        let mut by_fraction = by_integer.clone();
        for ((lane, bits), format) in self.lanes.indices().enumerate().zip(self.formats.iter()) {
            let (above, below) = (sums.above[lane], sums.below[lane]);
            let top = format.high + format.step;
            let below_top = if self.mode.signed { below } else { 0.0 };
            let below_step = if self.mode.signed && is_symmetric { below } else { 0.0 };
            by_integer[bits] += LN_2 * top * (above - below_top);
            by_fraction[bits] += LN_2 * (sums.inside[lane] + format.step * (above - below_step));
        }
        let [x, integer, fraction] = wanted;
        [
            x.then_some(Gradient::Own(sums.by_x)),
            integer.then_some(Gradient::Own(by_integer)),
            fraction.then_some(Gradient::Own(by_fraction)),
        ]
    }
}
