//! Inferences per second of each engine on the tagger 16-64-32-32-5, on one core.

use std::hint::black_box;
use std::time::Instant;

use trigforge::graph;
use trigforge::sim::tensors::Simulator;

#[path = "../tests/it/networks.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod networks;

use networks::{Draw, events, tagger};

/// The median rate over some runs of `run`, which handles `count` events.
fn rate(count: u32, mut run: impl FnMut()) -> f64 {
    run();
    let mut rates: Vec<f64> = (0..9)
        .map(|_| {
            let start = Instant::now();
            run();
            f64::from(count) / start.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

#[expect(clippy::print_stdout, reason = "what a benchmark is for")]
fn main() {
    for bits in [6, 16] {
        let graph = tagger(bits);
        let inputs = events(&graph, 100_000, &mut Draw(1));
        let simulator = Simulator::new(&graph);
        let fast = rate(100_000, || {
            black_box(simulator.run(black_box(&inputs)));
        });
        let parallel = rate(100_000, || {
            black_box(simulator.run_parallel(black_box(&inputs)));
        });
        let few = events(&graph, 2_000, &mut Draw(1));
        let defined = rate(2_000, || {
            black_box(graph::eval::eval(&graph, black_box(&few)));
        });
        println!("tagger, weights of {bits} bits, inferences/s");
        println!("  tensors        {fast:>12.0}   {:>8.1} x definition", fast / defined);
        println!("  tensors, cores {parallel:>12.0}   {:>8.1} x one core", parallel / fast);
        println!("  definition     {defined:>12.0}");
    }
}
