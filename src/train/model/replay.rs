//! [`Replay`]: the numbers of a network over events, and what another weight makes of them.
//!
//! All values are those of the circuit: each lies on the grid of its format, and double precision
//! holds every sum of 16-bit products exactly. So adding what changed gives what computing
//! all of it again would give.

use burn::tensor::Device;

use super::activation::Settled;
use super::change::{Change, Weight};
use super::join::Kind;
use super::{Layer, Network};
use crate::numeric::interval::scale;
use crate::numeric::quantizer::{Quantizer, decompose};
use crate::train::dataset::Dataset;
use crate::train::objective::Outputs;
use crate::train::parameter::{Parameters, tensor, values};
use crate::train::recipe::wiring::Place;

/// A network whose numbers are settled, with what its layers give for events.
#[derive(Debug)]
pub struct Replay<'a> {
    network: &'a Network,
    parameters: &'a Parameters,
    steps: Vec<Step<'a>>,
    /// The values of the inputs.
    inputs: Values,
    /// The values of each layer.
    layers: Vec<Values>,
}

/// Values of events.
#[derive(Debug)]
struct Values {
    columns: usize,
    /// Event after event.
    values: Vec<f64>,
}

/// A layer with its numbers.
#[derive(Debug)]
enum Step<'a> {
    Dense(Matrix),
    Activation(Settled<'a>),
    Join(Kind),
    /// Dropout, and a softmax, which the losses do not see.
    Same,
}

/// Weights and biases.
#[derive(Debug)]
struct Matrix {
    /// For each input those of all neurons.
    weights: Vec<f64>,
    bias: Vec<f64>,
}

/// What is different of an event: columns, and by how much; for each layer.
type Differences = Vec<Vec<(usize, f64)>>;

impl<'a> Replay<'a> {
    /// The numbers of a network for events.
    pub fn new(network: &'a Network, parameters: &'a Parameters, events: &Dataset) -> Self {
        let leaves = parameters.leaves(&Device::flex());
        let shape = [events.events(), events.columns];
        let physical = tensor(events.inputs.clone(), shape, &leaves.device);
        let inputs = values(network.input.forward(&leaves, &physical).values);
        let inputs = inputs.into_iter().map(f64::from).collect();
        let inputs = Values { columns: events.columns, values: inputs };
        let steps = network.layers.iter().map(|layer| match layer {
            Layer::Dense(dense) => {
                let [weights, bias] = dense.matrix(parameters);
                Step::Dense(Matrix::new(&weights, bias))
            }
            Layer::Activation(activation) => Step::Activation(activation.settled(parameters)),
            Layer::Join(join) => Step::Join(join.kind),
            Layer::Dropout(_) | Layer::Softmax(_) => Step::Same,
        });
        let mut replay =
            Self { network, parameters, steps: steps.collect(), inputs, layers: Vec::new() };
        for index in 0..replay.steps.len() {
            let values = replay.computed(index);
            replay.layers.push(values);
        }
        replay
    }

    /// The outputs that the losses see.
    pub fn outputs(&self) -> Outputs {
        self.network.heads.iter().map(|head| self.at(head.place).values.clone()).collect()
    }

    /// The same after a change, which is not made.
    pub fn outputs_after(&self, change: &Change) -> Outputs {
        let mut outputs = self.outputs();
        self.each_difference(change, |event, differences| {
            for (output, head) in outputs.iter_mut().zip(&self.network.heads) {
                let Place::Layer(index) = head.place else { continue };
                let start = event * self.layers[index].columns;
                for (column, difference) in &differences[index] {
                    output[start + column] += difference;
                }
            }
        });
        outputs
    }

    /// Makes a change.
    pub fn make(&mut self, change: &Change) {
        let mut all = Vec::new();
        self.each_difference(change, |event, differences| all.push((event, differences.clone())));
        for (event, differences) in all {
            for (own, differences) in self.layers.iter_mut().zip(differences) {
                for (column, difference) in differences {
                    own.values[event * own.columns + column] += difference;
                }
            }
        }
        let Weight { layer, neuron, input } = change.weight;
        let Step::Dense(matrix) = &mut self.steps[layer] else {
            unreachable!("changes are of dense layers")
        };
        matrix.weights[input * matrix.bias.len() + neuron] = change.value;
        matrix.bias[neuron] = change.bias;
    }

    /// The value of a weight.
    pub fn weight(&self, weight: Weight) -> f64 {
        let matrix = self.matrix(weight.layer);
        matrix.weights[weight.input * matrix.bias.len() + weight.neuron]
    }

    /// Another value of a weight, with the bias that makes up for the mean of what it changes; none where the
    /// format of the weight does not hold it.
    pub fn change(&self, weight: Weight, value: f64) -> Option<Change> {
        let Weight { layer, neuron, input } = weight;
        let Layer::Dense(dense) = &self.network.layers[layer] else {
            unreachable!("changes are of dense layers")
        };
        let nearest = |quantizer: Quantizer, value: f64| {
            let raw = quantizer.apply_f64(value).expect("settled numbers are finite");
            scale(raw, quantizer.format.frac())
        };
        let own = dense.weight_format.at(self.parameters, neuron, input);
        if nearest(own, value) - value != 0.0 {
            return None;
        }
        let events = u32::try_from(self.inputs.values.len() / self.inputs.columns);
        let mean =
            self.taken(weight).sum::<f64>() / f64::from(events.expect("fewer than 2^32 events"));
        let own = dense.bias_format.at(self.parameters, 0, neuron);
        let bias = self.matrix(layer).bias[neuron];
        let bias = nearest(own, bias + (self.weight(weight) - value) * mean);
        Some(Change { weight, value, bias })
    }

    /// The bits from the highest to the lowest that an input of a weight has in any event.
    pub fn width(&self, weight: Weight) -> u32 {
        let parts = self.taken(weight).map(decompose).filter(|(mantissa, _)| *mantissa != 0);
        let ends = parts.map(|(mantissa, exponent)| {
            (exponent, exponent + mantissa.unsigned_abs().ilog2().cast_signed() + 1)
        });
        let span = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        span.map_or(0, |(low, high)| high.abs_diff(low))
    }

    /// The values that a weight multiplies, one for each event.
    fn taken(&self, weight: Weight) -> impl Iterator<Item = f64> {
        let own = self.at(self.network.operands[weight.layer][0]);
        own.values.iter().skip(weight.input).step_by(own.columns).copied()
    }

    /// The smallest and the largest value of each column, for each format of values, layer by layer.
    pub fn extremes(&self) -> Vec<Vec<[f64; 2]>> {
        let mut all = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            let Step::Activation(settled) = step else { continue };
            let (x, y) = (self.at(self.network.operands[index][0]), &self.layers[index]);
            if settled.has_argument() {
                all.push(extremes(x, |column, x| settled.argument(column, x)));
            }
            all.push(extremes(y, |_, y| y));
        }
        all
    }

    fn matrix(&self, layer: usize) -> &Matrix {
        let Step::Dense(matrix) = &self.steps[layer] else {
            unreachable!("changes are of dense layers")
        };
        matrix
    }

    fn at(&self, place: Place) -> &Values {
        match place {
            Place::Input => &self.inputs,
            Place::Layer(index) => &self.layers[index],
        }
    }

    /// The values of a layer, from those of the ones before it.
    fn computed(&self, index: usize) -> Values {
        let operands: Vec<&Values> =
            self.network.operands[index].iter().map(|place| self.at(*place)).collect();
        let first = operands[0];
        let rows = |own: &'_ Values| own.values.len() / own.columns;
        let (columns, values) = match &self.steps[index] {
            Step::Same => (first.columns, first.values.clone()),
            Step::Activation(settled) => {
                let each = first.values.iter().enumerate();
                let value = |(index, x): (usize, &f64)| settled.value(index % first.columns, *x);
                (first.columns, each.map(value).collect())
            }
            Step::Dense(matrix) => {
                let rows = first.values.chunks_exact(first.columns);
                let sums = rows.flat_map(|x| {
                    let mut sums = matrix.bias.clone();
                    matrix.add(&mut sums, x.iter().copied().enumerate());
                    sums
                });
                (matrix.bias.len(), sums.collect())
            }
            Step::Join(Kind::Slice { first: start, count }) => {
                let part = |row: &[f64]| row[*start..start + count].to_vec();
                (*count, first.values.chunks_exact(first.columns).flat_map(part).collect())
            }
            Step::Join(Kind::Add) => {
                let mut sums = first.values.clone();
                for operand in &operands[1..] {
                    sums.iter_mut().zip(&operand.values).for_each(|(sum, x)| *sum += x);
                }
                (first.columns, sums)
            }
            Step::Join(Kind::Concat) => {
                let row = |event: usize| {
                    let own = operands.iter();
                    own.flat_map(move |own| &own.values[event * own.columns..][..own.columns])
                };
                let columns = operands.iter().map(|own| own.columns).sum();
                (columns, (0..rows(first)).flat_map(row).copied().collect())
            }
        };
        Values { columns, values }
    }

    /// Tells `found` the events of which anything is different after a change.
    fn each_difference(&self, change: &Change, mut found: impl FnMut(usize, &Differences)) {
        let Weight { layer, neuron, .. } = change.weight;
        let weight = change.value - self.weight(change.weight);
        let bias = change.bias - self.matrix(layer).bias[neuron];
        let mut differences: Differences = vec![Vec::new(); self.steps.len()];
        let mut sums = Vec::new();
        for (event, x) in self.taken(change.weight).enumerate() {
            let difference = weight * x + bias;
            if difference == 0.0 {
                continue;
            }
            differences[layer].clear();
            differences[layer].push((neuron, difference));
            for index in layer + 1..self.steps.len() {
                let mut own = std::mem::take(&mut differences[index]);
                own.clear();
                self.follow(index, event, &differences, &mut sums, &mut own);
                differences[index] = own;
            }
            found(event, &differences);
        }
    }

    /// What is different of a layer, as something is of those before it; `sums` is for its use.
    fn follow(
        &self,
        index: usize,
        event: usize,
        differences: &Differences,
        sums: &mut Vec<f64>,
        own: &mut Vec<(usize, f64)>,
    ) {
        let operands = &self.network.operands[index];
        let of = |place: Place| match place {
            Place::Input => &[],
            Place::Layer(index) => differences[index].as_slice(),
        };
        let first = of(operands[0]);
        if operands.iter().all(|place| of(*place).is_empty()) {
            return;
        }
        let mut sum_up = |columns: usize, add: &dyn Fn(&mut [f64])| {
            sums.clear();
            sums.resize(columns, 0.0);
            add(sums);
            own.extend(sums.iter().copied().enumerate().filter(|(_, own)| *own != 0.0));
        };
        match &self.steps[index] {
            Step::Same => own.extend_from_slice(first),
            Step::Dense(matrix) => {
                sum_up(matrix.bias.len(), &|sums| matrix.add(sums, first.iter().copied()));
            }
            Step::Activation(settled) => {
                let (x, y) = (self.at(operands[0]), &self.layers[index]);
                let start = event * y.columns;
                own.extend(first.iter().filter_map(|(column, difference)| {
                    let (x, y) = (x.values[start + column], y.values[start + column]);
                    let difference = settled.value(*column, x + difference) - y;
                    (difference != 0.0).then_some((*column, difference))
                }));
            }
            Step::Join(Kind::Slice { first: start, count }) => {
                let inside =
                    first.iter().filter(|(column, _)| (*start..start + count).contains(column));
                own.extend(inside.map(|(column, difference)| (column - start, *difference)));
            }
            Step::Join(Kind::Add) => sum_up(self.layers[index].columns, &|sums| {
                for (column, difference) in operands.iter().flat_map(|place| of(*place)) {
                    sums[*column] += difference;
                }
            }),
            Step::Join(Kind::Concat) => {
                let mut start = 0;
                for place in operands {
                    own.extend(of(*place).iter().map(|(column, own)| (start + column, *own)));
                    start += self.at(*place).columns;
                }
            }
        }
    }
}

impl Matrix {
    /// A matrix with a row for each neuron.
    fn new(rows: &[f64], bias: Vec<f64>) -> Self {
        let inputs = rows.len() / bias.len();
        let column = |input: usize| rows.iter().skip(input).step_by(inputs).copied();
        Self { weights: (0..inputs).flat_map(column).collect(), bias }
    }

    /// Adds the products of some inputs to the sums of neurons.
    fn add(&self, sums: &mut [f64], inputs: impl Iterator<Item = (usize, f64)>) {
        for (input, x) in inputs {
            let weights = &self.weights[input * sums.len()..][..sums.len()];
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight * x);
        }
    }
}

/// The smallest and the largest of what becomes of values, column by column.
fn extremes(own: &Values, of: impl Fn(usize, f64) -> f64) -> Vec<[f64; 2]> {
    let mut all = vec![[f64::INFINITY, f64::NEG_INFINITY]; own.columns];
    for row in own.values.chunks_exact(own.columns) {
        for (column, (range, value)) in all.iter_mut().zip(row).enumerate() {
            let value = of(column, *value);
            *range = [range[0].min(value), range[1].max(value)];
        }
    }
    all
}
