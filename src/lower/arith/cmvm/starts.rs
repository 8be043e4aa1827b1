//! The networks that a search starts from.

use super::dice::mix;
use super::extract::extract_all;
use super::network::{Network, Taste};
use super::prepare::Prepared;
use super::spanning::{Tree, spanning};
use super::transpose::transposed;

/// The noise of starts that only differ by it.
const NOISE: u64 = 128;

/// At most `count` networks to start from, the plain one left out, nothing extracted yet.
pub(super) fn starts(prepared: &Prepared, seed: u64, count: usize) -> Vec<Network> {
    let tree = Tree { total: false, ease: 0, gain: 0 };
    let half = Tree { gain: 4, ..tree };
    let mut found: Vec<Network> = Vec::new();
    let recipes: [&dyn Fn() -> Option<Network>; 7] = [
        &|| spanning(prepared, half),
        &|| spanning(prepared, tree),
        &|| spanning(prepared, Tree { total: true, ..tree }),
        &|| reversed(prepared, None),
        &|| reversed(prepared, Some(tree)),
        &|| prepared.deadline.and_then(|_| spanning(prepared, Tree { ease: 1, ..tree })),
        &|| prepared.deadline.and_then(|_| spanning(prepared, Tree { ease: 1, ..half })),
    ];
    for recipe in recipes {
        if found.len() == count {
            return found;
        }
        found.extend(recipe());
    }
    while found.len() < count {
        let mut network = prepared.plain();
        let seed = mix(seed ^ u64::try_from(found.len()).expect("a few"));
        network.taste = Taste { seed, noise: NOISE };
        found.push(network);
    }
    found
}

/// A network for the transposed matrix, reversed.
fn reversed(prepared: &Prepared, tree: Option<Tree>) -> Option<Network> {
    let turned = prepared.transposed();
    if !turned.has_spans() {
        return None;
    }
    let mut network = match tree {
        Some(tree) => spanning(&turned, tree)?,
        None => turned.plain(),
    };
    extract_all(&mut network);
    transposed(prepared, &network)
}
