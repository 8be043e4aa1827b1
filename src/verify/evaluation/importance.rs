//! What each input does to the score of an event: gradient times input, and relevance.
//!
//! Both walk the network backward in floating point. The gradient passes straight through
//! quantizers and staircases, as training does. Relevance shares the score out among the terms of
//! each sum by what they contribute (the ε-rule of layer-wise relevance propagation: S. Bach et al.,
//! PLOS ONE 10(7), e0130140, 2015), so that the inputs' shares add up to the score but for biases.

use crate::graph::{Graph, NodeId, eval};
use crate::numeric::tensor::Block;
use crate::ops::OpKind;
use crate::report::data::InputImportance;

/// How many events are walked at a time.
const CHUNK: usize = 1024;

/// What keeps a sum of nearly nothing from sharing out without bounds.
const EPSILON: f64 = 1e-9;

/// The step of a numeric derivative, by the size of its argument.
const STEP: f64 = 1e-6;

/// What is passed backward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Gradient,
    Relevance,
}

/// The part of each input in the scores of the events' own classes: the mean over events of what it
/// does, whatever the sign, by that of all inputs.
///
/// `labels` are classes; a network of one output is taken by it. Nothing where the network gives the
/// number of a class.
pub fn importance(
    graph: &Graph,
    inputs: &[Block<f64>],
    labels: &[usize],
    weights: Option<&[f64]>,
    names: &[String],
) -> Vec<InputImportance> {
    let [gradient, relevance] = [Rule::Gradient, Rule::Relevance]
        .map(|rule| parts(graph, inputs, labels, weights, rule).unwrap_or_default());
    let title = |index: usize| match names.get(index) {
        Some(name) => name.clone(),
        None => unnamed(graph, index),
    };
    let all = gradient.into_iter().zip(relevance).enumerate();
    all.map(|(index, (gradient, relevance))| InputImportance {
        name: title(index),
        gradient,
        relevance,
    })
    .collect()
}

/// `port[element]`, counted over all inputs.
fn unnamed(graph: &Graph, index: usize) -> String {
    let mut first = 0;
    for port in &graph.inputs {
        let len = graph[port.node].ty.shape.len();
        if index < first + len {
            return format!("{}[{}]", port.name, index - first);
        }
        first += len;
    }
    unreachable!("as many parts as inputs")
}

fn parts(
    graph: &Graph,
    inputs: &[Block<f64>],
    labels: &[usize],
    weights: Option<&[f64]>,
    rule: Rule,
) -> Option<Vec<f64>> {
    let mut sums: Vec<f64> = vec![0.0; inputs.iter().map(Block::elements).sum()];
    for first in (0..labels.len()).step_by(CHUNK) {
        let count = CHUNK.min(labels.len() - first);
        let inputs: Vec<Block<f64>> =
            inputs.iter().map(|block| block.events_from(first, count)).collect();
        let passed = backward(graph, &inputs, &labels[first..first + count], rule)?;
        let mut sum = sums.iter_mut();
        for (x, passed) in inputs.iter().zip(&passed) {
            for (element, sum) in (0..x.elements()).zip(&mut sum) {
                for (event, passed) in passed.element(element).iter().enumerate() {
                    let weight = weights.map_or(1.0, |weights| weights[first + event]);
                    let part = match rule {
                        Rule::Gradient => passed * x.element(element)[event],
                        Rule::Relevance => *passed,
                    };
                    *sum += weight * part.abs();
                }
            }
        }
    }
    let total: f64 = sums.iter().sum();
    (total > 0.0).then(|| sums.into_iter().map(|sum| sum / total).collect())
}

/// What arrives at each input; nothing where the network gives the number of a class.
fn backward(
    graph: &Graph,
    inputs: &[Block<f64>],
    labels: &[usize],
    rule: Rule,
) -> Option<Vec<Block<f64>>> {
    let values = eval::eval_f64(graph, inputs);
    let value = |node: NodeId| values[node.index()].as_ref().expect("every node has a value");
    let mut arrived: Vec<Option<Block<f64>>> = vec![None; graph.capacity()];
    let output = scores(graph, graph.outputs.first()?.node);
    let mut start = Block::zeros(value(output).elements(), labels.len(), 0);
    for (event, label) in labels.iter().enumerate() {
        let element = if start.elements() == 1 { 0 } else { *label };
        start.element_mut(element)[event] = match rule {
            Rule::Gradient => 1.0,
            Rule::Relevance => value(output).element(element)[event],
        };
    }
    arrived[output.index()] = Some(start);
    for node in graph.topological().into_iter().rev() {
        let operands = graph.operands(node);
        if operands.is_empty() {
            continue;
        }
        let Some(above) = arrived[node.index()].take() else { continue };
        let x: Vec<&Block<f64>> = operands.iter().map(|operand| value(*operand)).collect();
        let passed = pass(&graph[node].op, &x, value(node), above, rule)?;
        for (operand, passed) in operands.iter().zip(passed) {
            match &mut arrived[operand.index()] {
                Some(sum) => {
                    sum.data.iter_mut().zip(&passed.data).for_each(|(sum, own)| *sum += own);
                }
                none => *none = Some(passed),
            }
        }
    }
    let of = |(port, x): (&crate::graph::Port, &Block<f64>)| {
        let nothing = || Block::zeros(x.elements(), labels.len(), 0);
        arrived[port.node.index()].take().unwrap_or_else(nothing)
    };
    Some(graph.inputs.iter().zip(inputs).map(of).collect())
}

/// The scores behind probabilities: these of one class depend on those of all others.
fn scores(graph: &Graph, output: NodeId) -> NodeId {
    let mut node = output;
    while let OpKind::Quantize(_) | OpKind::Reshape(_) = &graph[node].op {
        node = graph.operands(node)[0];
    }
    match &graph[node].op {
        OpKind::Softmax(_) => graph.operands(node)[0],
        _ => output,
    }
}

/// What each operand gets of what arrived at an operator's output; nothing for numbers of classes.
fn pass(
    op: &OpKind,
    x: &[&Block<f64>],
    y: &Block<f64>,
    above: Block<f64>,
    rule: Rule,
) -> Option<Vec<Block<f64>>> {
    let mut below: Vec<Block<f64>> =
        x.iter().map(|x| Block::zeros(x.elements(), x.events, 0)).collect();
    // Of a sum, each term gets the part that it makes.
    let shared = |above: f64, y: f64| above / (y + EPSILON.copysign(y));
    let by_element = |below: &mut Block<f64>, factor: &dyn Fn(usize, usize) -> f64| {
        let events = below.events;
        for (place, (own, above)) in below.data.iter_mut().zip(&above.data).enumerate() {
            *own = above * factor(place / events, place);
        }
    };
    match op {
        OpKind::Input(_) | OpKind::Constant(_) => {}
        OpKind::ArgMax(_) => return None,
        OpKind::Dense(op) => {
            let weights = op.weights.values();
            for element in 0..y.elements() {
                let (row, output) = (element / op.outputs, element % op.outputs);
                for input in 0..op.inputs {
                    let weight = weights[output * op.inputs + input];
                    if weight == 0.0 {
                        continue;
                    }
                    let from = row * op.inputs + input;
                    let own = below[0].element_mut(from).iter_mut();
                    for (event, own) in own.enumerate() {
                        let above = above.element(element)[event];
                        *own += match rule {
                            Rule::Gradient => above * weight,
                            Rule::Relevance => {
                                let part = weight * x[0].element(from)[event];
                                part * shared(above, y.element(element)[event])
                            }
                        };
                    }
                }
            }
        }
        OpKind::Affine(op) => {
            let scale = op.scale.values();
            by_element(&mut below[0], &|element, place| match rule {
                Rule::Gradient => scale[element],
                Rule::Relevance => scale[element] * x[0].data[place] * shared(1.0, y.data[place]),
            });
        }
        OpKind::Add(_) | OpKind::Subtract(_) => {
            let signs = [1.0, if matches!(op, OpKind::Add(_)) { 1.0 } else { -1.0 }];
            for ((below, x), sign) in below.iter_mut().zip(x).zip(signs) {
                by_element(below, &|_, place| match rule {
                    Rule::Gradient => sign,
                    Rule::Relevance => sign * x.data[place] * shared(1.0, y.data[place]),
                });
            }
        }
        OpKind::Multiply(_) => {
            for (index, below) in below.iter_mut().enumerate() {
                by_element(below, &|_, place| match rule {
                    Rule::Gradient => x[1 - index].data[place],
                    Rule::Relevance => 0.5,
                });
            }
        }
        OpKind::Relu(_) | OpKind::LeakyRelu(_) | OpKind::Clip(_) | OpKind::Activation(_) => {
            let slopes = slopes(op, x[0]);
            by_element(&mut below[0], &|_, place| match rule {
                Rule::Gradient => slopes[place],
                Rule::Relevance => 1.0,
            });
        }
        OpKind::Softmax(op) => {
            for element in 0..y.elements() {
                let row = element / op.len * op.len;
                for event in 0..y.events {
                    let at = |block: &Block<f64>, element: usize| block.element(element)[event];
                    let mean: f64 =
                        (row..row + op.len).map(|own| at(&above, own) * at(y, own)).sum();
                    below[0].element_mut(element)[event] = match rule {
                        Rule::Gradient => at(y, element) * (at(&above, element) - mean),
                        Rule::Relevance => at(&above, element),
                    };
                }
            }
        }
        OpKind::Quantize(_) | OpKind::Threshold(_) | OpKind::Reshape(_) => {
            below[0].data = above.data;
        }
        OpKind::Gather(op) => {
            for (element, from) in op.indices.iter().enumerate() {
                let own = below[0].element_mut(*from).iter_mut();
                own.zip(above.element(element)).for_each(|(own, above)| *own += above);
            }
        }
        OpKind::Concat(_) => {
            let mut rest = above.data.as_slice();
            for below in &mut below {
                let (own, others) = rest.split_at(below.data.len());
                below.data.copy_from_slice(own);
                rest = others;
            }
        }
    }
    Some(below)
}

/// The slope of a function of single values, at each.
fn slopes(op: &OpKind, x: &Block<f64>) -> Vec<f64> {
    let step = |x: f64| STEP * x.abs().max(1.0);
    let moved = |sign: f64| {
        let data = x.data.iter().map(|x| x + sign * step(*x)).collect();
        op.eval_f64(&[&Block { data, ..x.clone() }])
    };
    let (above, below) = (moved(1.0), moved(-1.0));
    let rise = above.data.iter().zip(&below.data).map(|(above, below)| above - below);
    rise.zip(&x.data).map(|(rise, x)| rise / (2.0 * step(*x))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::text;

    /// `y = relu(W1 x) W2`, two classes, three inputs, no bias.
    fn network() -> Graph {
        let text = r#"graph
  %0 = input {"shape":[3]} @ "x" (input)
  %1 = dense(%0) {"inputs":3,"outputs":3,"weights":{"values":[1.0,-2.0,0.0,3.0,0.5,0.0,-1.0,2.0,0.0]},"bias":{"values":[0.0,0.0,0.0]}} @ "fc1" (Gemm)
  %2 = relu(%1) {} @ "relu" (Relu)
  %3 = dense(%2) {"inputs":3,"outputs":2,"weights":{"values":[1.0,0.5,-2.0,-1.0,2.0,0.25]},"bias":{"values":[0.0,0.0]}} @ "fc2" (Gemm)
  %4 = affine(%3) {"scale":{"values":[2.0,-0.5]},"offset":{"values":[0.0,0.0]}} @ "scale" (Mul)
  input "x" %0
  output "y" %4
"#;
        text::parse(text).unwrap()
    }

    fn events() -> Block<f64> {
        Block::from_rows(&[1.0, 2.0, -1.0, -0.5, 1.5, 3.0, 2.0, -1.0, 0.25], 3, 0)
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let (graph, x, labels) = (network(), events(), [0, 1, 1]);
        let found = backward(&graph, std::slice::from_ref(&x), &labels, Rule::Gradient).unwrap();
        let score = |x: &Block<f64>, event: usize| {
            let values = eval::eval_f64(&graph, std::slice::from_ref(x));
            let output = values[graph.outputs[0].node.index()].clone().unwrap();
            output.element(labels[event])[event]
        };
        for (event, _) in labels.iter().enumerate() {
            for element in 0..3 {
                let [high, low] = [1e-4, -1e-4].map(|step| {
                    let mut moved = x.clone();
                    moved.element_mut(element)[event] += step;
                    score(&moved, event)
                });
                let wanted = (high - low) / 2e-4;
                let own = found[0].element(element)[event];
                assert!((own - wanted).abs() < 1e-6, "{own} is not {wanted}");
            }
        }
    }

    #[test]
    fn relevance_without_biases_adds_up_to_the_score() {
        let (graph, x, labels) = (network(), events(), [1, 0, 1]);
        let found = backward(&graph, std::slice::from_ref(&x), &labels, Rule::Relevance).unwrap();
        let values = eval::eval_f64(&graph, std::slice::from_ref(&x));
        let output = values[graph.outputs[0].node.index()].as_ref().unwrap();
        for (event, label) in labels.iter().enumerate() {
            let sum: f64 = (0..3).map(|element| found[0].element(element)[event]).sum();
            let score = output.element(*label)[event];
            assert!((sum - score).abs() < 1e-6, "{sum} is not {score}");
        }
    }

    #[test]
    fn parts_add_up_to_one_and_what_is_not_read_has_none() {
        let graph = network();
        let names = ["mass".to_owned()];
        let found = importance(&graph, &[events()], &[0, 1, 0], Some(&[1.0, 2.0, 0.5]), &names);
        let sums =
            found.iter().fold([0.0; 2], |sum, own| [sum[0] + own.gradient, sum[1] + own.relevance]);
        assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-12), "{sums:?}");
        assert_eq!((found[2].gradient, found[2].relevance), (0.0, 0.0));
        assert_eq!([&found[0].name, &found[1].name], ["mass", "x[1]"]);
    }
}
