//! Moves scales that are no power of two out of the integers, up to the next quantizer.
//!
//! A network trained with arbitrary scales computes `quantize(W (s q) / t)` with
//! integers `W` and `q`. The scale commutes with everything linear or positively
//! homogeneous, so the integers stay integers and one factor `s / t` is left:
//! ```text
//! %1 = affine(%0) {"scale":[0.3,0.3],"offset":[0,0]}
//! %2 = dense(%1) {"weights":[1,-2],"bias":[0.5]}
//! %3 = affine(%2) {"scale":[0.7],"offset":[0]}
//! ```
//! becomes
//! ```text
//! %2 = dense(%0) {"weights":[1,-2],"bias":[0]}
//! %3 = affine(%2) {"scale":[0.21],"offset":[0.35]}
//! ```
//! It moves forward through `dense` with exact weights, `relu`, `leaky_relu`,
//! `reshape`, `gather`, and through `concat`, `add` and `subtract` where all
//! operands have the same scale; before `argmax` it vanishes. What `rescale`
//! finds afterwards stands directly before a quantizer or an output.

use super::{PassContext, chain, fuse_affine, maps};
use crate::diag::Diagnostic;
use crate::graph::{Graph, NodeId};
use crate::ops::{Affine, Constants, Dense, OpKind, Threshold};

pub(super) const NAME: &str = "commute-scales";

#[expect(clippy::unnecessary_wraps, reason = "the signature of passes")]
pub(super) fn commute_scales(
    graph: &mut Graph,
    _: &mut PassContext<'_>,
) -> Result<(), Vec<Diagnostic>> {
    while graph.topological().into_iter().any(|node| step(graph, node)) {
        graph.sweep();
    }
    graph.retype().expect("the same values have types as before");
    Ok(())
}

/// One move at `node`; false if there is none.
fn step(graph: &mut Graph, node: NodeId) -> bool {
    match graph[node].op.clone() {
        OpKind::Affine(outer) => {
            fuse_affine::fuse(graph, node, NAME)
                || pull_before_relu(graph, node, &outer)
                || split_users(graph, node, &outer)
        }
        OpKind::Dense(dense) => {
            through_dense(graph, node, &dense) || split_bias(graph, node, &dense)
        }
        OpKind::Relu(_) | OpKind::LeakyRelu(_) => through_rectifier(graph, node),
        OpKind::Reshape(_) => through_wires(graph, node, Constants::clone),
        OpKind::Gather(gather) => through_wires(graph, node, |own| {
            let picked: Vec<f64> = gather.indices.iter().map(|from| own.values()[*from]).collect();
            like(own, picked)
        }),
        OpKind::Concat(_) | OpKind::Add(_) | OpKind::Subtract(_) => through_joint(graph, node),
        OpKind::ArgMax(_) => drop_before_argmax(graph, node),
        OpKind::Threshold(threshold) => split_threshold(graph, node, &threshold),
        OpKind::Input(_)
        | OpKind::Constant(_)
        | OpKind::Multiply(_)
        | OpKind::Clip(_)
        | OpKind::Quantize(_)
        | OpKind::Activation(_)
        | OpKind::Softmax(_) => false,
    }
}

/// The map that computes `node`, if its scale has no grid, and what it maps.
fn scaled(graph: &Graph, node: NodeId) -> Option<(Affine, NodeId)> {
    match &graph[node].op {
        OpKind::Affine(affine) if !affine.scale.is_exact() => {
            Some((affine.clone(), graph.operands(node)[0]))
        }
        _ => None,
    }
}

/// Replaces `node` by `op` over `operands` followed by `affine`, which came from the operand before.
fn rebuild(
    graph: &mut Graph,
    node: NodeId,
    op: OpKind,
    operands: &[NodeId],
    affine: Affine,
) -> bool {
    let from = match &op {
        OpKind::Dense(dense) if dense.bias.is_exact() && affine.scale.is_exact() => node,
        OpKind::Threshold(_) => node,
        _ => graph.operands(node)[0],
    };
    let map_origin = graph.derived(NAME, from);
    let origin = graph.derived(NAME, node);
    let Ok(inner) = graph.add(op, operands, origin) else { return false };
    let Ok(outer) = graph.add(affine, &[inner], map_origin) else { return false };
    graph.replace(node, outer);
    true
}

/// Constants of another number of elements on a grid if `own` is on one.
fn like(own: &Constants, values: Vec<f64>) -> Constants {
    if own.is_exact() {
        return Constants::exact(values).expect("the same values share their grid");
    }
    Constants::float(values)
}

fn repeat(values: &[f64], len: usize) -> Constants {
    Constants::float(values.iter().copied().cycle().take(len).collect::<Vec<_>>())
}

/// `W (s x + o) + b = s W x + (W o + b)`.
fn through_dense(graph: &mut Graph, node: NodeId, dense: &Dense) -> bool {
    let Some((affine, source)) = scaled(graph, graph.operands(node)[0]) else { return false };
    let (Some(scale), true) = (maps::uniform(&affine.scale), dense.weights.is_exact()) else {
        return false;
    };
    let Some(bias) = maps::bias_of(&affine, dense) else { return false };
    let len = graph[node].ty.shape.len();
    let moved = Affine {
        scale: repeat(&[scale], len),
        offset: like(&bias, repeat(bias.values(), len).values().to_vec()),
    };
    let inner = Dense { bias: maps::zeros(dense.outputs), ..dense.clone() };
    rebuild(graph, node, inner.into(), &[source], moved)
}

/// A bias without a grid leaves exact products where a quantizer follows.
fn split_bias(graph: &mut Graph, node: NodeId, dense: &Dense) -> bool {
    if !dense.weights.is_exact() || dense.bias.is_exact() || !chain::ends_in_quantizer(graph, node)
    {
        return false;
    }
    let len = graph[node].ty.shape.len();
    let ones = Constants::exact(vec![1.0; len]).expect("one is on every grid");
    let moved = Affine { scale: ones, offset: repeat(dense.bias.values(), len) };
    let inner = Dense { bias: maps::zeros(dense.outputs), ..dense.clone() };
    let source = graph.operands(node);
    rebuild(graph, node, inner.into(), &source, moved)
}

/// `relu(s x) = s relu(x)` for `s > 0`.
fn through_rectifier(graph: &mut Graph, node: NodeId) -> bool {
    let Some((affine, source)) = scaled(graph, graph.operands(node)[0]) else { return false };
    let positive = affine.scale.values().iter().all(|scale| *scale > 0.0);
    if !positive || !maps::zero(&affine.offset) {
        return false;
    }
    let op = graph[node].op.clone();
    rebuild(graph, node, op, &[source], affine)
}

/// `s relu(t x + o) = relu(s t x + s o)` for `s > 0`: both maps then stand side by side.
fn pull_before_relu(graph: &mut Graph, node: NodeId, outer: &Affine) -> bool {
    let relu = graph.operands(node)[0];
    if !matches!(graph[relu].op, OpKind::Relu(_) | OpKind::LeakyRelu(_))
        || graph.users(relu).len() != 1
        || graph.is_output(relu)
    {
        return false;
    }
    let inner = graph.operands(relu)[0];
    let inner_is_map = matches!(&graph[inner].op,
        OpKind::Affine(inner) if !inner.scale.is_exact() || !inner.offset.is_exact());
    let positive = outer.scale.values().iter().all(|scale| *scale > 0.0);
    if !inner_is_map || !positive || !maps::zero(&outer.offset) {
        return false;
    }
    let origin = graph.derived(NAME, node);
    let Ok(scaled) = graph.add(outer.clone(), &[inner], origin) else { return false };
    let op = graph[relu].op.clone();
    let origin = graph.derived(NAME, relu);
    let Ok(relu) = graph.add(op, &[scaled], origin) else { return false };
    graph.replace(node, relu);
    true
}

/// Each quantizer gets a scale of its own, since each has its own steps.
fn split_users(graph: &mut Graph, node: NodeId, affine: &Affine) -> bool {
    let users = graph.users(node);
    if affine.scale.is_exact() || users.len() + usize::from(graph.is_output(node)) < 2 {
        return false;
    }
    let quantized = |user: &NodeId| match &graph[*user].op {
        OpKind::Quantize(_) | OpKind::Threshold(_) => true,
        OpKind::Relu(_) | OpKind::LeakyRelu(_) | OpKind::Clip(_) | OpKind::Reshape(_) => {
            chain::ends_in_quantizer(graph, *user)
        }
        _ => false,
    };
    let Some(user) = users.iter().copied().find(quantized) else { return false };
    let origin = graph.derived(NAME, node);
    let source = graph.operands(node);
    let Ok(own) = graph.add(affine.clone(), &source, origin) else { return false };
    graph.set_operand(user, 0, own);
    true
}

/// Values in another order or shape keep their scales.
fn through_wires(graph: &mut Graph, node: NodeId, moved: impl Fn(&Constants) -> Constants) -> bool {
    let Some((affine, source)) = scaled(graph, graph.operands(node)[0]) else { return false };
    let moved = Affine { scale: moved(&affine.scale), offset: moved(&affine.offset) };
    let op = graph[node].op.clone();
    rebuild(graph, node, op, &[source], moved)
}

/// Operands of one common scale are joined before it.
fn through_joint(graph: &mut Graph, node: NodeId) -> bool {
    let operands = graph.operands(node);
    let joined: Option<Vec<(Affine, NodeId)>> =
        operands.iter().map(|operand| scaled(graph, *operand)).collect();
    let Some(joined) = joined else { return false };
    let mut scales = joined.iter().map(|(affine, _)| maps::uniform(&affine.scale));
    let Some(Some(scale)) = scales.next() else { return false };
    if !scales.all(|own| own == Some(scale)) {
        return false;
    }
    let offset: Vec<f64> = if let OpKind::Concat(_) = graph[node].op {
        joined.iter().flat_map(|(affine, _)| affine.offset.values().to_vec()).collect()
    } else {
        let sign = if matches!(graph[node].op, OpKind::Subtract(_)) { -1.0 } else { 1.0 };
        let [a, b] = [0, 1].map(|port| joined[port].0.offset.values());
        a.iter().zip(b).map(|(a, b)| a + sign * b).collect()
    };
    let offset = if offset.iter().all(|own| *own == 0.0) {
        maps::zeros(offset.len())
    } else {
        Constants::float(offset)
    };
    let moved = Affine { scale: repeat(&[scale], offset.len()), offset };
    let sources: Vec<NodeId> = joined.iter().map(|(_, source)| *source).collect();
    let op = graph[node].op.clone();
    rebuild(graph, node, op, &sources, moved)
}

/// The largest stays the largest when all are scaled alike.
fn drop_before_argmax(graph: &mut Graph, node: NodeId) -> bool {
    let Some((affine, source)) = scaled(graph, graph.operands(node)[0]) else { return false };
    let keeps_order = maps::uniform(&affine.scale).is_some_and(|scale| scale > 0.0)
        && maps::uniform(&affine.offset).is_some();
    if keeps_order {
        graph.set_operand(node, 0, source);
    }
    keeps_order
}

/// A staircase with arbitrary steps counts in whole steps, and a scale follows.
#[expect(clippy::float_cmp, reason = "a half is exact")]
fn split_threshold(graph: &mut Graph, node: NodeId, threshold: &Threshold) -> bool {
    if threshold.base_and_step.is_exact() {
        return false;
    }
    let [base, step] = [0, 1].map(|index| threshold.base_and_step.values()[index]);
    let symmetric = base == -step / 2.0;
    let counted = if symmetric { [-1.0, 2.0] } else { [0.0, 1.0] };
    let (scale, offset) = if symmetric { (step / 2.0, 0.0) } else { (step, base) };
    let len = graph[node].ty.shape.len();
    let offset = if offset == 0.0 { maps::zeros(len) } else { repeat(&[offset], len) };
    let moved = Affine { scale: repeat(&[scale], len), offset };
    let counted = Constants::exact(counted.to_vec()).expect("small integers");
    let inner = Threshold { base_and_step: counted, ..threshold.clone() };
    let source = graph.operands(node);
    rebuild(graph, node, inner.into(), &source, moved)
}
