//! The story in one file: network -> integers -> circuit -> cost.

use crate::config::{Config, PipelineMode};
use crate::diag::Diagnostic;
use crate::estimate::{self, Estimate};
use crate::graph::Graph;
use crate::lower::{self, schedule};
use crate::netlist::{Module, passes as netlist_passes};
use crate::numeric::tensor::Block;
use crate::passes::{self, PassContext, Rescaled};
use crate::plan::{self, Pipeline, Plan, Search};

/// Everything that compiling a network gives.
#[derive(Clone, Debug)]
pub struct Compilation {
    /// The network as imported, in floating point: the reference.
    pub float: Graph,
    /// The same in floating point, layer by layer as the circuit has it.
    pub prepared: Graph,
    /// The network in exact integers: the definition of every bit.
    pub graph: Graph,
    /// The choices that cannot change a bit.
    pub plan: Plan,
    /// The circuit, with its registers.
    pub module: Module,
    /// What the circuit costs.
    pub estimate: Estimate,
    /// What became of scales that are no power of two.
    pub rescaled: Vec<Rescaled>,
    /// What the user should know, although the result stands.
    pub warnings: Vec<Diagnostic>,
}

/// A network in exact integers, and what was done to it.
#[derive(Clone, Debug)]
pub struct Quantized {
    /// The network.
    pub graph: Graph,
    /// What became of scales that are no power of two.
    pub rescaled: Vec<Rescaled>,
    /// What the user should know, although the result stands.
    pub warnings: Vec<Diagnostic>,
}

/// Compiles an imported network.
///
/// `events` are finite values, one block for each input; formats that nothing
/// else gives are calibrated on them.
///
/// # Errors
/// Everything that is wrong with the model or the configuration, as far as it
/// can be seen in one run.
pub fn compile(
    float: Graph,
    config: &Config,
    events: Option<&[Block<f64>]>,
) -> Result<Compilation, Vec<Diagnostic>> {
    let quantized = quantize(&float, config, events)?;
    let compilation = build(float, quantized.graph, config)?;
    Ok(Compilation { warnings: quantized.warnings, rescaled: quantized.rescaled, ..compilation })
}

/// The fixed-point form of an imported network.
///
/// # Errors
/// What the passes find at fault.
pub fn quantize(
    float: &Graph,
    config: &Config,
    events: Option<&[Block<f64>]>,
) -> Result<Quantized, Vec<Diagnostic>> {
    let mut graph = float.clone();
    let mut cx = PassContext::new(config, events);
    passes::run_pipeline("quantize", &mut graph, &mut cx)?;
    Ok(Quantized { graph, rescaled: cx.rescaled, warnings: cx.warnings })
}

/// Whether a network is in fixed point throughout, so that it can be simulated.
///
/// # Errors
/// Each value without a format, and each table that would be too large.
pub fn check(graph: &Graph) -> Result<(), Vec<Diagnostic>> {
    lower::check(graph)
}

/// Builds the circuit of a fixed-point network that `float` was quantized to.
///
/// # Errors
/// When the plan cannot be met.
pub fn build(float: Graph, graph: Graph, config: &Config) -> Result<Compilation, Vec<Diagnostic>> {
    let plan = plan(config).map_err(|fault| vec![fault])?;
    let mut prepared = float.clone();
    passes::run_pipeline("prepare", &mut prepared, &mut PassContext::new(config, None))?;
    let module = lower::lower(&graph, &plan)?;
    let module = netlist_passes::optimize(&module);
    let module = schedule::place_registers(&module, &plan).map_err(|fault| vec![fault])?;
    let estimate = estimate::estimate(&module, plan.device, plan.clock_ns);
    let (rescaled, warnings) = (Vec::new(), Vec::new());
    Ok(Compilation { float, prepared, graph, plan, module, estimate, rescaled, warnings })
}

/// The plan that a configuration asks for.
///
/// # Errors
/// When the device is not known.
pub fn plan(config: &Config) -> Result<Plan, Diagnostic> {
    let device = plan::device(&config.device.part)?;
    Ok(Plan {
        register_inputs: config.pipeline.register_inputs,
        register_outputs: config.pipeline.register_outputs,
        pipeline: match (config.pipeline.mode, config.pipeline.stages) {
            (PipelineMode::Combinational, _) => Pipeline::Combinational,
            (PipelineMode::Clocked, stages) => Pipeline::Clocked(stages),
        },
        overflow_flags: config.shell.kind.is_some() && config.shell.overflow_flags,
        dense: config.hls.dense,
        search: Search { effort: config.solver.effort, seed: config.solver.seed },
        ..Plan::new(device, config.device.clock_ns)
    })
}
