//! [`Network`]: the layers of a recipe, as a forward pass and as a graph.
//!
//! A layer is a file: what it trains, its forward pass with its price in bits,
//! and the operators that it becomes. Layers pass on a `Signal`; each names the
//! ones that it takes. Where circuits end, and what is computed behind the layers
//! there, is `firmware`. What other weights make of a trained network is `change` and `replay`; `calibrate`
//! takes ranges from events.

mod activation;
pub mod calibrate;
pub mod change;
mod dense;
mod dropout;
mod firmware;
mod input;
mod join;
pub mod replay;
mod softmax;

use burn::tensor::Tensor;

use super::parameter::{Leaves, ParameterId, Parameters, single, values};
use super::random::Random;
use super::recipe::layer;
use super::recipe::wiring::{Place, reaching};
use super::recipe::{Recipe, Resources};
use super::standard::Standard;
use crate::graph::{Graph, NodeId, Port};
use crate::ops::activation::Function;

use activation::{Activation, Shape};
use dense::Dense;
use dropout::Dropout;
use firmware::{End, What};
use input::{Input, Users};
use join::{Join, Kind};
use softmax::Softmax;

/// What one layer gives to others.
#[derive(Clone)]
struct Signal {
    /// A row for each event.
    values: Tensor<2>,
    /// The width of each column in bits, as one row; none before a quantizer.
    widths: Option<Tensor<2>>,
}

/// What a network makes of events.
pub struct Output {
    /// What comes out of each head, a row for each event.
    pub heads: Vec<Tensor<2>>,
    /// The effective bit operations: the widths of both factors multiplied, over all products of the
    /// layers that become a circuit.
    pub cost: Tensor<1>,
    /// What the loss pays for, where bits have a price.
    pub paid: Tensor<1>,
    /// What the recipe takes for the hardware of each dense layer that becomes a circuit.
    surrogates: Vec<(usize, Tensor<1>)>,
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
    /// What each layer takes.
    operands: Vec<Vec<Place>>,
    /// What has a loss.
    heads: Vec<End>,
    /// What networks are chosen by.
    measured: Vec<End>,
    /// What comes out of the circuit.
    ends: Vec<End>,
    /// Which layers become a circuit.
    exported: Vec<bool>,
}

#[derive(Clone, Debug)]
enum Layer {
    Dense(Dense),
    Activation(Activation),
    Dropout(Dropout),
    Join(Join),
    Softmax(Softmax),
}

impl Network {
    /// The network of a recipe for inputs of a size, and its first parameters.
    ///
    /// # Panics
    /// Where [`Recipe::columns`] refuses inputs of that size.
    pub fn new(recipe: &Recipe, standard: Standard) -> (Self, Parameters) {
        let mut parameters = Parameters::default();
        let inputs = standard.mean.len();
        let columns = recipe.columns(inputs).expect("recipes are checked against their events");
        let operands = recipe.operands();
        let input = Input::new(&mut parameters, &recipe.input, standard);
        let mut layers = Vec::with_capacity(recipe.layer.len());
        for (index, layer) in recipe.layer.iter().enumerate() {
            let taken = match operands[index][0] {
                Place::Input => inputs,
                Place::Layer(operand) => columns[operand],
            };
            let stream = u64::try_from(index).expect("fewer than 2^64 layers");
            let mut random = Random::new(recipe.train.seed, stream);
            layers.push(Layer::new(&mut parameters, layer, taken, &recipe.resources, &mut random));
        }
        let ends = End::of_recipe(recipe);
        let network = Self {
            input,
            layers,
            heads: End::of_losses(recipe),
            measured: End::of_metric(recipe),
            exported: reaching(&operands, ends.iter().map(|end| end.place)),
            ends,
            operands,
        };
        network.constrain(&mut parameters);
        (network, parameters)
    }

    /// The outputs for events of physical inputs, a row each.
    pub fn forward(&self, leaves: &Leaves, events: &Tensor<2>, run: &mut Run) -> Output {
        let input = self.input.forward(leaves, events);
        let mut cost = Tensor::zeros([1], &leaves.device);
        let mut paid = Tensor::zeros([1], &leaves.device);
        let mut surrogates = Vec::new();
        let mut signals: Vec<Signal> = Vec::with_capacity(self.layers.len());
        let at = |signals: &[Signal], place: Place| match place {
            Place::Input => input.clone(),
            Place::Layer(index) => signals[index].clone(),
        };
        for (index, (layer, operands)) in self.layers.iter().zip(&self.operands).enumerate() {
            let first = at(&signals, operands[0]);
            let signal = match layer {
                Layer::Dense(dense) => {
                    let (signal, price) = dense.forward(leaves, first, run);
                    if self.exported[index] {
                        cost = cost + price.ebops;
                        paid = paid + price.paid;
                        surrogates.push((index, price.surrogate));
                    }
                    signal
                }
                Layer::Activation(activation) => activation.forward(leaves, &first),
                Layer::Dropout(dropout) => dropout.forward(first, run),
                Layer::Softmax(_) => first,
                Layer::Join(join) => {
                    join.forward(operands.iter().map(|place| at(&signals, *place)).collect())
                }
            };
            signals.push(signal);
        }
        let heads = self.heads.iter().map(|head| at(&signals, head.place).values).collect();
        Output { heads, cost, paid, surrogates }
    }

    /// True when training events have a share in what others become: batch normalization does that, and
    /// dropout, which draws event after event.
    pub fn joins_events(&self) -> bool {
        self.layers.iter().any(|layer| match layer {
            Layer::Dense(dense) => dense.is_normalized(),
            Layer::Dropout(_) => true,
            Layer::Activation(_) | Layer::Join(_) | Layer::Softmax(_) => false,
        })
    }

    /// Sets the price of each dense layer so that what the recipe takes for its hardware comes to so many
    /// look-up tables; `luts` has them by the name of the layer. `output` is that of the parameters.
    pub fn refit(&self, parameters: &mut Parameters, output: &Output, luts: impl Fn(&str) -> u64) {
        for (index, surrogate) in &output.surrogates {
            let Layer::Dense(dense) = &self.layers[*index] else { continue };
            let (Some(price), surrogate) = (dense.price, values(surrogate.clone())[0]) else {
                continue;
            };
            #[expect(clippy::cast_precision_loss, reason = "devices have fewer than 2^53")]
            let luts = single(luts(&dense.name) as f64);
            if surrogate > 0.0 && luts > 0.0 {
                parameters[price].values[0] = luts / surrogate;
            }
        }
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
                Layer::Dropout(_) | Layer::Join(_) | Layer::Softmax(_) => {}
            }
        }
    }

    /// All layers as a graph of quantizers and exact constants, as importing a QONNX file gives it: its
    /// integers are the outputs of [`Network::forward`].
    pub fn to_graph(&self, parameters: &Parameters) -> Graph {
        self.graph(parameters, &self.heads)
    }

    /// The same with the softmax behind the only output, if there is one: what networks are chosen by.
    pub fn to_measured(&self, parameters: &Parameters) -> Graph {
        self.graph(parameters, &self.measured)
    }

    /// What the recipe exports, as such a graph.
    pub fn to_firmware(&self, parameters: &Parameters) -> Graph {
        self.graph(parameters, &self.ends)
    }

    /// The layers that these ends need, with what follows them there.
    fn graph(&self, parameters: &Parameters, ends: &[End]) -> Graph {
        let needed = reaching(&self.operands, ends.iter().map(|end| end.place));
        let mut graph = Graph::default();
        let x = self.input.append(parameters, &mut graph, self.users(&needed, ends));
        let mut nodes = vec![x; self.layers.len()];
        let at = |nodes: &[NodeId], place: Place| match place {
            Place::Input => x,
            Place::Layer(index) => nodes[index],
        };
        for index in (0..self.layers.len()).filter(|index| needed[*index]) {
            let operands: Vec<NodeId> =
                self.operands[index].iter().map(|place| at(&nodes, *place)).collect();
            nodes[index] = match &self.layers[index] {
                Layer::Dense(dense) => dense.append(parameters, &mut graph, operands[0]),
                Layer::Activation(own) => own.append(parameters, &mut graph, operands[0]),
                Layer::Join(join) => join.append(&mut graph, &operands),
                Layer::Softmax(softmax) => softmax.append(&mut graph, operands[0]),
                Layer::Dropout(_) => operands[0],
            };
        }
        for end in ends {
            let node = end.append(&self.input, &mut graph, [x, at(&nodes, end.place)]);
            graph.outputs.push(Port { name: end.name.clone(), node });
        }
        graph
    }

    /// What takes the standardized inputs, among the layers needed for these ends.
    fn users(&self, needed: &[bool], ends: &[End]) -> Users {
        let takes_input = |index: &usize| {
            self.operands[*index].iter().any(|place| self.computed(*place) == Place::Input)
        };
        let is_computed = |index: &usize| !matches!(self.layers[*index], Layer::Dropout(_));
        let layers = (0..self.layers.len()).filter(|index| needed[*index]);
        let users: Vec<usize> = layers.filter(is_computed).filter(takes_input).collect();
        let alone = !ends.iter().any(|end| matches!(end.what, What::Error(_)));
        match users.as_slice() {
            [user] if alone && !matches!(self.layers[*user], Layer::Join(_)) => Users::One,
            _ => Users::Several,
        }
    }

    /// The place whose values a place has in the circuit, where dropout does nothing.
    fn computed(&self, place: Place) -> Place {
        match place {
            Place::Layer(index) if matches!(self.layers[index], Layer::Dropout(_)) => {
                self.computed(self.operands[index][0])
            }
            place => place,
        }
    }
}

impl Layer {
    /// A layer of a recipe that takes so many values.
    fn new(
        parameters: &mut Parameters,
        layer: &layer::Layer,
        taken: usize,
        resources: &Resources,
        random: &mut Random,
    ) -> Self {
        let join = |kind| Self::Join(Join { name: layer.name().to_owned(), kind });
        let (shape, output) = match layer {
            layer::Layer::Dense { outputs, .. } => {
                let dense = Dense::new(parameters, layer, [*outputs, taken], resources, random);
                return Self::Dense(dense);
            }
            layer::Layer::Dropout { share, .. } => return Self::Dropout(Dropout { share: *share }),
            layer::Layer::Softmax { name, .. } => {
                let formats = layer.softmax().expect("it is one");
                return Self::Softmax(Softmax { name: name.clone(), formats });
            }
            layer::Layer::Concat { .. } => return join(Kind::Concat),
            layer::Layer::Add { .. } => return join(Kind::Add),
            layer::Layer::Slice { first, count, .. } => {
                return join(Kind::Slice { first: *first, count: *count });
            }
            layer::Layer::Identity { output, .. } => (Shape::Identity, output),
            layer::Layer::Relu { output, .. } => (Shape::Relu, output),
            layer::Layer::LeakyRelu { slope, output, .. } => {
                (Shape::Leaky { slope: *slope }, output)
            }
            layer::Layer::Tanh { name, input, output, .. } => {
                (Shape::table(parameters, Function::Tanh, (name, *input), taken), output)
            }
            layer::Layer::Sigmoid { name, input, output, .. } => {
                (Shape::table(parameters, Function::Sigmoid, (name, *input), taken), output)
            }
        };
        Self::Activation(Activation::new(parameters, (layer.name(), *output), taken, shape))
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
