//! The free-running shell, clock by clock.

use rust_hdl::prelude::{Block, Clock, Logic, simulate};

use super::PASSES;
use crate::shell::ShellError;
use crate::shell::core::Core;
use crate::shell::free::{self, Beam};
use crate::shell::hardware::free::Free;
use crate::shell::packing::Word;
use crate::shell::text;

/// The modules of the free-running shell of a core, by name; the top module is called `name`.
pub(in crate::shell) fn verilog_free(core: Core, beam: Beam, name: &str) -> Vec<(String, String)> {
    match core.packing.word {
        Word::Bits32 => text::print(&*connected(Free::<32>::new(core, beam)), name),
        Word::Bits64 => text::print(&*connected(Free::<64>::new(core, beam)), name),
    }
}

/// Runs the free-running shell of a core.
///
/// # Errors
/// When the simulation does not settle.
pub fn run_free(core: Core, beam: Beam, run: &free::Run<'_>) -> Result<free::Outcome, ShellError> {
    match core.packing.word {
        Word::Bits32 => clock(connected(Free::<32>::new(core, beam)), run),
        Word::Bits64 => clock(connected(Free::<64>::new(core, beam)), run),
    }
}

/// A free-running shell whose pins are driven from outside.
fn connected<const W: usize>(mut shell: Free<W>) -> Box<Free<W>> {
    shell.clock.connect();
    shell.reset.connect();
    shell.threshold.connect();
    shell.in_data.connect();
    shell.in_valid.connect();
    shell.in_start.connect();
    shell.in_bc0.connect();
    shell.connect_all();
    Box::new(shell)
}

fn clock<const W: usize>(
    mut shell: Box<Free<W>>,
    run: &free::Run<'_>,
) -> Result<free::Outcome, ShellError> {
    let level = |shell: &mut Box<Free<W>>, high: bool| {
        shell.clock.next = Clock::from(high);
        if simulate(&mut **shell, PASSES) { Ok(()) } else { Err(ShellError::NotSettled) }
    };
    shell.threshold.next = u64::from(run.threshold.cast_unsigned()).into();
    shell.reset.next = true;
    for _ in 0..2 {
        level(&mut shell, false)?;
        level(&mut shell, true)?;
    }
    shell.reset.next = false;
    let mut outcome = free::Outcome::default();
    let idle = (0..run.settle).map(|_| free::Frame::default());
    for (cycle, frame) in (0..).zip(run.frames.iter().copied().chain(idle)) {
        shell.in_data.next = frame.word.into();
        shell.in_valid.next = frame.valid;
        shell.in_start.next = frame.start;
        shell.in_bc0.next = frame.bc0;
        level(&mut shell, false)?;
        if shell.out_valid.val() {
            let bunch = u64::from(shell.out_bunch.val());
            outcome.beats.push(free::Beat {
                cycle,
                word: u64::from(shell.out_data.val()),
                start: shell.out_start.val(),
                last: shell.out_last.val(),
                accepted: shell.out_accept.val(),
                overflow: shell.out_overflow.val(),
                bunch: u16::try_from(bunch).expect("twelve bits"),
            });
        }
        level(&mut shell, true)?;
    }
    level(&mut shell, false)?;
    outcome.fault = shell.fault.val();
    Ok(outcome)
}
