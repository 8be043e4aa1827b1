//! ONNX to [`Graph`], and back: the only module that knows protobuf.
//!
//! The imported graph is in floating point: its inputs have no format yet.
//! Quantizers of the model (`Quant` of QONNX, `QuantizeLinear`) are
//! [`Quantize`](crate::ops::Quantize) nodes in it, and weights behind quantizers
//! are exact constants.
//!
//! Nothing is skipped: an operator, an attribute or a value that no importer
//! knows is a diagnostic, and all of a file's are given in one run.
//!
//! - `wire`, `decode`, `initializer`: bytes to a `Model`, free of protobuf;
//! - `functions`, `definition`: our own quantizers in operators of ONNX, and what a file says that operators are;
//! - `batch`, `order`, `importer`: which dimension the batch is, and the walk over the nodes;
//! - `bounds`: which values lie between constants;
//! - `context`, `attributes`, `wiring`, `scaling`: what importers of operators are written with;
//! - `ops`: one importer for each operator, and the table of them;
//! - `tables`: the formats of a softmax, which stand in the metadata;
//! - [`export`]: the way back.

mod attributes;
mod batch;
mod bounds;
mod context;
mod decode;
mod definition;
mod element;
pub mod export;
mod fault;
mod functions;
mod importer;
mod index;
mod initializer;
mod model;
mod ops;
mod order;
mod scaling;
mod tables;
mod tensor;
mod value;
mod wire;
mod wiring;

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::graph::Graph;

/// A model and its data files, as bytes.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The ONNX file.
    pub bytes: &'a [u8],
    /// The external data files that [`external_files`] names, by those names.
    pub external: &'a BTreeMap<String, Vec<u8>>,
}

/// The paths of the external data files that a model needs, relative to the model's folder.
///
/// # Errors
/// When the file is no ONNX model, or a path is absolute or leads out of the model's folder.
pub fn external_files(bytes: &[u8]) -> Result<Vec<String>, Vec<Diagnostic>> {
    let proto = decode::parse(bytes).map_err(|fault| vec![fault])?;
    let mut files = Vec::new();
    let mut faults = Vec::new();
    for tensor in decode::tensors(&proto) {
        match initializer::external_location(tensor) {
            Ok(None) => {}
            Ok(Some(location)) => files.push(location.to_owned()),
            Err(fault) => faults.push(fault.at(format!("initializer `{}`", tensor.name))),
        }
    }
    files.sort_unstable();
    files.dedup();
    if faults.is_empty() { Ok(files) } else { Err(faults) }
}

/// What a model says about itself: its `metadata_props`, by their keys.
///
/// # Errors
/// When the file is no ONNX model.
pub fn metadata(bytes: &[u8]) -> Result<BTreeMap<String, String>, Diagnostic> {
    let proto = decode::parse(bytes)?;
    Ok(proto.metadata_props.into_iter().map(|own| (own.key, own.value)).collect())
}

/// The network that a model describes.
///
/// # Errors
/// Everything about the model that is not understood or not well formed.
pub fn import(source: &Source<'_>) -> Result<Graph, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let Some(model) = decode::decode(source, &mut faults) else {
        return Err(faults);
    };
    // What was decoded is walked even if something was not, so that all faults are found at once.
    match importer::import(&model) {
        Ok(mut graph) if faults.is_empty() => {
            tables::give(&mut graph, &model.softmax);
            Ok(graph)
        }
        Ok(_) => Err(faults),
        Err(found) => {
            faults.extend(found);
            Err(faults)
        }
    }
}
