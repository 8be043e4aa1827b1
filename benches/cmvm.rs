//! The constant-matrix solver beside another one, matrix by matrix.
//!
//! `cargo bench --bench cmvm -- REFERENCE [--effort fast|default|best|SECONDS] [--three] [--only TEXT]`
//!
//! With `--three` sums may have three terms, which count as two adders in the depth.
//!
//! `REFERENCE` is what `benches/peers/cmvm.py` writes: matrices, and what the other
//! solver made of them at some depths. Costs count the bits of all adders and of
//! negated outputs for both. Times are CPU seconds of one thread.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::time::{Duration, Instant};
use std::{env, fs};

use trigforge::lower::arith::cmvm::solve::solve;
use trigforge::lower::arith::cmvm::{Problem, ProblemInput};
use trigforge::numeric::interval::Interval;
use trigforge::plan::{Effort, Search};

/// What a solver made of a matrix.
struct Result {
    adders: usize,
    bits: u64,
    depth: u32,
    seconds: f64,
}

/// A matrix at one depth, and the other solver's result.
struct Case {
    name: String,
    problem: Problem,
    other: Result,
}

fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let (mut path, mut effort, mut only) = (None, Effort::Default, String::new());
    let mut three = false;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--effort" => effort = effort_named(&arguments.next().unwrap_or_default()),
            "--three" => three = true,
            "--only" => only = arguments.next().unwrap_or_default(),
            _ => path = Some(argument),
        }
    }
    let Some(path) = path else {
        println!("nothing to compare with: give a file that benches/peers/cmvm.py wrote");
        return;
    };
    let text = fs::read_to_string(&path).expect("the reference can be read");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    let pool = pool.expect("one thread is there");
    let mut ratios = Vec::new();
    let mut seconds = [0.0; 2];
    println!("{:22} {:>29}   {:>29}", "", "other", "ours");
    for mut case in cases(&text, effort) {
        case.problem.sums_of_three = three;
        if !only.split(',').any(|only| case.name.contains(only)) {
            continue;
        }
        let ours = pool.install(|| measure(&case.problem));
        let ratio = ratio(ours.bits, case.other.bits);
        ratios.push(ratio.ln());
        seconds = [seconds[0] + case.other.seconds, seconds[1] + ours.seconds];
        print!("{:22}", case.name);
        for Result { adders, bits, depth, seconds } in [case.other, ours] {
            print!(" {adders:5} {bits:6} d{depth:<2} {seconds:10.6} s  ");
        }
        println!(" {ratio:.3}{}", if ratio > 1.0 { " worse" } else { "" });
    }
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let mean = (ratios.iter().sum::<f64>() / ratios.len() as f64).exp();
    println!("geometric mean {mean:.4} of {} rows", ratios.len());
    println!("{:.2} s for {:.2} s", seconds[1], seconds[0]);
}

fn effort_named(name: &str) -> Effort {
    match name {
        "fast" => Effort::Fast,
        "best" => Effort::Best,
        "" | "default" => Effort::Default,
        seconds => Effort::Seconds(seconds.parse().expect("an effort is a name or seconds")),
    }
}

#[expect(clippy::cast_precision_loss, reason = "costs are small")]
fn ratio(ours: u64, other: u64) -> f64 {
    ours as f64 / other as f64
}

/// Solves, again and again for half a second. As for the peers, the shortest run counts.
fn measure(problem: &Problem) -> Result {
    let (start, clock) = (Instant::now(), cpu());
    let (mut runs, mut shortest) = (0, f64::INFINITY);
    let solution = loop {
        let run = Instant::now();
        let solution = solve(problem).expect("the matrices are small");
        shortest = shortest.min(run.elapsed().as_secs_f64());
        runs += 1;
        if start.elapsed() > Duration::from_millis(500) {
            break solution;
        }
    };
    Result {
        adders: solution.sums.len(),
        bits: solution.cost(problem),
        depth: solution.depth(problem),
        // The time of a short run is told by the clock on the wall only, that of a long one is not all its own.
        seconds: shortest.min((cpu() - clock) / f64::from(runs)),
    }
}

/// CPU seconds of this thread so far, where the system tells.
fn cpu() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(f64::NAN) * 1e-9
}

/// Every result of the reference: `matrix NAME ROWS COLUMNS [LEAST GREATEST]` with the range of the
/// inputs, else that of a signed byte; the rows, and for each depth
/// `result EXTRA_DEPTH ADDERS BITS DEPTH SECONDS NEGATIONS NEGATION_BITS`.
fn cases(text: &str, effort: Effort) -> Vec<Case> {
    let mut cases = Vec::new();
    let (mut name, mut outputs, mut matrix) = (String::new(), 0, Vec::new());
    let mut range = Interval::new(-128, 127, 0);
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |index: usize| words[index].parse::<f64>().expect("a number");
        match words[0] {
            "matrix" => {
                words[1].clone_into(&mut name);
                outputs = words[3].parse().expect("a number of columns");
                matrix.clear();
                let bound = |index: usize, usual: i64| match words.get(index) {
                    Some(word) => word.parse().expect("a bound"),
                    None => usual,
                };
                range = Interval::new(bound(4, -128), bound(5, 127), 0);
            }
            "result" => {
                let extra: i64 = words[1].parse().expect("a depth");
                let extra_depth = u32::try_from(extra).ok();
                let input = ProblemInput { range, arrival: 0 };
                let bits = |index: usize| words[index].parse::<u64>().expect("bits");
                cases.push(Case {
                    name: format!("{name}@{}", words[1]),
                    problem: Problem {
                        inputs: vec![input; matrix.len() / outputs],
                        outputs,
                        matrix: matrix.clone(),
                        extra_depth,
                        search: Search { effort, seed: 0 },
                        ..Problem::default()
                    },
                    other: Result {
                        adders: words[2].parse().expect("adders"),
                        bits: bits(3) + bits(7),
                        depth: words[4].parse().expect("a depth"),
                        seconds: number(5),
                    },
                });
            }
            _ => matrix.extend(words.iter().map(|word| word.parse::<i64>().expect("an entry"))),
        }
    }
    cases
}
