//! [`Activation`]: a function of each value, quantized.

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;

use super::{Signal, add};
use crate::graph::{Graph, NodeId};
use crate::numeric::interval::scale;
use crate::numeric::quantizer::Quantizer;
use crate::ops::activation::Function;
use crate::ops::quantize::FormatSource;
use crate::ops::{self, Constants, OpKind, PerElement, Quantize};
use crate::train::parameter::{Leaves, Parameters, single, straight_through, tensor, values};
use crate::train::quantizer::{FakeQuantizer, Use};
use crate::train::recipe::format::Format;

/// A function and the format of its results.
#[derive(Clone, Debug)]
pub(super) struct Activation {
    name: String,
    columns: usize,
    shape: Shape,
    pub(super) format: FakeQuantizer,
}

/// Which function.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// `y = x`.
    Identity,
    /// `y = max(x, 0)`.
    Relu,
    /// `y = slope * x` below zero.
    Leaky {
        /// A power of two.
        slope: f64,
    },
    /// A function by table.
    Table {
        /// The function.
        function: Function,
        /// The format of its arguments.
        index: FakeQuantizer,
    },
}

impl Shape {
    /// A function by table, whose arguments have a format.
    pub(super) fn table(
        parameters: &mut Parameters,
        function: Function,
        (name, input): (&str, Format),
        columns: usize,
    ) -> Self {
        let name = format!("{name}.input");
        let index = FakeQuantizer::new(parameters, &name, input, Use::Values { columns });
        Self::Table { function, index }
    }
}

impl Activation {
    pub(super) fn new(
        parameters: &mut Parameters,
        (name, output): (&str, Format),
        columns: usize,
        shape: Shape,
    ) -> Self {
        let own = format!("{name}.output");
        let format = FakeQuantizer::new(parameters, &own, output, Use::Values { columns });
        Self { name: name.to_owned(), columns, shape, format }
    }

    pub(super) fn forward(&self, leaves: &Leaves, x: &Signal) -> Signal {
        let y = match &self.shape {
            Shape::Identity => self.format.forward(leaves, &x.values),
            Shape::Relu => self.format.rectified(leaves, &x.values, 0.0),
            Shape::Leaky { slope } => self.format.rectified(leaves, &x.values, single(*slope)),
            Shape::Table { function, index } => {
                let argument = index.forward(leaves, &x.values);
                let entries = self.entries(leaves, *function, argument.clone());
                let smooth = match function {
                    Function::Sigmoid => sigmoid(argument),
                    Function::Tanh => argument.tanh(),
                };
                straight_through(entries, self.format.forward(leaves, &smooth))
            }
        };
        let widths = self.format.width(leaves).expand([1, self.columns]);
        Signal { values: y, widths: Some(widths) }
    }

    /// The same with formats that are not learned any more.
    pub(super) fn settled(&self, parameters: &Parameters) -> Settled<'_> {
        let formats = |own: &FakeQuantizer| {
            (0..self.columns).map(|column| own.at(parameters, 0, column)).collect()
        };
        let index = match &self.shape {
            Shape::Table { index, .. } => formats(index),
            Shape::Identity | Shape::Relu | Shape::Leaky { .. } => Vec::new(),
        };
        Settled { shape: &self.shape, index, output: formats(&self.format) }
    }

    /// What the table of the compiler has for each argument.
    fn entries(&self, leaves: &Leaves, function: Function, argument: Tensor<2>) -> Tensor<2> {
        let shape = argument.dims();
        let quantizers = self.format.channels(leaves, self.columns);
        let entry = |(index, x): (usize, f32)| {
            let quantizer = quantizers[index % self.columns];
            let raw = quantizer.apply_f64(function.apply(f64::from(x)));
            single(scale(raw.expect("the functions are bounded"), quantizer.format.frac()))
        };
        let entries = values(argument.detach()).into_iter().enumerate().map(entry).collect();
        tensor(entries, shape, &leaves.device)
    }

    /// The learned formats, to be kept within bounds.
    pub(super) fn formats(&self) -> impl Iterator<Item = &FakeQuantizer> {
        let index = match &self.shape {
            Shape::Table { index, .. } => Some(index),
            Shape::Identity | Shape::Relu | Shape::Leaky { .. } => None,
        };
        index.into_iter().chain([&self.format])
    }

    pub(super) fn append(&self, parameters: &Parameters, graph: &mut Graph, x: NodeId) -> NodeId {
        let quantize = |format: &FakeQuantizer| {
            let quantizers = (0..self.columns).map(|column| format.at(parameters, 0, column));
            let quantizer = PerElement::from_elements(quantizers.collect());
            Quantize { quantizer, source: FormatSource::Model }
        };
        let (operator, op): (_, Option<OpKind>) = match &self.shape {
            Shape::Identity => ("Identity", None),
            Shape::Relu => ("Relu", Some(ops::Relu {}.into())),
            Shape::Leaky { slope } => {
                let alpha = Constants::exact(vec![*slope]).expect("a power of two");
                ("LeakyRelu", Some(ops::LeakyRelu { alpha }.into()))
            }
            Shape::Table { function, .. } => {
                let name = match function {
                    Function::Sigmoid => "Sigmoid",
                    Function::Tanh => "Tanh",
                };
                (name, Some(ops::Activation { function: *function, output: None }.into()))
            }
        };
        let origin = (self.name.as_str(), operator);
        let x = match &self.shape {
            Shape::Table { index, .. } => add(graph, origin, quantize(index), &[x]),
            Shape::Identity | Shape::Relu | Shape::Leaky { .. } => x,
        };
        let y = op.map_or(x, |op| add(graph, origin, op, &[x]));
        add(graph, origin, quantize(&self.format), &[y])
    }
}

/// A function and formats of each column.
#[derive(Clone, Debug)]
pub(super) struct Settled<'a> {
    shape: &'a Shape,
    /// Those of the arguments of a table.
    index: Vec<Quantizer>,
    output: Vec<Quantizer>,
}

impl Settled<'_> {
    /// What the circuit makes of a value of a column.
    pub(super) fn value(&self, column: usize, x: f64) -> f64 {
        let y = match self.shape {
            Shape::Identity => x,
            Shape::Relu => x.max(0.0),
            Shape::Leaky { slope } => x.max(slope * x),
            Shape::Table { function, .. } => function.apply(self.argument(column, x)),
        };
        quantized(self.output[column], y)
    }

    /// Whether it is a table, whose arguments have a format.
    pub(super) fn has_argument(&self) -> bool {
        matches!(self.shape, Shape::Table { .. })
    }

    /// The argument of a table.
    pub(super) fn argument(&self, column: usize, x: f64) -> f64 {
        quantized(self.index[column], x)
    }
}

fn quantized(quantizer: Quantizer, x: f64) -> f64 {
    let raw = quantizer.apply_f64(x).expect("values of formats are finite");
    scale(raw, quantizer.format.frac())
}
