//! The walk over a model's nodes.

use std::collections::BTreeMap;

use super::batch::{self, BatchSize};
use super::bounds::Bounds;
use super::context::Context;
use super::fault::Fault;
use super::model::{Input, Model, Node};
use super::value::{Dim, Value, Wires, describe, event_shape};
use super::{ops, order};
use crate::diag::{Code, Diagnostic};
use crate::graph::{Graph, Port};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
use crate::ops::quantize::{FormatSource, Quantize};
use crate::ops::types::PerElement;

/// The network of a decoded model.
///
/// # Errors
/// Everything about its nodes that is not understood.
pub(super) fn import(model: &Model) -> Result<Graph, Vec<Diagnostic>> {
    let mut first_faults = None;
    for batch in batch::readings(model) {
        match Importer::new(model, batch).run() {
            Ok(graph) => return Ok(graph),
            Err(faults) => {
                first_faults.get_or_insert(faults);
            }
        }
    }
    Err(first_faults.expect("at least one reading was tried"))
}

struct Importer<'a> {
    model: &'a Model,
    batch: BatchSize,
    graph: Graph,
    bounds: Bounds,
    values: BTreeMap<&'a str, Value>,
    faults: Vec<Diagnostic>,
}

impl<'a> Importer<'a> {
    fn new(model: &'a Model, batch: BatchSize) -> Self {
        let (graph, bounds) = (Graph::default(), Bounds::default());
        Self { model, batch, graph, bounds, values: BTreeMap::new(), faults: Vec::new() }
    }

    fn run(mut self) -> Result<Graph, Vec<Diagnostic>> {
        for (name, tensor) in &self.model.initializers {
            let value = tensor.clone().map_or(Value::Failed, Value::Constant);
            self.values.insert(name, value);
        }
        for name in &self.model.failed_inputs {
            self.values.insert(name, Value::Failed);
        }
        for input in &self.model.inputs {
            self.input(input);
        }
        for node in order::order(self.model, &mut self.values, &mut self.faults) {
            self.node(node);
        }
        for name in &self.model.outputs {
            self.output(name);
        }
        if self.model.outputs.is_empty() {
            let help = "mark the results of the network as outputs of the graph";
            self.faults.push(Diagnostic::error(Code::O0005, "the model has no output", help));
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        self.graph.sweep();
        Ok(self.graph)
    }

    fn input(&mut self, input: &'a Input) {
        if self.graph.inputs.iter().any(|port| port.name == input.name) {
            self.fault(order::duplicate(&input.name));
            return;
        }
        let node =
            Node { name: input.name.clone(), operator: "input".to_owned(), ..Node::default() };
        let mut cx =
            Context::new((&mut self.graph, &mut self.bounds), &node, 0, self.batch, Vec::new());
        let value = input_value(&mut cx, input);
        let value = self.keep(value);
        self.values.insert(&input.name, value);
    }

    fn node(&mut self, node: &'a Node) {
        let known = |name: &String| {
            self.values.get(name.as_str()).cloned().expect("operands come before their users")
        };
        let operands =
            node.inputs.iter().map(|name| (!name.is_empty()).then(|| known(name))).collect();
        let opset = self.model.opsets.get(&node.domain).copied().unwrap_or(1);
        let cx =
            Context::new((&mut self.graph, &mut self.bounds), node, opset, self.batch, operands);
        let mut faults = Vec::new();
        let values = ops::import(cx, &mut faults);
        self.faults.append(&mut faults);
        let values = match values {
            Ok(values) => values,
            Err(fault) => {
                if let Fault::Own(diagnostic) = fault {
                    self.faults.push(diagnostic);
                }
                vec![Value::Failed; node.outputs.len()]
            }
        };
        let rest = std::iter::repeat(Value::Withheld);
        for (name, value) in node.outputs.iter().zip(values.into_iter().chain(rest)) {
            self.values.insert(name, value);
        }
    }

    fn output(&mut self, name: &'a str) {
        if self.graph.outputs.iter().any(|port| port.name == name) {
            self.fault(order::duplicate(name));
            return;
        }
        let Some(value) = self.values.get(name).cloned() else {
            let help = "export the model again";
            let message = format!("nothing defines the output `{name}`");
            self.fault(Diagnostic::error(Code::O0005, message, help));
            return;
        };
        let node = Node {
            name: name.to_owned(),
            operator: "output".to_owned(),
            inputs: vec![name.to_owned()],
            ..Node::default()
        };
        let mut cx = Context::new(
            (&mut self.graph, &mut self.bounds),
            &node,
            0,
            self.batch,
            vec![Some(value)],
        );
        match output_value(&mut cx) {
            Ok(wires) => self.graph.outputs.push(Port { name: name.to_owned(), node: wires.node }),
            Err(Fault::Own(fault)) => self.fault(fault),
            Err(Fault::Inherited) => {}
        }
    }

    fn keep(&mut self, value: Result<Value, Fault>) -> Value {
        value.unwrap_or_else(|fault| {
            if let Fault::Own(diagnostic) = fault {
                self.fault(diagnostic);
            }
            Value::Failed
        })
    }

    fn fault(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }
}

/// The value of an output, whose events must come one after another.
fn output_value(cx: &mut Context<'_>) -> Result<Wires, Fault> {
    let wires = cx.wires(0)?;
    let before_batch = wires.layout.iter().take_while(|dim| **dim != Dim::Batch);
    let inside =
        wires.layout.contains(&Dim::Batch) && before_batch.clone().any(|dim| *dim != Dim::Of(1));
    if inside {
        let layout = describe(&wires.layout);
        let help = "make the batch the first dimension of every output";
        return Err(cx.fault(Code::O0013, format!("the output has the layout {layout}"), help));
    }
    Ok(wires)
}

/// The value of an input: its node, behind the format that an integer type implies.
fn input_value(cx: &mut Context<'_>, input: &Input) -> Result<Value, Fault> {
    let mut layout = Vec::with_capacity(input.dims.len());
    for (axis, dim) in input.dims.iter().enumerate() {
        layout.push(match (dim, cx.batch) {
            (None, _) => Dim::Batch,
            (Some(size), BatchSize::Fixed(batch))
                if axis == 0 && input.dims.len() > 1 && *size == batch =>
            {
                Dim::Batch
            }
            (Some(size), _) => Dim::Of(*size),
        });
    }
    cx.check_layout(&layout)?;
    let mut node = cx.add(
        crate::ops::Input { shape: event_shape(&layout), quantizer: None, source: None },
        &[],
    )?;
    let port = Port { name: input.name.clone(), node };
    cx.graph.inputs.push(port);
    if let Some((lo, hi)) = input.element.int_range() {
        let format = FixedFormat::covering(Interval::new(lo, hi, 0)).map_err(|_| {
            let help = "use integers of at most 32 bits, or float32";
            cx.fault(Code::O0011, "the input has integers of 64 bits", help)
        })?;
        let quantizer =
            Quantizer { format, rounding: Rounding::Floor, overflow: Overflow::Saturate };
        let quantizer = PerElement::Uniform(quantizer);
        node = cx.add(Quantize { quantizer, source: FormatSource::Model }, &[node])?;
    }
    Ok(Value::Wires(Wires { node, layout, element: input.element, codes: None }))
}
