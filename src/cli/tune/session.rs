//! A search from its plan to the table of its trials.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use sha2::{Digest, Sha256};

use super::Options;
use super::page;
use super::store::Store;
use super::table::Shown;
use super::trial::{self, Ended, Outcome, Trial, Work};
use crate::cli::progress::Progress;
use crate::cli::train::{events, session};
use crate::cli::{Exit, Failure, Format, OutputOptions, load, render, write};
use crate::diag::Diagnostic;
use crate::report::data::Search;
use crate::report::html;
use crate::train::fit::State;
use crate::train::recipe::Recipe;
use crate::train::tune::objective::Objective;
use crate::train::tune::plan::Plan;
use crate::train::tune::sampler::Known;
use crate::train::tune::schedule::{Costs, Schedule, Task, Wave};

/// What does not change while a search goes on.
struct Session {
    plan: Plan,
    schedule: Schedule,
    recipe: toml::Table,
    /// The epochs of the recipe.
    epochs: usize,
    /// The recipe, as messages name it.
    path: String,
    /// Where its files stand.
    folder: PathBuf,
}

/// A trial that is to be trained up to a rung.
struct Job {
    task: Task,
    point: Vec<f64>,
    /// Where its networks are.
    states: Vec<State>,
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let own = options.plan.display().to_string();
    let text = load::text(&options.plan)?;
    let plan = Plan::parse(&text, &own)?;
    let place = options.plan.parent().unwrap_or(Path::new(".")).join(&plan.recipe);
    let path = place.display().to_string();
    let base = load::text(&place)?;
    let recipe = Recipe::parse(&base, &path)?;
    let schedule = plan.schedule(recipe.train.epochs).map_err(|fault| fault.at(&own))?;
    let first = schedule.stops.first().copied();
    plan.check(&recipe, first).map_err(|fault| fault.at(&own))?;
    let mut hash = Sha256::new();
    for part in [env!("CARGO_PKG_VERSION"), &text, &base] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let folder = place.parent().unwrap_or(Path::new(".")).to_owned();
    let all = events::read(&recipe, &folder, &mut hash)?;
    plan.separations(&recipe, &all).map_err(|fault| fault.at(&own))?;
    drop(all);
    let fingerprint = load::hexadecimal(hash);
    let epochs = recipe.train.epochs;
    let recipe = toml::from_str(&base).expect("it was parsed before");
    let search = Session { plan, schedule, recipe, epochs, path, folder };
    // A place that the recipe does not have is told before anything is written.
    search.recipe_at(&vec![0.5; search.plan.space.parameters.len()])?;
    let interrupted = session::watch_interrupts();
    let mut store = if options.resume {
        Store::resume(&options.output, &fingerprint)?
    } else {
        Store::create(&options.output, &fingerprint)?
    };
    let mut trials = store.trials()?;
    let progress = Progress::steps(output, search.schedule.tasks());
    let mut costs = search.costs(&trials);
    while let Some(wave) = search.schedule.next(&costs) {
        progress.at(costs.len());
        progress.step(&search.best(&trials));
        if wave.promoted {
            store.keep(&wave.trials)?;
        }
        let jobs = search.jobs(&wave, &trials, &costs, &store)?;
        let add = |job: &Job, ended: Ended| {
            let may_go_on = job.task.rung < search.schedule.last();
            store.add(job.task, &job.point, &ended, may_go_on)?;
            let (number, point) = (job.task.trial, job.point.clone());
            let outcomes = BTreeMap::new();
            let trial = trials.entry(number).or_insert(Trial { number, point, outcomes });
            trial.outcomes.insert(job.task.rung, ended.outcome);
            costs = search.costs(&trials);
            progress.at(costs.len());
            progress.step(&search.best(&trials));
            Ok(())
        };
        search.side_by_side(&jobs, options.jobs.get(), &interrupted, add)?;
        if interrupted.load(Ordering::Relaxed) {
            drop(progress);
            if !output.quiet {
                let count = trials.len();
                let what = format!("stopped after {count} trials; `--resume` goes on from there");
                render::message(&what);
            }
            return Ok(Exit::Done);
        }
    }
    drop(progress);
    store.keep(&[])?;
    let page = options.output.join("search.html");
    let shown = Shown { plan: &search.plan, schedule: &search.schedule, epochs: search.epochs };
    let rows = shown.rows(&trials);
    let found = page::shown(shown, &rows);
    let found = Search { plan: own, recipe: search.path.clone(), ..found };
    write::file(&page, html::search(&found).as_bytes())?;
    shown.print(&rows, output);
    if !output.quiet && matches!(output.format, Format::Text) {
        render::message(&format!("wrote {}", page.display()));
    }
    Ok(Exit::Done)
}

impl Session {
    fn costs(&self, trials: &BTreeMap<u32, Trial>) -> Costs {
        let of = |trial: &Trial| -> Vec<(Task, Vec<f64>)> {
            let task = |rung: &usize| Task { trial: trial.number, rung: *rung };
            let cost = |outcome: &Outcome| outcome.costs(&self.plan.objectives);
            trial.outcomes.iter().map(|(rung, own)| (task(rung), cost(own))).collect()
        };
        trials.values().flat_map(of).collect()
    }

    fn recipe_at(&self, point: &[f64]) -> Result<String, Diagnostic> {
        let space = &self.plan.space;
        space.recipe(&self.recipe, &space.values(point)).map_err(|fault| fault.at(&self.path))
    }

    /// What of a wave is not finished.
    fn jobs(
        &self,
        wave: &Wave,
        trials: &BTreeMap<u32, Trial>,
        costs: &Costs,
        store: &Store,
    ) -> Result<Vec<Job>, Diagnostic> {
        let known = |task: &Task| Known {
            point: trials[&task.trial].point.clone(),
            costs: costs[task].clone(),
        };
        let known: Vec<Known> = wave.known.iter().map(known).collect();
        let Plan { sampler, space, seed, .. } = &self.plan;
        let tasks = wave.trials.iter().map(|trial| Task { trial: *trial, rung: wave.rung });
        let job = |task: Task| {
            let Task { trial, rung } = task;
            let point = match trials.get(&trial) {
                Some(trial) => trial.point.clone(),
                None => sampler.point(space, *seed, trial, &known),
            };
            let before = rung.checked_sub(1).filter(|_| wave.promoted);
            let states = before.map(|rung| store.states(Task { trial, rung }));
            Ok(Job { task, point, states: states.transpose()?.unwrap_or_default() })
        };
        tasks.filter(|task| !costs.contains_key(task)).map(job).collect()
    }

    /// Works on jobs, so many at a time; `add` is given each that ended.
    fn side_by_side(
        &self,
        jobs: &[Job],
        workers: usize,
        interrupted: &AtomicBool,
        mut add: impl FnMut(&Job, Ended) -> Result<(), Diagnostic>,
    ) -> Result<(), Failure> {
        let next = AtomicUsize::new(0);
        let fault = Mutex::new(None);
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..workers.min(jobs.len()) {
                let sender = sender.clone();
                let (next, fault) = (&next, &fault);
                scope.spawn(move || {
                    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        match self.train(job, interrupted) {
                            Ok(Some(ended)) => drop(sender.send((job, ended))),
                            Ok(None) => return,
                            Err(why) => {
                                *fault.lock().expect("no worker panics with it") = Some(why);
                                return;
                            }
                        }
                    }
                });
            }
            drop(sender);
            receiver.into_iter().try_for_each(|(job, ended)| add(job, ended))
        })?;
        fault.into_inner().expect("no worker panics with it").map_or(Ok(()), Err)
    }

    fn train(&self, job: &Job, stop: &AtomicBool) -> Result<Option<Ended>, Failure> {
        let recipe = self.recipe_at(&job.point)?;
        let work = Work {
            recipe: &recipe,
            path: &self.path,
            folder: &self.folder,
            plan: &self.plan,
            until: self.schedule.stops.get(job.task.rung).copied(),
            stop,
        };
        trial::run(work, &job.states).map_err(|failure| self.told(failure, job))
    }

    /// Adds to faults of a recipe which values it has.
    fn told(&self, failure: Failure, job: &Job) -> Failure {
        let values = self.plan.space.parameters.iter().zip(self.plan.space.values(&job.point));
        let values: Vec<String> =
            values.map(|(parameter, value)| format!("{} = {value}", parameter.path)).collect();
        let note = format!("trial {} has {}", job.task.trial, values.join(", "));
        match failure {
            Failure::User(faults) => {
                Failure::User(faults.into_iter().map(|fault| fault.note(&note)).collect())
            }
            Failure::Tool(error) => Failure::Tool(error),
        }
    }

    /// The best metric so far, in words.
    fn best(&self, trials: &BTreeMap<u32, Trial>) -> String {
        let metric = |trial: &Trial| match trial.last().1 {
            Outcome::Finished(figures) => Some(figures[&Objective::Metric].mean),
            Outcome::Failed => None,
        };
        let best = trials.values().filter_map(metric).max_by(f64::total_cmp);
        let of = self.plan.trials;
        match best {
            Some(best) => format!("{} of {of} trials, best metric {best:.4}", trials.len()),
            None => format!("{} of {of} trials", trials.len()),
        }
    }
}
