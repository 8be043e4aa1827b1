//! [`Verification`]: everything that is known about how well a network was made, as plain numbers.

use serde::{Deserialize, Serialize};

use crate::graph::{self, Graph, NodeId};
use crate::netlist::Module;
use crate::numeric::interval::scale;
use crate::numeric::quantizer::NotFinite;
use crate::numeric::tensor::Block;
use crate::ops::OpKind;
use crate::ops::activation::Function;
use crate::sim::netlist::NetlistSimulator;
use crate::sim::trace::{Observer, Overflows};

use super::attribution::{LayerCost, attribute};
use super::compare::{Comparison, compare, layer_of};
use super::metrics::{self, Decision, Errors};

/// The background rates at which efficiencies are given.
pub const BACKGROUND_RATES: [f64; 3] = [0.001, 0.01, 0.1];

/// How many events the attribution of errors to layers uses at most.
const ATTRIBUTION_EVENTS: usize = 2_000;

/// What verification found. Floating point is the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// The number of events.
    pub events: usize,
    /// Each output, in the graph's order.
    pub outputs: Vec<OutputVerification>,
    /// What the first output says about labeled events.
    pub classification: Option<Classification>,
    /// What each source of quantization costs, in topological order.
    pub layers: Vec<LayerCost>,
    /// Every quantizer that could be given values outside of its format.
    pub overflows: Vec<QuantizerOverflows>,
    /// Engines that were held against each other.
    pub engines: Vec<Comparison>,
}

/// Fixed against floating point at one output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputVerification {
    /// The name.
    pub name: String,
    /// Its elements.
    pub elements: usize,
    /// The errors; none where the shape differs, as with a head that was dropped.
    pub errors: Option<Errors>,
}

/// Fixed against floating point at the task of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// The fraction of events that floating point classifies rightly.
    pub float_accuracy: f64,
    /// The fraction that fixed point does.
    pub fixed_accuracy: f64,
    /// Fixed minus floating point.
    pub accuracy_change: f64,
    /// The fraction of events to which both give the same class.
    pub agreement: f64,
    /// `confusion[label][class]` in fixed point.
    pub confusion: Vec<Vec<usize>>,
    /// Each class against all others; empty where outputs are class numbers.
    pub classes: Vec<ClassVerification>,
}

/// One class against all others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassVerification {
    /// The class.
    pub class: usize,
    /// The area under the ROC curve in floating point; none without events of both kinds.
    pub float_auc: Option<f64>,
    /// The same in fixed point.
    pub fixed_auc: Option<f64>,
    /// Signal efficiencies at [`BACKGROUND_RATES`].
    pub efficiencies: Vec<Efficiency>,
}

/// The signal efficiency at one background rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Efficiency {
    /// The fraction of the background that is kept at most.
    pub background_rate: f64,
    /// The fraction of the signal that floating point keeps.
    pub float: Option<f64>,
    /// The fraction that fixed point keeps.
    pub fixed: Option<f64>,
}

/// What a quantizer did not let through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuantizerOverflows {
    /// The model's node.
    pub name: String,
    /// Its operator in the model.
    pub operator: String,
    /// The counts.
    pub overflows: Overflows,
}

/// Holds `fixed` against `float` on physical inputs, and the netlist against `fixed`.
///
/// `prepared` is `float` with the layers of `fixed`: whatever is merged there is merged here.
///
/// # Errors
/// When an input is not finite.
pub fn verify(
    float: &Graph,
    prepared: &Graph,
    fixed: &Graph,
    netlist: Option<&Module>,
    inputs: &[Block<f64>],
    labels: Option<&[usize]>,
) -> Result<Verification, NotFinite> {
    let reference = graph::eval::eval_f64(float, inputs);
    let reference = |node: NodeId| reference[node.index()].as_ref().expect("outputs have values");
    let raw = graph::eval::quantize_inputs(fixed, inputs)?;
    let observation = Observer::new(fixed).run(&raw);
    let values: Vec<Block<f64>> = observation.outputs.iter().map(physical).collect();
    let pairs = || float.outputs.iter().zip(&values);
    let outputs = pairs().map(|(port, values)| OutputVerification {
        name: port.name.clone(),
        elements: values.elements(),
        errors: metrics::errors(reference(port.node), values),
    });
    let outputs = outputs.collect();
    let classification = labels.zip(pairs().next()).map(|(labels, (port, values))| {
        let decisions = [(float, port.node), (fixed, fixed.outputs[0].node)]
            .map(|(graph, node)| decision(graph, node));
        classify(decisions, [reference(port.node), values], labels)
    });
    let overflows = observation.overflows.iter().map(|(node, overflows)| {
        let (name, operator) = fixed.imported(*node);
        let (name, operator) = (name.to_owned(), operator.to_owned());
        QuantizerOverflows { name, operator, overflows: *overflows }
    });
    let engines = netlist.map(|module| against_netlist(module, &raw, &observation.outputs));
    let few: Vec<Block<f64>> =
        inputs.iter().map(|block| block.first_events(ATTRIBUTION_EVENTS)).collect();
    Ok(Verification {
        events: inputs.first().map_or(0, |block| block.events),
        outputs,
        classification,
        layers: attribute(prepared, fixed, &few),
        overflows: overflows.collect(),
        engines: engines.into_iter().collect(),
    })
}

/// How the output of a node names a class.
pub fn decision(graph: &Graph, node: NodeId) -> Decision {
    if graph[node].ty.shape.len() > 1 {
        return Decision::Largest;
    }
    let mut node = node;
    loop {
        match &graph[node].op {
            OpKind::ArgMax(_) => return Decision::Number,
            OpKind::Activation(activation) if activation.function == Function::Sigmoid => {
                return Decision::Above(0.5);
            }
            OpKind::Quantize(_) | OpKind::Reshape(_) => node = graph.operands(node)[0],
            _ => return Decision::Above(0.0),
        }
    }
}

fn classify(
    decisions: [Decision; 2],
    scores: [&Block<f64>; 2],
    labels: &[usize],
) -> Classification {
    let [float, fixed] = [0, 1].map(|index| decisions[index].classes(scores[index]));
    let [float_accuracy, fixed_accuracy] =
        [&float, &fixed].map(|classes| metrics::accuracy(classes, labels));
    let ranked = decisions.iter().all(|decision| *decision != Decision::Number)
        && scores[0].elements() == scores[1].elements();
    // A single score is that of class 1.
    let elements = if ranked { 0..scores[0].elements() } else { 0..0 };
    let first = usize::from(elements.len() == 1);
    let class = |element: usize| {
        let class = element + first;
        let signal: Vec<bool> = labels.iter().map(|label| *label == class).collect();
        let [float, fixed] = scores.map(|scores| scores.element(element));
        let efficiency = |background_rate| Efficiency {
            background_rate,
            float: metrics::efficiency(float, &signal, background_rate),
            fixed: metrics::efficiency(fixed, &signal, background_rate),
        };
        ClassVerification {
            class,
            float_auc: metrics::auc(float, &signal),
            fixed_auc: metrics::auc(fixed, &signal),
            efficiencies: BACKGROUND_RATES.map(efficiency).to_vec(),
        }
    };
    Classification {
        float_accuracy,
        fixed_accuracy,
        accuracy_change: fixed_accuracy - float_accuracy,
        agreement: metrics::accuracy(&fixed, &float),
        confusion: metrics::confusion(&fixed, labels),
        classes: elements.map(class).collect(),
    }
}

fn against_netlist(module: &Module, raw: &[Block<i64>], expected: &[Block<i64>]) -> Comparison {
    let found = NetlistSimulator::new(module).run(raw);
    let mut comparison = compare("netlist", &found, "tensors", expected);
    if let Some(first) = &mut comparison.first {
        let layer = layer_of(module, first.output, first.element);
        first.place = layer.map(|layer| format!("layer `{layer}`"));
    }
    comparison
}

/// The numbers that raw integers stand for.
pub fn physical(block: &Block<i64>) -> Block<f64> {
    let data = block.data.iter().map(|raw| scale(*raw, block.frac)).collect();
    Block { events: block.events, frac: 0, data }
}
