//! Reading the events that a recipe names.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::cli::load;
use crate::data::{self, Array};
use crate::diag::{Code, Diagnostic};
use crate::train::dataset::{Dataset, Sources};
use crate::train::recipe::{Layer, Recipe};

/// The events of a recipe whose files stand in `folder`; their bytes go into `hash`.
pub(super) fn read(
    recipe: &Recipe,
    folder: &Path,
    hash: &mut Sha256,
) -> Result<Dataset, Diagnostic> {
    let mut files: BTreeMap<&str, Vec<Array>> = BTreeMap::new();
    let data = &recipe.data;
    let places = [Some(&data.inputs), Some(&data.labels), data.weights.as_ref()];
    for place in places.into_iter().flatten() {
        let (file, _) = split(place);
        if !files.contains_key(file) {
            let bytes = load::read(&folder.join(file))?;
            hash.update(bytes.len().to_le_bytes());
            hash.update(&bytes);
            files.insert(file, data::read(file, &bytes)?);
        }
    }
    let find = |place: &'_ str| array(&files, place);
    let sources = Sources {
        inputs: (&data.inputs, find(&data.inputs)?),
        labels: (&data.labels, find(&data.labels)?),
        weights: match &data.weights {
            Some(place) => Some((place, find(place)?)),
            None => None,
        },
    };
    let outputs = recipe.layer.iter().rev().find_map(|layer| match layer {
        Layer::Dense { outputs, .. } => Some(*outputs),
        Layer::Relu { .. } => None,
    });
    Dataset::new(sources, outputs.expect("recipes end in a dense layer"), recipe.train.loss)
}

/// A file, and the array in it.
fn split(place: &str) -> (&str, Option<&str>) {
    match place.split_once(".npz:") {
        Some((_, array)) => (&place[..place.len() - array.len() - 1], Some(array)),
        None => (place, None),
    }
}

fn array<'a>(files: &'a BTreeMap<&str, Vec<Array>>, place: &str) -> Result<&'a Array, Diagnostic> {
    let (file, name) = split(place);
    let arrays = &files[file];
    let found = match (name, arrays.as_slice()) {
        (None, [array]) => Some(array),
        (None, _) => None,
        (Some(name), arrays) => arrays.iter().find(|array| array.name.as_deref() == Some(name)),
    };
    found.ok_or_else(|| {
        let has: Vec<&str> = arrays.iter().filter_map(|array| array.name.as_deref()).collect();
        let message = match name {
            Some(name) => format!("no array is called `{name}`"),
            None => format!("there are {} arrays", arrays.len()),
        };
        let help = format!("write for example `{file}:{}`", has.first().unwrap_or(&"x"));
        let fault = Diagnostic::error(Code::D0501, message, help).at(file);
        fault.note(format!("the file has {}", has.join(", ")))
    })
}
