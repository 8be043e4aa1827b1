//! Ranges of values from events, instead of from gradients.

use rayon::prelude::*;

use super::replay::Replay;
use super::{Layer, Network};
use crate::numeric::quantizer::decompose;
use crate::numeric::round::Overflow;
use crate::train::dataset::Dataset;
use crate::train::parameter::{ParameterId, Parameters, Role};
use crate::train::quantizer::FakeQuantizer;

/// A range that holds whatever a layer gives.
const WIDEST: f32 = 15.0;

/// How many events are looked at together.
const CHUNK: usize = 4096;

/// The smallest and the largest value of each column, for each format of values.
#[derive(Clone, Debug, Default, PartialEq)]
struct Extremes(Vec<Vec<[f64; 2]>>);

impl Extremes {
    /// Those of both.
    fn join(mut self, other: Self) -> Self {
        if self.0.is_empty() {
            return other;
        }
        let columns = self.0.iter_mut().flatten().zip(other.0.into_iter().flatten());
        for (own, other) in columns {
            *own = [own[0].min(other[0]), own[1].max(other[1])];
        }
        self
    }
}

impl Network {
    /// Gives formats of values, where bits are learned, the fewest bits before the point that hold what they
    /// get of some events, and `margin` more. (C. Sun et al., arXiv:2405.00645, do so before they export.)
    pub fn calibrate(&self, parameters: &mut Parameters, events: &Dataset, margin: u8) {
        let all: Vec<usize> = (0..events.events()).collect();
        loop {
            let own = &*parameters;
            let chunks =
                all.par_chunks(CHUNK).map(|chunk| self.extremes(own, &events.select(chunk)));
            let extremes = chunks.reduce(Extremes::default, Extremes::join);
            if !self.set_ranges(parameters, &extremes, margin) {
                return;
            }
        }
    }

    /// What the formats of values would have to hold for events: the values without their bounds, where
    /// bits are learned.
    fn extremes(&self, parameters: &Parameters, events: &Dataset) -> Extremes {
        let mut wide = parameters.clone();
        for range in self.ranges(parameters) {
            wide[range].values.fill(WIDEST);
        }
        Extremes(Replay::new(self, &wide, events).extremes())
    }

    /// The bits before the point of formats of values whose bits are learned.
    pub fn ranges(&self, parameters: &Parameters) -> Vec<ParameterId> {
        self.formats(parameters).into_iter().flatten().map(|format| format.integer).collect()
    }

    /// Makes ranges hold these extremes. True when bits behind the point had to give way, so that values are
    /// others now.
    fn set_ranges(&self, parameters: &mut Parameters, extremes: &Extremes, margin: u8) -> bool {
        let mut are_others = false;
        for (format, columns) in self.formats(parameters).into_iter().zip(&extremes.0) {
            let Some(format) = format else { continue };
            let is_symmetric = format.overflow == Overflow::SaturateSymmetric;
            let needed = columns.iter().map(|range| bits(*range, is_symmetric));
            let mut needed: Vec<f32> = needed.map(|bits| bits + f32::from(margin)).collect();
            if parameters[format.integer].values.len() == 1 {
                needed = vec![needed.into_iter().fold(f32::NEG_INFINITY, f32::max)];
            }
            let fractions = parameters[format.fraction].values.clone();
            let own = parameters[format.integer].values.iter_mut().zip(needed);
            for ((own, needed), fraction) in own.zip(&fractions) {
                // A format has a bit or more, whatever it holds.
                *own = needed.max(1.0 - fraction.round_ties_even()).clamp(-WIDEST, WIDEST);
            }
            format.constrain(parameters);
            are_others |= parameters[format.fraction].values != fractions;
        }
        are_others
    }

    /// The formats of values, layer by layer; none in the place of those that are fixed.
    fn formats(&self, parameters: &Parameters) -> Vec<Option<&FakeQuantizer>> {
        let all = self.layers.iter().flat_map(|layer| match layer {
            Layer::Activation(activation) => activation.formats().collect(),
            Layer::Dense(_) | Layer::Dropout(_) | Layer::Join(_) | Layer::Softmax(_) => Vec::new(),
        });
        let is_learned = |own: &&FakeQuantizer| parameters[own.fraction].role == Role::Width;
        all.map(|own| Some(own).filter(is_learned)).collect()
    }
}

/// The bits before the point, the sign not counted, that hold values of a grid; negative infinity for zero.
fn bits([low, high]: [f64; 2], is_symmetric: bool) -> f32 {
    let below = |value: f64, holds_power: bool| {
        let (mantissa, exponent) = decompose(value);
        let mantissa = mantissa.unsigned_abs();
        if mantissa == 0 {
            return f32::NEG_INFINITY;
        }
        let own = mantissa.ilog2().cast_signed() + exponent;
        let is_held = holds_power && mantissa == 1;
        let bits = i8::try_from(own + i32::from(!is_held)).expect("values have few bits");
        f32::from(bits)
    };
    below(low.min(0.0), !is_symmetric).max(below(high.max(0.0), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_fewest_bits_that_hold_a_value() {
        for (range, expected) in [
            ([0.0, 0.0], f32::NEG_INFINITY),
            ([0.0, 0.75], 0.0),
            ([0.0, 1.0], 1.0),
            ([-1.0, 0.5], 0.0),
            ([-1.25, 0.5], 1.0),
            ([-8.0, 3.5], 3.0),
            ([0.0, 0.125], -2.0),
        ] {
            assert_eq!(bits(range, false).to_bits(), f32::to_bits(expected), "{range:?}");
        }
        assert_eq!(bits([-1.0, 0.5], true).to_bits(), 1.0_f32.to_bits());
    }
}
