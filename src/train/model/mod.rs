//! [`Network`]: the layers of a recipe, as a forward pass and as a graph.
//!
//! A layer is a file: what it trains, its forward pass with its price in bits,
//! and the operators that it becomes. Layers pass on a `Signal`. What of them becomes a circuit, and
//! what is computed behind them there, is `firmware`.

mod activation;
mod dense;
mod dropout;
mod firmware;
mod input;

use burn::tensor::Tensor;

use super::parameter::{Leaves, ParameterId, Parameters};
use super::random::Random;
use super::recipe::Recipe;
use super::recipe::layer;
use super::standard::Standard;
use crate::graph::{Graph, NodeId, Port};
use crate::ops::activation::Function;

use activation::{Activation, Shape};
use dense::Dense;
use dropout::Dropout;
use firmware::Firmware;
use input::Input;

/// What one layer gives to the next.
struct Signal {
    /// A row for each event.
    values: Tensor<2>,
    /// The width of each column in bits, as one row; none before a quantizer.
    widths: Option<Tensor<2>>,
    /// The effective bit operations up to here.
    cost: Tensor<1>,
}

/// What a network makes of events.
pub struct Output {
    /// A row for each event.
    pub values: Tensor<2>,
    /// The effective bit operations: the widths of both factors multiplied, over all products of the
    /// layers that become a circuit.
    pub cost: Tensor<1>,
}

/// One pass through a network: what is drawn in it, and what it finds out about the events.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// What a step draws from; none outside of training.
    drawn: Option<Random>,
    /// The mean and the variance of a batch, to be followed by parameters.
    pub statistics: Vec<(ParameterId, Vec<f32>)>,
}

impl Run {
    /// A pass of training.
    pub fn training(drawn: Random) -> Self {
        Self { drawn: Some(drawn), statistics: Vec::new() }
    }
}

/// The layers of a recipe; their numbers stand in [`Parameters`].
#[derive(Clone, Debug)]
pub struct Network {
    input: Input,
    layers: Vec<Layer>,
    firmware: Firmware,
}

#[derive(Clone, Debug)]
enum Layer {
    Dense(Dense),
    Activation(Activation),
    Dropout(Dropout),
}

impl Network {
    /// The network of a recipe for inputs of a size, and its first parameters.
    pub fn new(recipe: &Recipe, standard: Standard) -> (Self, Parameters) {
        let mut parameters = Parameters::default();
        let mut columns = standard.mean.len();
        let input = Input::new(&mut parameters, &recipe.input, standard);
        let mut layers = Vec::with_capacity(recipe.layer.len());
        for (index, layer) in (0_u64..).zip(&recipe.layer) {
            let mut random = Random::new(recipe.train.seed, index);
            let (shape, output) = match layer {
                layer::Layer::Dense { outputs, .. } => {
                    let size = [*outputs, columns];
                    let dense = Dense::new(&mut parameters, layer, size, &mut random);
                    columns = *outputs;
                    layers.push(Layer::Dense(dense));
                    continue;
                }
                layer::Layer::Dropout { share, .. } => {
                    layers.push(Layer::Dropout(Dropout { share: *share }));
                    continue;
                }
                layer::Layer::Identity { output, .. } => (Shape::Identity, output),
                layer::Layer::Relu { output, .. } => (Shape::Relu, output),
                layer::Layer::LeakyRelu { slope, output, .. } => {
                    (Shape::Leaky { slope: *slope }, output)
                }
                layer::Layer::Tanh { name, input, output } => {
                    let input = (name.as_str(), *input);
                    (Shape::table(&mut parameters, Function::Tanh, input, columns), output)
                }
                layer::Layer::Sigmoid { name, input, output } => {
                    let input = (name.as_str(), *input);
                    (Shape::table(&mut parameters, Function::Sigmoid, input, columns), output)
                }
            };
            let output = (layer.name(), *output);
            let activation = Activation::new(&mut parameters, output, columns, shape);
            layers.push(Layer::Activation(activation));
        }
        let firmware = Firmware::of(recipe);
        let network = Self { input, layers, firmware };
        network.constrain(&mut parameters);
        (network, parameters)
    }

    /// The outputs for events of physical inputs, a row each.
    pub fn forward(&self, leaves: &Leaves, events: Tensor<2>, run: &mut Run) -> Output {
        let mut signal = self.input.forward(leaves, events);
        let mut cost = signal.cost.clone();
        let exported = self.exported();
        for (index, layer) in self.layers.iter().enumerate() {
            signal = match layer {
                Layer::Dense(dense) => dense.forward(leaves, signal, run),
                Layer::Activation(activation) => activation.forward(leaves, signal),
                Layer::Dropout(dropout) => dropout.forward(signal, run),
            };
            if index < exported {
                cost = signal.cost.clone();
            }
        }
        Output { values: signal.values, cost }
    }

    /// Brings learned bits back to where formats can be.
    pub fn constrain(&self, parameters: &mut Parameters) {
        self.input.format.constrain(parameters);
        for layer in &self.layers {
            match layer {
                Layer::Dense(dense) => {
                    dense.weight_format.constrain(parameters);
                    dense.bias_format.constrain(parameters);
                }
                Layer::Activation(activation) => {
                    activation.formats().for_each(|format| format.constrain(parameters));
                }
                Layer::Dropout(_) => {}
            }
        }
    }

    /// All layers as a graph of quantizers and exact constants, as importing a QONNX file gives it: its
    /// integers are the outputs of [`Network::forward`].
    pub fn to_graph(&self, parameters: &Parameters) -> Graph {
        let mut graph = Graph::default();
        let x = self.input.append(parameters, &mut graph, input::Users::One);
        let node = self.append(parameters, &mut graph, x, self.layers.len());
        graph.outputs.push(Port { name: "y".to_owned(), node });
        graph
    }

    /// What the recipe exports, as such a graph.
    pub fn to_firmware(&self, parameters: &Parameters) -> Graph {
        let mut graph = Graph::default();
        let users = match self.firmware {
            Firmware::Error(_) => input::Users::Several,
            Firmware::Whole | Firmware::Restored | Firmware::Until(_) => input::Users::One,
        };
        let x = self.input.append(parameters, &mut graph, users);
        let y = self.append(parameters, &mut graph, x, self.exported());
        let (name, node) = self.firmware.append(&self.input, &mut graph, [x, y]);
        graph.outputs.push(Port { name: name.to_owned(), node });
        graph
    }

    /// The number of layers that become a circuit.
    fn exported(&self) -> usize {
        match self.firmware {
            Firmware::Until(layers) => layers,
            Firmware::Whole | Firmware::Restored | Firmware::Error(_) => self.layers.len(),
        }
    }

    /// The first so many layers, for standardized inputs.
    fn append(
        &self,
        parameters: &Parameters,
        graph: &mut Graph,
        x: NodeId,
        count: usize,
    ) -> NodeId {
        self.layers[..count].iter().fold(x, |node, layer| match layer {
            Layer::Dense(dense) => dense.append(parameters, graph, node),
            Layer::Activation(activation) => activation.append(parameters, graph, node),
            Layer::Dropout(_) => node,
        })
    }
}

/// Adds an operator of a layer to a graph.
fn add(
    graph: &mut Graph,
    (name, operator): (&str, &str),
    op: impl Into<crate::ops::OpKind>,
    operands: &[NodeId],
) -> NodeId {
    let origin = crate::diag::Origin::Onnx { node: name.to_owned(), operator: operator.to_owned() };
    let origin = graph.origins.push(origin);
    graph.add(op, operands, origin).expect("layers fit their inputs")
}
