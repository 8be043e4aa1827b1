//! Protobuf to [`Model`].

use std::collections::BTreeMap;
use std::sync::Arc;

use onnx_protobuf::attribute_proto::AttributeType;
use onnx_protobuf::tensor_shape_proto::dimension;
use onnx_protobuf::{
    AttributeProto, GraphProto, Message, ModelProto, NodeProto, TensorProto, ValueInfoProto,
    type_proto,
};

use super::definition::Definitions;
use super::element::{ElementType, unsupported_name};
use super::initializer;
use super::model::{Attribute, Input, Model, Node};
use super::tensor::Tensor;
use super::{Source, tables, wire};
use crate::diag::{Code, Diagnostic};

/// The IR versions that were checked.
const IR_VERSIONS: std::ops::RangeInclusive<i64> = 3..=10;

/// The versions of the default operator set that were checked.
pub(super) const OPSETS: std::ops::RangeInclusive<i64> = 7..=21;

/// Parses the file and checks that it is an ONNX model.
pub(super) fn parse(bytes: &[u8]) -> Result<ModelProto, Diagnostic> {
    let refuse = |message: String| {
        let help = "export the model again with your framework's ONNX exporter";
        Diagnostic::error(Code::O0001, message, help)
    };
    if i32::try_from(bytes.len()).is_err() {
        return Err(refuse("the file is larger than the 2 GB that protobuf allows".to_owned())
            .note("tensors of large models belong into external data files"));
    }
    if bytes.is_empty() {
        return Err(refuse("the file is empty".to_owned()));
    }
    wire::check(bytes).map_err(|fault| refuse(fault.to_string()))?;
    let proto = ModelProto::parse_from_bytes(bytes)
        .map_err(|error| refuse(format!("the file is no ONNX protobuf: {error}")))?;
    if proto.ir_version <= 0 || proto.graph.is_none() {
        return Err(refuse("the file has no ONNX graph".to_owned()));
    }
    Ok(proto)
}

/// What the file says, if it is a model at all.
///
/// Faults are collected; what is at fault is left out of the model.
pub(super) fn decode(source: &Source<'_>, faults: &mut Vec<Diagnostic>) -> Option<Model> {
    let proto = match parse(source.bytes) {
        Ok(proto) => proto,
        Err(fault) => {
            faults.push(fault);
            return None;
        }
    };
    let opsets = versions(&proto, faults);
    let graph = proto.graph.get_or_default();
    if !graph.sparse_initializer.is_empty() {
        faults.push(Diagnostic::error(
            Code::O0009,
            "the model has sparse initializers",
            "store the weights as dense tensors",
        ));
    }
    let initializers = initializers(graph, source, faults);
    let (mut inputs, mut failed_inputs) = (Vec::new(), Vec::new());
    for info in &graph.input {
        if initializers.contains_key(&info.name) {
            continue;
        }
        match input(info) {
            Ok(input) => inputs.push(input),
            Err(fault) => {
                faults.push(fault.at_node(&info.name, "input"));
                failed_inputs.push(info.name.clone());
            }
        }
    }
    let outputs = graph.output.iter().map(|info| info.name.clone()).collect();
    let definitions = Definitions::of(&proto);
    let nodes = graph.node.iter().map(|proto| Node {
        definition: definitions.called_by(proto),
        ..node(proto, source, faults)
    });
    let nodes = nodes.collect();
    let softmax = tables::decode(&proto, faults);
    Some(Model { opsets, inputs, failed_inputs, outputs, initializers, nodes, softmax })
}

/// Every tensor of the model that may live in an external file.
pub(super) fn tensors(proto: &ModelProto) -> impl Iterator<Item = &TensorProto> {
    let graph = proto.graph.get_or_default();
    let attributes = graph.node.iter().flat_map(|node| &node.attribute);
    graph.initializer.iter().chain(attributes.filter_map(|attribute| attribute.t.as_ref()))
}

fn versions(proto: &ModelProto, faults: &mut Vec<Diagnostic>) -> BTreeMap<String, i64> {
    let help = "convert the model with `onnx.version_converter`, or export it with opset 13";
    let mut refuse = |message: String| {
        faults.push(Diagnostic::error(Code::O0002, message, help).note(format!(
            "supported are opset {} to {} and IR versions {} to {}",
            OPSETS.start(),
            OPSETS.end(),
            IR_VERSIONS.start(),
            IR_VERSIONS.end()
        )));
    };
    if !IR_VERSIONS.contains(&proto.ir_version) {
        refuse(format!("the model has IR version {}", proto.ir_version));
    }
    let mut opsets = BTreeMap::new();
    for opset in &proto.opset_import {
        let domain = default_domain(&opset.domain).to_owned();
        if opsets.insert(domain.clone(), opset.version).is_some_and(|old| old != opset.version) {
            refuse(format!("the model imports operator set `{domain}` in two versions"));
        }
    }
    match opsets.get("") {
        None => refuse("the model does not say which opset it needs".to_owned()),
        Some(version) if !OPSETS.contains(version) => {
            refuse(format!("the model needs opset {version}"));
        }
        Some(_) => {}
    }
    opsets
}

/// The default domain has two spellings.
pub(super) fn default_domain(domain: &str) -> &str {
    if domain == "ai.onnx" { "" } else { domain }
}

fn initializers(
    graph: &GraphProto,
    source: &Source<'_>,
    faults: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Option<Arc<Tensor>>> {
    let mut initializers = BTreeMap::new();
    for proto in &graph.initializer {
        let tensor = match initializer::tensor(proto, source.external) {
            Ok(tensor) => Some(Arc::new(tensor)),
            Err(fault) => {
                faults.push(fault.at(format!("initializer `{}`", proto.name)));
                None
            }
        };
        if initializers.insert(proto.name.clone(), tensor).is_some() {
            faults.push(Diagnostic::error(
                Code::O0005,
                format!("two initializers are called `{}`", proto.name),
                "give every value of the model its own name",
            ));
        }
    }
    initializers
}

fn input(info: &ValueInfoProto) -> Result<Input, Diagnostic> {
    let Some(type_proto::Value::TensorType(tensor)) = &info.type_.get_or_default().value else {
        let help = "make it a tensor of numbers";
        return Err(Diagnostic::error(Code::O0011, "the input is no tensor", help));
    };
    let element = ElementType::from_code(tensor.elem_type).ok_or_else(|| {
        let message =
            format!("the input has element type {}", unsupported_name(tensor.elem_type.into()));
        Diagnostic::error(Code::O0011, message, "make it float32, or an integer type")
    })?;
    let help = "export the model with fixed shapes; only the first dimension, the batch, may vary";
    let shape = tensor
        .shape
        .as_ref()
        .ok_or_else(|| Diagnostic::error(Code::O0007, "the input has no shape", help))?;
    let mut dims = Vec::with_capacity(shape.dim.len());
    for (axis, dim) in shape.dim.iter().enumerate() {
        match &dim.value {
            Some(dimension::Value::DimValue(len)) => match usize::try_from(*len) {
                Ok(len) if len > 0 => dims.push(Some(len)),
                _ => {
                    let message = format!("dimension {axis} of the input is {len}");
                    return Err(Diagnostic::error(Code::O0007, message, help));
                }
            },
            _ if axis == 0 => dims.push(None),
            _ => {
                let message = format!("dimension {axis} of the input has no fixed size");
                return Err(Diagnostic::error(Code::O0007, message, help));
            }
        }
    }
    Ok(Input { name: info.name.clone(), element, dims })
}

fn node(proto: &NodeProto, source: &Source<'_>, faults: &mut Vec<Diagnostic>) -> Node {
    let first_output = proto.output.iter().find(|name| !name.is_empty());
    let name = match (proto.name.as_str(), first_output) {
        ("", Some(output)) => output.clone(),
        (name, _) => name.to_owned(),
    };
    let mut attributes = BTreeMap::new();
    for proto_attribute in &proto.attribute {
        let value = match attribute(proto_attribute, source) {
            Ok(value) => value,
            Err(fault) => {
                faults.push(fault.at_node(&name, &proto.op_type));
                continue;
            }
        };
        if attributes.insert(proto_attribute.name.clone(), value).is_some() {
            faults.push(
                Diagnostic::error(
                    Code::O0005,
                    format!("attribute `{}` is given twice", proto_attribute.name),
                    "remove one of them",
                )
                .at_node(&name, &proto.op_type),
            );
        }
    }
    Node {
        name,
        operator: proto.op_type.clone(),
        domain: default_domain(&proto.domain).to_owned(),
        inputs: proto.input.clone(),
        outputs: proto.output.clone(),
        attributes,
        definition: None,
    }
}

fn attribute(proto: &AttributeProto, source: &Source<'_>) -> Result<Attribute, Diagnostic> {
    if !proto.ref_attr_name.is_empty() {
        return Ok(Attribute::Other("a reference to an attribute of a function"));
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(match proto.type_.enum_value_or_default() {
        AttributeType::FLOAT => Attribute::Float(f64::from(proto.f)),
        AttributeType::INT => Attribute::Int(proto.i),
        AttributeType::STRING => Attribute::Text(text(&proto.s)),
        AttributeType::TENSOR => {
            let tensor = initializer::tensor(proto.t.get_or_default(), source.external)?;
            Attribute::Tensor(Arc::new(tensor))
        }
        AttributeType::FLOATS => {
            Attribute::Floats(proto.floats.iter().copied().map(f64::from).collect())
        }
        AttributeType::INTS => Attribute::Ints(proto.ints.clone()),
        AttributeType::STRINGS => Attribute::Other("a list of texts"),
        AttributeType::GRAPH | AttributeType::GRAPHS => Attribute::Other("a graph"),
        AttributeType::SPARSE_TENSOR | AttributeType::SPARSE_TENSORS => {
            Attribute::Other("a sparse tensor")
        }
        AttributeType::TYPE_PROTO | AttributeType::TYPE_PROTOS => Attribute::Other("a type"),
        AttributeType::TENSORS => Attribute::Other("a list of tensors"),
        AttributeType::UNDEFINED => Attribute::Other("a value without a type"),
    })
}
