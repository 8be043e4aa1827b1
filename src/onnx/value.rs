//! [`Value`]: what the importer knows about a value of the model.

use std::sync::Arc;

use super::element::ElementType;
use super::tensor::Tensor;
use crate::graph::NodeId;
use crate::numeric::tensor::Shape;
use crate::ops::types::PerElement;

/// A value of the model, by the time its producer was imported.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Known at import.
    Constant(Arc<Tensor>),
    /// Computed by the graph, event by event.
    Wires(Wires),
    /// Its producer could not be imported and was reported.
    Failed,
    /// A secondary result that no importer provides, such as the mask of a dropout.
    Withheld,
}

/// One dimension of a computed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dim {
    /// The events; not part of the graph's shape.
    Batch,
    /// So many elements of each event.
    Of(usize),
}

/// A computed value.
#[derive(Clone, Debug)]
pub(super) struct Wires {
    /// The node; its shape is the layout without the batch.
    pub node: NodeId,
    /// The dimensions as ONNX sees them, at most one of them the batch.
    pub layout: Vec<Dim>,
    /// The number type that ONNX gives it.
    pub element: ElementType,
    /// Where ONNX sees integer codes, how they follow from the values of the node.
    pub codes: Option<Codes>,
}

/// Integer codes of quantized values: `code = value / step + zero`.
///
/// The node keeps the values that the codes stand for, so that a
/// `QuantizeLinear` followed by its `DequantizeLinear` is one quantizer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Codes {
    /// The value of one code, for each element of an event.
    pub step: PerElement<f64>,
    /// The code of zero, for each element of an event.
    pub zero: PerElement<f64>,
}

impl Wires {
    /// The dimensions of one event.
    pub(super) fn dims(&self) -> Vec<usize> {
        dims(&self.layout)
    }

    /// The number of elements of one event.
    pub(super) fn len(&self) -> usize {
        self.dims().iter().product()
    }

    /// The number of dimensions, the batch included.
    pub(super) fn rank(&self) -> usize {
        self.layout.len()
    }
}

/// The place of a dimension among those of one event; `None` for the batch.
pub(super) fn event_axis(layout: &[Dim], axis: usize) -> Option<usize> {
    match layout[axis] {
        Dim::Batch => None,
        Dim::Of(_) => Some(dims(&layout[..axis]).len()),
    }
}

/// The dimensions of one event.
pub(super) fn dims(layout: &[Dim]) -> Vec<usize> {
    layout
        .iter()
        .filter_map(|dim| match dim {
            Dim::Batch => None,
            Dim::Of(len) => Some(*len),
        })
        .collect()
}

/// The shape of one event.
pub(super) fn event_shape(layout: &[Dim]) -> Shape {
    Shape(dims(layout))
}

/// A layout in words, for messages: `[batch,16]`.
pub(super) fn describe(layout: &[Dim]) -> String {
    let dims: Vec<String> = layout
        .iter()
        .map(|dim| match dim {
            Dim::Batch => "batch".to_owned(),
            Dim::Of(len) => len.to_string(),
        })
        .collect();
    format!("[{}]", dims.join(","))
}
