//! [`Firmware`]: what of a network becomes a circuit.

use super::add;
use super::input::Input;
use crate::data::Targets;
use crate::graph::{Graph, NodeId, rounding};
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::ops::quantize::FormatSource;
use crate::ops::{self, Constants, Formats, OpKind, PerElement, Quantize};
use crate::train::recipe::Recipe;
use crate::train::recipe::export::Distance;

/// What of a network becomes a circuit.
#[derive(Clone, Copy, Debug)]
pub(super) enum Firmware {
    /// All layers.
    Whole,
    /// All layers of an autoencoder, whose outputs come in the units of the inputs.
    Restored,
    /// The first so many layers.
    Until(usize),
    /// All layers, and behind them the distance from what went in.
    Error(Distance),
}

/// The name of the distance, as an output and as a layer.
const NAME: &str = "error";

impl Firmware {
    /// What a recipe exports.
    pub(super) fn of(recipe: &Recipe) -> Self {
        let export = &recipe.export;
        let is_output = |layer: &crate::train::recipe::layer::Layer| {
            export.output.as_deref() == Some(layer.name())
        };
        match (recipe.layer.iter().position(is_output), export.error, recipe.data.targets) {
            (Some(last), _, _) if last + 1 < recipe.layer.len() => Self::Until(last + 1),
            (_, Some(distance), _) => Self::Error(distance),
            (_, None, Targets::Inputs) => Self::Restored,
            (_, None, Targets::Labels) => Self::Whole,
        }
    }

    /// What follows the layers, which made `y` of the standardized inputs `x`: the name of the
    /// output, and the output.
    pub(super) fn append(
        self,
        input: &Input,
        graph: &mut Graph,
        [x, y]: [NodeId; 2],
    ) -> (&'static str, NodeId) {
        match self {
            Self::Whole | Self::Until(_) => ("y", y),
            Self::Restored => ("y", input.restore(graph, y)),
            Self::Error(distance) => (NAME, error(graph, [x, y], distance)),
        }
    }
}

/// The distance of `y` from `x`, exactly, but for the rounding of differences.
fn error(graph: &mut Graph, [x, y]: [NodeId; 2], distance: Distance) -> NodeId {
    let difference = distance.difference();
    let mut step = |operator: &str, op: OpKind, operands: &[NodeId]| {
        add(graph, (NAME, operator), op, operands)
    };
    let own = step("Sub", ops::Subtract {}.into(), &[y, x]);
    let own = step("Quant", quantize(PerElement::Uniform(difference)), &[own]);
    // The magnitude: a slope of -1 below zero. Squares of it need no sign.
    let alpha = Constants::exact(vec![-1.0]).expect("one is exact");
    let own = step("LeakyRelu", ops::LeakyRelu { alpha }.into(), &[own]);
    let most =
        difference.format.min_raw().unsigned_abs().max(difference.format.max_raw().unsigned_abs());
    let most = i64::try_from(most).expect("recipes' formats are short");
    let magnitude = Interval::new(0, most, difference.format.frac());
    let own = step("Abs", exactly(magnitude), &[own]);
    let own = match distance {
        Distance::Absolute(_) => own,
        Distance::Squared(_) => {
            let square = magnitude.multiply(magnitude).expect("recipes' formats are short");
            let own = step("Mul", ops::Multiply {}.into(), &[own, own]);
            step("Square", exactly(square), &[own])
        }
    };
    let inputs = graph[own].ty.shape.len();
    let exact = |values: Vec<f64>| Constants::exact(values).expect("one and zero are exact");
    let (weights, bias) = (exact(vec![1.0; inputs]), exact(vec![0.0]));
    add(graph, (NAME, "Gemm"), ops::Dense { inputs, outputs: 1, weights, bias }, &[own])
}

fn quantize(quantizer: PerElement<Quantizer>) -> OpKind {
    Quantize { quantizer, source: FormatSource::Model }.into()
}

/// A quantizer that drops nothing of such values: products need one before them.
fn exactly(range: Interval) -> OpKind {
    let formats = Formats::covering(&[range]).expect("recipes' formats are short");
    quantize(rounding::keeping(&formats))
}
