//! [`Change`]: another value of one weight of a trained network.

use super::{Layer, Network};
use crate::train::parameter::Parameters;

/// A weight of a dense layer, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight {
    /// The layer.
    pub layer: usize,
    /// The row.
    pub neuron: usize,
    /// The column.
    pub input: usize,
}

/// Another value of a weight, and of the bias of its neuron.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Which weight.
    pub weight: Weight,
    /// Its value, which its format holds.
    pub value: f64,
    /// The bias, which its format holds.
    pub bias: f64,
}

impl Network {
    /// A network of the same integers after some changes: weights and biases stand where their formats put them, with
    /// any normalization in them.
    pub fn changed(&self, parameters: &Parameters, changes: &[Change]) -> Parameters {
        let mut parameters = parameters.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            let Layer::Dense(dense) = layer else { continue };
            let [mut weights, mut bias] = dense.matrix(&parameters);
            let inputs = weights.len() / bias.len();
            for change in changes.iter().filter(|change| change.weight.layer == index) {
                let Weight { neuron, input, .. } = change.weight;
                weights[neuron * inputs + input] = change.value;
                bias[neuron] = change.bias;
            }
            dense.settle(&mut parameters, &[weights, bias]);
        }
        parameters
    }

    /// The quantized weights that become a circuit.
    pub fn weights(&self, parameters: &Parameters) -> Vec<(Weight, f64)> {
        let mut all = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let Layer::Dense(dense) = layer else { continue };
            if self.exported[index] {
                let [weights, bias] = dense.matrix(parameters);
                let inputs = weights.len() / bias.len();
                all.extend(weights.into_iter().enumerate().map(|(place, value)| {
                    let (neuron, input) = (place / inputs, place % inputs);
                    (Weight { layer: index, neuron, input }, value)
                }));
            }
        }
        all
    }
}
