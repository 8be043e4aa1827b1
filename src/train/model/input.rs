//! [`Input`]: physical values, quantized and brought to about the same size.

use burn::tensor::Tensor;

use super::{Signal, add};
use crate::graph::{Graph, NodeId, Port, rounding};
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::decompose;
use crate::numeric::round::Overflow;
use crate::numeric::tensor::Shape;
use crate::ops::quantize::FormatSource;
use crate::ops::{self, Affine, Constants, Formats, PerElement, Quantize};
use crate::train::fused::rows::standardize;
use crate::train::parameter::{Leaves, Parameters, Role};
use crate::train::quantizer::FakeQuantizer;
use crate::train::recipe;
use crate::train::recipe::format::Granularity;
use crate::train::standard::Standard;

/// What standardized inputs go into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Users {
    /// A dense layer alone, which takes their offsets into its bias.
    One,
    /// Anything else.
    Several,
}

/// The inputs of the network: a format for each, from the range of its events.
#[derive(Clone, Debug)]
pub(super) struct Input {
    name: String,
    pub(super) format: FakeQuantizer,
    standard: Standard,
}

impl Input {
    pub(super) fn new(
        parameters: &mut Parameters,
        own: &recipe::Input,
        standard: Standard,
    ) -> Self {
        let columns = standard.mean.len();
        let sign = u8::from(standard.signed);
        let fractions: Vec<i16> = standard
            .largest
            .iter()
            .map(|largest| {
                let bits = i16::from(own.width - sign);
                bits - integer_bits(f64::from(*largest), bits)
            })
            .collect();
        let bits = i16::from(own.width - sign);
        let integers = fractions.iter().map(|fraction| f32::from(bits - fraction)).collect();
        let fractions = fractions.iter().map(|fraction| f32::from(*fraction)).collect();
        let learned = if own.learn == Granularity::Fixed { Role::Fixed } else { Role::Width };
        let mut add = |part: &str, values, role| {
            parameters.add(format!("{}.{part}", own.name), [1, columns], values, role)
        };
        let format = FakeQuantizer {
            integer: add("integer_bits", integers, Role::Fixed),
            fraction: add("fraction_bits", fractions, learned),
            signed: standard.signed,
            rounding: own.quantizer().expect("recipes are checked"),
            overflow: Overflow::Saturate,
        };
        Self { name: own.name.clone(), format, standard }
    }

    pub(super) fn forward(&self, leaves: &Leaves, events: &Tensor<2>) -> Signal {
        let values = self.format.forward(leaves, events);
        let values = standardize(&values, &self.standard.mean, self.standard.factors());
        Signal { values, widths: Some(self.format.width(leaves)) }
    }

    /// Standardized values in the units of the inputs again: shifts, and terms that a layer before
    /// takes into its bias.
    pub(super) fn restore(&self, graph: &mut Graph, y: NodeId) -> NodeId {
        let exact = |values: Vec<f64>| Constants::exact(values).expect("short binary fractions");
        let scale =
            exact(self.standard.factors().iter().map(|own| f64::from(*own).recip()).collect());
        let offset = exact(self.standard.mean.iter().map(|mean| f64::from(*mean)).collect());
        add(graph, (self.name.as_str(), "restored"), Affine { scale, offset }, &[y])
    }

    /// The input and what standardizes it: for one dense layer a shift and a part of its bias, for
    /// several users values with formats that hold them exactly.
    pub(super) fn append(
        &self,
        parameters: &Parameters,
        graph: &mut Graph,
        users: Users,
    ) -> NodeId {
        let columns = self.standard.mean.len();
        let shape = Shape::vector(columns);
        let origin = (self.name.as_str(), "input");
        let input = ops::Input { shape, quantizer: None, source: None };
        let input = add(graph, origin, input, &[]);
        graph.inputs.push(Port { name: self.name.clone(), node: input });
        let quantizers = (0..columns).map(|column| self.format.at(parameters, 0, column));
        let quantizer = PerElement::from_elements(quantizers.collect());
        let quantize = Quantize { quantizer, source: FormatSource::Model };
        let values = add(graph, origin, quantize, &[input]);
        let factors = self.standard.factors();
        let offsets = self.standard.mean.iter().zip(&factors).map(|(mean, factor)| {
            // Both are short binary fractions, so the product is exact.
            0.0 - f64::from(*mean) * f64::from(*factor)
        });
        let exact = |values: Vec<f64>| Constants::exact(values).expect("short binary fractions");
        let offset = exact(offsets.collect());
        let scale = exact(factors.iter().map(|factor| f64::from(*factor)).collect());
        let standardized = add(graph, origin, Affine { scale, offset }, &[values]);
        match users {
            Users::One => standardized,
            Users::Several => {
                let ranges: Vec<Interval> =
                    (0..columns).map(|column| self.standardized(parameters, column)).collect();
                let formats = Formats::covering(&ranges).expect("inputs have few bits");
                let quantizer = rounding::keeping(&formats);
                let quantize = Quantize { quantizer, source: FormatSource::Model };
                add(graph, origin, quantize, &[standardized])
            }
        }
    }

    /// The values of a standardized column.
    fn standardized(&self, parameters: &Parameters, column: usize) -> Interval {
        let own = self.format.at(parameters, 0, column);
        let (mean, exponent) = decompose(f64::from(self.standard.mean[column]));
        let mean = i8::try_from(-exponent).ok().map(|frac| Interval::point(mean, frac));
        let shift = i8::try_from(-self.standard.exponent[column]).ok();
        let range = mean
            .zip(shift)
            .and_then(|(mean, shift)| own.format.interval().subtract(mean)?.shift(shift));
        range.expect("inputs and means are short binary fractions")
    }
}

/// The bits before the point that hold `largest` in a word of `bits`, the sign not counted.
fn integer_bits(largest: f64, bits: i16) -> i16 {
    const MOST: i16 = 15;
    let holds = |integer: i16| {
        let top = f64::from(2).powi(i32::from(integer));
        largest <= top - f64::from(2).powi(i32::from(integer - bits))
    };
    (-MOST..MOST).find(|integer| holds(*integer)).unwrap_or(MOST)
}
