//! [`solve`]: several strategies, the best solution, proved.

use super::build::Draft;
use super::extract::extract;
use super::improve::{Dice, Schedule, improve};
use super::network::Taste;
use super::orient::orient;
use super::prepare::Prepared;
pub use super::prepare::Unsolvable;
use super::{Problem, Solution};

/// The cheapest solution that was found.
///
/// # Errors
/// When the matrix has not the size of the problem, or a sum might need more than 63 bits.
pub fn solve(problem: &Problem) -> Result<Solution, Unsolvable> {
    let prepared = Prepared::new(problem)?;
    let (mut network, outputs) = prepared.plain();
    let env = |name: &str, default: f64| {
        std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
    };
    network.taste = Taste { seed: problem.search.seed, noise: 0, imbalance: env("IMB", 0.0) as u64 };
    network.offer_all();
    extract(&mut network, 0);
    for id in network.ids().collect::<Vec<_>>() {
        let _ = id;
    }
    network.commit();
    network.taste.noise = env("NOISE", 64.0) as u64;
    let mut dice = Dice::new(problem.search.seed);
    let w0 = network.work;
    let schedule = Schedule {
        work: env("WORK", 0.0) as u64,
        heat: env("HEAT", 2.0),
        reach: env("REACH", 4.0) as usize,
    };
    let moves = improve(&mut network, &mut dice, schedule);
    if env("VERB", 0.0) > 0.0 {
        eprintln!("greedy work {w0} moves {moves} terms {}", network.len());
    }
    let solution = orient(problem, &Draft::new(&network, problem.inputs.len(), &outputs));
    assert!(solution.proves(problem), "a solution computes its matrix");
    Ok(solution)
}
