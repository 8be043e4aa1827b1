//! The shells simulated in `rust_hdl`, with the netlist of the core inside.

mod free_running;

use rust_hdl::prelude::{Block, Clock, Logic, simulate};

use super::ShellError;
use super::core::Core;
use super::hardware::stream::Stream;
use super::packing::Word;
use super::run::{Outcome, Run, SETTLE, Stalls, Transfer};
use super::{map, text};

pub use free_running::run_free;
pub(super) use free_running::verilog_free;

/// How many passes a clock level may take to settle; far more than there are blocks.
const PASSES: usize = 100;

/// The modules of the shell of a core, by name; the top module is called `name`.
pub(super) fn verilog(core: Core, hash: [u32; 4], name: &str) -> Vec<(String, String)> {
    match core.packing.word {
        Word::Bits32 => text::print(&*connected(Stream::<32, 4>::new(core, hash)), name),
        Word::Bits64 => text::print(&*connected(Stream::<64, 8>::new(core, hash)), name),
    }
}

/// Runs the shell of a core over words.
///
/// # Errors
/// When the simulation does not settle, or the register file does not answer.
pub fn run(core: Core, hash: [u32; 4], run: &Run<'_>) -> Result<Outcome, ShellError> {
    match core.packing.word {
        Word::Bits32 => Bench::new(Stream::<32, 4>::new(core, hash)).run(run),
        Word::Bits64 => Bench::new(Stream::<64, 8>::new(core, hash)).run(run),
    }
}

/// A shell whose pins are driven from outside.
fn connected<const W: usize, const K: usize>(mut shell: Stream<W, K>) -> Box<Stream<W, K>> {
    shell.aclk.connect();
    shell.aresetn.connect();
    shell.s_axis_tdata.connect();
    shell.s_axis_tkeep.connect();
    shell.s_axis_tlast.connect();
    shell.s_axis_tvalid.connect();
    shell.m_axis_tready.connect();
    shell.s_axi_awaddr.connect();
    shell.s_axi_awvalid.connect();
    shell.s_axi_wdata.connect();
    shell.s_axi_wstrb.connect();
    shell.s_axi_wvalid.connect();
    shell.s_axi_bready.connect();
    shell.s_axi_araddr.connect();
    shell.s_axi_arvalid.connect();
    shell.s_axi_rready.connect();
    shell.connect_all();
    Box::new(shell)
}

struct Bench<const W: usize, const K: usize> {
    shell: Box<Stream<W, K>>,
}

impl<const W: usize, const K: usize> Bench<W, K> {
    fn new(shell: Stream<W, K>) -> Self {
        Self { shell: connected(shell) }
    }

    fn level(&mut self, high: bool) -> Result<(), ShellError> {
        self.shell.aclk.next = Clock::from(high);
        if simulate(&mut *self.shell, PASSES) { Ok(()) } else { Err(ShellError::NotSettled) }
    }

    fn run(mut self, run: &Run<'_>) -> Result<Outcome, ShellError> {
        self.shell.aresetn.next = false;
        for _ in 0..2 {
            self.level(false)?;
            self.level(true)?;
        }
        self.shell.aresetn.next = true;
        if let Some(threshold) = run.threshold {
            self.write(map::address("threshold"), threshold.cast_unsigned())?;
        }
        let mut outcome = self.stream(run)?;
        for register in map::REGISTERS {
            outcome.registers.push((register.address, self.read(register.address)?));
        }
        Ok(outcome)
    }

    fn stream(&mut self, run: &Run<'_>) -> Result<Outcome, ShellError> {
        let mut stalls = Stalls::new(run.stall);
        let mut outcome = Outcome::default();
        let every_byte = (1_u64 << K) - 1;
        let mut next = 0;
        let mut offered = false;
        let mut quiet = 0;
        let mut cycle = 0;
        while quiet < SETTLE {
            let (hold, ready) = (stalls.stalled(), !stalls.stalled());
            offered = next < run.words.len() && (offered || !hold);
            let (word, last) = if offered { run.words[next] } else { (0, false) };
            self.shell.s_axis_tdata.next = word.into();
            self.shell.s_axis_tkeep.next = every_byte.into();
            self.shell.s_axis_tlast.next = last;
            self.shell.s_axis_tvalid.next = offered;
            self.shell.m_axis_tready.next = ready;
            self.level(false)?;
            quiet += 1;
            if offered && self.shell.s_axis_tready.val() {
                outcome.entered.push(cycle);
                next += 1;
                offered = false;
                quiet = 0;
            }
            if ready && self.shell.m_axis_tvalid.val() {
                outcome.left.push(Transfer {
                    cycle,
                    data: u64::from(self.shell.m_axis_tdata.val()),
                    last: self.shell.m_axis_tlast.val(),
                    accepted: self.shell.m_axis_tuser.val(),
                });
                quiet = 0;
            }
            self.level(true)?;
            cycle += 1;
        }
        self.shell.s_axis_tvalid.next = false;
        self.shell.m_axis_tready.next = false;
        Ok(outcome)
    }

    fn write(&mut self, address: u8, value: u32) -> Result<(), ShellError> {
        self.shell.s_axi_awaddr.next = u64::from(address).into();
        self.shell.s_axi_wdata.next = u64::from(value).into();
        self.shell.s_axi_wstrb.next = 15_u64.into();
        self.shell.s_axi_awvalid.next = true;
        self.shell.s_axi_wvalid.next = true;
        self.shell.s_axi_bready.next = true;
        let mut answer = None;
        for _ in 0..8 {
            self.level(false)?;
            if self.shell.s_axi_bvalid.val() {
                answer = Some(u64::from(self.shell.s_axi_bresp.val()));
            }
            let taken = self.shell.s_axi_awready.val();
            self.level(true)?;
            if taken {
                self.shell.s_axi_awvalid.next = false;
                self.shell.s_axi_wvalid.next = false;
            }
        }
        answered(address, answer)
    }

    fn read(&mut self, address: u8) -> Result<u32, ShellError> {
        self.shell.s_axi_araddr.next = u64::from(address).into();
        self.shell.s_axi_arvalid.next = true;
        self.shell.s_axi_rready.next = true;
        let mut value = 0;
        let mut answer = None;
        for _ in 0..8 {
            self.level(false)?;
            if self.shell.s_axi_rvalid.val() {
                answer = Some(u64::from(self.shell.s_axi_rresp.val()));
                value = u64::from(self.shell.s_axi_rdata.val());
            }
            let taken = self.shell.s_axi_arready.val();
            self.level(true)?;
            if taken {
                self.shell.s_axi_arvalid.next = false;
            }
        }
        answered(address, answer)?;
        Ok(u32::try_from(value).expect("32 bits"))
    }
}

fn answered(address: u8, answer: Option<u64>) -> Result<(), ShellError> {
    match answer {
        Some(0) => Ok(()),
        Some(_) | None => Err(ShellError::NoAnswer { address }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::interface::Interface;
    use crate::naming::Namer;
    use crate::netlist::{Builder, Layer, Module};
    use crate::shell::packing::Packing;

    /// A core that gives three words back as they are.
    fn wide_bench() -> Bench<32, 4> {
        let layer = Layer { name: "x".into(), operator: "input".into(), origin: None };
        let mut builder = Builder::new(layer);
        let format = "ufixed<32,32>".parse().unwrap();
        let nets = builder.input("x", &[format; 3]);
        builder.output("y", nets, vec![format; 3]);
        started(&builder.finish(0))
    }

    fn bench() -> Bench<32, 4> {
        let layer = Layer { name: "x".into(), operator: "input".into(), origin: None };
        let mut builder = Builder::new(layer);
        let format = "fixed<20,5>".parse().unwrap();
        let nets = builder.input("x", &[format; 2]);
        builder.output("y", nets[..1].to_vec(), vec![format]);
        // The layer overflows where the second element is above zero.
        let zero = builder.constant(0, 0);
        let flag = builder.less(zero, nets[1]);
        builder.overflow_flag("y", flag);
        started(&builder.finish(0))
    }

    /// The shell of a core after its reset.
    fn started(module: &Module) -> Bench<32, 4> {
        let interface = Interface::new(module, "t".into(), 5.0, &mut Namer::new());
        let packing = Packing::new(&interface, Word::Bits32).unwrap();
        let mut bench = Bench::new(Stream::new(Core::new(module, interface, packing), [7; 4]));
        bench.shell.aresetn.next = false;
        for _ in 0..2 {
            bench.level(false).unwrap();
            bench.level(true).unwrap();
        }
        bench.shell.aresetn.next = true;
        bench
    }

    #[test]
    fn registers_answer_and_refuse() {
        let mut bench = bench();
        assert_eq!(bench.read(map::address("identification")).unwrap(), map::IDENTIFICATION);
        assert_eq!(bench.read(map::address("hash_2")).unwrap(), 7);
        assert_eq!(bench.read(map::address("words")).unwrap(), 2 | 1 << 16);
        assert_eq!(bench.read(0x48), Err(ShellError::NoAnswer { address: 0x48 }));
        assert_eq!(bench.read(0x31), Err(ShellError::NoAnswer { address: 0x31 }));
        bench.write(map::address("threshold"), 12).unwrap();
        assert_eq!(bench.read(map::address("threshold")).unwrap(), 12);
        let hash = map::address("hash_2");
        assert_eq!(bench.write(hash, 1), Err(ShellError::NoAnswer { address: hash }));
        let control = map::address("control");
        assert_eq!(bench.write(control, 2), Err(ShellError::NoAnswer { address: control }));
    }

    #[test]
    fn a_soft_reset_forgets_events_and_keeps_the_threshold() {
        let mut bench = bench();
        bench.write(map::address("threshold"), 12).unwrap();
        // One whole event and the first word of another.
        let words = [(5, false), (6, true), (7, false)];
        let run = Run { words: &words, stall: 0, threshold: None };
        assert_eq!(bench.stream(&run).unwrap().left.len(), 1);
        assert_eq!(bench.read(map::address("events_out")).unwrap(), 1);
        bench.write(map::address("control"), 1).unwrap();
        assert_eq!(bench.read(map::address("events_out")).unwrap(), 0);
        assert_eq!(bench.read(map::address("threshold")).unwrap(), 12);
        let words = [(9, false), (0, true)];
        let outcome = bench.stream(&Run { words: &words, ..run }).unwrap();
        assert_eq!(outcome.left.iter().map(|word| word.data).collect::<Vec<_>>(), [9]);
        assert_eq!(bench.read(map::address("packets_dropped")).unwrap(), 0);
    }

    #[test]
    fn a_soft_reset_lets_the_packet_that_is_going_out_end() {
        for (taken, offered) in [(0, false), (0, true), (1, true), (2, true)] {
            let mut bench = wide_bench();
            let clock = |bench: &mut Bench<32, 4>, ready: bool| {
                bench.shell.m_axis_tready.next = ready;
                bench.level(false).unwrap();
                let shell = &bench.shell;
                let word = u64::from(shell.m_axis_tdata.val());
                let word = (word, shell.m_axis_tlast.val());
                let seen = (shell.m_axis_tvalid.val().then_some(word), shell.s_axis_tready.val());
                bench.level(true).unwrap();
                seen
            };
            // Two events of three words; the results of the first wait at the output.
            let words: [u64; 6] = [1, 2, 3, 4, 5, 6];
            if offered {
                for (index, word) in words.into_iter().enumerate() {
                    bench.shell.s_axis_tdata.next = word.into();
                    bench.shell.s_axis_tkeep.next = 15_u64.into();
                    bench.shell.s_axis_tlast.next = index % 3 == 2;
                    bench.shell.s_axis_tvalid.next = true;
                    clock(&mut bench, false);
                }
                bench.shell.s_axis_tvalid.next = false;
                for _ in 0..20 {
                    clock(&mut bench, false);
                }
            }
            for word in &words[..taken] {
                assert_eq!(clock(&mut bench, true).0, Some((*word, false)));
            }
            bench.shell.m_axis_tready.next = false;
            bench.write(map::address("control"), 1).unwrap();
            let waits = u32::from(offered);
            assert_eq!(bench.read(map::address("control")).unwrap(), waits);
            if offered {
                // The word stays, whatever the stream waits for, and nothing enters.
                let word = Some((words[taken], taken == 2));
                (0..5).for_each(|_| assert_eq!(clock(&mut bench, false), (word, false)));
                for (index, word) in words[..3].iter().enumerate().skip(taken) {
                    assert_eq!(clock(&mut bench, true).0, Some((*word, index == 2)));
                }
            }
            // The second event is gone, and the shell takes words again.
            assert_eq!(clock(&mut bench, true).0, None);
            (0..20).for_each(|_| assert_eq!(clock(&mut bench, true), (None, true)));
            assert_eq!(bench.read(map::address("control")).unwrap(), 0);
            let words = words.map(|word| (word, word % 3 == 0));
            let run = Run { words: &words, stall: 30, threshold: None };
            let left = bench.stream(&run).unwrap().left;
            let left: Vec<_> = left.iter().map(|word| (word.data, word.last)).collect();
            assert_eq!(left, words, "{taken} words were taken");
            assert_eq!(bench.read(map::address("events_out")).unwrap(), 2);
        }
    }

    #[test]
    fn an_overflow_flag_stays_until_it_is_cleared() {
        let mut bench = bench();
        let [flags, control] = ["overflow_0", "control"].map(map::address);
        // Twenty bits an element: the second one begins in the first word.
        let (good, bad) = ([(5, false), (0, true)], [(5 | 1 << 20, false), (0, true)]);
        let stream = |bench: &mut Bench<32, 4>, words: &[(u64, bool)]| {
            let run = Run { words, stall: 0, threshold: None };
            assert_eq!(bench.stream(&run).unwrap().left.len(), 1);
            bench.read(flags).unwrap()
        };
        assert_eq!(stream(&mut bench, &good), 0);
        assert_eq!(stream(&mut bench, &bad), 1);
        assert_eq!(stream(&mut bench, &good), 1, "it stays");
        bench.write(flags, 2).unwrap();
        assert_eq!(bench.read(flags).unwrap(), 1, "another flag was cleared");
        bench.write(flags, 1).unwrap();
        assert_eq!(stream(&mut bench, &good), 0);
        assert_eq!(stream(&mut bench, &bad), 1);
        bench.write(control, 1).unwrap();
        assert_eq!(bench.read(flags).unwrap(), 0);
    }

    #[test]
    fn missing_bytes_are_remembered() {
        let mut bench = bench();
        bench.shell.s_axis_tvalid.next = true;
        // The first word needs all bytes, the last one only the two that hold features.
        for (keep, last) in [(15_u64, false), (3, true), (7, false), (15, true)] {
            bench.shell.s_axis_tkeep.next = keep.into();
            bench.shell.s_axis_tlast.next = last;
            bench.level(false).unwrap();
            bench.level(true).unwrap();
            if last {
                bench.shell.s_axis_tvalid.next = false;
                let status = bench.read(map::address("status")).unwrap();
                assert_eq!(status, u32::from(keep == 15));
                bench.shell.s_axis_tvalid.next = true;
            }
        }
    }
}
