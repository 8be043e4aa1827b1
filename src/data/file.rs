//! [`File`]: a decoded data file, of which arrays and columns are picked by name.

use std::io::Read;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use super::idx;
use super::place::{Format, format};
use super::read::{self, Array, undecodable};
use super::root::Root;
use super::store::{Column, Pick, Store};
use super::table::Table;
use crate::diag::{Code, Diagnostic};

/// A data file: the arrays of npy, npz and idx, or the columns of csv, Parquet, HDF5 and ROOT.
#[derive(Clone, Debug)]
pub struct File {
    name: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Arrays(Vec<Array>),
    Table(Table),
    Store(Store),
}

/// The arrays of a data file: one of npy, csv, idx and a file with one table, all of npz and the data
/// sets of HDF5 in the file's order.
///
/// # Errors
/// D0503 when the format is not known or the bytes do not decode, D0507 when a file has several tables,
/// D0508 where a value is missing, D0509 where a column holds no numbers.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Array>, Diagnostic> {
    let file = File::decode(name, bytes)?;
    match file.content {
        Content::Arrays(arrays) => Ok(arrays),
        Content::Table(table) => Ok(vec![whole(name, &table)?]),
        Content::Store(ref store) if !store.named(None).is_empty() => {
            Ok(vec![Array { name: None, ..store.numbers(&store.named(None))? }])
        }
        Content::Store(ref store)
            if store.tables().iter().all(|(_, columns)| columns.len() == 1) =>
        {
            (0..store.paths().len()).map(|column| store.numbers(&[column.into()])).collect()
        }
        Content::Store(_) => Ok(vec![file.pick(None)?]),
    }
}

impl File {
    /// A file by its name, which decides the format, and its bytes.
    ///
    /// # Errors
    /// D0503 when the format is not known or the bytes do not decode.
    pub fn decode(name: &str, bytes: &[u8]) -> Result<Self, Diagnostic> {
        let mut plain = Vec::new();
        let bytes = if name.to_ascii_lowercase().ends_with(".gz") {
            MultiGzDecoder::new(bytes)
                .read_to_end(&mut plain)
                .map_err(|error| undecodable(name, &error.to_string()))?;
            &plain
        } else {
            bytes
        };
        let content = match format(name) {
            Some(Format::Npy) => Content::Arrays(vec![read::npy(name, bytes)?]),
            Some(Format::Npz) => Content::Arrays(read::npz(name, bytes)?),
            Some(Format::Csv) => Content::Table(Table::decode(name, bytes)?),
            Some(Format::Idx) => Content::Arrays(vec![idx::decode(name, bytes)?]),
            Some(Format::Parquet) => Content::Store(parquet(name, bytes)?),
            Some(Format::Hdf5) => Content::Store(hdf5(name, bytes)?),
            Some(Format::Root) => {
                let root = Root::open(bytes).map_err(|why| undecodable(name, &why))?;
                Content::Store(Store::new(name, Arc::new(root))?)
            }
            None => {
                let why = "its name ends as that of no data file";
                return Err(undecodable(name, why));
            }
        };
        Ok(Self { name: name.to_owned(), content })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its cells, where it has columns of cells rather than arrays.
    pub(super) fn table(&self) -> Option<&Table> {
        match &self.content {
            Content::Table(table) => Some(table),
            Content::Arrays(_) | Content::Store(_) => None,
        }
    }

    /// Its columns, where they are decoded when they are asked for.
    pub(super) fn store(&self) -> Option<&Store> {
        match &self.content {
            Content::Store(store) => Some(store),
            Content::Arrays(_) | Content::Table(_) => None,
        }
    }

    /// Its arrays, where it has any.
    pub(super) fn arrays(&self) -> &[Array] {
        match &self.content {
            Content::Table(_) | Content::Store(_) => &[],
            Content::Arrays(arrays) => arrays,
        }
    }

    /// The names of its arrays or columns, as far as they have any.
    pub fn names(&self) -> Vec<&str> {
        match &self.content {
            Content::Arrays(arrays) => {
                arrays.iter().filter_map(|array| array.name.as_deref()).collect()
            }
            Content::Table(table) => table.header.iter().map(String::as_str).collect(),
            Content::Store(store) => store.paths().iter().map(String::as_str).collect(),
        }
    }

    /// The columns that [`File::pick`] takes together under a name, or without one, but for those of
    /// them that `apart` names; none where it takes an array.
    pub(super) fn together(&self, name: Option<&str>, apart: &[&str]) -> Vec<&str> {
        match (&self.content, name) {
            (Content::Table(_), None) => {
                self.names().into_iter().filter(|own| !apart.contains(own)).collect()
            }
            (Content::Table(_) | Content::Arrays(_), _) => Vec::new(),
            (Content::Store(store), name) => {
                let all = store.named(name);
                let apart: Vec<usize> = apart
                    .iter()
                    .flat_map(|name| store.named(Some(name)))
                    .map(|pick| pick.column)
                    .collect();
                let short = store.short(&all).into_iter().zip(&all);
                short
                    .filter(|(_, own)| !apart.contains(&own.column))
                    .map(|(name, _)| name)
                    .collect()
            }
        }
    }

    /// An array or a column by its name; the only array, or all columns, without one.
    ///
    /// # Errors
    /// D0507 when it is not there, or there are several; D0503 when a cell is no number.
    pub fn pick(&self, name: Option<&str>) -> Result<Array, Diagnostic> {
        match (&self.content, name) {
            (Content::Arrays(_), Some(name)) => self.array(name).cloned(),
            (Content::Arrays(arrays), None) => match arrays.as_slice() {
                [array] => Ok(array.clone()),
                arrays => {
                    let first = arrays[0].name.as_deref().unwrap_or("x");
                    let message = format!("there are {} arrays", arrays.len());
                    let help = format!("say which one: `{}:{first}`", self.name);
                    Err(self.noted(Diagnostic::error(Code::D0507, message, help)))
                }
            },
            (Content::Table(table), Some(name)) => {
                let array = table.numbers(&self.name, &[self.column(table, name)?])?;
                Ok(Array { name: Some(name.to_owned()), ..array })
            }
            (Content::Table(table), None) => whole(&self.name, table),
            (Content::Store(store), Some(name)) => match store.named(Some(name)).as_slice() {
                [] => Err(self.absent(name)),
                columns => store.numbers(columns),
            },
            (Content::Store(store), None) => match store.named(None).as_slice() {
                [] => {
                    let tables = store.tables();
                    let message = format!("there are {} arrays and tables", tables.len());
                    let help = format!("say which one: `{}:{}`", self.name, tables[0].0);
                    Err(self.noted(Diagnostic::error(Code::D0507, message, help)))
                }
                columns => store.numbers(columns),
            },
        }
    }

    /// Several arrays or columns by name, their values side by side in the order given; `group` is the
    /// table or group that they are in, for files that have groups.
    ///
    /// # Errors
    /// As [`File::pick`], and D0501 when arrays have different numbers of events.
    pub fn side_by_side(&self, group: Option<&str>, names: &[String]) -> Result<Array, Diagnostic> {
        let arrays: Vec<&Array> = match &self.content {
            Content::Store(store) => {
                let column = |name: &String| {
                    let path = group.map(|group| format!("{}/{name}", group.trim_matches('/')));
                    match store.named(Some(path.as_ref().unwrap_or(name))).as_slice() {
                        [column] => Ok(*column),
                        _ => Err(self.absent(name)),
                    }
                };
                let columns: Vec<Pick> = names.iter().map(column).collect::<Result<_, _>>()?;
                return store.numbers(&columns);
            }
            Content::Table(table) => {
                let column = |name: &String| self.column(table, name);
                let columns: Vec<usize> = names.iter().map(column).collect::<Result<_, _>>()?;
                return table.numbers(&self.name, &columns);
            }
            Content::Arrays(_) => {
                names.iter().map(|name| self.array(name)).collect::<Result<_, _>>()?
            }
        };
        let pairs: Vec<(&str, &Array)> = names.iter().map(String::as_str).zip(arrays).collect();
        read::side_by_side(&self.name, &pairs)
    }

    /// What an array or a column says of each event, as text; numbers are separated by commas.
    ///
    /// # Errors
    /// As [`File::pick`].
    pub fn words(&self, name: Option<&str>) -> Result<Vec<String>, Diagnostic> {
        if let (Content::Table(table), Some(name)) = (&self.content, name) {
            let column = self.column(table, name)?;
            return Ok(table.words(column).map(str::to_owned).collect());
        }
        if let (Content::Table(table), None, 1) = (&self.content, name, self.columns()) {
            return Ok(table.words(0).map(str::to_owned).collect());
        }
        if let (Content::Store(store), [column]) = (&self.content, self.only(name).as_slice())
            && let Some(Column::Words(words)) = store.read(&[*column])?.pop()
        {
            return Ok(words);
        }
        let array = self.pick(name)?;
        let text = |event: usize| {
            let values: Vec<String> = array.event(event).iter().map(f64::to_string).collect();
            values.join(",")
        };
        Ok((0..array.events()).map(text).collect())
    }

    fn columns(&self) -> usize {
        match &self.content {
            Content::Arrays(arrays) => arrays.iter().map(Array::columns).sum(),
            Content::Table(table) => table.columns(),
            Content::Store(store) => store.paths().len(),
        }
    }

    /// The column of a store that a name means.
    fn only(&self, name: Option<&str>) -> Vec<Pick> {
        self.store().map(|store| store.named(name)).unwrap_or_default()
    }

    fn array(&self, name: &str) -> Result<&Array, Diagnostic> {
        let Content::Arrays(arrays) = &self.content else { return Err(self.absent(name)) };
        let found = arrays.iter().find(|array| array.name.as_deref() == Some(name));
        found.ok_or_else(|| self.absent(name))
    }

    fn column(&self, table: &Table, name: &str) -> Result<usize, Diagnostic> {
        let mut found = table.header.iter().enumerate().filter(|(_, own)| *own == name);
        let (index, _) = found.next().ok_or_else(|| self.absent(name))?;
        if found.next().is_some() {
            let message = format!("several columns are called `{name}`");
            let help = "give each column a name of its own";
            return Err(Diagnostic::error(Code::D0507, message, help).at(&self.name));
        }
        Ok(index)
    }

    /// What is said of a name that the file does not have.
    fn absent(&self, name: &str) -> Diagnostic {
        let names = self.names();
        let what = match &self.content {
            Content::Arrays(_) => "array",
            Content::Table(_) | Content::Store(_) => "column",
        };
        let message = format!("no {what} is called `{name}`");
        let similar = |own: &&&str| strsim::jaro_winkler(own, name);
        let nearest = names.iter().max_by(|a, b| similar(a).total_cmp(&similar(b)));
        let help = match nearest {
            Some(nearest) => format!("write for example `{nearest}`"),
            None if what == "column" => {
                "write the names of the columns into the first row".to_owned()
            }
            None => format!("leave out the name: `{}`", self.name),
        };
        self.noted(Diagnostic::error(Code::D0507, message, help))
    }

    /// The same with what the file has.
    fn noted(&self, fault: Diagnostic) -> Diagnostic {
        const SHOWN: usize = 20;
        let names = self.names();
        let shown = names[..names.len().min(SHOWN)].join(", ");
        let fault = fault.at(&self.name);
        match names.len() {
            0 => fault.note("the file has no names"),
            more if more > SHOWN => {
                fault.note(format!("the file has {shown}, and {} more", more - SHOWN))
            }
            _ => fault.note(format!("the file has {shown}")),
        }
    }
}

/// All columns of a table.
fn whole(name: &str, table: &Table) -> Result<Array, Diagnostic> {
    table.numbers(name, &(0..table.columns()).collect::<Vec<_>>())
}

#[cfg(feature = "tables")]
fn parquet(name: &str, bytes: &[u8]) -> Result<Store, Diagnostic> {
    let file = super::parquet::Parquet::open(bytes).map_err(|why| undecodable(name, &why))?;
    Store::new(name, Arc::new(file))
}

#[cfg(feature = "tables")]
fn hdf5(name: &str, bytes: &[u8]) -> Result<Store, Diagnostic> {
    let file = super::hdf5::Hdf5::open(bytes).map_err(|why| undecodable(name, &why))?;
    Store::new(name, Arc::new(file))
}

#[cfg(not(feature = "tables"))]
fn parquet(name: &str, _bytes: &[u8]) -> Result<Store, Diagnostic> {
    Err(left_out(name, "Parquet"))
}

#[cfg(not(feature = "tables"))]
fn hdf5(name: &str, _bytes: &[u8]) -> Result<Store, Diagnostic> {
    Err(left_out(name, "HDF5"))
}

/// What is said of a format that this build does not read.
#[cfg(not(feature = "tables"))]
fn left_out(name: &str, format: &str) -> Diagnostic {
    let message = format!("`{name}` could not be read: this trigforge was built without {format}");
    let help = "build it again: `cargo install --path . --features tables`";
    Diagnostic::error(Code::D0503, message, help).at(name)
}
