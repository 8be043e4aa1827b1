//! [`Graph`] to ONNX, with the quantizers of QONNX or with those of ONNX itself, so that other tools read what
//! was quantized.
//!
//! First the graph is rewritten into operators that ONNX has, without changing a
//! value (`expressible`); then each operator becomes one node (`nodes`), or two
//! where QONNX spells one thing with two. Importing the file gives back the
//! rewritten graph: the same operators, constants and formats, in the same order.
//!
//! Exact constants are initializers behind a `Quant`, as QONNX writes weights.
//! `Quant` has no rounding toward plus infinity at ties (`RND`), so half a step is
//! added before a `FLOOR`, which is the same and what the importer makes `RND`
//! again; ties downward (`RND_MIN_INF`) are half a step less before a `CEIL`. It always saturates; a quantizer that
//! wraps, or gives zero for what it does not hold, is one where its range shows that it never does, and a
//! function of our own otherwise, whose definition in operators of ONNX stands in the file (`own`, `functions`).
//!
//! With `QuantizeLinear`, exact constants are integers behind a `DequantizeLinear`. It rounds ties to even, so other
//! roundings become that by a term before it, where the values are on a grid (`ties`), and are refused where
//! they are not, as those of inputs.

mod expressible;
mod linear;
mod nodes;
mod own;
mod quantizer;
mod ties;
mod writer;

use std::collections::BTreeMap;

use onnx_protobuf::{Message, ModelProto, OperatorSetIdProto, StringStringEntryProto};
use serde::Deserialize;

use super::functions;
use crate::diag::Diagnostic;
use crate::graph::Graph;

pub use expressible::expressible;

/// Which operators say what is quantized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// `Quant` of QONNX: any width, and the rounding by name.
    #[default]
    Qonnx,
    /// `QuantizeLinear` and `DequantizeLinear` of ONNX: codes of one or two bytes, rounded to the nearest,
    /// ties to even; weights are integers.
    Qdq,
}

/// The versions of file and operator set that other tools read most widely.
pub(super) const VERSIONS: (i64, i64) = (8, 13);

/// The first versions with codes of two bytes.
const WIDE_VERSIONS: (i64, i64) = (10, 21);

/// The domain of `Quant`.
const QONNX: &str = "qonnx.custom_op.general";

/// The bytes of an ONNX file that computes what `graph` does; the same graph gives the same bytes.
///
/// Numbers are float32, or in QONNX float64 where that does not hold every constant. Tools that compute in
/// float32 round sums of more than 24 bits; the file itself says what is exact.
///
/// `metadata` becomes the `metadata_props` of the model; the formats of the tables of a softmax stand
/// there too, for its node is that of ONNX, which other tools compute in floating point. Inputs are physical
/// values: the formats of a fixed-point graph's inputs become quantizers behind them.
///
/// # Errors
/// Everything in the graph that the operators of the dialect cannot express.
pub fn export(
    graph: &Graph,
    dialect: Dialect,
    metadata: &BTreeMap<String, String>,
) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let precision = match dialect {
        Dialect::Qonnx => writer::Precision::of(graph),
        Dialect::Qdq => writer::Precision::Single,
    };
    let graph = expressible(graph, dialect)?;
    let mut writer = writer::Writer::new(&graph, dialect, precision);
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
    let (ir_version, version) = if writer.is_wide { WIDE_VERSIONS } else { VERSIONS };
    let mut opsets = vec![opset("", version)];
    opsets.extend((dialect == Dialect::Qonnx).then(|| opset(QONNX, 1)));
    opsets.extend((!writer.functions.is_empty()).then(|| opset(functions::DOMAIN, 1)));
    let model = ModelProto {
        ir_version,
        opset_import: opsets,
        functions: std::mem::take(&mut writer.functions).into_values().collect(),
        producer_name: env!("CARGO_PKG_NAME").to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(writer.finish(&graph)).into(),
        metadata_props: metadata.iter().map(property).collect(),
        ..ModelProto::default()
    };
    Ok(model.write_to_bytes().expect("a model in memory is well formed"))
}
