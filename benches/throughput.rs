//! Inferences per second and core of each engine, on the tagger 16-64-32-32-5.
//!
//! Rates count the time that the thread was running, where the system tells it,
//! so that other work on the machine does not matter.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use trigforge::graph;
use trigforge::lower::lower;
use trigforge::netlist::passes;
use trigforge::plan::{self, Plan};
use trigforge::sim::cycles::CycleSimulator;
use trigforge::sim::netlist::NetlistSimulator;
use trigforge::sim::tensors::Simulator;

#[path = "../tests/it/networks.rs"]
mod networks;

use networks::{Draw, drawn, events, tagger};

/// The seconds that this thread has been running; since `start` where nobody knows.
fn seconds(start: Instant) -> f64 {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let running = statistics.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    running.map_or(start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds * 1e-9)
}

/// The median rate over some runs of `run`, which handles `count` events.
fn rate(count: u32, mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    run();
    let mut rates: Vec<f64> = (0..9)
        .map(|_| {
            let (before, begin) = (seconds(start), Instant::now());
            let mut events = 0.0;
            // The system counts in steps of some milliseconds.
            while begin.elapsed() < Duration::from_millis(200) {
                run();
                events += f64::from(count);
            }
            events / (seconds(start) - before)
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

#[expect(clippy::print_stdout, reason = "what a benchmark is for")]
fn main() {
    let plan = Plan::new(plan::device("xcvu9p").expect("a known device"), 5.0);
    for (name, graph) in
        [("tagger, weights of 6 bits", tagger(6)), ("tagger, weights of 16 bits", tagger(16))]
    {
        let inputs = events(&graph, 100_000, &mut Draw(1));
        let simulator = Simulator::new(&graph);
        let tensors = rate(100_000, || {
            black_box(simulator.run(black_box(&inputs)));
        });
        let module = passes::optimize(&lower(&graph, &plan).expect("the tagger is fixed point"));
        let simulator = NetlistSimulator::new(&module);
        let netlist = rate(100_000, || {
            black_box(simulator.run(black_box(&inputs)));
        });
        let few = events(&graph, 2_000, &mut Draw(1));
        let simulator = CycleSimulator::new(&module);
        let cycles = rate(2_000, || {
            black_box(simulator.run(black_box(&few)));
        });
        let defined = rate(2_000, || {
            black_box(graph::eval::eval(&graph, black_box(&few)));
        });
        println!("{name}, {} nets: inferences/s on one core", module.nets.len());
        for (engine, rate) in [
            ("tensors", tensors),
            ("netlist", netlist),
            ("cycles", cycles),
            ("definition", defined),
        ] {
            println!("  {engine:<12}{rate:>12.0}{:>8.1} x definition", rate / defined);
        }
    }
    // The generator of the tests belongs to the same file.
    black_box(drawn(0));
}
