//! [`Graph`] to ONNX, with the quantizers of QONNX, so that other tools read what was quantized.
//!
//! First the graph is rewritten into operators that ONNX has, without changing a
//! value (`expressible`); then each operator becomes one node (`nodes`), or two
//! where QONNX spells one thing with two. Importing the file gives back the
//! rewritten graph: the same operators, constants and formats, in the same order.
//!
//! Exact constants are initializers behind a `Quant`, as QONNX writes weights.
//! `Quant` has no rounding toward plus infinity at ties (`RND`), so half a step is
//! added before a `FLOOR`, which is the same and what the importer makes `RND`
//! again. It always saturates; a quantizer that wraps is expressed where its range
//! shows that it never does, and refused otherwise.

mod expressible;
mod nodes;
mod quantizer;
mod writer;

use std::collections::BTreeMap;

use onnx_protobuf::{Message, ModelProto, OperatorSetIdProto, StringStringEntryProto};

use crate::diag::Diagnostic;
use crate::graph::Graph;

pub use expressible::expressible;

/// The versions that other tools read most widely.
const IR_VERSION: i64 = 8;
const OPSET: i64 = 13;

/// The domain of `Quant`.
const QONNX: &str = "qonnx.custom_op.general";

/// The bytes of an ONNX file that computes what `graph` does; the same graph gives the same bytes.
///
/// Numbers are float32, or float64 where that does not hold every constant. Tools that compute in
/// float32 round sums of more than 24 bits; the file itself says what is exact.
///
/// `metadata` becomes the `metadata_props` of the model; the formats of the tables of a softmax stand
/// there too, for its node is that of ONNX, which other tools compute in floating point. Inputs are physical
/// values: the formats of a fixed-point graph's inputs become quantizers behind them.
///
/// # Errors
/// Everything in the graph that neither ONNX nor QONNX can express.
pub fn export(
    graph: &Graph,
    metadata: &BTreeMap<String, String>,
) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let precision = writer::Precision::of(graph);
    let graph = expressible(graph)?;
    let mut writer = writer::Writer::new(&graph, precision);
    let mut faults = Vec::new();
    for node in graph.topological() {
        if let Err(fault) = nodes::write(&mut writer, &graph, node) {
            let (name, operator) = graph.imported(node);
            faults.push(fault.at_node(name, operator));
            writer.refused(node);
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let opset = |domain: &str, version| OperatorSetIdProto {
        domain: domain.to_owned(),
        version,
        ..OperatorSetIdProto::default()
    };
    let property = |(key, value): (&String, &String)| StringStringEntryProto {
        key: key.clone(),
        value: value.clone(),
        ..StringStringEntryProto::default()
    };
    let metadata: BTreeMap<String, String> =
        metadata.clone().into_iter().chain(std::mem::take(&mut writer.metadata)).collect();
    let model = ModelProto {
        ir_version: IR_VERSION,
        opset_import: vec![opset("", OPSET), opset(QONNX, 1)],
        producer_name: env!("CARGO_PKG_NAME").to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(writer.finish(&graph)).into(),
        metadata_props: metadata.iter().map(property).collect(),
        ..ModelProto::default()
    };
    Ok(model.write_to_bytes().expect("a model in memory is well formed"))
}
