//! [`Dense`]: `y = W x + b` with quantized weights and biases.
//!
//! With batch normalization (S. Ioffe and C. Szegedy, arXiv:1502.03167) it is
//! the weights `W g / s` and biases `b - m g / s` that are quantized, with the mean
//! `m` and the width `s` of `W x` over the batch, and outside of training over the
//! batches that went by. So the network that is trained is the one that is built.

use burn::tensor::{Device, Tensor};

use super::{Run, Signal, add};
use crate::graph::{Graph, NodeId};
use crate::ops::{self, Constants};
use crate::train::digits::digits;
use crate::train::fused::bit_operations::bit_operations;
use crate::train::fused::rows::add_row;
use crate::train::parameter::{Leaves, ParameterId, Parameters, Role, single, values};
use crate::train::quantizer::{FakeQuantizer, Use};
use crate::train::random::Random;
use crate::train::recipe::layer::Layer;
use crate::train::recipe::{Resources, Surrogate};

/// A matrix of weights, a row for each neuron, and a row of biases.
#[derive(Clone, Debug)]
pub(super) struct Dense {
    pub(super) name: String,
    weights: ParameterId,
    bias: ParameterId,
    normalization: Option<Normalization>,
    surrogate: Surrogate,
    /// What the surrogate is multiplied by in the loss, where that is fitted.
    pub(super) price: Option<ParameterId>,
    pub(super) weight_format: FakeQuantizer,
    pub(super) bias_format: FakeQuantizer,
}

/// What batch normalization trains and remembers, a value for each neuron.
#[derive(Clone, Copy, Debug)]
struct Normalization {
    scale: ParameterId,
    mean: ParameterId,
    variance: ParameterId,
}

/// Keeps a variance from being zero.
const LEAST_VARIANCE: f64 = 1e-5;

/// What a layer costs.
pub(super) struct Price {
    /// Effective bit operations.
    pub(super) ebops: Tensor<1>,
    /// What the recipe takes for hardware.
    pub(super) surrogate: Tensor<1>,
    /// The same times its price.
    pub(super) paid: Tensor<1>,
}

/// The nonzero signed digits of a weight by its bits.
fn digits_by_bit(weight: f32, bits: f32) -> f32 {
    let count = || f32::from(u8::try_from(digits(f64::from(weight))).expect("at most 64"));
    if bits > 0.0 { count() / bits } else { 0.0 }
}

impl Dense {
    /// The layer of a recipe, which is a dense one. Biases start at zero.
    pub(super) fn new(
        parameters: &mut Parameters,
        layer: &Layer,
        [outputs, inputs]: [usize; 2],
        resources: &Resources,
        random: &mut Random,
    ) -> Self {
        let Layer::Dense { name, weights: weight_format, bias: bias_format, batch_norm, .. } =
            layer
        else {
            unreachable!("the layer is dense");
        };
        let (weight_format, bias_format) = (*weight_format, *bias_format);
        let weights = random.weights(inputs, outputs);
        let weights_name = format!("{name}.weights");
        let bias_name = format!("{name}.bias");
        let usage = Use::Constants { rows: outputs, columns: inputs };
        let row = Use::Constants { rows: 1, columns: outputs };
        let normalization = batch_norm.then(|| {
            let mut add = |part: &str, value: f32, role| {
                parameters.add(format!("{name}.{part}"), [1, outputs], vec![value; outputs], role)
            };
            Normalization {
                scale: add("scale", 1.0, Role::Bias),
                mean: add("mean", 0.0, Role::Fixed),
                variance: add("variance", 1.0, Role::Fixed),
            }
        });
        let price = resources
            .refit
            .map(|_| parameters.add(format!("{name}.price"), [1, 1], vec![1.0], Role::Fixed));
        Self {
            normalization,
            surrogate: resources.surrogate,
            price,
            name: name.to_owned(),
            weight_format: FakeQuantizer::new(parameters, &weights_name, weight_format, usage),
            bias_format: FakeQuantizer::new(parameters, &bias_name, bias_format, row),
            weights: parameters.add(weights_name, [outputs, inputs], weights, Role::Weight),
            bias: parameters.add(bias_name, [1, outputs], vec![0.0; outputs], Role::Bias),
        }
    }

    /// True where a batch is normalized.
    pub(super) fn is_normalized(&self) -> bool {
        self.normalization.is_some()
    }

    /// The sums, and their price.
    pub(super) fn forward(&self, leaves: &Leaves, x: Signal, run: &mut Run) -> (Signal, Price) {
        let (weights, bias) = self.constants(leaves, Some((&x.values, run)));
        let widths = x.widths.expect("recipes quantize what goes into a layer");
        let price = |factor: fn(f32, f32) -> f32| {
            bit_operations(&weights, &leaves[self.weight_format.fraction], &widths, factor)
        };
        let ebops = price(|_, _| 1.0);
        let surrogate = match self.surrogate {
            Surrogate::Ebops => ebops.clone(),
            Surrogate::Digits => price(digits_by_bit),
        };
        let paid = match self.price {
            Some(price) => surrogate.clone() * leaves[price].clone().reshape([1]),
            None => surrogate.clone(),
        };
        let values = add_row(&x.values.matmul(weights.transpose()), &bias);
        (Signal { values, widths: None }, Price { ebops, surrogate, paid })
    }

    /// The quantized weights and biases; in a training pass normalized over its events.
    fn constants(
        &self,
        leaves: &Leaves,
        pass: Option<(&Tensor<2>, &mut Run)>,
    ) -> (Tensor<2>, Tensor<2>) {
        let (mut weights, mut bias) = (leaves[self.weights].clone(), leaves[self.bias].clone());
        if let Some(own) = self.normalization {
            let (mean, variance) = match pass {
                Some((x, run)) if run.drawn.is_some() => {
                    let sums = x.clone().matmul(weights.clone().transpose());
                    let mean = sums.clone().mean_dim(0);
                    let variance = (sums - mean.clone()).square().mean_dim(0);
                    run.statistics.push((own.mean, values(mean.clone())));
                    run.statistics.push((own.variance, values(variance.clone())));
                    (mean, variance)
                }
                _ => (leaves[own.mean].clone(), leaves[own.variance].clone()),
            };
            let factor = leaves[own.scale].clone() / (variance + LEAST_VARIANCE).sqrt();
            weights = weights * factor.clone().transpose();
            bias = bias - mean * factor;
        }
        (self.weight_format.forward(leaves, &weights), self.bias_format.forward(leaves, &bias))
    }

    /// The quantized weights, a row for each neuron, and biases.
    pub(super) fn matrix(&self, parameters: &Parameters) -> [Vec<f64>; 2] {
        let (weights, bias) = self.constants(&parameters.leaves(&Device::flex()), None);
        [weights, bias].map(|own| values(own).into_iter().map(f64::from).collect())
    }

    /// Puts quantized weights and biases in the place of those that they come from, and the
    /// normalization into them.
    pub(super) fn settle(&self, parameters: &mut Parameters, [weights, bias]: &[Vec<f64>; 2]) {
        let all = |own: &[f64]| own.iter().map(|value| single(*value)).collect();
        parameters[self.weights].values = all(weights);
        parameters[self.bias].values = all(bias);
        if let Some(own) = self.normalization {
            let parts = [(own.scale, 1.0), (own.mean, 0.0), (own.variance, 1.0 - LEAST_VARIANCE)];
            for (id, value) in parts {
                parameters[id].values.fill(single(value));
            }
        }
        let kept = self.matrix(parameters);
        assert!(kept[0] == *weights && kept[1] == *bias, "settled constants are in their formats");
    }

    pub(super) fn append(&self, parameters: &Parameters, graph: &mut Graph, x: NodeId) -> NodeId {
        let [outputs, inputs] = parameters[self.weights].shape;
        let [weights, bias] = self
            .matrix(parameters)
            .map(|own| Constants::exact(own).expect("formats of 16 bits share a grid"));
        add(graph, (&self.name, "Gemm"), ops::Dense { inputs, outputs, weights, bias }, &[x])
    }
}
