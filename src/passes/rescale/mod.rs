//! Turns scales that are no power of two into integers: comparisons, or a multiplication and a shift.
//!
//! What `commute-scales` leaves is `quantize(f(s x + o))` with an integer `x`,
//! `f` one of `relu`, `leaky_relu`, `clip` or nothing, and a floating-point `s`.
//!
//! - A quantizer of few bits ([`threshold_bits`](crate::config::Quantize::threshold_bits))
//!   becomes a `threshold`: for each of its steps the smallest integer `x` that
//!   reaches it, found by bisection of the floating-point definition, which is
//!   monotone. The result is exact.
//! - Otherwise `s` and `o` become binary fractions, just long enough that the
//!   value before rounding is right to a sixteenth of a step, so the result may
//!   differ by one step where the value lies that close to a boundary. With
//!   `rescale = "exact"` they become as long as it takes for every result to be
//!   the same. Where results of the model's own quantizers may differ, a warning
//!   gives the bound.
//!
//! ```text
//! %1 = affine(%0) {"scale":[0.3],"offset":[0.0]}
//! %2 = quantize(%1) {"quantizer":"ufixed<1,1,RND,SAT>"}
//! ```
//! becomes, for `%0` an integer,
//! ```text
//! %1 = threshold(%0) {"steps":1,"thresholds":[2.0],"base_and_step":[0.0,1.0]}
//! ```

mod definition;
mod dyadic;
mod steps;

use super::{PassContext, Rescaled, Rescaling};
use crate::analysis::{FloatConstants, Ranges};
use crate::config::Rescale;
use crate::diag::{Code, Diagnostic};
use crate::graph::{Graph, NodeId};
use crate::numeric::interval::Interval;
use crate::ops::OpKind;
use crate::ops::quantize::FormatSource;

use definition::Definition;

pub(super) const NAME: &str = "rescale";

pub(super) fn rescale(graph: &mut Graph, cx: &mut PassContext<'_>) -> Result<(), Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let mut ranges = Ranges::new(FloatConstants::Unknown);
    for node in graph.topological() {
        if let Some(operand) = ranges_of_operand(graph, node, &ranges)
            && let Some(definition) = Definition::read(graph, node, operand)
        {
            match replace(graph, cx, &definition) {
                Ok(inserted) => {
                    for new in inserted {
                        ranges.update(graph, new);
                    }
                }
                Err(fault) => {
                    let (name, operator) = graph.imported(node);
                    faults.push(fault.at_node(name, operator));
                }
            }
        }
        ranges.update(graph, node);
    }
    graph.sweep();
    if let Err((node, error)) = graph.retype() {
        let (name, operator) = graph.imported(node);
        let help = "give the layer before it fewer bits: `word_length` in its section";
        faults
            .push(Diagnostic::error(Code::T0101, error.to_string(), help).at_node(name, operator));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn ranges_of_operand(graph: &Graph, node: NodeId, ranges: &Ranges) -> Option<Vec<Interval>> {
    match &graph[node].op {
        OpKind::Affine(affine) if !(affine.scale.is_exact() && affine.offset.is_exact()) => {
            ranges.get(graph.operands(node)[0]).map(<[_]>::to_vec)
        }
        _ => None,
    }
}

/// Replaces the definition; gives back the nodes that are new.
fn replace(
    graph: &mut Graph,
    cx: &mut PassContext<'_>,
    definition: &Definition,
) -> Result<Vec<NodeId>, Diagnostic> {
    let (name, operator) = graph.imported(definition.affine);
    let (name, operator) = (name.to_owned(), operator.to_owned());
    if let Some(staircase) = steps::staircase(definition, cx.config.quantize.threshold_bits) {
        let how = Rescaling::Thresholds { steps: staircase.steps() };
        cx.rescaled.push(Rescaled { name, operator, how });
        return Ok(steps::insert(graph, definition, staircase));
    }
    let trained = definition.source(graph) == Some(FormatSource::Model);
    let mode = if trained { cx.config.quantize.rescale } else { Rescale::Close };
    let Some(found) = dyadic::approximate(definition, mode)? else { return Ok(Vec::new()) };
    if !found.same_results && trained {
        cx.warnings.push(approximated(&found, &name).at_node(&name, &operator));
    }
    let dyadic::Found { affine, bits, error, same_results } = found;
    let how = Rescaling::Factor { bits, error, same_results };
    cx.rescaled.push(Rescaled { name, operator, how });
    graph.set_op(definition.affine, affine);
    Ok(Vec::new())
}

fn approximated(found: &dyadic::Found, name: &str) -> Diagnostic {
    Diagnostic::warning(
        Code::Q0205,
        format!("the scale of `{name}` became a factor of at most {} bits", found.bits),
        "write `rescale = \"exact\"` into `[quantize]` for equal results, at the price of longer factors",
    )
    .note(format!(
        "before rounding the value is off by at most {:.4} of a step, so a result may differ by one step",
        found.error
    ))
}
