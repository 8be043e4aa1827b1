//! [`Schedule`]: which trials are trained next, and for how long.
//!
//! Without halving every trial is trained to the end of its recipe. With successive halving (K. Jamieson
//! and A. Talwalkar, AISTATS 2016) all trials of a bracket are trained for a few epochs, the best part of
//! them goes on to the next rung, and so on; with several brackets, of which some begin at later rungs with
//! fewer trials, it is Hyperband (L. Li et al., JMLR 18 (2018) 185). Rungs are compared when all their
//! trials are there, so that what is trained depends on no clock.

use std::collections::BTreeMap;

use super::rank::best;
use super::sampler::{FIRST, ROUND};

/// What each finished task costs, less being better; a cost of a failed one is infinite.
pub type Costs = BTreeMap<Task, Vec<f64>>;

/// A trial up to a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Task {
    /// The trial, counted from 0.
    pub trial: u32,
    /// The rung, counted from 0.
    pub rung: usize,
}

/// How trials are cut short.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The number of trials.
    pub trials: u32,
    /// The epochs at which a rung ends, rising; the last rung, behind them, ends where the recipe does.
    pub stops: Vec<usize>,
    /// One in so many trials of a rung goes on.
    pub factor: u32,
    /// The brackets, one after another and again from the first: that of number `b` begins at rung `b`.
    pub brackets: usize,
}

/// Trials that run side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Wave {
    /// The trials.
    pub trials: Vec<u32>,
    /// What they are trained for.
    pub rung: usize,
    /// Whether they go on from the rung before, instead of being new.
    pub promoted: bool,
    /// The finished tasks that new trials are proposed from.
    pub known: Vec<Task>,
}

/// Trials that are compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bracket {
    begin: u32,
    end: u32,
    /// Where they begin.
    rung: usize,
}

impl Schedule {
    /// The last rung.
    pub fn last(&self) -> usize {
        self.stops.len()
    }

    /// The first wave of which a task is not finished; none when the search is over.
    pub fn next(&self, costs: &Costs) -> Option<Wave> {
        let is_open = |wave: &Wave| {
            let tasks = wave.trials.iter().map(|trial| Task { trial: *trial, rung: wave.rung });
            tasks.into_iter().any(|task| !costs.contains_key(&task))
        };
        self.brackets().into_iter().find_map(|bracket| {
            for begin in (bracket.begin..bracket.end).step_by(ROUND) {
                let wave = self.proposed(costs, bracket, begin);
                if is_open(&wave) {
                    return Some(wave);
                }
            }
            let mut trials: Vec<u32> = (bracket.begin..bracket.end).collect();
            for rung in bracket.rung..self.last() {
                trials = self.promoted(costs, &trials, rung);
                let wave =
                    Wave { trials: trials.clone(), rung: rung + 1, promoted: true, known: vec![] };
                if is_open(&wave) {
                    return Some(wave);
                }
            }
            None
        })
    }

    /// The number of tasks where none fails.
    pub fn tasks(&self) -> usize {
        let of = |bracket: Bracket| {
            let mut count = bracket.end - bracket.begin;
            let mut sum = count;
            for _ in bracket.rung..self.last() {
                count = self.survivors(count);
                sum += count;
            }
            usize::try_from(sum).expect("32 bits fit")
        };
        self.brackets().into_iter().map(of).sum()
    }

    fn brackets(&self) -> Vec<Bracket> {
        let mut found = Vec::new();
        let mut begin = 0;
        for number in (0..self.brackets).cycle() {
            if begin >= self.trials {
                break;
            }
            let end = begin.saturating_add(self.size(number)).min(self.trials);
            found.push(Bracket { begin, end, rung: number });
            begin = end;
        }
        found
    }

    /// The trials of a bracket that begins at a rung: as many as make its cost that of the others.
    fn size(&self, rung: usize) -> u32 {
        if self.stops.is_empty() {
            return self.trials;
        }
        let count = |rungs: usize| u32::try_from(rungs).unwrap_or(u32::MAX);
        let promotions = count(self.last() - rung);
        let all = count(self.last() + 1).saturating_mul(self.factor.saturating_pow(promotions));
        all.div_ceil(promotions + 1)
    }

    /// How many of so many trials go on.
    fn survivors(&self, trials: u32) -> u32 {
        (trials / self.factor).max(1).min(trials)
    }

    /// The best of the trials of a rung, in their order; those that failed do not go on.
    fn promoted(&self, costs: &Costs, trials: &[u32], rung: usize) -> Vec<u32> {
        let count = u32::try_from(trials.len()).expect("searches have fewer than 2^32 trials");
        let cost = |trial: &u32| costs.get(&Task { trial: *trial, rung });
        let all: Option<Vec<Vec<f64>>> = trials.iter().map(|trial| cost(trial).cloned()).collect();
        let Some(all) = all else { return Vec::new() };
        let did_not_fail = |own: &usize| all[*own].iter().all(|cost| *cost < f64::INFINITY);
        let kept = usize::try_from(self.survivors(count)).expect("32 bits fit");
        let order = best(&all).into_iter().filter(did_not_fail).take(kept);
        let mut promoted: Vec<u32> = order.map(|own| trials[own]).collect();
        promoted.sort_unstable();
        promoted
    }

    /// A round of new trials, which knows the rounds and brackets before it: of the highest rung at which
    /// enough trials ended (S. Falkner et al., ICML 2018).
    fn proposed(&self, costs: &Costs, bracket: Bracket, begin: u32) -> Wave {
        let is_before = |task: &Task| {
            let is_earlier = task.trial < begin && task.rung == bracket.rung;
            task.trial < bracket.begin || is_earlier
        };
        let at = |rung: usize| -> Vec<Task> {
            costs.keys().copied().filter(|task| task.rung == rung && is_before(task)).collect()
        };
        let known = (0..=self.last()).rev().map(at).find(|known| known.len() >= FIRST);
        let round = u32::try_from(ROUND).expect("a round is small");
        let end = begin.saturating_add(round).min(bracket.end);
        let trials = (begin..end).collect();
        Wave { trials, rung: bracket.rung, promoted: false, known: known.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waves of a search in which a trial costs what `cost` says, with the costs.
    fn waves(schedule: &Schedule, cost: impl Fn(Task) -> f64) -> (Vec<Wave>, Costs) {
        let (mut waves, mut costs) = (Vec::new(), Costs::new());
        while let Some(wave) = schedule.next(&costs) {
            assert!(wave.known.iter().all(|task| costs.contains_key(task)));
            for trial in &wave.trials {
                let task = Task { trial: *trial, rung: wave.rung };
                assert!(costs.insert(task, vec![cost(task)]).is_none());
            }
            waves.push(wave);
        }
        (waves, costs)
    }

    /// How many trials reach each rung, bracket after bracket: rungs never fall within one.
    fn sizes(waves: &[Wave]) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for wave in waves {
            match found.last_mut() {
                Some((rung, count)) if *rung == wave.rung => *count += wave.trials.len(),
                _ => found.push((wave.rung, wave.trials.len())),
            }
        }
        found
    }

    #[test]
    fn brackets_are_those_of_the_paper() {
        // Table 1 of Li et al.: R = 81, eta = 3.
        let stops = vec![1, 3, 9, 27];
        let schedule = Schedule { trials: 143, stops, factor: 3, brackets: 5 };
        let (waves, costs) = waves(&schedule, |task| f64::from(task.trial));
        let paper = [
            vec![(0, 81), (1, 27), (2, 9), (3, 3), (4, 1)],
            vec![(1, 34), (2, 11), (3, 3), (4, 1)],
            vec![(2, 15), (3, 5), (4, 1)],
            vec![(3, 8), (4, 2)],
            vec![(4, 5)],
        ];
        // The last rung of a bracket meets the first of the next where both are the last of all.
        let mut joined = paper.concat();
        let last = joined.pop().unwrap();
        joined.last_mut().unwrap().1 += last.1;
        assert_eq!(sizes(&waves), joined);
        assert_eq!(schedule.tasks(), costs.len());
        // Of the first bracket the best is trained to the end.
        assert!(costs.contains_key(&Task { trial: 0, rung: 4 }));
        assert!(!costs.contains_key(&Task { trial: 1, rung: 4 }));
    }

    #[test]
    fn without_rungs_all_trials_are_trained_to_the_end() {
        let schedule = Schedule { trials: 14, stops: vec![], factor: 3, brackets: 1 };
        let (waves, _) = waves(&schedule, |task| f64::from(task.trial));
        let trials: Vec<usize> = waves.iter().map(|wave| wave.trials.len()).collect();
        let known: Vec<usize> = waves.iter().map(|wave| wave.known.len()).collect();
        assert_eq!((trials, known), (vec![4, 4, 4, 2], vec![0, 0, 8, 12]));
    }

    #[test]
    fn failed_trials_do_not_go_on_and_the_highest_rung_teaches() {
        let schedule = Schedule { trials: 90, stops: vec![2, 6], factor: 3, brackets: 1 };
        let fails = |task: Task| {
            let failed = !task.trial.is_multiple_of(3) || task.trial < 9;
            if failed { f64::INFINITY } else { f64::from(100 - task.trial) }
        };
        let (waves, costs) = waves(&schedule, fails);
        // Nobody is left of the first nine, and of nine others three finish at all.
        assert_eq!(sizes(&waves[..3]), [(0, 9)]);
        assert_eq!(waves[3].trials[0], 9);
        assert!(costs.iter().all(|(task, cost)| task.rung == 0 || cost[0] < f64::INFINITY));
        let at = |rung| waves.iter().rfind(|wave| wave.known.iter().any(|task| task.rung == rung));
        assert!(at(2).is_some_and(|wave| wave.known.len() >= FIRST));
        assert!(at(1).is_some_and(|wave| wave.known.len() >= FIRST));
        // A part of a search goes on as the whole did, whatever was finished behind it.
        let part: Costs = costs
            .iter()
            .filter(|(task, _)| task.trial % 7 > 1)
            .map(|(a, b)| (*a, b.clone()))
            .collect();
        assert_eq!(schedule.next(&part).as_ref(), Some(&waves[0]));
        for (index, wave) in waves.iter().enumerate() {
            let mut costs = costs.clone();
            costs.remove(&Task { trial: wave.trials[0], rung: wave.rung });
            assert_eq!(schedule.next(&costs).as_ref(), Some(&waves[index]), "{index}");
        }
    }
}
