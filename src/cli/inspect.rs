//! `trigforge inspect`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::load::{self, ModelOptions};
use super::progress::Progress;
use super::{Exit, Failure, Format, OutputOptions, render};
use crate::compile;
use crate::graph::{Graph, NodeId};
use crate::onnx;
use crate::ops::OpKind;
use crate::report::terminal;

/// Print a model's layers, shapes, formats and ranges, and what it says about itself.
///
/// Without `--data` a floating-point model has no formats yet, and the table
/// says so; nothing is built.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge inspect tagger.onnx
  trigforge inspect tagger.onnx --data jets.npy")]
pub(super) struct Options {
    #[command(flatten)]
    model: ModelOptions,
    /// Events (npy, npz, csv) to calibrate formats on.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

/// One row of the table.
struct Row {
    name: String,
    operator: String,
    what: &'static str,
    shape: String,
    format: String,
    range: String,
    parameters: usize,
    products: usize,
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let progress = Progress::new(output);
    let path = &options.model.model;
    let mut metadata = BTreeMap::new();
    let (graph, notes) = if path.is_dir() {
        (load::load(&options.model, None, &progress)?.compilation.graph, Vec::new())
    } else {
        progress.step("importing the model");
        let (float, bytes) = load::import(path)?;
        metadata = onnx::metadata(&bytes).expect("the model was imported");
        let (config, _) = load::config(options.model.config.as_deref())?;
        let events = options.data.as_deref().map(|data| load::events(data, &float)).transpose()?;
        let blocks = events.as_ref().map(|events| events.blocks.as_slice());
        progress.step("choosing formats");
        match compile::quantize(&float, &config, blocks) {
            Ok(quantized) => (quantized.graph, load::located(quantized.warnings, path)),
            // Without events there may be no formats; the network can be shown all the same.
            Err(faults) if events.is_none() => (float, faults),
            Err(faults) => return Err(load::located(faults, path).into()),
        }
    };
    drop(progress);
    let rows = rows(&graph);
    match output.format {
        Format::Json => render::result(&format!("{:#}", to_json(&graph, &rows, &metadata))),
        Format::Text => {
            render::result(&table(&rows));
            let parameters: usize = rows.iter().map(|row| row.parameters).sum();
            let products: usize = rows.iter().map(|row| row.products).sum();
            render::result(&format!(
                "{parameters} parameters, {products} products with a nonzero weight for each event"
            ));
            if !metadata.is_empty() {
                render::result(&properties(&metadata));
            }
            if graph.outputs.iter().any(|port| graph[port.node].ty.formats().is_none()) {
                render::message("no formats yet: give events with `--data`, or formats with `-c`");
            } else {
                render::warnings(&notes, output);
            }
        }
    }
    Ok(Exit::Done)
}

fn rows(graph: &Graph) -> Vec<Row> {
    let ranges = crate::analysis::ranges(graph);
    graph.topological().into_iter().map(|node| row(graph, node, ranges.get(node))).collect()
}

fn row(graph: &Graph, node: NodeId, range: Option<&[crate::numeric::interval::Interval]>) -> Row {
    let ty = &graph[node].ty;
    let (name, operator) = graph.imported(node);
    let range = range.filter(|_| ty.formats().is_some()).map_or(String::new(), |range| {
        let lo = range.iter().map(|range| range.lo_f64()).fold(f64::INFINITY, f64::min);
        let hi = range.iter().map(|range| range.hi_f64()).fold(f64::NEG_INFINITY, f64::max);
        format!("[{}, {}]", bound(lo), bound(hi))
    });
    let products = match &graph[node].op {
        OpKind::Dense(op) => {
            let rows = ty.shape.len() / op.outputs;
            rows * op.weights.values().iter().filter(|weight| **weight != 0.0).count()
        }
        _ => 0,
    };
    Row {
        name: name.to_owned(),
        operator: operator.to_owned(),
        what: graph[node].op.name(),
        shape: ty.shape.to_string(),
        format: ty.formats().map_or("float".to_owned(), ToString::to_string),
        range,
        parameters: graph[node].op.constants().iter().map(|constants| constants.len()).sum(),
        products,
    }
}

/// A bound of a range to four digits, without zeros that say nothing.
fn bound(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn table(rows: &[Row]) -> String {
    let header =
        ["node", "operator", "becomes", "shape", "format", "range", "parameters", "products"];
    let number = |n: usize| if n == 0 { String::new() } else { n.to_string() };
    let cells = |row: &Row| {
        vec![
            row.name.clone(),
            row.operator.clone(),
            row.what.to_owned(),
            row.shape.clone(),
            row.format.clone(),
            row.range.clone(),
            number(row.parameters),
            number(row.products),
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    terminal::table(&header, &rows, 6, render::screen())
}

/// What a model says about itself; of a text of several lines the first.
fn properties(metadata: &BTreeMap<String, String>) -> String {
    let row = |(key, value): (&String, &String)| {
        let mut lines = value.lines();
        let first = lines.next().unwrap_or_default().to_owned();
        let value = match lines.count() {
            0 => first,
            more => format!("{first} (and {more} lines more with `--format json`)"),
        };
        vec![key.clone(), value]
    };
    let rows: Vec<Vec<String>> = metadata.iter().map(row).collect();
    terminal::table(&["property", "value"], &rows, 2, render::screen())
}

fn to_json(graph: &Graph, rows: &[Row], metadata: &BTreeMap<String, String>) -> serde_json::Value {
    let ports = |ports: &[crate::graph::Port]| -> Vec<serde_json::Value> {
        let port = |port: &crate::graph::Port| json!({ "name": port.name, "shape": graph[port.node].ty.shape.0 });
        ports.iter().map(port).collect()
    };
    let row = |row: &Row| {
        json!({
            "node": row.name, "operator": row.operator, "becomes": row.what, "shape": row.shape,
            "format": row.format, "range": row.range, "parameters": row.parameters,
            "products": row.products,
        })
    };
    json!({
        "inputs": ports(&graph.inputs),
        "outputs": ports(&graph.outputs),
        "metadata": metadata,
        "nodes": rows.iter().map(row).collect::<Vec<_>>(),
    })
}
