//! Runs passes: verifies after each, keeps their time, dumps where asked.

use std::time::Instant;

use super::{PASSES, PIPELINES, Pass, PassContext, Timing};
use crate::diag::Diagnostic;
use crate::graph::{Graph, text, verify};

/// Runs the pass `name`.
///
/// # Errors
/// What the pass finds at fault with the model or the configuration.
pub fn run(name: &str, graph: &mut Graph, cx: &mut PassContext<'_>) -> Result<(), Vec<Diagnostic>> {
    let pass = PASSES.iter().find(|pass| pass.name == name).expect("pipelines name passes");
    run_pass(pass, graph, cx)
}

/// Runs the passes of the pipeline `name` in order, up to the first that finds a fault.
///
/// # Errors
/// What that pass finds at fault.
pub fn run_pipeline(
    name: &str,
    graph: &mut Graph,
    cx: &mut PassContext<'_>,
) -> Result<(), Vec<Diagnostic>> {
    let pipeline =
        PIPELINES.iter().find(|pipeline| pipeline.name == name).expect("callers name a pipeline");
    pipeline.passes.iter().try_for_each(|pass| run(pass, graph, cx))
}

fn run_pass(
    pass: &Pass,
    graph: &mut Graph,
    cx: &mut PassContext<'_>,
) -> Result<(), Vec<Diagnostic>> {
    let start = Instant::now();
    (pass.run)(graph, cx)?;
    cx.timings.push(Timing { pass: pass.name, elapsed: start.elapsed() });
    if cfg!(debug_assertions)
        && let Err(broken) = verify::verify(graph)
    {
        panic!("pass `{}` broke the graph: {broken}\n{}", pass.name, text::print(graph));
    }
    let wanted = cx.dump_after.as_deref();
    if wanted == Some(pass.name) || wanted == Some("all") {
        cx.dumps.push((pass.name, text::print(graph)));
    }
    Ok(())
}
