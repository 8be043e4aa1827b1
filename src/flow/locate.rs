//! Where Verilog goes wrong first: the wire and the clock cycle, measured in Icarus.
//!
//! The event whose outputs differ is run again behind those that went in before
//! it, every wire is written down at each clock and held against the netlist,
//! clock by clock.

use crate::cosim::{CosimError, icarus, temporary_folder};
use crate::emit::verilog::{self, probe::Probe};
use crate::emit::{Artifacts, Design};
use crate::netlist::Cell;
use crate::numeric::interval::scale;
use crate::numeric::tensor::Block;
use crate::sim::cycles::Waves;

/// The first wire that differs: all that it is computed from is right.
#[derive(Clone, Debug, PartialEq)]
pub struct WireDifference {
    /// Where it stands below the top module, such as `u_fc1.n12`.
    pub wire: String,
    /// The cell that drives it.
    pub cell: &'static str,
    /// The event whose value it should have.
    pub event: usize,
    /// The clock cycle, counted from the one in which that event entered.
    pub cycle: u32,
    /// What it is in the Verilog; none where a bit is unknown.
    pub found: Option<f64>,
    /// What it is in the netlist.
    pub expected: f64,
}

impl std::fmt::Display for WireDifference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let found = self.found.map_or_else(|| "unknown".to_owned(), |found| found.to_string());
        let Self { wire, cell, event, cycle, expected, .. } = self;
        write!(
            f,
            "first wrong wire `{wire}` ({cell}) in clock cycle {cycle} of event {event}: {found} instead of {expected}"
        )
    }
}

/// The first wire, in time and then from inputs to outputs, that differs from the netlist up to
/// the outputs of `event`; none where Icarus finds all of them right.
///
/// `artifacts` are what was emitted for `design`, whatever became of them since.
///
/// # Errors
/// When Icarus is missing or refuses the design.
pub fn first_wire(
    design: &Design<'_>,
    artifacts: &Artifacts,
    inputs: &[Block<i64>],
    event: usize,
) -> Result<Option<WireDifference>, CosimError> {
    let module = design.module;
    let latency = usize::try_from(module.latency).expect("a latency is a small number");
    // Events that are in the pipeline together are judged; those before them fill it.
    let judged = event.saturating_sub(latency);
    let first = judged.saturating_sub(latency);
    let count = event - first + 1;
    let window: Vec<Block<i64>> =
        inputs.iter().map(|block| block.events_from(first, count)).collect();
    let probe = Probe::new(design);
    let folder = temporary_folder()?;
    let found =
        icarus::wires(&verilog::interface(design), artifacts, &probe, &window, folder.path())?;
    let waves = Waves::new(module, &window, 0, count);
    let mut wires: Vec<usize> = (0..probe.wires.len()).collect();
    // Within a clock, a net is younger than all that it is computed from.
    wires.sort_by_key(|index| probe.wires[*index].net);
    for (clock, values) in found.iter().enumerate() {
        for index in &wires {
            let wire = &probe.wires[*index];
            let Some(entered) = clock.checked_sub(wire.cycle as usize) else { continue };
            let expected = waves.value(clock, wire.net);
            let is_judged = (judged - first..count).contains(&entered);
            if !is_judged || values[*index] == Some(expected) {
                continue;
            }
            let net = &module.nets[wire.net];
            let physical = |raw: i64| scale(raw, net.range.frac());
            return Ok(Some(WireDifference {
                wire: wire.path.clone(),
                cell: match net.cell {
                    Cell::Input { .. } => "input",
                    cell => cell.name(),
                },
                event: first + entered,
                cycle: wire.cycle,
                found: values[*index].map(physical),
                expected: physical(expected),
            }));
        }
    }
    Ok(None)
}
