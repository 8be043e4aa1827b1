//! ROOT files: trees whose branches hold numbers, or lists of them.
//!
//! Written after the description of the format in ROOT's documentation (`TFile`, `TKey`, `TBasket`) and
//! the streamer information that files carry. All numbers are stored with the high byte first.
//!
//! - `cursor`: reading numbers, texts and the headers of objects from bytes;
//! - `key`: what stands where: the header of the file, keys, directories;
//! - `compression`: the blocks that objects are compressed in;
//! - `tree`: trees, branches and leaves;
//! - `basket`: the values of a branch.

mod basket;
mod compression;
mod cursor;
mod key;
mod tree;

use std::sync::Arc;

use self::tree::{Branch, Leaf, Named};
use super::store::{Column, Columns, Pick, Refusal};

/// A ROOT file, its columns named by directories, tree and branch.
#[derive(Debug)]
pub(super) struct Root {
    bytes: Arc<[u8]>,
    columns: Vec<Entry>,
}

/// A leaf of a branch, or why there is none to read.
#[derive(Debug)]
struct Entry {
    path: String,
    content: Result<(Arc<Branch>, Leaf), Refusal>,
}

impl Root {
    /// The file, of which keys and trees are decoded here, and no basket.
    pub(super) fn open(bytes: &[u8]) -> Result<Self, String> {
        Self::decode(bytes.into()).map_err(|refusal| match refusal {
            Refusal::Damaged(why) => why,
            Refusal::Missing { .. } => "a value is missing".to_owned(),
            Refusal::Kind { what, .. } => format!("it is {what}"),
        })
    }

    fn decode(bytes: Arc<[u8]>) -> Result<Self, Refusal> {
        let mut columns = Vec::new();
        for (path, key) in key::objects(&bytes)? {
            match tree::branches(&bytes, &path, &key) {
                Ok(branches) => columns.extend(branches.into_iter().flat_map(entries)),
                Err(refusal) => columns.push(Entry { path, content: Err(refusal) }),
            }
        }
        Ok(Self { bytes, columns })
    }
}

/// A column for each leaf of a branch; that of an only leaf has the name of the branch.
fn entries((path, branch): Named) -> Vec<Entry> {
    let branch = match branch {
        Ok(branch) => Arc::new(branch),
        Err(refusal) => return vec![Entry { path, content: Err(refusal) }],
    };
    let alone = branch.leaves.len() == 1;
    let entry = |leaf: &Leaf| {
        let path = if alone { path.clone() } else { format!("{path}.{}", leaf.name) };
        Entry { path, content: Ok((Arc::clone(&branch), leaf.clone())) }
    };
    branch.leaves.iter().map(entry).collect()
}

impl Columns for Root {
    fn paths(&self) -> Vec<String> {
        self.columns.iter().map(|entry| entry.path.clone()).collect()
    }

    fn in_table(&self, _index: usize) -> bool {
        true
    }

    fn read(&self, picks: &[Pick]) -> Result<Vec<Column>, (usize, Refusal)> {
        let column = |pick: &Pick| {
            let Entry { path, content } = &self.columns[pick.column];
            let (branch, leaf) = content.as_ref().map_err(Clone::clone)?;
            let values = match (leaf.list, pick.length) {
                (None, _) => basket::values(&self.bytes, branch, leaf),
                (Some(list), Some(wanted)) => {
                    basket::lists(&self.bytes, branch, (leaf, list), wanted)
                }
                (Some(_), None) => Err(Refusal::Kind {
                    what: "a list that is not as long for every event",
                    help: format!("take the first values of each event, such as `{path}[0..16]`"),
                }),
            };
            values.map(Column::Numbers)
        };
        let read = |pick: &Pick| column(pick).map_err(|refusal| (pick.column, refusal));
        picks.iter().map(read).collect()
    }
}
