//! [`BatchSize`]: which dimension the batch is.

use std::collections::BTreeSet;

use super::model::{Input, Model};

/// How many events the model says it computes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BatchSize {
    /// No dimension is the batch.
    None,
    /// So many.
    Fixed(usize),
    /// As many as are given.
    Free,
}

/// The most elements of an input whose first dimension might not be the batch.
const MAX_UNBATCHED: usize = 1 << 16;

/// How the inputs may be read, the most likely reading first.
///
/// A first dimension without a fixed size is the batch. A fixed one is the
/// batch too (exporters write 1, or the number of events that they traced with)
/// unless the network computes along it.
pub(super) fn readings(model: &Model) -> Vec<BatchSize> {
    if model.inputs.iter().any(|input| input.dims.first() == Some(&None)) {
        return vec![BatchSize::Free];
    }
    let firsts: BTreeSet<usize> =
        model.inputs.iter().filter(|input| input.dims.len() > 1).filter_map(first).collect();
    let small = model.inputs.iter().all(|input| {
        input.dims.iter().flatten().try_fold(1_usize, |len, dim| len.checked_mul(*dim))
            <= Some(MAX_UNBATCHED)
    });
    let mut sizes = Vec::new();
    if let (1, Some(size)) = (firsts.len(), firsts.first()) {
        sizes.push(BatchSize::Fixed(*size));
    }
    if small || sizes.is_empty() {
        sizes.push(BatchSize::None);
    }
    sizes
}

fn first(input: &Input) -> Option<usize> {
    input.dims.first().copied().flatten()
}
