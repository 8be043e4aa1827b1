//! Drops or replaces a softmax (or sigmoid) at the end, as `head` in the configuration says.
//!
//! ```text
//! %1 = dense(%0) {…}
//! %2 = softmax(%1) {"len":5}
//! output "y" %2
//! ```
//! becomes with `head = "argmax"`
//! ```text
//! %1 = dense(%0) {…}
//! %2 = argmax(%1) {"len":5}
//! output "y" %2
//! ```
//! and with `head = "logits"` the output is `%1`. With `"argmax"` a single
//! output without softmax gets the arg max too; a sigmoid stays then, for it
//! does not choose among classes.

use super::PassContext;
use crate::config::Head;
use crate::diag::Diagnostic;
use crate::graph::{Graph, NodeId};
use crate::ops::activation::Function;
use crate::ops::{ArgMax, OpKind};

pub(super) const NAME: &str = "head";

#[expect(clippy::unnecessary_wraps, reason = "the signature of passes")]
pub(super) fn head(graph: &mut Graph, cx: &mut PassContext<'_>) -> Result<(), Vec<Diagnostic>> {
    let single = graph.outputs.len() == 1;
    for index in 0..graph.outputs.len() {
        let node = graph.outputs[index].node;
        let operand = graph.operands(node).first().copied();
        let replaced = match (cx.config.head, &graph[node].op, operand) {
            (Head::Logits, OpKind::Softmax(_), Some(logits)) => Some(logits),
            (Head::Logits, OpKind::Activation(own), Some(logits))
                if own.function == Function::Sigmoid =>
            {
                Some(logits)
            }
            (Head::Argmax, OpKind::Softmax(_), Some(logits)) => Some(arg_max(graph, logits)),
            (Head::Argmax, OpKind::ArgMax(_), _) => None,
            (Head::Argmax, _, _) if single && graph[node].ty.shape.last() > 1 => {
                Some(arg_max(graph, node))
            }
            (Head::Softmax | Head::Logits | Head::Argmax, _, _) => None,
        };
        if let Some(replaced) = replaced {
            graph.outputs[index].node = replaced;
        }
    }
    graph.sweep();
    Ok(())
}

fn arg_max(graph: &mut Graph, logits: NodeId) -> NodeId {
    let len = graph[logits].ty.shape.last();
    let origin = graph.derived(NAME, logits);
    graph.add(ArgMax { len }, &[logits], origin).expect("the last dimension has this length")
}
