//! The shell: the simulation in `rust_hdl` and the printed Verilog in Verilator do the same at each
//! clock, and every event comes out as the network says.

use std::fs;
use std::path::Path;
use trigforge::compile::{self, Compilation};
use trigforge::config::{Config, ShellKind};

use trigforge::cosim;
use trigforge::cosim::lint::{Linter, lint};
use trigforge::cosim::tool::Tool;
use trigforge::data;
use trigforge::emit::Artifacts;
use trigforge::emit::vectors;
use trigforge::emit::verilog::{Verilog, interface};
use trigforge::flow::drive::{self, Request};
use trigforge::flow::drive_free::{self, Stimulus};
use trigforge::graph::text;
use trigforge::netlist::{Module, eval};
use trigforge::numeric::interval::scale;
use trigforge::numeric::tensor::Block;
use trigforge::shell::emp::Layout;
use trigforge::shell::free::{self, Beam, Frame};
use trigforge::shell::packing::Word;
use trigforge::shell::run::Run;
use trigforge::shell::{Shell, map, simulate};

use crate::cosim::available;
use crate::netlists::{self, Draw};
use crate::quantized_jets;

const HASH: &str = "0123456789abcdeffedcba9876543210";

/// A drawn core behind words, with events and the integers that its netlist stands for.
struct Case {
    module: Module,
    shell: Shell,
    inputs: Vec<Block<i64>>,
    outputs: Vec<Block<i64>>,
    overflow: [u32; 4],
}

impl Case {
    fn new(seed: u64, stages: u32, word: Word, events: usize) -> Self {
        let mut draw = Draw(seed);
        let module = netlists::drawn(&mut draw, stages, 12);
        let inputs = netlists::events(&mut draw, &module, events);
        let outputs = eval::eval(&module, &inputs);
        let design = netlists::design("net", &module);
        let shell = Shell::new(&module, interface(&design), word, HASH).unwrap();
        Self { module, shell, inputs, outputs, overflow: [0; 4] }
    }

    fn request<'a>(&'a self, files: &'a Artifacts, run: &Run<'_>) -> Request<'a> {
        Request {
            top: &self.shell.name,
            files,
            interface: &self.shell.core.interface,
            packing: self.shell.core.packing,
            hash: self.shell.hash,
            inputs: &self.inputs,
            outputs: &self.outputs,
            overflow: self.overflow,
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
                let latency = driven.latency.as_ref().unwrap().min;
                assert!(driven.cycles <= 59 * interval + latency + 1, "{driven:?}");
            }
            if let Some(executable) = &executable {
                assert_eq!(executable.run(&run).unwrap(), simulated, "{word:?}, stall {stall}");
            }
        }
    }
}

/// Holds that no linter says anything of the Verilog below `top`.
fn assert_clean(files: &Artifacts, top: &str) {
    for linter in Linter::ALL {
        if available(&[linter.tool()]) {
            let folder = tempfile::tempdir().unwrap();
            let said = lint(linter, files, top, folder.path()).unwrap();
            assert_eq!(said, "", "{linter:?}");
        }
    }
}

#[test]
fn the_printed_shell_is_clean() {
    for (seed, stages, word) in CASES {
        let case = Case::new(seed, stages, word, 1);
        let mut files = Verilog.emit(&netlists::design("net", &case.module));
        files.extend(case.shell.files());
        assert_clean(&files, &case.shell.name);
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
    let files = Artifacts::new();
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

/// A saturating layer, one that wraps, a rectifier into few bits, and one that holds whatever comes.
const OVERFLOWING: &str = r#"graph
  %0 = input {"shape":[3],"quantizer":"fixed<8,3,TRN,SAT>"} : @ "x" (input)
  %1 = dense(%0) {"inputs":3,"outputs":4,"weights":{"values":[1,-2,3,0.5,4,-1,2,2,-3,0,1,0.25],"grid":2},"bias":{"values":[0,1,-1,0.5],"grid":1}} : @ "fc1" (Gemm)
  %2 = quantize(%1) {"quantizer":"fixed<7,4,RND_CONV,SAT>","source":"model"} : @ "q1" (Quant)
  %3 = dense(%2) {"inputs":4,"outputs":3,"weights":{"values":[1,-1,1,0.5,1,1,-1,0.5,0.25,1,1,-1],"grid":2},"bias":{"values":[0,1,1],"grid":0}} : @ "fc2" (Gemm)
  %4 = quantize(%3) {"quantizer":"fixed<6,4,RND,WRAP>","source":"configuration"} : @ "q2" (Quant)
  %5 = relu(%4) {} : @ "relu" (Relu)
  %6 = quantize(%5) {"quantizer":"ufixed<2,2,TRN,SAT>","source":"model"} : @ "q3" (Quant)
  %7 = dense(%6) {"inputs":3,"outputs":2,"weights":{"values":[1,-2,1,2,1,1],"grid":0},"bias":{"values":[0,1],"grid":0}} : @ "fc3" (Gemm)
  %8 = quantize(%7) {"quantizer":"fixed<12,12,TRN,SAT>","source":"calibration"} : @ "wide" (Quant)
  input "x" %0
  output "y" %8
"#;

fn overflowing(config: &Config) -> Compilation {
    let graph = text::parse(OVERFLOWING).unwrap();
    compile::build(graph.clone(), graph, config).unwrap()
}

#[test]
fn the_registers_tell_which_layers_overflowed() {
    let tools = available(&[Tool::Verilator, Tool::Gxx, Tool::Make]);
    let mut config = Config::default();
    config.shell.kind = Some(ShellKind::Stream);
    let Compilation { graph, module, .. } = overflowing(&config);
    let design = netlists::design("net", &module);
    let shell = Shell::new(&module, interface(&design), Word::Bits32, HASH).unwrap();
    let layers = |flags: [u32; 4]| -> Vec<String> {
        let set = |bit: usize| flags[bit / 32] >> (bit % 32) & 1 == 1;
        let flags = shell.stream().overflow.into_iter().enumerate();
        flags.filter(|(bit, _)| set(*bit)).map(|(_, flag)| flag.layer).collect()
    };
    assert_eq!(layers([u32::MAX; 4]), ["q1", "q2", "q3"], "`wide` holds every value");

    let mut files = Verilog.emit(&design);
    files.extend(shell.files());
    let folder = tempfile::tempdir().unwrap();
    let executable =
        tools.then(|| cosim::shell::build(&shell.name, &files, folder.path()).unwrap());
    let mut seen = Vec::new();
    for scale in [0, 8, 127] {
        let data = (0..3 * 40).map(|index: i64| (index * 37) % (2 * scale + 1) - scale).collect();
        let inputs = vec![Block { events: 40, frac: 5, data }];
        let outputs = trigforge::sim::tensors::Simulator::new(&graph).run(&inputs);
        let overflow = drive::overflow_flags(&graph, &shell.core.interface, &inputs);
        seen.push(layers(overflow));
        let words = drive::words(&shell.core.interface, shell.core.packing, &inputs);
        let run = Run { words: &words, stall: 30, threshold: None };
        let request = Request {
            top: &shell.name,
            files: &files,
            interface: &shell.core.interface,
            packing: shell.core.packing,
            hash: shell.hash,
            inputs: &inputs,
            outputs: &outputs,
            overflow,
            stall: run.stall,
            threshold: None,
        };
        let simulated = simulate::run(shell.core.clone(), shell.hash, &run).unwrap();
        let driven = drive::judge(&request, &simulated);
        assert!(driven.is_good(), "scale {scale}: {driven:?}");
        if let Some(executable) = &executable {
            assert_eq!(executable.run(&run).unwrap(), simulated, "scale {scale}");
        }
        let wrong = Request { overflow: [overflow[0] ^ 1, 0, 0, 0], ..request };
        assert_eq!(drive::judge(&wrong, &simulated).wrong_registers, ["overflow_0"]);
    }
    assert_eq!(seen, [vec![""; 0], vec!["q3"], vec!["q1", "q2", "q3"]]);
}

#[test]
fn a_core_without_a_shell_has_no_flags() {
    let mut config = Config::default();
    let plain = overflowing(&config).module;
    config.shell.kind = Some(ShellKind::Stream);
    let flagged = overflowing(&config).module;
    assert_eq!((plain.outputs.len(), flagged.outputs.len()), (1, 4));
    config.shell.overflow_flags = false;
    assert_eq!(overflowing(&config).module, plain);
    // The flags are late enough for their event, and early enough.
    assert_eq!(plain.latency, flagged.latency);
    netlist_round_trip(&flagged);
}

fn netlist_round_trip(module: &Module) {
    let printed = trigforge::netlist::text::print(module);
    let parsed = trigforge::netlist::text::parse(&printed).unwrap();
    assert_eq!(trigforge::netlist::text::print(&parsed), printed);
    assert_eq!(parsed.outputs, module.outputs);
}

const BEAMS: [(u64, u32, Word, u16, u16); 3] =
    [(1, 2, Word::Bits32, 0, 7), (2, 0, Word::Bits64, 3, 11), (4, 3, Word::Bits64, 1, 4096)];

impl Case {
    /// A case whose shell runs freely, with `spare` clocks behind each event.
    fn free(seed: u64, stages: u32, word: Word, spare: u16, orbit: u16) -> (Self, Beam) {
        let case = Self::new(seed, stages, word, 60);
        let packing = case.shell.core.packing;
        let beam = Beam { period: packing.input_words.max(packing.output_words) + spare, orbit };
        let shell = case.shell.free_running(beam);
        (Self { shell, ..case }, beam)
    }
}

#[test]
fn the_free_running_shell_is_the_same_in_rust_hdl_and_verilator() {
    let tools = available(&[Tool::Verilator, Tool::Gxx, Tool::Make]);
    for (seed, stages, word, spare, orbit) in BEAMS {
        let (case, beam) = Case::free(seed, stages, word, spare, orbit);
        let mut files = Verilog.emit(&netlists::design("net", &case.module));
        files.extend(case.shell.files());
        assert_clean(&files, &case.shell.name);
        let folder = tempfile::tempdir().unwrap();
        let executable =
            tools.then(|| cosim::shell::build(&case.shell.name, &files, folder.path()).unwrap());
        for (stall, threshold) in [(0, None), (40, Some(3))] {
            let run = Run { words: &[], stall, threshold };
            let request = case.request(&files, &run);
            let stimulus = Stimulus::new(&request, beam);
            let run = stimulus.run(&request);
            let simulated = simulate::run_free(case.shell.core.clone(), beam, &run).unwrap();
            let driven = drive_free::judge(&request, beam, &stimulus, &simulated);
            assert!(driven.is_good(), "{word:?}, {stall} % empty: {driven:?}");
            let latency = driven.latency.as_ref().unwrap();
            let first = case.shell.stream().free.unwrap().latency;
            let words = u64::from(case.shell.core.packing.output_words);
            assert_eq!((latency.min, latency.max), (first + words - 1, first + words - 1));
            if let Some(executable) = &executable {
                assert_eq!(executable.run_free(&run).unwrap(), simulated, "{stall} % empty");
            }
            // A word a clock late, a wrong bunch crossing or a lost word does not pass.
            let wrong = |change: fn(&mut free::Outcome)| {
                let mut outcome = simulated.clone();
                change(&mut outcome);
                drive_free::judge(&request, beam, &stimulus, &outcome)
            };
            assert_eq!(wrong(|outcome| outcome.beats[0].cycle += 1).different, 1);
            assert_eq!(wrong(|outcome| outcome.beats[0].bunch ^= 1).different, 1);
            assert_eq!(wrong(|outcome| outcome.beats.truncate(outcome.beats.len() - 1)).lost, 1);
            assert_eq!(wrong(|outcome| outcome.fault = true).wrong_registers, ["fault"]);
        }
    }
}

#[test]
fn a_free_running_shell_tells_of_broken_events() {
    let (case, beam) = Case::free(1, 2, Word::Bits32, 0, 7);
    let words = usize::from(case.shell.core.packing.input_words);
    assert!(words > 1, "an event of several words");
    let run = Run { words: &[], stall: 0, threshold: None };
    let files = Artifacts::new();
    let request = case.request(&files, &run);
    let good = Stimulus::new(&request, beam);
    let faulty = |change: &dyn Fn(&mut Vec<Frame>)| {
        let mut stimulus = good.clone();
        change(&mut stimulus.frames);
        let run = stimulus.run(&request);
        simulate::run_free(case.shell.core.clone(), beam, &run).unwrap().fault
    };
    assert!(!faulty(&|_| {}));
    assert!(faulty(&|frames| frames[1].valid = false), "a pause inside");
    assert!(faulty(&|frames| frames[1].start = true), "an event in an event");
    assert!(faulty(&|frames| frames[0].start = false), "words without a start");
}

/// The integers that the model's own tool stored come out of the shell, and a pattern file holds what
/// goes in.
#[test]
fn a_jet_tagger_gives_its_stored_integers_behind_the_shell() {
    const EVENTS: usize = 200;
    if !available(&[Tool::Verilator, Tool::Gxx, Tool::Make]) {
        return;
    }
    let float = quantized_jets::model("jet_hlf_q6_qonnx.onnx");
    let events = quantized_jets::events(&float, "q6_x.npy");
    let events: Vec<_> = events.iter().map(|block| block.first_events(EVENTS)).collect();
    let mut config = Config::default();
    config.shell.kind = Some(ShellKind::Stream);
    let Compilation { graph, module, .. } = compile::compile(float, &config, None).unwrap();
    let inputs = trigforge::graph::eval::quantize_inputs(&graph, &events).unwrap();

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/jet_hlf/q6_y_int_floor.npy");
    let stored = data::read("stored.npy", &fs::read(path).unwrap()).unwrap();
    let frac = graph[graph.outputs[0].node].ty.frac();
    // They are counted in 2^-10.
    let coarser = scale(1, 10 - frac);
    let stored = stored[0].values[..5 * EVENTS].iter().map(|raw| whole(raw * coarser));
    let outputs = vec![Block { frac, ..Block::from_rows(&stored.collect::<Vec<_>>(), 5, frac) }];

    let design = netlists::design("jets", &module);
    let shell = Shell::new(&module, interface(&design), Word::Bits64, HASH).unwrap();
    let pins = &shell.core.interface;
    let mut files = Verilog.emit(&design);
    files.extend(shell.files());
    let packed: Vec<Vec<u64>> =
        (0..EVENTS).map(|event| vectors::pack(&pins.inputs, &inputs, event)).collect();
    let layout = Layout { links: 2, period: packed[0].len() };
    let read = layout.read(&layout.write("jets", &packed), packed[0].len()).unwrap();
    assert_eq!(drive::blocks(pins, &read), inputs);
    let request = Request {
        top: &shell.name,
        files: &files,
        interface: pins,
        packing: shell.core.packing,
        hash: shell.hash,
        inputs: &inputs,
        outputs: &outputs,
        overflow: drive::overflow_flags(&graph, pins, &inputs),
        stall: 20,
        threshold: None,
    };
    let folder = tempfile::tempdir().unwrap();
    let driven = drive::drive(&request, folder.path()).unwrap();
    assert!(driven.is_good(), "{driven:?}");
    assert_eq!(driven.events, EVENTS);
}

/// The integer that a stored value is.
fn whole(value: f64) -> i64 {
    let (mantissa, exponent) = trigforge::numeric::quantizer::decompose(value);
    mantissa << u32::try_from(exponent).expect("a whole number")
}
