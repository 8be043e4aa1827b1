//! A search from its plan to the table of its trials.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use serde_json::{Map, json};
use sha2::{Digest, Sha256};

use super::Options;
use super::page::{self, short};
use super::store::Store;
use super::trial::{self, Outcome, Trial};
use crate::cli::progress::Progress;
use crate::cli::train::{events, session};
use crate::cli::{Exit, Failure, Format, OutputOptions, load, render, write};
use crate::diag::Diagnostic;
use crate::report::data::Search;
use crate::report::{html, terminal};
use crate::train::recipe::Recipe;
use crate::train::tune::plan::Plan;
use crate::train::tune::rank::ranks;
use crate::train::tune::sampler::{Known, ROUND, round_begin};

/// What does not change while a search goes on.
struct Session {
    output: OutputOptions,
    plan: Plan,
    recipe: toml::Table,
    /// The recipe, as messages name it.
    path: String,
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let own = options.plan.display().to_string();
    let text = load::text(&options.plan)?;
    let plan = Plan::parse(&text, &own)?;
    let folder = options.plan.parent().unwrap_or(Path::new("."));
    let place = folder.join(&plan.recipe);
    let path = place.display().to_string();
    let base = load::text(&place)?;
    let recipe = Recipe::parse(&base, &path)?;
    let mut hash = Sha256::new();
    for part in [env!("CARGO_PKG_VERSION"), &text, &base] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let data = place.parent().unwrap_or(Path::new("."));
    events::read(&recipe, data, &mut hash)?;
    let fingerprint = load::hexadecimal(hash);
    let recipe = toml::from_str(&base).expect("it was parsed before");
    let search = Session { output, plan, recipe, path };
    // A place that the recipe does not have is told before anything is written.
    search.recipe_at(&vec![0.5; search.plan.space.parameters.len()])?;
    let interrupted = session::watch_interrupts();
    let store = if options.resume {
        Store::resume(&options.output, &fingerprint)?
    } else {
        Store::create(&options.output, &fingerprint)?
    };
    let mut trials = store.trials()?;
    let progress = Progress::steps(output, search.plan.trials);
    progress.step(&search.best(&trials));
    progress.at(trials.len());
    for begin in (0..search.plan.trials).step_by(ROUND) {
        let end = (begin + ROUND).min(search.plan.trials);
        let known = search.known(&trials[..trials.len().min(round_begin(begin))]);
        let missing: Vec<u32> = (begin..end)
            .map(|number| u32::try_from(number).expect("plans have fewer than 2^32 trials"))
            .filter(|own| trials.iter().all(|trial| trial.number != *own))
            .collect();
        let jobs = options.jobs.get().min(missing.len());
        let next = AtomicUsize::new(0);
        let fault = Mutex::new(None);
        let (sender, receiver) = mpsc::channel();
        let done = thread::scope(|scope| {
            for _ in 0..jobs {
                let (sender, next, missing, known) = (sender.clone(), &next, &missing, &known);
                let (search, fault, interrupted) = (&search, &fault, &interrupted);
                scope.spawn(move || {
                    while let Some(number) = missing.get(next.fetch_add(1, Ordering::Relaxed)) {
                        match search.trial(*number, known, data, interrupted) {
                            Ok(Some(trial)) => drop(sender.send(trial)),
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
            for trial in receiver {
                store.add(&trial)?;
                trials.push(trial);
                progress.at(trials.len());
                progress.step(&search.best(&trials));
            }
            Ok::<(), Diagnostic>(())
        });
        done?;
        if let Some(fault) = fault.into_inner().expect("no worker panics with it") {
            return Err(fault);
        }
        trials.sort_by_key(|trial| trial.number);
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
    let page = options.output.join("search.html");
    let order = search.order(&trials);
    let shown = page::shown(&search.plan.space, &trials, &order);
    let shown =
        Search { plan: options.plan.display().to_string(), recipe: search.path.clone(), ..shown };
    write::file(&page, html::search(&shown).as_bytes())?;
    search.print(&trials);
    if !output.quiet && matches!(output.format, Format::Text) {
        render::message(&format!("wrote {}", page.display()));
    }
    Ok(Exit::Done)
}

impl Session {
    fn known(&self, trials: &[Trial]) -> Vec<Known> {
        let known = |trial: &Trial| Known {
            point: trial.point.clone(),
            costs: trial.outcome.costs(&self.plan.objectives),
        };
        trials.iter().map(known).collect()
    }

    fn recipe_at(&self, point: &[f64]) -> Result<String, Diagnostic> {
        let space = &self.plan.space;
        space.recipe(&self.recipe, &space.values(point)).map_err(|fault| fault.at(&self.path))
    }

    fn trial(
        &self,
        number: u32,
        known: &[Known],
        folder: &Path,
        interrupted: &std::sync::atomic::AtomicBool,
    ) -> Result<Option<Trial>, Failure> {
        let Plan { space, seed, .. } = &self.plan;
        let point = self.plan.sampler.point(space, *seed, number, known);
        let text = self.recipe_at(&point)?;
        let outcome = trial::run(&text, &self.path, folder, interrupted);
        let outcome = outcome.map_err(|failure| self.told(failure, number, &point))?;
        Ok(outcome.map(|outcome| Trial { number, point, outcome }))
    }

    /// Adds to faults of a recipe which values it has.
    fn told(&self, failure: Failure, number: u32, point: &[f64]) -> Failure {
        let values = self.plan.space.parameters.iter().zip(self.plan.space.values(point));
        let values: Vec<String> =
            values.map(|(parameter, value)| format!("{} = {value}", parameter.path)).collect();
        let note = format!("trial {number} has {}", values.join(", "));
        match failure {
            Failure::User(faults) => {
                Failure::User(faults.into_iter().map(|fault| fault.note(&note)).collect())
            }
            Failure::Tool(error) => Failure::Tool(error),
        }
    }

    /// The best metric so far, in words.
    fn best(&self, trials: &[Trial]) -> String {
        let metric = |trial: &Trial| match trial.outcome {
            Outcome::Finished { metric, .. } => Some(metric),
            Outcome::Failed => None,
        };
        let best = trials.iter().filter_map(metric).max_by(f64::total_cmp);
        let of = self.plan.trials;
        match best {
            Some(best) => format!("{} of {of} trials, best metric {best:.4}", trials.len()),
            None => format!("{} of {of} trials", trials.len()),
        }
    }

    /// The trials from the best to the worst, each with whether it is on the front.
    fn order(&self, trials: &[Trial]) -> Vec<(usize, bool)> {
        let costs: Vec<Vec<f64>> =
            trials.iter().map(|own| own.outcome.costs(&self.plan.objectives)).collect();
        let ranks = ranks(&costs);
        let mut order: Vec<usize> = (0..trials.len()).collect();
        order.sort_by(|a, b| ranks[*a].cmp(&ranks[*b]).then(costs[*a][0].total_cmp(&costs[*b][0])));
        let on_front =
            |own: usize| ranks[own] == 0 && matches!(trials[own].outcome, Outcome::Finished { .. });
        order.into_iter().map(|own| (own, on_front(own))).collect()
    }

    fn print(&self, trials: &[Trial]) {
        let order = self.order(trials);
        let space = &self.plan.space;
        match self.output.format {
            Format::Json => {
                let row = |(own, front): &(usize, bool)| {
                    let trial = &trials[*own];
                    let pairs = space.parameters.iter().zip(space.values(&trial.point));
                    let values: Map<String, serde_json::Value> =
                        pairs.map(|(own, value)| (own.path.clone(), json!(value))).collect();
                    let figures = match trial.outcome {
                        Outcome::Finished { metric, lut, latency_ns } => {
                            json!({ "metric": metric, "lut": lut, "latency_ns": latency_ns })
                        }
                        Outcome::Failed => serde_json::Value::Null,
                    };
                    json!({ "trial": trial.number, "front": front, "values": values, "figures": figures })
                };
                let rows: Vec<serde_json::Value> = order.iter().map(row).collect();
                render::result(&format!("{:#}", json!({ "trials": rows })));
            }
            Format::Text => {
                let mut header = vec!["trial", "front"];
                header.extend(space.parameters.iter().map(|own| own.path.as_str()));
                header.extend(["metric", "LUT", "ns"]);
                let row = |(own, front): &(usize, bool)| {
                    let trial = &trials[*own];
                    let mark = if *front { "*" } else { "" };
                    let mut row = vec![trial.number.to_string(), mark.to_owned()];
                    row.extend(space.values(&trial.point).iter().map(short));
                    row.extend(match trial.outcome {
                        Outcome::Finished { metric, lut, latency_ns } => {
                            [format!("{metric:.4}"), lut.to_string(), format!("{latency_ns:.1}")]
                        }
                        Outcome::Failed => ["failed", "", ""].map(str::to_owned),
                    });
                    row
                };
                let rows: Vec<Vec<String>> = order.iter().map(row).collect();
                render::result(terminal::table(&header, &rows, 2, render::screen()).trim_end());
            }
        }
    }
}
