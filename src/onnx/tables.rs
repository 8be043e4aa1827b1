//! The formats of a softmax by tables, which ONNX has no word for: they stand in the metadata of the
//! model, as `trigforge.softmax.NODE` with the JSON of [`SoftmaxFormats`].

use std::collections::BTreeMap;

use onnx_protobuf::ModelProto;

use crate::diag::{Code, Diagnostic};
use crate::graph::Graph;
use crate::ops::OpKind;
use crate::ops::softmax::{Softmax, SoftmaxFormats};

/// What stands before the name of the node.
pub(super) const SOFTMAX: &str = "trigforge.softmax.";

/// The formats that a file has, by the names of nodes; what is none is a fault.
pub(super) fn decode(
    proto: &ModelProto,
    faults: &mut Vec<Diagnostic>,
) -> BTreeMap<String, SoftmaxFormats> {
    let mut formats = BTreeMap::new();
    for property in &proto.metadata_props {
        let Some(node) = property.key.strip_prefix(SOFTMAX) else { continue };
        let parsed = serde_json::from_str(&property.value);
        let own = parsed.map_err(|error| error.to_string()).and_then(|own: SoftmaxFormats| {
            own.fault().map_or(Ok(own), |(part, why)| Err(format!("its `{part}` {why}")))
        });
        match own {
            Ok(own) => {
                formats.insert(node.to_owned(), own);
            }
            Err(why) => {
                let message = format!("the tables of a softmax are not understood: {why}");
                let help = format!("remove `{}` from the metadata of the model", property.key);
                let fault = Diagnostic::error(Code::O0004, message, help);
                faults.push(fault.at_node(node, "Softmax"));
            }
        }
    }
    formats
}

/// Gives the softmax nodes of a graph their formats.
pub(super) fn give(graph: &mut Graph, formats: &BTreeMap<String, SoftmaxFormats>) {
    for node in graph.topological() {
        let OpKind::Softmax(Softmax { len, .. }) = graph[node].op else { continue };
        if let Some(formats) = formats.get(graph.imported(node).0) {
            graph.set_op(node, Softmax { len, formats: Some(*formats) });
        }
    }
}
