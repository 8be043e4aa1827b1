//! Reading the events that a recipe names.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::cli::dataset;
use crate::data::Targets;
use crate::diag::Diagnostic;
use crate::train::adversary;
use crate::train::dataset::{Dataset, Sources, Wanted};
use crate::train::recipe::Recipe;
use crate::train::recipe::wiring;

/// The events of a recipe whose files stand in `folder`; their bytes go into `hash`, each file's behind
/// its length.
pub(in crate::cli) fn read(
    recipe: &Recipe,
    folder: &Path,
    hash: &mut Sha256,
) -> Result<Dataset, Diagnostic> {
    let data = &recipe.data;
    let heads = recipe.outputs();
    let others: Vec<&str> = heads.iter().filter_map(|head| head.labels).collect();
    let mut seen = |bytes: &[u8]| {
        hash.update(bytes.len().to_le_bytes());
        hash.update(bytes);
    };
    let (events, arrays) = dataset::gather_with(data, &others, folder, &mut seen)?;
    let columns = recipe.columns(events.inputs.columns())?;
    let mut arrays = arrays.iter();
    let mut wanted = Vec::with_capacity(heads.len());
    for head in &heads {
        let own = head.labels.and_then(|place| Some((place, arrays.next()?)));
        let shared = || data.labels.as_deref().zip(events.labels.as_ref());
        let labels = match head.targets {
            Targets::Inputs => None,
            Targets::Labels => own.or_else(shared),
        };
        let outputs = match head.place {
            wiring::Place::Input => events.inputs.columns(),
            wiring::Place::Layer(index) => columns[index],
        };
        head.loss.check(outputs)?;
        wanted.push(Wanted { labels, outputs, loss: head.loss });
    }
    let dataset = Dataset::new(Sources {
        inputs: (&data.inputs, &events.inputs),
        wanted: &wanted,
        weights: data.weights.as_deref().zip(events.weights.as_ref()),
        nuisance: data.nuisance.as_deref().zip(events.nuisance.as_ref()),
        keys: Some(&events.keys),
    })?;
    adversary::check(recipe, &dataset)?;
    Ok(dataset)
}
