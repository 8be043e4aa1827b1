//! [`Context`]: what the importer of an operator sees, and how it says what it cannot do.

use std::sync::Arc;

use super::batch::BatchSize;
use super::bounds::Bounds;
use super::fault::{Fault, Import};
use super::model::Node;
use super::scaling;
use super::tensor::{MAX_WIRES, Tensor, checked_len};
use super::value::{Dim, Value, Wires, describe, dims, event_shape};
use crate::diag::{Code, Diagnostic, Origin, OriginId};
use crate::graph::{Graph, NodeId};
use crate::ops::constants::Constants;
use crate::ops::{self, OpKind, TypeError};

/// One node of the model, its operands, and the graph that grows.
pub(super) struct Context<'a> {
    /// The graph, to which importers add.
    pub graph: &'a mut Graph,
    /// What bounds values of the graph.
    pub bounds: &'a mut Bounds,
    /// The node.
    pub node: &'a Node,
    /// The version of the node's operator set.
    pub opset: i64,
    /// The size of the batch.
    pub batch: BatchSize,
    /// The operands; `None` for one that is left out.
    operands: Vec<Option<Value>>,
    origin: OriginId,
}

/// An operand that exists.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    /// Known at import.
    Constant(Arc<Tensor>),
    /// Computed.
    Wires(Wires),
}

impl Operand {
    /// The dimensions; those of a constant are all its own.
    pub(super) fn layout(&self) -> Vec<Dim> {
        match self {
            Self::Constant(tensor) => tensor.shape.iter().copied().map(Dim::Of).collect(),
            Self::Wires(wires) => wires.layout.clone(),
        }
    }
}

impl From<Operand> for Value {
    fn from(operand: Operand) -> Self {
        match operand {
            Operand::Constant(tensor) => Self::Constant(tensor),
            Operand::Wires(wires) => Self::Wires(wires),
        }
    }
}

impl<'a> Context<'a> {
    /// The context of one node.
    pub(super) fn new(
        (graph, bounds): (&'a mut Graph, &'a mut Bounds),
        node: &'a Node,
        opset: i64,
        batch: BatchSize,
        operands: Vec<Option<Value>>,
    ) -> Self {
        let origin = Origin::Onnx { node: node.name.clone(), operator: node.operator.clone() };
        let origin = graph.origins.push(origin);
        Self { graph, bounds, node, opset, batch, operands, origin }
    }

    /// A fault of this node.
    pub(super) fn fault(
        &self,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Fault {
        let diagnostic = Diagnostic::error(code, message, help);
        Fault::Own(diagnostic.at_node(&self.node.name, &self.node.operator))
    }

    /// The fault of a value of an attribute that no importer provides.
    pub(super) fn unsupported(&self, message: impl Into<String>) -> Fault {
        self.fault(Code::O0004, message, "change the model so that it does without")
    }

    /// The fault of computing across events.
    pub(super) fn mixes(&self) -> Fault {
        let help = "keep the batch as the first dimension, and compute along the others only";
        self.fault(Code::O0013, "it computes along the batch dimension", help)
    }

    /// The number of operands, left out ones among them included.
    pub(super) fn n_operands(&self) -> usize {
        self.operands.len()
    }

    /// Operand `index`, unless it is left out.
    pub(super) fn optional(&self, index: usize) -> Import<Option<Operand>> {
        match self.operands.get(index) {
            None | Some(None) => Ok(None),
            Some(Some(Value::Constant(tensor))) => Ok(Some(Operand::Constant(tensor.clone()))),
            Some(Some(Value::Wires(wires))) => Ok(Some(Operand::Wires(wires.clone()))),
            Some(Some(Value::Failed)) => Err(Fault::Inherited),
            Some(Some(Value::Withheld)) => {
                let message =
                    format!("`{}` is a result that is not computed", self.node.inputs[index]);
                Err(self.unsupported(message))
            }
        }
    }

    /// Operand `index`.
    pub(super) fn operand(&self, index: usize) -> Import<Operand> {
        self.optional(index)?.ok_or_else(|| {
            let message = format!("operand {index} is missing");
            self.fault(Code::O0005, message, "export the model again")
        })
    }

    /// Operand `index`, which must be constant, and may depend on the size of the batch.
    pub(super) fn shape_constant(&self, index: usize) -> Import<Arc<Tensor>> {
        match self.operand(index)? {
            Operand::Constant(tensor) => Ok(tensor),
            Operand::Wires(_) => Err(self.fault(
                Code::O0008,
                format!("operand `{}` is computed, but must be constant", self.node.inputs[index]),
                "make it an initializer of the model",
            )),
        }
    }

    /// Operand `index`, which must be constant.
    pub(super) fn constant(&self, index: usize) -> Import<Arc<Tensor>> {
        let tensor = self.shape_constant(index)?;
        self.number(&tensor)?;
        Ok(tensor)
    }

    /// Operand `index`, which must be constant if it is there.
    pub(super) fn optional_constant(&self, index: usize) -> Import<Option<Arc<Tensor>>> {
        self.optional(index)?.map(|_| self.constant(index)).transpose()
    }

    /// Checks that a constant does not depend on the size of the batch.
    pub(super) fn number(&self, tensor: &Tensor) -> Import<()> {
        if !tensor.from_batch {
            return Ok(());
        }
        let message = "a number depends on the size of the batch, which is not fixed";
        Err(self.fault(Code::O0013, message, "use the size of the batch in shapes only"))
    }

    /// Operand `index` as computed values, whatever ONNX encodes them as.
    pub(super) fn wires(&mut self, index: usize) -> Import<Wires> {
        match self.operand(index)? {
            Operand::Wires(wires) => scaling::decoded(self, &wires),
            Operand::Constant(tensor) => self.constant_wires(&tensor),
        }
    }

    /// Operand `index` as computed floating-point values.
    pub(super) fn float_wires(&mut self, index: usize) -> Import<Wires> {
        let wires = self.wires(index)?;
        if wires.element.is_float() {
            return Ok(wires);
        }
        let help = "insert a `Cast` to float32, or a `DequantizeLinear`, before it";
        Err(self.fault(Code::O0011, "it computes in integers, which wrap around", help))
    }

    /// A constant as a node of the graph.
    pub(super) fn constant_wires(&mut self, tensor: &Tensor) -> Import<Wires> {
        self.number(tensor)?;
        let values = tensor.floats();
        scaling::check_finite(self, &values)?;
        let layout: Vec<Dim> = tensor.shape.iter().copied().map(Dim::Of).collect();
        self.check_layout(&layout)?;
        let shape = event_shape(&layout);
        let constant = ops::Constant { shape, constants: Constants::float(values) };
        let node = self.add(constant, &[])?;
        Ok(Wires { node, layout, element: tensor.element, codes: None })
    }

    /// Adds an operator to the graph.
    pub(super) fn add(&mut self, op: impl Into<OpKind>, operands: &[NodeId]) -> Import<NodeId> {
        let origin = self.origin;
        self.graph.add(op, operands, origin).map_err(|error| {
            let code = match error {
                TypeError::TooWide | TypeError::Format(_) => Code::T0101,
                TypeError::Arity { .. }
                | TypeError::Shapes(..)
                | TypeError::Count { .. }
                | TypeError::Index { .. }
                | TypeError::Empty(_)
                | TypeError::FloatConstants
                | TypeError::NoOutputFormat
                | TypeError::TableTooLarge(_)
                | TypeError::Mixed => Code::O0010,
            };
            self.fault(code, error.to_string(), "check the shapes of its operands")
        })
    }

    /// Adds an operator whose result has the layout of `x`.
    pub(super) fn add_like(&mut self, op: impl Into<OpKind>, x: &Wires) -> Import<Wires> {
        let node = self.add(op, &[x.node])?;
        Ok(Wires { node, layout: x.layout.clone(), element: x.element, codes: None })
    }

    /// Checks that a computed value of this layout can be.
    pub(super) fn check_layout(&self, layout: &[Dim]) -> Import<()> {
        if dims(layout).contains(&0) {
            let message = format!("its result has the shape {}", describe(layout));
            let help = "export the model with fixed shapes, none of them zero";
            return Err(self.fault(Code::O0007, message, help));
        }
        if checked_len(dims(layout)).is_none_or(|len| len > MAX_WIRES) {
            let message = format!("its result has more than {MAX_WIRES} elements");
            return Err(self.fault(Code::O0012, message, "check the shapes of the model"));
        }
        Ok(())
    }

    /// The fault of shapes that do not fit.
    pub(super) fn shapes(&self, message: impl Into<String>) -> Fault {
        self.fault(Code::O0010, message, "check the shapes of its operands")
    }
}
