//! Registers as the plan wants them.

use std::num::NonZeroU32;

use crate::diag::Diagnostic;
use crate::entity::SideTable;
use crate::estimate::{delay, delays, estimate};
use crate::netlist::passes::pipeline::registers::{pipeline, register_ports};
use crate::netlist::passes::sweep::sweep;
use crate::netlist::{Module, NetId};
use crate::plan::{Pipeline, Plan};

/// How often a stage that came out too long is answered with a shorter period.
const ATTEMPTS: usize = 4;

/// The module with the registers of `plan`: between stages that meet the clock,
/// behind the inputs, before the outputs.
///
/// # Errors
/// `P0302` when a single cell is slower than the clock, or the stages that the plan
/// asks for are.
pub fn place_registers(module: &Module, plan: &Plan) -> Result<Module, Diagnostic> {
    let staged = match plan.pipeline {
        Pipeline::Combinational => module.clone(),
        Pipeline::Clocked(stages) => staged(module, plan, stages)?,
    };
    Ok(sweep(&register_ports(&staged, plan.register_inputs, plan.register_outputs)))
}

/// The module in stages that meet the clock.
///
/// A register between two functions that shared a look-up table makes two
/// tables of them, so a stage may come out longer than it was planned. Then a
/// shorter period is planned with, and in the end every function as a table.
fn staged(module: &Module, plan: &Plan, stages: Option<NonZeroU32>) -> Result<Module, Diagnostic> {
    let within = plan.clock_ns - plan.device.delays.register;
    let shared: SideTable<NetId, f64> = delays(module, plan.device);
    let mut period = within;
    let mut first_fault = None;
    for _ in 0..ATTEMPTS {
        let piped = match pipeline(module, &shared, period, stages) {
            Ok(piped) => piped,
            Err(fault) => {
                first_fault = Some(fault);
                break;
            }
        };
        let excess = estimate(&piped, plan.device, plan.clock_ns).critical_ns - plan.clock_ns;
        if piped.latency == 0 || excess <= 0.0 {
            return Ok(piped);
        }
        period -= excess;
    }
    let alone = delay::unshared(module, plan.device);
    pipeline(module, &alone, within, stages).map_err(|fault| {
        let slowest = module.nets.ids().map(|net| alone[net]).fold(0.0, f64::max);
        if slowest <= within {
            // The kinder estimate names what is needed at least.
            return first_fault.unwrap_or(fault);
        }
        let least = (10.0 * (slowest + plan.device.delays.register)).ceil() / 10.0;
        let help =
            format!("write `clock_ns = {least:.1}` into `[device]`, or narrow the formats there");
        Diagnostic { help, ..fault }
    })
}
