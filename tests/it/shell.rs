//! The shell: the simulation in `rust_hdl` and the printed Verilog in Verilator do the same at each
//! clock, and every event comes out as the network says.

use trigforge::cosim;
use trigforge::cosim::lint::{Linter, lint};
use trigforge::cosim::tool::Tool;
use trigforge::emit::verilog::{Verilog, interface};
use trigforge::flow::drive::{self, Request};
use trigforge::netlist::{Module, eval};
use trigforge::numeric::tensor::Block;
use trigforge::shell::packing::Word;
use trigforge::shell::run::Run;
use trigforge::shell::{Shell, map, simulate};

use crate::cosim::available;
use crate::netlists::{self, Draw};

const HASH: &str = "0123456789abcdeffedcba9876543210";

/// A drawn core behind words, with events and the integers that its netlist stands for.
struct Case {
    module: Module,
    shell: Shell,
    inputs: Vec<Block<i64>>,
    outputs: Vec<Block<i64>>,
}

impl Case {
    fn new(seed: u64, stages: u32, word: Word, events: usize) -> Self {
        let mut draw = Draw(seed);
        let module = netlists::drawn(&mut draw, stages, 12);
        let inputs = netlists::events(&mut draw, &module, events);
        let outputs = eval::eval(&module, &inputs);
        let design = netlists::design("net", &module);
        let shell = Shell::new(&module, interface(&design), word, HASH).unwrap();
        Self { module, shell, inputs, outputs }
    }

    fn request<'a>(&'a self, files: &'a trigforge::emit::Artifacts, run: &Run<'_>) -> Request<'a> {
        Request {
            top: &self.shell.name,
            files,
            interface: &self.shell.core.interface,
            packing: self.shell.core.packing,
            hash: self.shell.hash,
            inputs: &self.inputs,
            outputs: &self.outputs,
            stall: run.stall,
            threshold: run.threshold,
        }
    }

    fn words(&self) -> Vec<(u64, bool)> {
        drive::words(&self.shell.core.interface, self.shell.core.packing, &self.inputs)
    }
}

const CASES: [(u64, u32, Word); 3] =
    [(1, 2, Word::Bits32), (2, 0, Word::Bits64), (4, 3, Word::Bits64)];

#[test]
fn rust_hdl_and_verilator_agree_at_each_clock() {
    let tools = available(&[Tool::Verilator, Tool::Gxx, Tool::Make]);
    for (seed, stages, word) in CASES {
        let case = Case::new(seed, stages, word, 60);
        let mut files = Verilog.emit(&netlists::design("net", &case.module));
        files.extend(case.shell.files());
        let folder = tempfile::tempdir().unwrap();
        let executable =
            tools.then(|| cosim::shell::build(&case.shell.name, &files, folder.path()).unwrap());
        let words = case.words();
        for (stall, threshold) in [(0, None), (35, Some(3)), (80, Some(-2))] {
            let run = Run { words: &words, stall, threshold };
            let simulated = simulate::run(case.shell.core.clone(), case.shell.hash, &run).unwrap();
            let driven = drive::judge(&case.request(&files, &run), &simulated);
            assert!(driven.is_good(), "{word:?}, stall {stall}: {driven:?}");
            assert_eq!((driven.events, driven.lost), (60, 0));
            if stall == 0 {
                // Nothing but the words on the stream limits the rate.
                let packing = case.shell.core.packing;
                let interval = u64::from(packing.input_words.max(packing.output_words));
                let latency = driven.latency.unwrap().min;
                assert!(driven.cycles <= 59 * interval + latency + 1, "{driven:?}");
            }
            if let Some(executable) = &executable {
                assert_eq!(executable.run(&run).unwrap(), simulated, "{word:?}, stall {stall}");
            }
        }
    }
}

#[test]
fn the_printed_shell_is_clean() {
    for (seed, stages, word) in CASES {
        let case = Case::new(seed, stages, word, 1);
        let mut files = Verilog.emit(&netlists::design("net", &case.module));
        files.extend(case.shell.files());
        for linter in Linter::ALL {
            if available(&[linter.tool()]) {
                let folder = tempfile::tempdir().unwrap();
                let said = lint(linter, &files, &case.shell.name, folder.path()).unwrap();
                assert_eq!(said, "", "{linter:?}");
            }
        }
    }
}

#[test]
fn packets_of_another_length_are_dropped_and_counted() {
    let case = Case::new(1, 2, Word::Bits32, 3);
    let good = case.words();
    let event = good.len() / 3;
    assert!(event > 1, "an event of several words");
    // Too short, good, too long, good, good.
    let mut words = vec![(7, true)];
    words.extend(&good[..event]);
    words.extend(good[..event].iter().map(|(word, _)| (*word, false)));
    words.push((9, true));
    words.extend(&good[event..]);
    let run = Run { words: &words, stall: 20, threshold: None };
    let outcome = simulate::run(case.shell.core.clone(), case.shell.hash, &run).unwrap();
    let plain = Run { words: &good, ..run };
    let expected = simulate::run(case.shell.core.clone(), case.shell.hash, &plain).unwrap();
    let data = |outcome: &trigforge::shell::run::Outcome| -> Vec<(u64, bool)> {
        outcome.left.iter().map(|transfer| (transfer.data, transfer.last)).collect()
    };
    assert_eq!(data(&outcome), data(&expected));
    let register = |name| {
        let at = map::address(name);
        outcome.registers.iter().find(|(address, _)| *address == at).unwrap().1
    };
    assert_eq!(register("packets_dropped"), 2);
    assert_eq!(register("events_in"), 3);
    assert_eq!(register("events_out"), 3);
}

#[test]
fn a_wrong_word_or_a_lost_one_is_seen() {
    let case = Case::new(4, 3, Word::Bits64, 5);
    let words = case.words();
    let run = Run { words: &words, stall: 0, threshold: None };
    let good = simulate::run(case.shell.core.clone(), case.shell.hash, &run).unwrap();
    let files = trigforge::emit::Artifacts::new();
    let request = case.request(&files, &run);
    assert!(drive::judge(&request, &good).is_good());
    let mut wrong = good.clone();
    wrong.left[0].data ^= 1;
    assert_eq!(drive::judge(&request, &wrong).different, 1);
    let mut lost = good.clone();
    lost.left.pop();
    assert_eq!(drive::judge(&request, &lost).lost, 1);
    let mut register = good;
    register.registers[4].1 ^= 1;
    assert_eq!(drive::judge(&request, &register).wrong_registers, ["hash_0"]);
}
