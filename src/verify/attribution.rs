//! [`attribute`]: which layer's quantization costs how much at the outputs.
//!
//! The method: the network is evaluated in floating point with every source of
//! quantization error switched off but one, and the outputs are held against
//! those with all of them off. Sources are the quantizers of inputs, of
//! [`Quantize`](crate::ops::Quantize) nodes and of tables, and the constants of a layer.
//! What a source costs is the mean square of the error it adds alone, so that
//! costs of independent sources add up.
//!
//! Off means unrounded. A quantizer that came with the model still clips when it
//! is off, for the model was trained with that; one that was added later lets all
//! values through.

use serde::{Deserialize, Serialize};

use crate::graph::{Graph, NodeId};
use crate::numeric::interval::scale;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::Overflow;
use crate::numeric::tensor::Block;
use crate::ops::constants::Constants;
use crate::ops::quantize::FormatSource;
use crate::ops::{Op, OpKind};

/// What one source of error does alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerCost {
    /// The model's node.
    pub name: String,
    /// Its operator in the model.
    pub operator: String,
    /// What is quantized.
    pub source: Source,
    /// The root mean square of the error at all outputs, when nothing else is quantized.
    pub rms: f64,
    /// Its share of the sum of the mean squares of all sources, 0 to 1.
    pub share: f64,
}

/// What is quantized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The values of a tensor.
    Values,
    /// The weights, biases and other constants of a layer.
    Constants,
}

/// The cost of each source of error in `fixed`, in topological order.
///
/// `float` is the network before its constants were quantized; a constant
/// without a counterpart of the same model node, operator and size there counts
/// as exact. `inputs` are physical values.
pub fn attribute(float: &Graph, fixed: &Graph, inputs: &[Block<f64>]) -> Vec<LayerCost> {
    let evaluation = Evaluation { fixed, originals: originals(float, fixed) };
    let nothing = evaluation.run(inputs, None, None);
    let mut costs = Vec::new();
    for node in fixed.topological() {
        for source in [Source::Constants, Source::Values] {
            if !evaluation.has(node, source) {
                continue;
            }
            let values = evaluation.run(inputs, Some((node, source)), Some(&nothing));
            let outputs = fixed.outputs.iter().map(|port| port.node.index());
            let (mut squares, mut count) = (0.0, 0_u32);
            for output in outputs {
                for (value, reference) in values[output].data.iter().zip(&nothing[output].data) {
                    squares += (value - reference) * (value - reference);
                    count += 1;
                }
            }
            let (name, operator) = fixed.imported(node);
            costs.push(LayerCost {
                name: name.to_owned(),
                operator: operator.to_owned(),
                source,
                rms: (squares / f64::from(count.max(1))).sqrt(),
                share: 0.0,
            });
        }
    }
    let all: f64 = costs.iter().map(|cost| cost.rms * cost.rms).sum();
    for cost in &mut costs {
        cost.share = if all > 0.0 { cost.rms * cost.rms / all } else { 0.0 };
    }
    costs
}

/// A fixed graph whose quantization can be switched off.
struct Evaluation<'a> {
    fixed: &'a Graph,
    /// The operators with unquantized constants, by node index.
    originals: Vec<Option<OpKind>>,
}

impl Evaluation<'_> {
    fn has(&self, node: NodeId, source: Source) -> bool {
        match (source, &self.fixed[node].op) {
            (Source::Constants, _) => self.originals[node.index()].is_some(),
            (Source::Values, OpKind::Input(input)) => input.quantizer.is_some(),
            (Source::Values, OpKind::Quantize(_)) => true,
            (Source::Values, OpKind::Activation(activation)) => activation.output.is_some(),
            (Source::Values, OpKind::Softmax(softmax)) => softmax.formats.is_some(),
            (Source::Values, _) => false,
        }
    }

    /// The value of every node with one source on, by node index; nodes before
    /// that source are taken from `known`.
    fn run(
        &self,
        inputs: &[Block<f64>],
        on: Option<(NodeId, Source)>,
        known: Option<&Vec<Block<f64>>>,
    ) -> Vec<Block<f64>> {
        let empty = Block { events: 0, frac: 0, data: Vec::new() };
        let mut values = known.cloned().unwrap_or(vec![empty; self.fixed.capacity()]);
        let mut stale = vec![known.is_none(); self.fixed.capacity()];
        for (port, block) in self.fixed.inputs.iter().zip(inputs) {
            values[port.node.index()] = block.clone();
        }
        for node in self.fixed.topological() {
            let operands = self.fixed.operands(node);
            let changed = operands.iter().any(|operand| stale[operand.index()]);
            let own = on.filter(|(source, _)| *source == node).map(|(_, source)| source);
            if known.is_some() && !changed && own.is_none() {
                continue;
            }
            stale[node.index()] = true;
            let result = self.apply(node, own, &values, &operands);
            values[node.index()] = result;
        }
        values
    }

    fn apply(
        &self,
        node: NodeId,
        on: Option<Source>,
        values: &[Block<f64>],
        operands: &[NodeId],
    ) -> Block<f64> {
        let fixed = &self.fixed[node].op;
        let op = match &self.originals[node.index()] {
            Some(original) if on != Some(Source::Constants) => original,
            _ => fixed,
        };
        let operands: Vec<&Block<f64>> =
            operands.iter().map(|operand| &values[operand.index()]).collect();
        let rounds = on == Some(Source::Values);
        let each = |block: &Block<f64>, quantizer: &dyn Fn(usize) -> Quantizer, clips: bool| {
            let mut block = block.clone();
            for index in 0..block.elements() {
                let quantizer = quantizer(index);
                for value in block.element_mut(index) {
                    *value = pass(*value, quantizer, rounds, clips);
                }
            }
            block
        };
        match op {
            OpKind::Input(input) => {
                let given = &values[node.index()];
                let quantizer = input.quantizer.as_ref();
                quantizer.map_or(given.clone(), |own| each(given, &|index| own.at(index), false))
            }
            OpKind::Quantize(quantize) => {
                let clips = quantize.source == FormatSource::Model;
                each(operands[0], &|index| quantize.quantizer.at(index), clips)
            }
            OpKind::Activation(activation) => {
                let exact = activation.eval_f64(&operands);
                let output = activation.output.as_ref();
                output.map_or(exact.clone(), |own| each(&exact, &|index| own.at(index), false))
            }
            OpKind::Softmax(softmax) => {
                let exact = softmax.eval_f64(&operands);
                let formats = softmax.formats;
                formats.map_or(exact.clone(), |own| each(&exact, &|_| own.output, false))
            }
            op => op.eval_f64(&operands),
        }
    }
}

/// A value behind a quantizer that rounds or is off, and in the latter case still clips or not.
fn pass(value: f64, quantizer: Quantizer, rounds: bool, clips: bool) -> f64 {
    let format = quantizer.format;
    if rounds {
        let raw = quantizer.apply_f64(value).expect("events and weights are finite");
        return scale(raw, format.frac());
    }
    match quantizer.overflow {
        Overflow::Saturate | Overflow::SaturateSymmetric if clips => {
            value.clamp(format.interval().lo_f64(), format.interval().hi_f64())
        }
        Overflow::Wrap
        | Overflow::Saturate
        | Overflow::SaturateZero
        | Overflow::SaturateSymmetric => value,
    }
}

/// For each node of `fixed` whose constants were quantized, its operator in `float`.
fn originals(float: &Graph, fixed: &Graph) -> Vec<Option<OpKind>> {
    let mut originals = vec![None; fixed.capacity()];
    let order = float.topological();
    for node in fixed.topological() {
        let own = &fixed[node].op;
        let counterpart = |candidate: &&NodeId| {
            let other = &float[**candidate].op;
            let (own, other) = (constants(own), constants(other));
            let sizes = |constants: &[&Constants]| -> Vec<usize> {
                constants.iter().map(|constants| constants.len()).collect()
            };
            float.imported(**candidate) == fixed.imported(node)
                && float[**candidate].op.name() == fixed[node].op.name()
                && sizes(&own) == sizes(&other)
        };
        let original = order.iter().find(counterpart).map(|found| &float[*found].op);
        let values = |op: &OpKind| -> Vec<f64> {
            constants(op).iter().flat_map(|constants| constants.values()).copied().collect()
        };
        originals[node.index()] =
            original.filter(|original| values(original) != values(own)).cloned();
    }
    originals
}

/// The constants of an operator that a pass may quantize.
fn constants(op: &OpKind) -> Vec<&Constants> {
    match op {
        OpKind::Dense(dense) => vec![&dense.weights, &dense.bias],
        OpKind::Affine(affine) => vec![&affine.scale, &affine.offset],
        OpKind::LeakyRelu(leaky) => vec![&leaky.alpha],
        OpKind::Constant(constant) => vec![&constant.constants],
        OpKind::Clip(clip) => vec![&clip.bounds],
        OpKind::Input(_)
        | OpKind::Add(_)
        | OpKind::Subtract(_)
        | OpKind::Multiply(_)
        | OpKind::Relu(_)
        | OpKind::Quantize(_)
        | OpKind::Threshold(_)
        | OpKind::Activation(_)
        | OpKind::Softmax(_)
        | OpKind::ArgMax(_)
        | OpKind::Reshape(_)
        | OpKind::Gather(_)
        | OpKind::Concat(_) => Vec::new(),
    }
}
