//! [`End`]: where a circuit ends, and what is computed behind the layers there.

use super::add;
use super::input::Input;
use crate::data::Targets;
use crate::graph::{Graph, NodeId, rounding};
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::tensor::Shape;
use crate::ops::quantize::FormatSource;
use crate::ops::{self, Constants, Formats, OpKind, PerElement, Quantize};
use crate::train::recipe::Recipe;
use crate::train::recipe::export::Distance;
use crate::train::recipe::layer::Layer;
use crate::train::recipe::output::Head;
use crate::train::recipe::wiring::Place;

/// An output of a circuit.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// Its name.
    pub(super) name: String,
    /// The layer whose values it is made of.
    pub(super) place: Place,
    pub(super) what: What,
}

/// What of a layer comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Its values.
    Plain,
    /// The values of an autoencoder, in the units of the inputs.
    Restored,
    /// Their distance from what went in.
    Error(Distance),
}

/// The name of the distance, as an output and as a layer.
const NAME: &str = "error";

/// The name of the only output.
const ONLY: &str = "y";

impl End {
    /// The values of a head.
    fn of_head(head: &Head<'_>) -> Self {
        Self { name: head.name.to_owned(), place: head.place, what: What::Plain }
    }

    /// The values that the losses of a recipe see.
    pub(super) fn of_losses(recipe: &Recipe) -> Vec<Self> {
        let end = |head: &Head<'_>| Self {
            place: recipe.before_softmax(head.place),
            ..Self::of_head(head)
        };
        recipe.outputs().iter().map(end).collect()
    }

    /// The values that networks are chosen by: those of the only output, a softmax too, but what the
    /// losses see of several, or where the loss counts.
    pub(super) fn of_metric(recipe: &Recipe) -> Vec<Self> {
        match recipe.outputs().as_slice() {
            [only] if recipe.adversary.is_none() => vec![Self::of_head(only)],
            _ => Self::of_losses(recipe),
        }
    }

    /// What a recipe exports.
    pub(super) fn of_recipe(recipe: &Recipe) -> Vec<Self> {
        let heads = recipe.outputs();
        let is_output = |own: &Layer| recipe.export.output.as_deref() == Some(own.name());
        if let Some(index) = recipe.layer.iter().position(is_output) {
            let place = Place::Layer(index);
            let restores = |head: &Head<'_>| head.place == place && head.targets == Targets::Inputs;
            let what = if heads.iter().any(restores) { What::Restored } else { What::Plain };
            return vec![Self { name: ONLY.to_owned(), place, what }];
        }
        let end = |head: &Head<'_>| {
            let end = Self::of_head(head);
            match (head.targets, recipe.export.error) {
                (Targets::Labels, _) => end,
                (Targets::Inputs, None) => Self { what: What::Restored, ..end },
                (Targets::Inputs, Some(distance)) => {
                    Self { name: NAME.to_owned(), what: What::Error(distance), ..end }
                }
            }
        };
        heads.iter().map(end).collect()
    }

    /// The output for the standardized inputs `x` and the values `y` of the layer.
    pub(super) fn append(&self, input: &Input, graph: &mut Graph, [x, y]: [NodeId; 2]) -> NodeId {
        match self.what {
            What::Plain => y,
            What::Restored => input.restore(graph, y),
            What::Error(distance) => error(graph, [x, y], distance),
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
        Distance::Largest(_) => return largest(graph, own, magnitude),
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

/// The largest of values in a range: `max(a, b) = b + relu(a - b)` of both halves, again and again.
fn largest(graph: &mut Graph, values: NodeId, range: Interval) -> NodeId {
    let mut values = values;
    loop {
        let len = graph[values].ty.shape.len();
        if len == 1 {
            return values;
        }
        // The halves of an odd number share the value in the middle.
        let half = len.div_ceil(2);
        let mut part = |first: usize| {
            let indices: Vec<usize> = (first..first + half).collect();
            let op = ops::Gather { shape: Shape::vector(half), indices: indices.into() };
            add(graph, (NAME, "Gather"), op, &[values])
        };
        let (a, b) = (part(0), part(len - half));
        let excess = add(graph, (NAME, "Sub"), ops::Subtract {}, &[a, b]);
        let excess = add(graph, (NAME, "Relu"), ops::Relu {}, &[excess]);
        let more = add(graph, (NAME, "Max"), ops::Add {}, &[b, excess]);
        values = add(graph, (NAME, "Max"), exactly(range), &[more]);
    }
}

fn quantize(quantizer: PerElement<Quantizer>) -> OpKind {
    Quantize { quantizer, source: FormatSource::Model }.into()
}

/// A quantizer that drops nothing of such values: products need one before them.
fn exactly(range: Interval) -> OpKind {
    let formats = Formats::covering(&[range]).expect("recipes' formats are short");
    quantize(rounding::keeping(&formats))
}
