//! [`Relu`]: `y = max(x, 0)`, quantized.

use burn::tensor::activation::relu;

use super::{Signal, add};
use crate::graph::{Graph, NodeId};
use crate::ops::quantize::FormatSource;
use crate::ops::{self, PerElement, Quantize};
use crate::train::parameter::{Leaves, Parameters};
use crate::train::quantizer::{FakeQuantizer, Use};
use crate::train::recipe::Format;

/// A rectifier and the format of its results.
#[derive(Clone, Debug)]
pub(super) struct Relu {
    name: String,
    columns: usize,
    pub(super) format: FakeQuantizer,
}

impl Relu {
    pub(super) fn new(
        parameters: &mut Parameters,
        name: &str,
        output: Format,
        columns: usize,
    ) -> Self {
        let own = format!("{name}.output");
        let format = FakeQuantizer::new(parameters, &own, output, Use::Values { columns });
        Self { name: name.to_owned(), columns, format }
    }

    pub(super) fn forward(&self, leaves: &Leaves, x: Signal) -> Signal {
        let values = self.format.forward(leaves, relu(x.values));
        let widths = self.format.width(leaves).expand([1, self.columns]);
        Signal { values, widths: Some(widths), cost: x.cost }
    }

    pub(super) fn append(&self, parameters: &Parameters, graph: &mut Graph, x: NodeId) -> NodeId {
        let y = add(graph, (&self.name, "Relu"), ops::Relu {}, &[x]);
        let quantizers = (0..self.columns).map(|column| self.format.at(parameters, 0, column));
        let quantizer = PerElement::from_elements(quantizers.collect());
        let quantize = Quantize { quantizer, source: FormatSource::Model };
        add(graph, (&self.name, "Relu"), quantize, &[y])
    }
}
