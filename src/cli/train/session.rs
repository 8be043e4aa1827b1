//! A run from the recipe to its front.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::directory::Directory;
use super::points::{self, Left, Made, Making, Point};
use super::{Options, events, table};
use crate::cli::progress::Progress;
use crate::cli::{Exit, Failure, Format, OutputOptions, load, render};
use crate::diag::{Code, Diagnostic};
use crate::train::dataset::{Dataset, Split};
use crate::train::fit::{State, Trainer};
use crate::train::recipe::Recipe;
use crate::train::watch::{Ending, Event, Wish};

/// How often a checkpoint is written.
const SAVED_EVERY: Duration = Duration::from_secs(20);

/// What does not change while a run goes on.
#[derive(Clone, Copy)]
struct Session<'a> {
    recipe: &'a Recipe,
    /// What the networks will say of their making.
    making: Making<'a>,
    trainer: &'a Trainer<'a>,
    /// The events that neither train nor choose.
    test: &'a Dataset,
    directory: &'a Directory,
    output: OutputOptions,
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    let path = options.recipe.display().to_string();
    let text = load::text(&options.recipe)?;
    let mut recipe = Recipe::parse(&text, &path)?;
    recipe.train.seed = options.seed.unwrap_or(recipe.train.seed);
    let folder = options.recipe.parent().unwrap_or(Path::new("."));
    let mut data_hash = Sha256::new();
    let all = events::read(&recipe, folder, &mut data_hash)?;
    let data_hash = load::hexadecimal(data_hash);
    let mut hash = Sha256::new();
    let seed = recipe.train.seed.to_string();
    for part in [env!("CARGO_PKG_VERSION"), &text, &seed, &data_hash] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let fingerprint = load::hexadecimal(hash);
    let data = &recipe.data;
    let Split { training, validation, test } =
        all.split(data.validation, data.test).map_err(|fault| fault.at(&path))?;
    let trainer = Trainer::new(&recipe, training, validation);
    // From here on an interrupt leaves a checkpoint.
    let interrupted = watch_interrupts();
    let own = || PathBuf::from(format!("{}_run", recipe.name));
    let place = options.output.clone().unwrap_or_else(own);
    let (directory, mut state) = if options.resume {
        let (directory, state) = Directory::resume(place, fingerprint)?;
        if !trainer.accepts(&state) {
            let message = "the checkpoint does not belong to the network of the recipe";
            let help = "leave out `--resume` to start a run";
            return Err(Diagnostic::error(Code::L0702, message, help).into());
        }
        (directory, state)
    } else {
        let directory = Directory::new(place, fingerprint, options.force)?;
        let state = trainer.start();
        points::check(&recipe, &trainer, &state)?;
        directory.make(&text)?;
        (directory, state)
    };
    let session = Session {
        recipe: &recipe,
        making: Making { recipe: &text, data_hash: &data_hash },
        trainer: &trainer,
        test: &test,
        directory: &directory,
        output,
    };
    let ending = loop {
        match train(&session, &mut state, &interrupted)? {
            Ending::Refit => points::refit(&recipe, &trainer, &mut state)?,
            ending => break ending,
        }
    };
    match ending {
        Ending::Refit => unreachable!("it is no end"),
        Ending::Finished | Ending::Early => finish(&session, &state, &interrupted),
        Ending::Stopped => {
            let epoch = state.epoch;
            Ok(stopped(output, &format!("stopped in epoch {epoch}; `--resume` goes on from there")))
        }
        Ending::Undefined { epoch } => {
            let message = format!("no batch of epoch {epoch} has both signal and background");
            let help = "write a larger `batch_size` into `[train]`, or give more events of both";
            Err(Diagnostic::error(Code::D0505, message, help).at(path).into())
        }
        Ending::Diverged { epoch, batch } => {
            let message =
                format!("the loss is no number any more in epoch {epoch}, step {batch} of it");
            let help = "write a smaller `learning_rate`, or `clip_gradient = 1.0`, into `[train]`";
            let fault = Diagnostic::error(Code::L0701, message, help).at(path);
            let kept = format!("`{}` has the checkpoint before that epoch", directory.display());
            Err(fault.note(kept).into())
        }
    }
}

/// Trains until something ends it, and leaves a checkpoint.
fn train(
    session: &Session<'_>,
    state: &mut State,
    interrupted: &AtomicBool,
) -> Result<Ending, Failure> {
    let Session { recipe, trainer, directory, output, .. } = *session;
    let batches = trainer.batches();
    let progress = Progress::steps(output, recipe.train.epochs * batches);
    let mut saved = Instant::now();
    let mut fault = None;
    let ending = trainer.run(state, &mut |state, event| {
        progress.at(state.epoch * batches + state.batch);
        if let Event::Epoch(epoch) = event {
            progress.step(&format!(
                "loss {:.4}  {} {}  EBOPs {:.0}",
                epoch.loss,
                trainer.objective().name(),
                trainer.objective().text(epoch.metric),
                epoch.ebops
            ));
            if saved.elapsed() >= SAVED_EVERY {
                saved = Instant::now();
                fault = directory.save(state).err();
            }
        }
        let stop = fault.is_some() || interrupted.load(Ordering::Relaxed);
        if stop { Wish::Stop } else { Wish::GoOn }
    });
    drop(progress);
    if let Some(fault) = fault {
        return Err(fault.into());
    }
    directory.save(state)?;
    Ok(ending)
}

/// Becomes true when the user, or the machine's scheduler, asks to stop; the second time ends the
/// process at once.
pub(in crate::cli) fn watch_interrupts() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let own = interrupted.clone();
    let handler = move || {
        if own.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    // Without a handler an interrupt ends the process at once, and the last checkpoint is what is left.
    ctrlc::set_handler(handler).ok();
    interrupted
}

fn stopped(output: OutputOptions, message: &str) -> Exit {
    if !output.quiet {
        render::message(message);
    }
    Exit::Done
}

/// Compiles the front, writes it, and prints it.
fn finish(session: &Session<'_>, state: &State, interrupted: &AtomicBool) -> Result<Exit, Failure> {
    let Session { recipe, making, trainer, test, directory, output } = *session;
    let progress = Progress::new(output);
    let made = Made { recipe, making, trainer, test, separations: &[] };
    let found = points::compile(made, state, &mut |what| {
        progress.step(what);
        if interrupted.load(Ordering::Relaxed) { Wish::Stop } else { Wish::GoOn }
    })?;
    let Some(Left { points, gains }) = found else {
        drop(progress);
        let message = "stopped after the last epoch; `--resume` compiles the networks";
        return Ok(stopped(output, message));
    };
    for (point, bytes) in &points {
        directory.write(&point.file, bytes)?;
    }
    let points: Vec<Point> = points.into_iter().map(|(point, _)| point).collect();
    let metric = trainer.objective();
    let name = metric.name();
    let mut document = json!({ "name": recipe.name, "metric": name, "points": points });
    if recipe.peel.is_some() {
        document["peeling"] = json!(gains);
    }
    directory.write("front.json", format!("{document:#}\n").as_bytes())?;
    drop(progress);
    match output.format {
        Format::Json => render::result(&format!("{document:#}")),
        Format::Text => {
            let run = directory.display().to_string();
            render::result(table::front(&run, &points, metric).trim_end());
            if recipe.peel.is_some() {
                render::result(&format!("\n{}", table::gains(&gains, metric).trim_end()));
            }
        }
    }
    Ok(Exit::Done)
}
