//! The story in one file: network -> integers -> circuit -> cost.

use crate::config::{Config, PipelineMode};
use crate::diag::Diagnostic;
use crate::estimate::{self, Estimate};
use crate::graph::Graph;
use crate::lower;
use crate::netlist::passes::pipeline;
use crate::netlist::{Module, passes as netlist_passes};
use crate::numeric::tensor::Block;
use crate::passes::{self, PassContext};
use crate::plan::{self, Plan};

/// Everything that compiling a network gives.
#[derive(Clone, Debug)]
pub struct Compilation {
    /// The network as imported, in floating point: the reference.
    pub float: Graph,
    /// The network in exact integers: the definition of every bit.
    pub graph: Graph,
    /// The choices that cannot change a bit.
    pub plan: Plan,
    /// The circuit, with its registers.
    pub module: Module,
    /// What the circuit costs.
    pub estimate: Estimate,
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
    let plan = plan(config).map_err(|fault| vec![fault])?;
    let (graph, warnings) = quantize(&float, config, events)?;
    let compilation = build(float, graph, plan)?;
    Ok(Compilation { warnings, ..compilation })
}

/// The fixed-point form of an imported network, and what the user should know about it.
///
/// # Errors
/// What the passes find at fault.
pub fn quantize(
    float: &Graph,
    config: &Config,
    events: Option<&[Block<f64>]>,
) -> Result<(Graph, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut graph = float.clone();
    let mut cx = PassContext::new(config, events);
    passes::run_pipeline("quantize", &mut graph, &mut cx)?;
    Ok((graph, cx.warnings))
}

/// Builds the circuit of a fixed-point network.
///
/// # Errors
/// When the plan cannot be met.
pub fn build(float: Graph, graph: Graph, plan: Plan) -> Result<Compilation, Vec<Diagnostic>> {
    let module = lower::lower(&graph, &plan)?;
    let module = place_registers(&netlist_passes::optimize(&module), &plan)?;
    let estimate = estimate::estimate(&module, plan.device, plan.clock_ns);
    Ok(Compilation { float, graph, plan, module, estimate, warnings: Vec::new() })
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
        pipeline: config.pipeline.mode == PipelineMode::Clocked,
        ..Plan::new(device, config.device.clock_ns)
    })
}

/// The circuit with the registers that the plan asks for.
fn place_registers(module: &Module, plan: &Plan) -> Result<Module, Vec<Diagnostic>> {
    let module = if plan.pipeline {
        let delays = estimate::delays(module, plan.device);
        let period = plan.clock_ns - plan.device.delays.register;
        pipeline::pipeline(module, &delays, period).map_err(|fault| {
            let slowest = module.nets.ids().map(|net| delays[net]).fold(0.0, f64::max);
            let least = (10.0 * (slowest + plan.device.delays.register)).ceil() / 10.0;
            let help = format!(
                "write `clock_ns = {least:.1}` into `[device]`, or narrow the formats there"
            );
            vec![Diagnostic { help, ..fault }]
        })?
    } else {
        module.clone()
    };
    Ok(pipeline::register_ports(&module, plan.register_inputs, plan.register_outputs))
}
