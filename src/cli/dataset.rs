//! `trigforge dataset`, and reading the files that a recipe names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Deserialize;

use super::{Exit, Failure, Format, OutputOptions, load, render, write};
use crate::data::{self, Array, Events, File, Place, Source, Use, summary};
use crate::diag::{Code, Diagnostic};
use crate::numeric::tensor::{Block, Shape};
use crate::report::{dataset, json};

/// Look at events before a network learns from them.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    action: Action,
}

/// What is done.
#[derive(Debug, Subcommand)]
enum Action {
    Inspect(Inspect),
    Export(Export),
}

/// Print ranges and distributions of every column, and the balance of classes.
///
/// Of a recipe only the section `[data]` is read; classes are counted by what their events are for.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge dataset inspect jets.csv.gz
  trigforge dataset inspect jets.root
  trigforge dataset inspect recipe.toml --format json")]
struct Inspect {
    /// A data file (npy, npz, csv, idx, Parquet, HDF5, ROOT; also with .gz), or a recipe.
    #[arg(value_name = "FILE|RECIPE.toml")]
    file: PathBuf,
}

/// Write the events of a recipe as npy files, after its transforms.
///
/// `x.npy` and, where the recipe has them, `labels.npy`, `weights.npy` and `nuisance.npy` are what
/// `verify`, `evaluate` and others take.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge dataset export recipe.toml --use test -o test
  trigforge verify tagger.onnx --data test/x.npy --labels test/labels.npy")]
struct Export {
    /// The recipe.
    #[arg(value_name = "RECIPE.toml")]
    recipe: PathBuf,
    /// The directory, which must not exist.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Which events.
    #[arg(long = "use", value_enum, default_value_t = Wanted::All, value_name = "USE")]
    wanted: Wanted,
}

/// Which events of a recipe are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Wanted {
    /// All of them.
    All,
    /// Those that train.
    Training,
    /// Those that choose among networks.
    Validation,
    /// Those that do neither.
    Test,
}

/// What is read of a recipe here.
#[derive(Deserialize)]
struct Recipe {
    data: Source,
}

pub(super) fn run(options: &Options, output: OutputOptions) -> Result<Exit, Failure> {
    match &options.action {
        Action::Inspect(Inspect { file }) => inspect(file, output),
        Action::Export(options) => export(options, output),
    }
}

fn inspect(path: &Path, output: OutputOptions) -> Result<Exit, Failure> {
    let name = path.display().to_string();
    let summary = if path.extension().is_some_and(|extension| extension == "toml") {
        let source = source(path)?;
        let events = gather(&source, folder(path), &mut |_| ())?;
        summary::of_events(&name, &source, &events)
    } else {
        summary::of_file(&File::decode(&name, &load::read(path)?)?)
    };
    match output.format {
        Format::Json => render::result(json::pretty(&summary).trim_end()),
        Format::Text => render::result(dataset::render(&summary, render::screen()).trim_end()),
    }
    Ok(Exit::Done)
}

fn export(options: &Export, output: OutputOptions) -> Result<Exit, Failure> {
    let source = source(&options.recipe)?;
    let events = gather(&source, folder(&options.recipe), &mut |_| ())?;
    let events = match options.wanted {
        Wanted::All => events,
        Wanted::Training => events.only(source.shares(), Use::Training),
        Wanted::Validation => events.only(source.shares(), Use::Validation),
        Wanted::Test => events.only(source.shares(), Use::Test),
    };
    if events.keys.is_empty() {
        let place = options.recipe.display().to_string();
        let help = "give more events, or another share: `test = 0.2`";
        return Err(Diagnostic::error(Code::D0505, "no event is left", help).at(place).into());
    }
    if options.output.exists() {
        let message = format!("`{}` exists", options.output.display());
        let help = "choose another directory with `-o`";
        return Err(Diagnostic::error(Code::C0404, message, help).into());
    }
    write::make_directory(&options.output)?;
    let arrays = [
        ("x", Some(&events.inputs)),
        ("labels", events.labels.as_ref()),
        ("weights", events.weights.as_ref()),
        ("nuisance", events.nuisance.as_ref()),
    ];
    for (name, array) in arrays {
        let Some(array) = array else { continue };
        let shape = Shape(array.shape.get(1..).unwrap_or_default().to_vec());
        let bytes = data::npy(&Block::from_rows(&array.values, shape.len(), 0), &shape);
        let path = options.output.join(format!("{name}.npy"));
        write::file(&path, &bytes)?;
        if !output.quiet {
            render::message(&format!("wrote {}", path.display()));
        }
    }
    Ok(Exit::Done)
}

/// Where the files that a recipe names are.
fn folder(recipe: &Path) -> &Path {
    recipe.parent().unwrap_or(Path::new("."))
}

/// The section `[data]` of a recipe; the others are not looked at.
pub(super) fn source(path: &Path) -> Result<Source, Diagnostic> {
    let name = path.display().to_string();
    let bytes = load::read(path)?;
    let recipe: Recipe = toml::from_str(&String::from_utf8_lossy(&bytes)).map_err(|error| {
        let message = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
        let help = "write a section `[data]` with `inputs` and `labels`";
        Diagnostic::error(Code::C0401, message, help).at(&name)
    })?;
    recipe.data.check().map_err(|fault| fault.at(&name))?;
    Ok(recipe.data)
}

/// The events that `source` names, whose files stand in `folder`; `seen` is given the bytes of each.
pub(super) fn gather(
    source: &Source,
    folder: &Path,
    seen: &mut dyn FnMut(&[u8]),
) -> Result<Events, Diagnostic> {
    gather_with(source, &[], folder, seen).map(|(events, _)| events)
}

/// The same, and arrays of other places with a row for each event.
pub(super) fn gather_with(
    source: &Source,
    others: &[&str],
    folder: &Path,
    seen: &mut dyn FnMut(&[u8]),
) -> Result<(Events, Vec<Array>), Diagnostic> {
    let mut files = BTreeMap::new();
    let beside = others.iter().map(|place| Place::parse(place).file);
    for name in source.files().into_iter().chain(beside) {
        if files.contains_key(name) {
            continue;
        }
        let bytes = load::read(&folder.join(name))?;
        seen(&bytes);
        files.insert(name, File::decode(name, &bytes)?);
    }
    let events = source.gather(&files)?;
    let array = |place: &&str| {
        let place = Place::parse(place);
        files[place.file].pick(place.name)
    };
    let arrays = others.iter().map(array).collect::<Result<_, _>>()?;
    Ok((events, arrays))
}
