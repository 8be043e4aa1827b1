//! The same network in operators that ONNX has.
//!
//! - The format of an input becomes a quantizer behind it.
//! - An `affine` with a factor and a term becomes two, one that does nothing disappears.
//! - The bias of a `dense` over more than one row becomes an `affine`.
//! - Reshapes bring vectors before `gather` and `concat`.
//! - The output format of a function by table becomes a quantizer behind it.
//! - A quantizer that wraps, but never has to, saturates; half a step before a floor is a rounding.
//! - Constants get a grid, or lose it, where the importer does the same.
//! - Sums and products that go into another product exactly get a quantizer that drops nothing: without
//!   one they would be given a format.
//!
//! ```text
//! %0 = input {"shape":[2],"quantizer":"fixed<8,3,RND,SAT>"} : fixed<8,3>[2]
//! %1 = affine(%0) {"scale":[0.5,0.5],"offset":[1.0,1.0]} : fixed<9,4>[2]
//! ```
//! becomes
//! ```text
//! %0 = input {"shape":[2]} : float[2]
//! %1 = quantize(%0) {"quantizer":"fixed<8,3,RND,SAT>","source":"model"} : float[2]
//! %2 = affine(%1) {"scale":[0.5,0.5],"offset":[0.0,0.0]} : float[2]
//! %3 = affine(%2) {"scale":[1.0,1.0],"offset":[1.0,1.0]} : float[2]
//! ```

use crate::diag::{Code, Diagnostic, Origin};
use crate::graph::{Graph, NodeId, Port, rounding};
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
use crate::numeric::tensor::Shape;
use crate::onnx::export::{Dialect, ties};
use crate::onnx::scaling;
use crate::ops::quantize::FormatSource;
use crate::ops::{
    Activation, Affine, Clip, Constants, Dense, Gather, Input, LeakyRelu, OpKind, PerElement,
    Quantize, Reshape, Threshold,
};

/// The network that importing an export of `graph` gives: the same values, in floating point with
/// quantizers, in operators that ONNX has.
///
/// # Errors
/// Every quantizer that wraps values, or drops them to zero.
pub fn expressible(graph: &Graph, dialect: Dialect) -> Result<Graph, Vec<Diagnostic>> {
    let mut new = Graph::default();
    new.origins.clone_from(&graph.origins);
    let mut rewriter = Rewriter {
        graph,
        dialect,
        new,
        values: vec![None; graph.capacity()],
        unrounded: rounding::unrounded(graph),
        rounded: vec![None; graph.capacity()],
    };
    for port in &graph.inputs {
        let shape = graph[port.node].ty.shape.clone();
        let input = Input { shape, quantizer: None, source: None };
        let node = rewriter.add(port.node, input, &[]);
        rewriter.new.inputs.push(Port { name: port.name.clone(), node });
        rewriter.values[port.node.index()] = Some(node);
    }
    let mut faults = Vec::new();
    for node in graph.topological() {
        match rewriter.node(node) {
            Ok(new) => rewriter.values[node.index()] = Some(new),
            Err(fault) => {
                // What follows is looked at all the same, so that all faults are found at once.
                let (name, operator) = graph.imported(node);
                faults.push(fault.at_node(name, operator));
                rewriter.values[node.index()] = graph
                    .operands(node)
                    .first()
                    .map_or(rewriter.values[node.index()], |x| rewriter.values[x.index()]);
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let Rewriter { mut new, values, .. } = rewriter;
    for port in &graph.outputs {
        let node = values[port.node.index()].expect("every node was rewritten");
        new.outputs.push(Port { name: port.name.clone(), node });
    }
    new.sweep();
    Ok(new)
}

struct Rewriter<'a> {
    graph: &'a Graph,
    dialect: Dialect,
    new: Graph,
    /// What each node of the old graph became.
    values: Vec<Option<NodeId>>,
    /// Which nodes of the old graph are exact arithmetic.
    unrounded: Vec<bool>,
    /// The same with a quantizer behind it, where that is needed.
    rounded: Vec<Option<NodeId>>,
}

impl Rewriter<'_> {
    fn node(&mut self, node: NodeId) -> Result<NodeId, Diagnostic> {
        let operands: Vec<NodeId> = self
            .graph
            .operands(node)
            .iter()
            .map(|operand| self.operand(node, *operand))
            .collect::<Result<_, _>>()?;
        let shape = &self.graph[node].ty.shape;
        Ok(match &self.graph[node].op {
            OpKind::Input(input) => {
                let own = self.values[node.index()].expect("inputs were made first");
                match &input.quantizer {
                    Some(quantizer) => self.quantize(node, quantizer, own)?,
                    None => own,
                }
            }
            OpKind::Quantize(quantize) => self.quantize(node, &quantize.quantizer, operands[0])?,
            OpKind::Affine(affine) => self.affine(node, affine, operands[0]),
            OpKind::Dense(dense) if shape.rank() > 1 && !are(&dense.bias, 0.0) => {
                let scale = ones(shape.len());
                let offset = repeated(&dense.bias, shape.len());
                let dense = Dense { bias: zeros(dense.outputs), ..dense.clone() };
                let product = self.add(node, dense, &operands);
                self.affine(node, &Affine { scale, offset }, product)
            }
            OpKind::Gather(gather) => self.gather(node, gather, operands[0]),
            OpKind::Concat(concat) => {
                let vectors: Vec<NodeId> =
                    operands.iter().map(|operand| self.vector(node, *operand)).collect();
                self.add(node, *concat, &vectors)
            }
            OpKind::Reshape(reshape) if reshape.shape == self.new[operands[0]].ty.shape => {
                operands[0]
            }
            OpKind::Activation(activation) => {
                let function = Activation { function: activation.function, output: None };
                let y = self.add(node, function, &operands);
                match &activation.output {
                    Some(quantizer) => self.quantize(node, quantizer, y)?,
                    None => y,
                }
            }
            OpKind::Dense(dense) => {
                let dense = Dense { bias: guessed(&dense.bias), ..dense.clone() };
                self.add(node, dense, &operands)
            }
            OpKind::LeakyRelu(leaky) => {
                let alpha = shortened(&leaky.alpha);
                self.add(node, LeakyRelu { alpha }, &operands)
            }
            OpKind::Clip(clip) => {
                let bounds = shortened(&clip.bounds);
                self.add(node, Clip { bounds }, &operands)
            }
            OpKind::Threshold(threshold) => {
                let thresholds = scaling::guess(threshold.thresholds.values().to_vec());
                self.add(node, Threshold { thresholds, ..threshold.clone() }, &operands)
            }
            op @ (OpKind::Constant(_)
            | OpKind::Add(_)
            | OpKind::Subtract(_)
            | OpKind::Multiply(_)
            | OpKind::Relu(_)
            | OpKind::Softmax(_)
            | OpKind::ArgMax(_)
            | OpKind::Reshape(_)) => self.add(node, op.clone(), &operands),
        })
    }

    /// What an operand of `user` became, in a format where the importer would give it one.
    fn operand(&mut self, user: NodeId, operand: NodeId) -> Result<NodeId, Diagnostic> {
        let value = self.values[operand.index()].expect("operands come first");
        let is_exact = self.unrounded[operand.index()]
            && !rounding::takes_unrounded(self.graph, user, operand, true);
        let Some(formats) = self.graph[operand].ty.formats().filter(|_| is_exact) else {
            return Ok(value);
        };
        if let Some(rounded) = self.rounded[operand.index()] {
            return Ok(rounded);
        }
        let rounded = self.quantize(operand, &rounding::keeping(formats), value)?;
        self.rounded[operand.index()] = Some(rounded);
        Ok(rounded)
    }

    fn add(&mut self, from: NodeId, op: impl Into<OpKind>, operands: &[NodeId]) -> NodeId {
        let origin = self.graph[from].origin;
        self.new.add(op, operands, origin).expect("in floating point only shapes count")
    }

    fn quantize(
        &mut self,
        node: NodeId,
        quantizer: &PerElement<Quantizer>,
        x: NodeId,
    ) -> Result<NodeId, Diagnostic> {
        let len = self.graph[node].ty.shape.len();
        let leaves = |index: &usize| {
            let own = quantizer.at(*index);
            !own.overflow.is_monotone() && self.may_overflow(node, own, *index)
        };
        let mut quantizer = quantizer.clone();
        match ((0..len).find(leaves), self.dialect) {
            (None, _) => quantizer = quantizer.map(saturating),
            (Some(_), Dialect::Qonnx) => {}
            (Some(index), Dialect::Qdq) => return Err(leaves_its_format(quantizer.at(index))),
        }
        let mut x = x;
        let floors = |own: &Quantizer| own.rounding == Rounding::Floor;
        let half = scaling::before_half_a_step(&self.new, x, |i| quantizer.at(i).format.step());
        if quantizer.as_slice().iter().all(floors)
            && let Some(before) = half
        {
            x = before;
            quantizer = quantizer.map(|own| Quantizer { rounding: Rounding::NearestUp, ..own });
        }
        let source = FormatSource::Model;
        match self.dialect {
            Dialect::Qonnx => Ok(self.add(node, Quantize { quantizer, source }, &[x])),
            Dialect::Qdq => {
                let x = self.ties_to_even(node, &quantizer, x)?;
                let quantizer =
                    quantizer.map(|own| Quantizer { rounding: Rounding::NearestEven, ..own });
                // Steps that differ are given along one axis.
                let steps = quantizer.map(|own| own.format.frac());
                let shape = self.new[x].ty.shape.clone();
                let x = if steps.as_slice().len() > 1 { self.vector(node, x) } else { x };
                let y = self.add(node, Quantize { quantizer, source }, &[x]);
                Ok(self.reshape(node, &shape, y))
            }
        }
    }

    /// `x` plus what makes the nearest code, ties to even, that of other roundings.
    fn ties_to_even(
        &mut self,
        node: NodeId,
        quantizer: &PerElement<Quantizer>,
        x: NodeId,
    ) -> Result<NodeId, Diagnostic> {
        let len = self.graph[node].ty.shape.len();
        let mut offsets = Vec::with_capacity(len);
        for index in 0..len {
            let own = quantizer.at(index);
            let offset = ties::offset(own, self.range(node, index));
            offsets.push(offset.ok_or_else(|| rounds_otherwise(own))?);
        }
        if offsets.iter().all(|offset| *offset == 0.0) {
            return Ok(x);
        }
        let offset = Constants::exact(offsets).expect("steps of formats share a grid");
        let name = format!("{}.ties", self.graph.imported(node).0);
        let origin = Origin::Onnx { node: name, operator: "Add".to_owned() };
        let origin = self.new.origins.push(origin);
        let op = Affine { scale: ones(len), offset: guessed(&offset) };
        Ok(self.new.add(op, &[x], origin).expect("a term for each element"))
    }

    /// Whether an element of the operand of `node` can lie outside the format of `own`.
    fn may_overflow(&self, node: NodeId, own: Quantizer, index: usize) -> bool {
        self.range(node, index).is_none_or(|range| {
            own.overflows(range.lo(), range.frac()) || own.overflows(range.hi(), range.frac())
        })
    }

    /// The values of an element of the operand of a quantizer; none where they are on no grid.
    fn range(&self, node: NodeId, index: usize) -> Option<Interval> {
        if !matches!(self.graph[node].op, OpKind::Quantize(_)) {
            return None;
        }
        let operand = *self.graph.operands(node).first()?;
        Some(self.graph[operand].ty.formats()?.at(index).interval())
    }

    fn affine(&mut self, node: NodeId, affine: &Affine, x: NodeId) -> NodeId {
        let len = affine.scale.len();
        let mut y = x;
        if !are(&affine.scale, 1.0) {
            let scale = guessed(&affine.scale);
            y = self.add(node, Affine { scale, offset: zeros(len) }, &[y]);
        }
        if !are(&affine.offset, 0.0) {
            let offset = guessed(&affine.offset);
            y = self.add(node, Affine { scale: ones(len), offset }, &[y]);
        }
        y
    }

    fn gather(&mut self, node: NodeId, gather: &Gather, x: NodeId) -> NodeId {
        let len = self.new[x].ty.shape.len();
        if gather.indices.iter().copied().eq(0..len) {
            return self.reshape(node, &gather.shape, x);
        }
        let x = self.vector(node, x);
        self.add(node, gather.clone(), &[x])
    }

    fn vector(&mut self, node: NodeId, x: NodeId) -> NodeId {
        let shape = Shape::vector(self.new[x].ty.shape.len());
        self.reshape(node, &shape, x)
    }

    fn reshape(&mut self, node: NodeId, shape: &Shape, x: NodeId) -> NodeId {
        if self.new[x].ty.shape == *shape {
            return x;
        }
        self.add(node, Reshape { shape: shape.clone() }, &[x])
    }
}

#[expect(clippy::float_cmp, reason = "one and zero are exact")]
fn are(constants: &Constants, value: f64) -> bool {
    constants.values().iter().all(|own| *own == value)
}

fn ones(len: usize) -> Constants {
    Constants::exact(vec![1.0; len]).expect("one is exact")
}

fn zeros(len: usize) -> Constants {
    Constants::exact(vec![0.0; len]).expect("zero is exact")
}

/// Floats that are simple enough have a grid for the importer.
fn guessed(constants: &Constants) -> Constants {
    if constants.is_exact() {
        return constants.clone();
    }
    scaling::guess(constants.values().to_vec())
}

/// Floats that are short enough have a grid for the importer.
fn shortened(constants: &Constants) -> Constants {
    if constants.is_exact() {
        return constants.clone();
    }
    scaling::shorten(constants.values().to_vec())
}

/// The constants over and over, as many as `len`.
fn repeated(constants: &Constants, len: usize) -> Constants {
    let values: Vec<f64> = constants.values().iter().copied().cycle().take(len).collect();
    if constants.is_exact() {
        Constants::exact(values).expect("the same values have the same grid")
    } else {
        Constants::float(values)
    }
}

/// The same for values that do not leave the format, or saturate there.
fn saturating(own: Quantizer) -> Quantizer {
    let overflow = match own.overflow {
        Overflow::SaturateSymmetric if own.format.signed() => Overflow::SaturateSymmetric,
        Overflow::Saturate
        | Overflow::SaturateSymmetric
        | Overflow::Wrap
        | Overflow::SaturateZero => Overflow::Saturate,
    };
    Quantizer { overflow, ..own }
}

fn leaves_its_format(quantizer: Quantizer) -> Diagnostic {
    let saturating = Quantizer { overflow: Overflow::Saturate, ..quantizer };
    Diagnostic::error(
        Code::O0014,
        format!("values may leave `{quantizer}`, and `QuantizeLinear` always saturates"),
        format!("give it the format `{saturating}`, or choose the dialect `qonnx`"),
    )
}

fn rounds_otherwise(quantizer: Quantizer) -> Diagnostic {
    let even = Quantizer { rounding: Rounding::NearestEven, ..quantizer };
    Diagnostic::error(
        Code::O0014,
        format!("`QuantizeLinear` rounds to the nearest, ties to even, and `{quantizer}` does not"),
        format!("give it the format `{even}`, or choose the dialect `qonnx`"),
    )
    .note("recipes say so by `RND_CONV` in formats, and by `rounding = \"RND_CONV\"` in `[input]`")
}
