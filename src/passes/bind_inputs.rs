//! Makes the quantizer behind each input the input's own, and with it the graph fixed-point.
//!
//! ```text
//! %0 = input {"shape":[2]} : float[2]
//! %1 = quantize(%0) {"quantizer":"fixed<8,3,RND,SAT>","source":"model"} : float[2]
//! ```
//! becomes
//! ```text
//! %0 = input {"shape":[2],"quantizer":"fixed<8,3,RND,SAT>","source":"model"} : fixed<8,3>[2]
//! ```
//! Before it, `assign-formats` has put a quantizer behind every input and
//! `quantize-weights` has made all constants exact.

use super::PassContext;
use crate::diag::{Code, Diagnostic};
use crate::graph::Graph;
use crate::ops::{OpKind, TypeError};

pub(super) const NAME: &str = "bind-inputs";

pub(super) fn bind_inputs(
    graph: &mut Graph,
    _: &mut PassContext<'_>,
) -> Result<(), Vec<Diagnostic>> {
    let mut bound = graph.clone();
    for port in graph.inputs.clone() {
        let OpKind::Input(input) = &graph[port.node].op else {
            unreachable!("ports of a graph are inputs")
        };
        if let ([user], None, false) =
            (graph.users(port.node).as_slice(), &input.quantizer, graph.is_output(port.node))
            && let OpKind::Quantize(quantize) = &graph[*user].op
        {
            let mut input = input.clone();
            input.quantizer = Some(quantize.quantizer.clone());
            input.source = Some(quantize.source);
            bound.set_op(port.node, input);
            bound.replace(*user, port.node);
        }
    }
    bound.sweep();
    bound.retype().map_err(|(node, error)| {
        let (name, operator) = bound.imported(node);
        vec![untyped(&error).at_node(name, operator)]
    })?;
    *graph = bound;
    Ok(())
}

fn untyped(error: &TypeError) -> Diagnostic {
    let (code, help) = match error {
        TypeError::TooWide | TypeError::Format(_) => (
            Code::T0101,
            "give the layer, or the one before it, a narrower format, such as \
             `[layer.\"NAME\"] output = \"fixed<16,6,RND,SAT>\"`",
        ),
        TypeError::TableTooLarge(_) => (
            Code::P0301,
            "give the layer before it a format of at most 16 bits, such as \
             `[layer.\"NAME\"] output = \"fixed<10,4,RND,SAT>\"`",
        ),
        TypeError::Arity { .. }
        | TypeError::Shapes(..)
        | TypeError::Count { .. }
        | TypeError::Index { .. }
        | TypeError::Empty(_)
        | TypeError::FloatConstants
        | TypeError::NoOutputFormat
        | TypeError::Mixed => (
            Code::T0102,
            "give every input a format with `[quantize] input = \"fixed<16,6,RND,SAT>\"`, or \
             events with `--data`",
        ),
    };
    Diagnostic::error(code, error.to_string(), help)
}
