//! [`solve`]: many starts, the search spent on the most promising, the best solution, proved.

use rayon::prelude::*;

use super::build::Draft;
use super::dice::Dice;
use super::extract::extract_all;
use super::fuse::fuse;
use super::improve::{Schedule, improve, prune};
use super::network::Network;
use super::orient::Signs;
use super::prepare::Prepared;
pub use super::prepare::Unsolvable;
use super::repair::keep_deadline;
use super::resolve::{Spending, resolve};
use super::starts::starts;
use super::{Problem, Solution};
use crate::plan::{Effort, Search};

/// What is spent on a problem.
///
/// Work is counted in changes of pattern counts and never timed, so that equal seeds give equal
/// solutions on any machine.
struct Budget {
    /// For all local searches together.
    work: u64,
    /// How many starts are searched from in each round, all rounds getting the same work.
    rounds: &'static [usize],
    /// The most starts.
    starts: usize,
    /// For the adders of the best solution, a few at a time.
    windows: Spending,
}

/// The work that a small matrix is worth, however small: some hundredths of a second.
const SMALL: u64 = 400_000;

/// The work that a core of a present-day machine does in a second, about.
const WORK_OF_A_SECOND: u64 = 10_000_000;

impl Budget {
    /// The budget of an effort where one extraction takes `once`.
    fn new(effort: Effort, once: u64) -> Self {
        match effort {
            Effort::Fast => Self {
                work: once / 2,
                rounds: &[1],
                starts: 2,
                windows: Spending { operands: 4, work: 1, idle: 1 },
            },
            Effort::Default => {
                // Small matrices take no time: they are searched from more starts, and longer.
                let starts = usize::try_from(SMALL / once.max(1)).unwrap_or(usize::MAX);
                Self {
                    work: 2 * once + (1000 * once).min(SMALL),
                    rounds: &[4, 2, 1],
                    starts: starts.clamp(2, 8),
                    windows: Spending { operands: 6, work: 2_000_000, idle: 2 },
                }
            }
            Effort::Best => Self {
                work: ((500_000 * once).min(200_000_000) + 600 * once).min(3_000_000_000),
                rounds: &[16, 6, 2, 1],
                starts: 16,
                windows: Spending { operands: 7, work: 60_000_000, idle: 20 },
            },
            Effort::Seconds(seconds) => {
                let work = u64::from(seconds.get()) * WORK_OF_A_SECOND;
                // The starts take at most a quarter.
                let starts = usize::try_from(work / (4 * once.max(1))).unwrap_or(usize::MAX);
                let windows = Spending { operands: 7, work: work / 10, idle: 20 };
                Self { work, rounds: &[16, 6, 2, 1], starts: starts.clamp(1, 16), windows }
            }
        }
    }
}

/// One start and how far it came.
struct Run {
    index: usize,
    network: Network,
    cost: u64,
    solution: Solution,
}

/// The cheapest solution that was found.
///
/// # Errors
/// When the matrix has not the size of the problem, when a sum might need more than 63 bits, or
/// when an output cannot be there as early as it must.
pub fn solve(problem: &Problem) -> Result<Solution, Unsolvable> {
    let prepared = Prepared::new(problem)?;
    let mut solution = search(problem, &prepared);
    if problem.sums_of_three {
        // Little time leaves little room for sums of three, and then what was searched with them
        // in view may be worse than what was not.
        let pairs = Problem { sums_of_three: false, ..problem.clone() };
        let prepared = Prepared::new(&pairs)?;
        let cx = Context { problem: &pairs, prepared: &prepared };
        let plain = cx.run(0, prepared.plain()).cost;
        if solution.cost(problem) > plain - plain / WORTH {
            let other = search(&pairs, &prepared);
            if other.cost(problem) < solution.cost(problem) {
                solution = other;
            }
        }
    }
    assert!(solution.proves(problem), "a solution computes its matrix");
    assert!(
        prepared.latest().is_none_or(|latest| solution.depth(problem) <= latest),
        "a solution keeps its depth"
    );
    Ok(solution)
}

/// Where sums of three save less than this part of a plain solution, sums of two are searched, too.
const WORTH: u64 = 5;

/// The best of many starts.
fn search(problem: &Problem, prepared: &Prepared) -> Solution {
    let cx = Context { problem, prepared };
    let Search { effort, seed } = problem.search;
    let mut first = prepared.plain();
    extract_all(&mut first);
    let budget = Budget::new(effort, first.work);
    let others = starts(prepared, seed, budget.starts - 1);
    let mut runs: Vec<Run> = std::iter::once(first)
        .chain(others)
        .enumerate()
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(index, network)| cx.run(index, network))
        .collect();
    runs.sort_by_key(|run| (run.cost, run.index));
    let rounds = u64::try_from(budget.rounds.len()).expect("a few");
    for (round, survivors) in budget.rounds.iter().enumerate() {
        runs.truncate(*survivors);
        let share = budget.work / rounds / u64::try_from(runs.len()).expect("a few");
        let seed = Dice::new(seed).fork(round);
        runs.par_iter_mut().for_each(|run| cx.improve(run, share, seed.fork(run.index)));
        runs.sort_by_key(|run| (run.cost, run.index));
    }
    let mut solution = runs.swap_remove(0).solution;
    let dice = Dice::new(seed).fork(budget.rounds.len());
    resolve(problem, prepared, &mut solution, budget.windows, dice);
    solution
}

#[derive(Clone, Copy)]
struct Context<'a> {
    problem: &'a Problem,
    prepared: &'a Prepared,
}

impl Context<'_> {
    fn run(self, index: usize, mut network: Network) -> Run {
        extract_all(&mut network);
        if network.by_threes {
            prune(&mut network);
        }
        let solution = self.solution(&network, Dice::new(0));
        Run { index, network, cost: solution.cost(self.problem), solution }
    }

    /// What a network stands for.
    fn solution(self, network: &Network, mut dice: Dice) -> Solution {
        let draft = Draft::new(network, self.problem.inputs.len());
        let mut signs = Signs::new(self.problem, &draft);
        signs.walk(&mut dice);
        let mut solution = signs.solution();
        keep_deadline(self.prepared, &mut solution);
        if self.problem.sums_of_three {
            fuse(self.problem, self.prepared, &mut solution);
        }
        solution
    }

    fn improve(self, run: &mut Run, work: u64, mut dice: Dice) {
        let schedule = Schedule { work, heat: 2, reach: 4 };
        let sides = dice.fork(1);
        improve(&mut run.network, &mut dice, schedule, |network| {
            let solution = self.solution(network, sides.clone());
            let cost = solution.cost(self.problem);
            if cost < run.cost {
                (run.cost, run.solution) = (cost, solution);
            }
            cost
        });
    }
}
