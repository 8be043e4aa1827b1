//! Reading the events that a recipe names.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::cli::dataset;
use crate::diag::Diagnostic;
use crate::train::dataset::{Dataset, Sources};
use crate::train::recipe::Recipe;

/// The events of a recipe whose files stand in `folder`; their bytes go into `hash`.
pub(super) fn read(
    recipe: &Recipe,
    folder: &Path,
    hash: &mut Sha256,
) -> Result<Dataset, Diagnostic> {
    let data = &recipe.data;
    let events = dataset::gather(data, folder, &mut |bytes| {
        hash.update(bytes.len().to_le_bytes());
        hash.update(bytes);
    })?;
    let sources = Sources {
        inputs: (&data.inputs, &events.inputs),
        labels: data.labels.as_deref().zip(events.labels.as_ref()),
        weights: data.weights.as_deref().zip(events.weights.as_ref()),
        keys: Some(&events.keys),
    };
    Dataset::new(sources, recipe.outputs(), recipe.train.loss)
}
