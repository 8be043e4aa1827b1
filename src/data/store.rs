//! [`Store`]: a file whose columns are decoded when they are asked for: Parquet, HDF5 and ROOT.

use std::fmt::Debug;
use std::sync::Arc;

use super::read::{Array, side_by_side, undecodable};
use crate::diag::{Code, Diagnostic};

/// What stands in a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Column {
    /// Numbers, the events first; [`Array::name`] is not set.
    Numbers(Array),
    /// One word for each event.
    #[cfg_attr(not(feature = "tables"), expect(dead_code, reason = "trees of ROOT have none"))]
    Words(Vec<String>),
}

/// A column, and how much of it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pick {
    /// Its index.
    pub(super) column: usize,
    /// So many values of each event: zeros follow where it has fewer, and what is beyond is left out. As many
    /// as there are, and as many for every event, without it.
    pub(super) length: Option<usize>,
}

impl From<usize> for Pick {
    fn from(column: usize) -> Self {
        Self { column, length: None }
    }
}

/// Why a column is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Its bytes are not what they should be.
    Damaged(String),
    /// A row has no value.
    #[cfg_attr(not(feature = "tables"), expect(dead_code, reason = "trees of ROOT have none"))]
    Missing {
        /// Counted from 0.
        row: usize,
    },
    /// It is something else than a number, or as many numbers for each event.
    Kind {
        /// What it is.
        what: &'static str,
        /// What can be typed to make numbers of it.
        help: String,
    },
}

impl Refusal {
    /// A damaged file.
    pub(super) fn damaged(why: impl Into<String>) -> Self {
        Self::Damaged(why.into())
    }
}

/// What reads the columns of one format.
pub(super) trait Columns: Debug + Send + Sync {
    /// The path of each column, `group/column`, in the file's order.
    fn paths(&self) -> Vec<String>;

    /// Whether a column with this path stands beside others of the same events, as in a table.
    ///
    /// Columns of a table are given together where none is named; others are arrays of their own.
    fn in_table(&self, index: usize) -> bool;

    /// Some columns, in the order given; a refusal comes with the column that it is about. Lists that are as
    /// long for every event may be given whole.
    fn read(&self, picks: &[Pick]) -> Result<Vec<Column>, (usize, Refusal)>;
}

/// A file with columns that are found by name.
#[derive(Clone, Debug)]
pub(super) struct Store {
    file: String,
    paths: Vec<String>,
    columns: Arc<dyn Columns>,
}

impl Store {
    /// A file by its name.
    pub(super) fn new(file: &str, columns: Arc<dyn Columns>) -> Result<Self, Diagnostic> {
        let paths = columns.paths();
        if paths.is_empty() {
            return Err(undecodable(file, "it holds no column"));
        }
        Ok(Self { file: file.to_owned(), paths, columns })
    }

    /// The path of each column.
    pub(super) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The columns that a name means: one of its path, or all of a group.
    ///
    /// What all paths begin with may be left out. No name means all columns of the only table. Behind the path
    /// of a list may stand how much is wanted of it: `pt[0..16]`.
    pub(super) fn named(&self, name: Option<&str>) -> Vec<Pick> {
        let Some(name) = name.map(|name| name.trim_matches('/')).filter(|name| !name.is_empty())
        else {
            let table = self.in_table(0) && self.tables().len() == 1;
            let all = if table || self.paths.len() == 1 { self.all() } else { Vec::new() };
            return all.into_iter().map(Pick::from).collect();
        };
        let found = self.meant(name);
        if !found.is_empty() {
            return found.into_iter().map(Pick::from).collect();
        }
        let Some((name, length)) = with_length(name) else { return Vec::new() };
        match self.meant(name).as_slice() {
            [column] => vec![Pick { column: *column, length: Some(length) }],
            _ => Vec::new(),
        }
    }

    /// The columns of a path, or of a group.
    fn meant(&self, name: &str) -> Vec<usize> {
        let found = self.exactly(name);
        if found.is_empty() {
            self.exactly(&format!("{}{name}", self.shared(&self.all())))
        } else {
            found
        }
    }

    /// What is left of the paths of some columns without the groups that all of them are in.
    pub(super) fn short(&self, picks: &[Pick]) -> Vec<&str> {
        let indices: Vec<usize> = picks.iter().map(|pick| pick.column).collect();
        let shared = self.shared(&indices).len();
        indices.iter().map(|index| &self.paths[*index][shared..]).collect()
    }

    /// Some columns as numbers, the values of an event side by side.
    ///
    /// # Errors
    /// D0501 where they have different numbers of events, D0503 where bytes do not decode or are
    /// words, D0508 where a value is missing, D0509 where a column is no column of numbers.
    pub(super) fn numbers(&self, picks: &[Pick]) -> Result<Array, Diagnostic> {
        let mut arrays = Vec::with_capacity(picks.len());
        for (pick, column) in picks.iter().zip(self.read(picks)?) {
            match column {
                Column::Numbers(array) => arrays.push(self.taken(*pick, array)?),
                Column::Words(_) => {
                    let why = format!("`{}` holds words, not numbers", self.paths[pick.column]);
                    return Err(undecodable(&self.file, &why));
                }
            }
        }
        if let ([pick], [_]) = (picks, arrays.as_slice()) {
            let array = arrays.remove(0);
            return Ok(Array { name: Some(self.paths[pick.column].clone()), ..array });
        }
        let named = picks.iter().map(|pick| self.paths[pick.column].as_str()).zip(&arrays);
        side_by_side(&self.file, &named.collect::<Vec<_>>())
    }

    /// As many values of each event as are wanted.
    fn taken(&self, pick: Pick, array: Array) -> Result<Array, Diagnostic> {
        let (Some(wanted), [events, own]) = (pick.length, array.shape.as_slice()) else {
            if pick.length.is_none() {
                return Ok(array);
            }
            let help = format!("write `{}`", self.paths[pick.column]);
            let refusal = Refusal::Kind { what: "no list, of which a part could be taken", help };
            return Err(self.refused(pick.column, refusal));
        };
        let lengths = vec![*own; *events];
        Ok(padded(&array.values, &lengths, wanted))
    }

    /// Some columns.
    ///
    /// # Errors
    /// As [`Store::numbers`].
    pub(super) fn read(&self, picks: &[Pick]) -> Result<Vec<Column>, Diagnostic> {
        self.columns.read(picks).map_err(|(index, refusal)| self.refused(index, refusal))
    }

    /// The columns of each table, or of each array that is none, under the name that means them.
    pub(super) fn tables(&self) -> Vec<(&str, Vec<usize>)> {
        let mut tables: Vec<(&str, Vec<usize>)> = Vec::new();
        for (index, path) in self.paths.iter().enumerate() {
            let name = if self.in_table(index) { group_of(path) } else { path.as_str() };
            match tables.iter_mut().find(|(own, _)| *own == name) {
                Some((_, members)) => members.push(index),
                None => tables.push((name, vec![index])),
            }
        }
        tables
    }

    fn in_table(&self, index: usize) -> bool {
        self.columns.in_table(index)
    }

    fn all(&self) -> Vec<usize> {
        (0..self.paths.len()).collect()
    }

    fn exactly(&self, name: &str) -> Vec<usize> {
        if let Some(index) = self.paths.iter().position(|path| path == name) {
            return vec![index];
        }
        let inside = |path: &str| path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
        (0..self.paths.len()).filter(|index| inside(&self.paths[*index])).collect()
    }

    /// The groups that some columns are all in, up to the last `/`.
    fn shared(&self, indices: &[usize]) -> &str {
        let Some(first) = indices.first() else { return "" };
        let mut shared = group_of(&self.paths[*first]);
        while !indices.iter().all(|index| is_below(&self.paths[*index], shared)) {
            shared = group_of(shared);
        }
        let end = if shared.is_empty() { 0 } else { shared.len() + 1 };
        &self.paths[*first][..end]
    }

    fn refused(&self, index: usize, refusal: Refusal) -> Diagnostic {
        let path = &self.paths[index];
        match refusal {
            Refusal::Damaged(why) => undecodable(&self.file, &format!("`{path}`: {why}")),
            Refusal::Missing { row } => {
                let message = format!("row {row}: `{path}` has no value");
                let help = "remove such events, or give a value: `table.fillna(0)` in pandas";
                let fault = Diagnostic::error(Code::D0508, message, help).at(&self.file);
                fault.note("rows count from 0")
            }
            Refusal::Kind { what, help } => {
                let message = format!("`{path}` is {what}");
                Diagnostic::error(Code::D0509, message, help).at(&self.file)
            }
        }
    }
}

/// The first `wanted` values of each event, of which `lengths` are there one after another; zeros where it
/// has fewer.
pub(super) fn padded(values: &[f64], lengths: &[usize], wanted: usize) -> Array {
    let mut rest = values;
    let mut all = Vec::with_capacity(lengths.len() * wanted);
    for length in lengths {
        let (own, others) = rest.split_at(*length);
        rest = others;
        all.extend(own.iter().copied().chain(std::iter::repeat(0.0)).take(wanted));
    }
    Array { name: None, shape: vec![lengths.len(), wanted], values: all }
}

/// The most values that are taken of each event.
const LONGEST: usize = 4096;

/// A name without the part that is wanted of a list, and that part's length: `pt[0..16]`.
fn with_length(name: &str) -> Option<(&str, usize)> {
    let (name, length) = name.strip_suffix(']')?.rsplit_once("[0..")?;
    let length = length.parse().ok().filter(|length| (1..=LONGEST).contains(length))?;
    Some((name, length))
}

/// What the values of a column are called: `pt[0]` and `pt[1]` of `pt[0..2]`, and the name itself where it names
/// no part of a list.
pub(super) fn names_of(name: &str) -> Vec<String> {
    match with_length(name) {
        Some((name, length)) => (0..length).map(|index| format!("{name}[{index}]")).collect(),
        None => vec![name.to_owned()],
    }
}

/// A path without its last part.
fn group_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(group, _)| group)
}

fn is_below(path: &str, group: &str) -> bool {
    group.is_empty() || path.strip_prefix(group).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Paths(&'static [&'static str]);

    impl Columns for Paths {
        fn paths(&self) -> Vec<String> {
            self.0.iter().map(|path| (*path).to_owned()).collect()
        }

        fn in_table(&self, index: usize) -> bool {
            self.0[index].contains('/')
        }

        fn read(&self, picks: &[Pick]) -> Result<Vec<Column>, (usize, Refusal)> {
            let row = |pick: &Pick| {
                let index = pick.column;
                let events = if self.0[index] == "short" { 1 } else { 2 };
                let value = f64::from(u32::try_from(index).unwrap());
                let values = vec![value; events];
                Column::Numbers(Array { name: None, shape: vec![events], values })
            };
            Ok(picks.iter().map(row).collect())
        }
    }

    fn named(store: &Store, name: Option<&str>) -> Vec<usize> {
        store.named(name).iter().map(|pick| pick.column).collect()
    }

    fn store(paths: &'static [&'static str]) -> Store {
        Store::new("a.root", Arc::new(Paths(paths))).unwrap()
    }

    #[test]
    fn names_mean_columns_groups_and_what_is_behind_what_all_share() {
        let one = store(&["dir/tree/pt", "dir/tree/mass"]);
        assert_eq!(named(&one, None), [0, 1]);
        assert_eq!(named(&one, Some("dir/tree")), [0, 1]);
        assert_eq!(named(&one, Some("/dir/tree/mass")), [1]);
        assert_eq!(named(&one, Some("mass")), [1]);
        assert!(one.named(Some("mas")).is_empty() && one.named(Some("tree")).is_empty());
        let two = store(&["tree/pt", "trees/pt"]);
        assert!(two.named(None).is_empty() && two.named(Some("pt")).is_empty());
        assert_eq!(named(&two, Some("tree")), [0]);
        let arrays = store(&["x", "short"]);
        assert!(arrays.named(None).is_empty());
        assert_eq!(named(&arrays, Some("short")), [1]);
    }

    #[test]
    fn parts_of_lists_are_filled_up_or_cut() {
        let tree = store(&["tree/pt", "tree/pt[0..9]"]);
        assert_eq!(tree.named(Some("pt[0..3]")), [Pick { column: 0, length: Some(3) }]);
        assert_eq!(tree.named(Some("pt[0..9]")), [Pick::from(1)]);
        for name in ["pt[0..0]", "pt[1..3]", "pt[3]", "mass[0..3]", "tree[0..3]", "pt[0..9999]"] {
            assert!(tree.named(Some(name)).is_empty(), "{name}");
        }
        let array = padded(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[1, 0, 3, 2], 2);
        assert_eq!(array.shape, [4, 2]);
        assert_eq!(array.values, [1.0, 0.0, 0.0, 0.0, 2.0, 3.0, 5.0, 6.0]);
        let fault = tree.numbers(&tree.named(Some("pt[0..3]"))).unwrap_err();
        assert_eq!(fault.message, "`tree/pt` is no list, of which a part could be taken");
    }

    #[test]
    fn columns_stand_side_by_side() {
        let array = store(&["t/a", "t/b"]).numbers(&[1, 0].map(Pick::from)).unwrap();
        assert_eq!((array.shape, array.values), (vec![2, 2], vec![1.0, 0.0, 1.0, 0.0]));
        let fault = store(&["x", "short"]).numbers(&[0, 1].map(Pick::from)).unwrap_err();
        assert_eq!(fault.message, "`short` has 1 events, and `x` 2");
    }
}
