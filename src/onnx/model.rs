//! [`Model`]: what an ONNX file says, decoded and without protobuf.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::definition::Definition;
use super::element::ElementType;
use super::tensor::Tensor;
use crate::ops::softmax::SoftmaxFormats;

/// The decoded file.
#[derive(Debug)]
pub(super) struct Model {
    /// The version of each operator set, by domain; the default domain is the empty string.
    pub opsets: BTreeMap<String, i64>,
    /// The inputs that no initializer fixes.
    pub inputs: Vec<Input>,
    /// The names of inputs that could not be decoded and were reported.
    pub failed_inputs: Vec<String>,
    /// The names of the outputs.
    pub outputs: Vec<String>,
    /// The constants, by name; `None` where decoding failed and was reported.
    pub initializers: BTreeMap<String, Option<Arc<Tensor>>>,
    /// The nodes, in the order of the file.
    pub nodes: Vec<Node>,
    /// The tables of softmax nodes, by their names.
    pub softmax: BTreeMap<String, SoftmaxFormats>,
}

/// An input of the network.
#[derive(Debug)]
pub(super) struct Input {
    /// Its name.
    pub name: String,
    /// What its elements are.
    pub element: ElementType,
    /// Its dimensions; `None` for one without a fixed size, which only the first can be.
    pub dims: Vec<Option<usize>>,
}

/// An operator with its operands.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Its name, or the name of its first output where it has none.
    pub name: String,
    /// The operator type.
    pub operator: String,
    /// The domain of the operator; the default domain is the empty string.
    pub domain: String,
    /// The names of the operands; empty for one that is left out.
    pub inputs: Vec<String>,
    /// The names of the results; empty for one that nobody wants.
    pub outputs: Vec<String>,
    /// The attributes.
    pub attributes: BTreeMap<String, Attribute>,
    /// What the file says that the operator is, if it says so.
    pub definition: Option<Definition>,
}

/// The value of an attribute.
#[derive(Debug)]
pub(super) enum Attribute {
    /// A number.
    Float(f64),
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
    /// A tensor.
    Tensor(Arc<Tensor>),
    /// Numbers.
    Floats(Vec<f64>),
    /// Integers.
    Ints(Vec<i64>),
    /// Something that no importer knows, said in words.
    Other(&'static str),
}
