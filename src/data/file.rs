//! [`File`]: a decoded data file, of which arrays and columns are picked by name.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::idx;
use super::read::{self, Array, undecodable};
use super::table::Table;
use crate::diag::{Code, Diagnostic};

/// A data file: the arrays of npy, npz and idx, or the columns of csv.
#[derive(Clone, Debug)]
pub struct File {
    name: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Arrays(Vec<Array>),
    Table(Table),
}

/// How the bytes of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Npy,
    Npz,
    Csv,
    Idx,
}

/// The format that a file has by its name: that of its ending, before `.gz` where it has that too.
fn format(name: &str) -> Option<Format> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    match extension {
        Some("npy") => Some(Format::Npy),
        Some("npz") => Some(Format::Npz),
        Some("csv" | "txt") => Some(Format::Csv),
        Some("idx") => Some(Format::Idx),
        // The files of MNIST have names such as `t10k-images-idx3-ubyte`.
        _ if name.ends_with("-ubyte") => Some(Format::Idx),
        Some(_) | None => None,
    }
}

/// The arrays of a data file: one of npy, csv and idx, all of npz in the file's order.
///
/// # Errors
/// D0503 when the format is not known or the bytes do not decode.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Array>, Diagnostic> {
    let file = File::decode(name, bytes)?;
    match file.content {
        Content::Arrays(arrays) => Ok(arrays),
        Content::Table(table) => Ok(vec![whole(name, &table)?]),
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
            None => {
                let why = "its name ends neither in .npy, .npz, .csv nor .idx";
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
            Content::Arrays(_) => None,
        }
    }

    /// Its arrays, where it has any.
    pub(super) fn arrays(&self) -> &[Array] {
        match &self.content {
            Content::Table(_) => &[],
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
        }
    }

    /// Several arrays or columns by name, their values side by side in the order given.
    ///
    /// # Errors
    /// As [`File::pick`], and D0501 when arrays have different numbers of events.
    pub fn side_by_side(&self, names: &[String]) -> Result<Array, Diagnostic> {
        let arrays: Vec<&Array> = match &self.content {
            Content::Table(table) => {
                let column = |name: &String| self.column(table, name);
                let columns: Vec<usize> = names.iter().map(column).collect::<Result<_, _>>()?;
                return table.numbers(&self.name, &columns);
            }
            Content::Arrays(_) => {
                names.iter().map(|name| self.array(name)).collect::<Result<_, _>>()?
            }
        };
        let events = arrays.first().map_or(0, |array| array.events());
        if let Some(other) = arrays.iter().find(|array| array.events() != events) {
            let name = other.name.as_deref().unwrap_or_default();
            let message =
                format!("`{name}` has {} events, and `{}` {events}", other.events(), names[0]);
            let help = "give arrays with one row for each event";
            return Err(Diagnostic::error(Code::D0501, message, help).at(&self.name));
        }
        let columns: usize = arrays.iter().map(|array| array.columns()).sum();
        let mut values = Vec::with_capacity(events * columns);
        for event in 0..events {
            values.extend(arrays.iter().flat_map(|array| array.event(event)));
        }
        Ok(Array { name: None, shape: vec![events, columns], values })
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
        }
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
            Content::Table(_) => "column",
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

/// A file, and what is wanted of it: `jets.npz:x`, `jets.csv:mass`, or a file alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The file.
    pub file: &'a str,
    /// The array or column in it.
    pub name: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// A place as recipes and command lines write it.
    ///
    /// What stands behind the last colon is a name if a data file stands before it.
    pub fn parse(text: &'a str) -> Self {
        match text.rsplit_once(':') {
            Some((file, name)) if format(file).is_some() => Self { file, name: Some(name) },
            Some(_) | None => Self { file: text, name: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_name_files_and_what_is_in_them() {
        let check = |text: &str, file: &str, name: Option<&str>| {
            assert_eq!(Place::parse(text), Place { file, name });
        };
        check("jets.npz:x", "jets.npz", Some("x"));
        check("a/jets.csv.gz:p_T [GeV]", "a/jets.csv.gz", Some("p_T [GeV]"));
        check("C:\\jets.npy", "C:\\jets.npy", None);
        check("t10k-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte.gz", None);
    }
}
