//! [`Dense`]: `y = W x + b` with quantized weights and biases.

use burn::tensor::Tensor;

use super::{Signal, add};
use crate::graph::{Graph, NodeId};
use crate::numeric::interval::scale;
use crate::ops::{self, Constants};
use crate::train::parameter::{Leaves, ParameterId, Parameters, Role};
use crate::train::quantizer::{FakeQuantizer, Use};
use crate::train::random::Random;
use crate::train::recipe::Format;

/// A matrix of weights, a row for each neuron, and a row of biases.
#[derive(Clone, Debug)]
pub(super) struct Dense {
    name: String,
    weights: ParameterId,
    bias: ParameterId,
    pub(super) weight_format: FakeQuantizer,
    pub(super) bias_format: FakeQuantizer,
}

impl Dense {
    /// Weights are drawn as K. He et al. (arXiv:1502.01852) do; biases start at zero.
    pub(super) fn new(
        parameters: &mut Parameters,
        name: &str,
        [outputs, inputs]: [usize; 2],
        (weight_format, bias_format): (Format, Format),
        random: &mut Random,
    ) -> Self {
        let fan_in = f64::from(u32::try_from(inputs).expect("fewer than 2^32 inputs"));
        let bound = (6.0 / fan_in).sqrt();
        let draw = |_| single(bound * (2.0 * random.unit() - 1.0));
        let weights: Vec<f32> = (0..outputs * inputs).map(draw).collect();
        let weights_name = format!("{name}.weights");
        let bias_name = format!("{name}.bias");
        let usage = Use::Constants { rows: outputs, columns: inputs };
        let row = Use::Constants { rows: 1, columns: outputs };
        Self {
            name: name.to_owned(),
            weight_format: FakeQuantizer::new(parameters, &weights_name, weight_format, usage),
            bias_format: FakeQuantizer::new(parameters, &bias_name, bias_format, row),
            weights: parameters.add(weights_name, [outputs, inputs], weights, Role::Weight),
            bias: parameters.add(bias_name, [1, outputs], vec![0.0; outputs], Role::Weight),
        }
    }

    pub(super) fn forward(&self, leaves: &Leaves, x: Signal) -> Signal {
        let weights = self.weight_format.forward(leaves, leaves[self.weights].clone());
        let bias = self.bias_format.forward(leaves, leaves[self.bias].clone());
        let widths = x.widths.expect("recipes quantize what goes into a layer");
        let used = self.used_bits(leaves, weights.clone()).sum_dim(0);
        Signal {
            values: x.values.matmul(weights.transpose()) + bias,
            widths: None,
            cost: x.cost + (used * widths).sum(),
        }
    }

    /// The bits of each weight from its highest that is not zero down to the lowest of its format.
    fn used_bits(&self, leaves: &Leaves, weights: Tensor<2>) -> Tensor<2> {
        /// So much below a power of two counts as the power: the logarithm is not exact.
        const TOLERANCE: f64 = 1e-5;
        let magnitude = weights.detach().abs();
        let is_zero = magnitude.clone().lower_elem(f32::MIN_POSITIVE);
        let log = magnitude.clamp_min(f32::MIN_POSITIVE).log() / std::f64::consts::LN_2;
        let highest = (log + TOLERANCE).floor() + 1.0;
        let shape = highest.dims();
        let bits = highest + self.weight_format.fraction(leaves).expand(shape);
        bits.clamp_min(0.0).mask_fill(is_zero, 0.0)
    }

    pub(super) fn append(&self, parameters: &Parameters, graph: &mut Graph, x: NodeId) -> NodeId {
        let quantized = |id: ParameterId, format: &FakeQuantizer| {
            let parameter = &parameters[id];
            let columns = parameter.shape[1];
            let value = |(index, value): (usize, &f32)| {
                let quantizer = format.at(parameters, index / columns, index % columns);
                let raw = quantizer.apply_f64(f64::from(*value)).expect("training ended finite");
                scale(raw, quantizer.format.frac())
            };
            let values: Vec<f64> = parameter.values.iter().enumerate().map(value).collect();
            Constants::exact(values).expect("formats of 16 bits share a grid")
        };
        let [outputs, inputs] = parameters[self.weights].shape;
        let weights = quantized(self.weights, &self.weight_format);
        let bias = quantized(self.bias, &self.bias_format);
        add(graph, (&self.name, "Gemm"), ops::Dense { inputs, outputs, weights, bias }, &[x])
    }
}

#[expect(clippy::cast_possible_truncation, reason = "training computes in single precision")]
fn single(value: f64) -> f32 {
    value as f32
}
