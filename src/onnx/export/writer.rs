//! [`Writer`]: the ONNX graph that grows, and the names in it.

use std::collections::{BTreeMap, BTreeSet};

use onnx_protobuf::attribute_proto::AttributeType;
use onnx_protobuf::tensor_shape_proto::{Dimension, dimension};
use onnx_protobuf::{
    AttributeProto, FunctionProto, GraphProto, NodeProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto, tensor_proto, type_proto,
};

use super::linear::CodeType;
use super::quantizer::Quant;
use super::{Dialect, QONNX, nodes};
use crate::graph::{Graph, NodeId, Port};
use crate::onnx::functions;
use crate::onnx::tables::SOFTMAX;
use crate::ops::softmax::SoftmaxFormats;

/// The element type of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// Where it holds every constant: what other tools compute QONNX in.
    Single,
    /// Otherwise.
    Double,
}

/// The quantizer of QONNX.
const QUANT: &str = "Quant";

impl Precision {
    /// The element type that a graph needs.
    pub(super) fn of(graph: &Graph) -> Self {
        let single = |value: f64| f64::from(narrowed(value)).to_bits() == value.to_bits();
        let exact = graph.topological().into_iter().all(|node| {
            let constants = graph[node].op.constants();
            constants.iter().all(|own| own.values().iter().all(|value| single(*value)))
        });
        if exact { Self::Single } else { Self::Double }
    }

    fn code(self) -> tensor_proto::DataType {
        match self {
            Self::Single => tensor_proto::DataType::FLOAT,
            Self::Double => tensor_proto::DataType::DOUBLE,
        }
    }
}

/// The nearest number of single precision.
#[expect(clippy::cast_possible_truncation, reason = "the caller looks at what is lost")]
pub(super) fn narrowed(value: f64) -> f32 {
    value as f32
}

/// The value of an attribute.
pub(super) enum Value {
    Int(i64),
    Float(f64),
    Text(&'static str),
}

/// A node to be written.
pub(super) struct Operator<'a> {
    /// The operator type.
    pub kind: &'a str,
    /// The names of its operands.
    pub inputs: Vec<String>,
    /// Its attributes.
    pub attributes: Vec<(&'static str, Value)>,
    /// The node of the graph.
    pub from: (&'a Graph, NodeId),
}

/// The graph of the file as far as it is written.
pub(super) struct Writer {
    pub(super) dialect: Dialect,
    precision: Precision,
    nodes: Vec<NodeProto>,
    initializers: Vec<TensorProto>,
    node_names: BTreeSet<String>,
    value_names: BTreeSet<String>,
    /// The name of the value of each node of the graph, by its index.
    values: Vec<Option<String>>,
    /// What stands in `metadata_props`, beside what the caller wants there.
    pub(super) metadata: BTreeMap<String, String>,
    /// The functions that nodes call, by their names.
    pub(super) functions: BTreeMap<String, FunctionProto>,
    /// Whether there are codes of two bytes.
    pub(super) is_wide: bool,
}

impl Writer {
    /// A file with nothing but the names of inputs and outputs.
    pub(super) fn new(graph: &Graph, dialect: Dialect, precision: Precision) -> Self {
        let mut values = vec![None; graph.capacity()];
        for port in &graph.inputs {
            values[port.node.index()] = Some(port.name.clone());
        }
        let ports = graph.inputs.iter().chain(&graph.outputs);
        Self {
            dialect,
            precision,
            nodes: Vec::new(),
            initializers: Vec::new(),
            node_names: BTreeSet::new(),
            value_names: ports.map(|port| port.name.clone()).collect(),
            values,
            metadata: BTreeMap::new(),
            functions: BTreeMap::new(),
            is_wide: false,
        }
    }

    /// The name of the value of a node that was written.
    pub(super) fn value(&self, node: NodeId) -> String {
        self.values[node.index()].clone().expect("operands are written before their users")
    }

    /// Goes on without a node that cannot be written, to find what else cannot; there will be no file.
    pub(super) fn refused(&mut self, node: NodeId) {
        self.values[node.index()] = Some(String::new());
    }

    /// Writes the node whose result is the value of its node in the graph.
    pub(super) fn result(&mut self, operator: Operator<'_>) {
        let (graph, node) = operator.from;
        let own_port = graph.outputs.iter().find(|port| port.node == node);
        let name = match own_port {
            Some(port) => port.name.clone(),
            None => unique(&mut self.value_names, graph.imported(node).0),
        };
        self.write(operator, graph.imported(node).0, name.clone());
        self.values[node.index()] = Some(name);
    }

    /// Notes the tables of the softmax that was written last: ONNX has no word for them.
    pub(super) fn tables(&mut self, formats: &SoftmaxFormats) {
        let node = self.nodes.last().expect("the softmax was written");
        let text = serde_json::to_string(formats).expect("formats become JSON");
        self.metadata.insert(format!("{SOFTMAX}{}", node.name), text);
    }

    /// Writes a node whose result only the next one takes; gives back the result's name.
    ///
    /// `part` tells it from the node that has the name of the graph's.
    pub(super) fn step(&mut self, operator: Operator<'_>, part: &str) -> String {
        let (graph, node) = operator.from;
        let wanted = format!("{}.{part}", graph.imported(node).0);
        let name = unique(&mut self.value_names, &wanted);
        self.write(operator, &wanted, name.clone());
        name
    }

    /// The same, where it is this node that has the name of the graph's.
    pub(super) fn first_step(&mut self, operator: Operator<'_>, part: &str) -> String {
        let (graph, node) = operator.from;
        let own = graph.imported(node).0;
        let name = unique(&mut self.value_names, &format!("{own}.{part}"));
        self.write(operator, own, name.clone());
        name
    }

    fn write(&mut self, operator: Operator<'_>, wanted: &str, output: String) {
        let domain = match operator.kind {
            QUANT => QONNX,
            kind if self.functions.contains_key(kind) => functions::DOMAIN,
            _ => "",
        };
        self.nodes.push(NodeProto {
            name: unique(&mut self.node_names, wanted),
            op_type: operator.kind.to_owned(),
            domain: domain.to_owned(),
            input: operator.inputs,
            output: vec![output],
            attribute: operator.attributes.into_iter().map(attribute).collect(),
            ..NodeProto::default()
        });
    }

    /// A `Quant` of the value `x`; `shape` is that of parameters that differ among elements.
    pub(super) fn quant<'a>(
        &mut self,
        from: (&'a Graph, NodeId),
        x: String,
        quant: &Quant,
        shape: &[usize],
    ) -> Operator<'a> {
        let name = from.0.imported(from.1).0;
        let mut inputs = vec![x];
        for (part, values) in
            [("scale", &quant.scale), ("zero_point", &quant.zero), ("bits", &quant.bits)]
        {
            let shape = if values.len() == 1 { Vec::new() } else { shape.to_vec() };
            inputs.push(self.numbers(&format!("{name}.{part}"), shape, values));
        }
        let attributes = vec![
            ("signed", Value::Int(i64::from(quant.signed))),
            ("narrow", Value::Int(i64::from(quant.narrow))),
            ("rounding_mode", Value::Text(quant.mode)),
        ];
        Operator { kind: QUANT, inputs, attributes, from }
    }

    /// An initializer of floating-point numbers; gives back its name.
    pub(super) fn numbers(&mut self, name: &str, shape: Vec<usize>, values: &[f64]) -> String {
        let bytes = match self.precision {
            Precision::Single => {
                values.iter().flat_map(|value| narrowed(*value).to_le_bytes()).collect()
            }
            Precision::Double => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        };
        self.initializer(name, shape, self.precision.code(), bytes)
    }

    /// An initializer of integers; gives back its name.
    pub(super) fn integers(&mut self, name: &str, shape: Vec<usize>, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializer(name, shape, tensor_proto::DataType::INT64, bytes)
    }

    /// An initializer of codes, which fit; gives back its name.
    pub(super) fn codes(
        &mut self,
        name: &str,
        shape: Vec<usize>,
        codes: CodeType,
        values: &[i64],
    ) -> String {
        let (ty, bytes) = match codes {
            CodeType::Int8 => (tensor_proto::DataType::INT8, 1),
            CodeType::UInt8 => (tensor_proto::DataType::UINT8, 1),
            CodeType::Int16 => (tensor_proto::DataType::INT16, 2),
            CodeType::UInt16 => (tensor_proto::DataType::UINT16, 2),
            CodeType::Int32 => (tensor_proto::DataType::INT32, 4),
        };
        self.is_wide |= bytes == 2;
        // The low bytes of a code are the code in fewer bytes.
        let bytes = values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(bytes));
        self.initializer(name, shape, ty, bytes.collect())
    }

    fn initializer(
        &mut self,
        name: &str,
        shape: Vec<usize>,
        code: tensor_proto::DataType,
        bytes: Vec<u8>,
    ) -> String {
        let name = unique(&mut self.value_names, name);
        self.initializers.push(TensorProto {
            name: name.clone(),
            dims: shape.into_iter().map(dimension_size).collect(),
            data_type: code as i32,
            raw_data: bytes,
            ..TensorProto::default()
        });
        name
    }

    /// The finished graph.
    pub(super) fn finish(mut self, graph: &Graph) -> GraphProto {
        for port in &graph.outputs {
            let value = self.value(port.node);
            if value != port.name {
                let from = (graph, port.node);
                let (kind, inputs) = ("Identity", vec![value]);
                let operator = Operator { kind, inputs, attributes: Vec::new(), from };
                self.write(operator, &port.name, port.name.clone());
            }
        }
        let info = |port: &Port| {
            let index = nodes::is_index(graph, port.node);
            let code = if index { tensor_proto::DataType::INT64 } else { self.precision.code() };
            value_info(&port.name, code, &graph[port.node].ty.shape.0)
        };
        GraphProto {
            name: "network".to_owned(),
            input: graph.inputs.iter().map(info).collect(),
            output: graph.outputs.iter().map(info).collect(),
            node: self.nodes,
            initializer: self.initializers,
            ..GraphProto::default()
        }
    }
}

/// `wanted`, or `wanted_1` and so on where that is taken.
fn unique(taken: &mut BTreeSet<String>, wanted: &str) -> String {
    let mut name = wanted.to_owned();
    let mut number = 0;
    while !taken.insert(name.clone()) {
        number += 1;
        name = format!("{wanted}_{number}");
    }
    name
}

fn attribute((name, value): (&'static str, Value)) -> AttributeProto {
    let mut proto = AttributeProto { name: name.to_owned(), ..AttributeProto::default() };
    match value {
        Value::Int(value) => {
            proto.type_ = AttributeType::INT.into();
            proto.i = value;
        }
        Value::Float(value) => {
            proto.type_ = AttributeType::FLOAT.into();
            proto.f = narrowed(value);
        }
        Value::Text(value) => {
            proto.type_ = AttributeType::STRING.into();
            proto.s = value.as_bytes().to_vec();
        }
    }
    proto
}

fn value_info(name: &str, code: tensor_proto::DataType, shape: &[usize]) -> ValueInfoProto {
    let dim = |value| Dimension { value: Some(value), ..Dimension::default() };
    let batch = dim(dimension::Value::DimParam("batch".to_owned()));
    let sizes = shape.iter().map(|len| dim(dimension::Value::DimValue(dimension_size(*len))));
    let shape = TensorShapeProto {
        dim: std::iter::once(batch).chain(sizes).collect(),
        ..TensorShapeProto::default()
    };
    let tensor = type_proto::Tensor {
        elem_type: code as i32,
        shape: Some(shape).into(),
        ..type_proto::Tensor::default()
    };
    let ty =
        TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
    ValueInfoProto { name: name.to_owned(), type_: Some(ty).into(), ..ValueInfoProto::default() }
}

fn dimension_size(len: usize) -> i64 {
    i64::try_from(len).expect("a tensor in memory has fewer than 2^63 elements")
}
