//! [`solve`]: several strategies, the best solution, proved.

use super::build::Draft;
use super::extract::extract_all;
use super::improve::{Dice, Schedule, improve};
use super::network::{Network, Taste};
use super::orient::orient;
use super::prepare::Prepared;
pub use super::prepare::Unsolvable;
use super::spanning::{Tree, spanning};
use super::transpose::transposed;
use super::{Problem, Solution};

/// The cheapest solution that was found.
///
/// # Errors
/// When the matrix has not the size of the problem, or a sum might need more than 63 bits.
pub fn solve(problem: &Problem) -> Result<Solution, Unsolvable> {
    let prepared = Prepared::new(problem)?;
    let env = |name: &str, default: f64| {
        std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
    };
    let verbose = env("VERB", 0.0) > 0.0;
    let taste = Taste { seed: problem.search.seed, noise: 0, imbalance: env("IMB", 0.0) as u64 };
    let mut candidates: Vec<(String, Network)> = vec![("plain".into(), prepared.plain())];
    let trees = [(false, 0, 0), (false, 0, 4), (false, 1, 0), (false, 0, 8), (true, 0, 0), (true, 1, 0)];
    for (total, ease, gain) in trees {
        if let Some(n) = spanning(&prepared, Tree { total, ease, gain }) {
            candidates.push((format!("tree {total} {ease} {gain}"), n));
        }
    }
    let turned = prepared.transposed();
    let mut flips = vec![("T plain".to_string(), turned.plain())];
    if let Some(n) = spanning(&turned, Tree { total: false, ease: 0, gain: 0 }) {
        flips.push(("T tree".into(), n));
    }
    for (name, mut n) in flips {
        n.taste = taste;
        extract_all(&mut n);
        if let Some(n) = transposed(&prepared, &n) {
            candidates.push((name, n));
        } else if verbose {
            eprintln!("{name}: no");
        }
    }
    let mut best: Option<(u64, Solution)> = None;
    for (name, mut network) in candidates {
        network.taste = taste;
        extract_all(&mut network);
        let solution = orient(problem, &Draft::new(&network, problem.inputs.len()), &mut Dice::new(problem.search.seed));
        let c0 = solution.cost(problem);
        network.taste.noise = env("NOISE", 1000.0) as u64;
        let mut dice = Dice::new(problem.search.seed);
        let w0 = network.work;
        let schedule = Schedule {
            work: env("WORK", 0.0) as u64,
            heat: env("HEAT", 2.0),
            reach: env("REACH", 4.0) as usize,
        };
        let moves = improve(&mut network, &mut dice, schedule);
        let solution = orient(problem, &Draft::new(&network, problem.inputs.len()), &mut Dice::new(problem.search.seed));
        assert!(solution.proves(problem), "a solution computes its matrix");
        let cost = solution.cost(problem);
        if verbose {
            eprintln!("  {name}: {c0} -> {cost} greedy work {w0} moves {moves} adders {} depth {}", solution.sums.len(), solution.depth(problem));
        }
        if best.as_ref().is_none_or(|b| cost < b.0) {
            best = Some((cost, solution));
        }
    }
    Ok(best.unwrap().1)
}
