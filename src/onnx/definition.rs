//! [`Definition`]: what a file says that an operator is, where it defines one as a function.
//!
//! ONNX lets a file define any operator in terms of others, and that definition goes before every other. The
//! importer knows operators by their names, so a definition that says something else must never go unread: a
//! function of our own is held against what the exporter writes for its name, and all others are refused.

use std::collections::BTreeMap;

use onnx_protobuf::{FunctionProto, ModelProto, NodeProto, OperatorSetIdProto};

use super::decode::{OPSETS, default_domain};
use super::export::VERSIONS;
use super::functions;

/// What the file says of the operator of a node.
#[derive(Clone, Debug)]
pub(super) enum Definition {
    /// What the exporter writes for that name.
    AsExported,
    /// Not what the exporter writes for that name; the difference in words.
    Other(String),
    /// Of an operator whose name the exporter writes no definition for.
    Foreign,
}

/// The definitions of a file, by domain, name and overload of the operator.
pub(super) struct Definitions<'a>(BTreeMap<[&'a str; 3], Definition>);

impl<'a> Definitions<'a> {
    /// What a file defines.
    pub(super) fn of(model: &'a ModelProto) -> Self {
        let mut all = BTreeMap::new();
        for function in &model.functions {
            let key = [default_domain(&function.domain), &function.name, &function.overload];
            if all.insert(key, definition(function)).is_some() {
                all.insert(key, Definition::Other("it is defined twice".to_owned()));
            }
        }
        Self(all)
    }

    /// What the file says of the operator of a node; nothing of most.
    pub(super) fn called_by(&self, node: &NodeProto) -> Option<Definition> {
        let key = [default_domain(&node.domain), &node.op_type, &node.overload];
        self.0.get(&key).cloned()
    }
}

fn definition(found: &FunctionProto) -> Definition {
    let modes = functions::modes(&found.name).filter(|_| found.domain == functions::DOMAIN);
    match modes.and_then(|(rounding, overflow)| functions::definition(rounding, overflow)) {
        None => Definition::Foreign,
        Some(exported) => {
            difference(found, &exported).map_or(Definition::AsExported, Definition::Other)
        }
    }
}

/// The first difference to what is exported, in words.
///
/// Names of values and nodes, comments, declared types and operator sets that no node needs are none.
fn difference(found: &FunctionProto, exported: &FunctionProto) -> Option<String> {
    let opsets = |domain| move |own: &&OperatorSetIdProto| default_domain(&own.domain) == domain;
    let needed: Vec<i64> =
        found.opset_import.iter().filter(opsets("")).map(|own| own.version).collect();
    // What the operators of a definition compute is the same in all of these.
    let (first, last) = (VERSIONS.1, *OPSETS.end());
    match needed.as_slice() {
        [version] if (first..=last).contains(version) => {}
        [version] => {
            return Some(format!("it needs opset {version}, not one from {first} to {last}"));
        }
        _ => return Some("it needs no opset, or several".to_owned()),
    }
    if found.input.len() != exported.input.len() {
        return Some(format!("it has {} operands", found.input.len()));
    }
    let Some(found) = canonical(found, &exported.input) else {
        return Some("it uses a value before it is defined, or defines one twice".to_owned());
    };
    let exported = canonical(exported, &exported.input).expect("it is well formed");
    let pairs = found.node.iter().zip(&exported.node);
    if let Some((index, (own, other))) = pairs.enumerate().find(|(_, (own, other))| own != other) {
        let (own, other) = (text(own), text(other));
        return Some(if own == other {
            format!("node {index} of it, `{own}`, has attributes, or another domain")
        } else {
            format!("node {index} of it is `{own}`, not `{other}`")
        });
    }
    if found.node.len() != exported.node.len() {
        return Some(format!("it has {} nodes, not {}", found.node.len(), exported.node.len()));
    }
    if found.output != exported.output {
        let names = |names: &[String]| names.join("`, `");
        return Some(format!("it gives `{}`, not `{}`", names(&found.output), exported.output[0]));
    }
    (found != exported).then(|| "it has attributes, or fields that no version has".to_owned())
}

/// The same function without what means nothing; its operands are called `inputs`, and each other value has
/// the number of its node for a name.
fn canonical(function: &FunctionProto, inputs: &[String]) -> Option<FunctionProto> {
    let mut names = BTreeMap::from([("", String::new())]);
    for (name, own) in function.input.iter().zip(inputs) {
        if names.insert(name, own.clone()).is_some() {
            return None;
        }
    }
    let mut nodes = Vec::with_capacity(function.node.len());
    for (index, node) in function.node.iter().enumerate() {
        let mut own = node.clone();
        own.name.clear();
        own.doc_string.clear();
        own.metadata_props.clear();
        default_domain(&node.domain).clone_into(&mut own.domain);
        own.input = renamed(&node.input, &names)?;
        for (position, name) in node.output.iter().enumerate() {
            let own = match position {
                0 => format!("v{index}"),
                _ => format!("v{index}.{position}"),
            };
            if names.insert(name, own).is_some() {
                return None;
            }
        }
        own.output = renamed(&node.output, &names)?;
        nodes.push(own);
    }
    Some(FunctionProto {
        input: inputs.to_vec(),
        output: renamed(&function.output, &names)?,
        node: nodes,
        doc_string: String::new(),
        value_info: Vec::new(),
        metadata_props: Vec::new(),
        opset_import: Vec::new(),
        domain: default_domain(&function.domain).to_owned(),
        ..function.clone()
    })
}

fn renamed(values: &[String], names: &BTreeMap<&str, String>) -> Option<Vec<String>> {
    values.iter().map(|name| names.get(name.as_str()).cloned()).collect()
}

/// A node as a formula, such as `Floor(v2)`.
fn text(node: &NodeProto) -> String {
    format!("{}({})", node.op_type, node.input.join(", "))
}
