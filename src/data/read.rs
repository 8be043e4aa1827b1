//! Decoding arrays: every number becomes an `f64`, every array keeps its shape.

use std::io::{Cursor, Read};

use ndarray::ArrayD;
use ndarray_npy::{ReadNpyError, ReadNpyExt};
use zip::ZipArchive;
use zip::result::ZipError;

use super::number::Number;
use crate::diag::{Code, Diagnostic};

/// An array of a data file; its first dimension counts the events.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Its name, in files that have several.
    pub name: Option<String>,
    /// Its dimensions, the events first.
    pub shape: Vec<usize>,
    /// Its values in row-major order.
    pub values: Vec<f64>,
}

impl Array {
    /// The number of events.
    pub fn events(&self) -> usize {
        self.shape.first().copied().unwrap_or(0)
    }

    /// The number of values of one event.
    pub fn columns(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// The values of one event.
    pub fn event(&self, event: usize) -> &[f64] {
        let columns = self.columns();
        &self.values[event * columns..][..columns]
    }

    /// Some events, in the order given.
    #[must_use]
    pub fn select(&self, events: &[usize]) -> Self {
        let mut shape = self.shape.clone();
        if let Some(first) = shape.first_mut() {
            *first = events.len();
        }
        let values = events.iter().flat_map(|event| self.event(*event)).copied().collect();
        Self { name: self.name.clone(), shape, values }
    }
}

/// Arrays of a file under their names, the values of an event side by side.
///
/// # Errors
/// D0501 where they have different numbers of events.
pub(super) fn side_by_side(file: &str, arrays: &[(&str, &Array)]) -> Result<Array, Diagnostic> {
    let (first, events) = arrays.first().map_or(("", 0), |(name, array)| (*name, array.events()));
    if let Some((name, other)) = arrays.iter().find(|(_, array)| array.events() != events) {
        let message = format!("`{name}` has {} events, and `{first}` {events}", other.events());
        let help = "give arrays or columns with one row for each event";
        return Err(Diagnostic::error(Code::D0501, message, help).at(file));
    }
    let columns: usize = arrays.iter().map(|(_, array)| array.columns()).sum();
    let mut values = Vec::with_capacity(events * columns);
    for event in 0..events {
        values.extend(arrays.iter().flat_map(|(_, array)| array.event(event)));
    }
    Ok(Array { name: None, shape: vec![events, columns], values })
}

pub(super) fn npy(name: &str, bytes: &[u8]) -> Result<Array, Diagnostic> {
    let (shape, values) = decode(bytes).map_err(|why| undecodable(name, &why))?;
    Ok(Array { name: None, shape, values })
}

pub(super) fn npz(name: &str, bytes: &[u8]) -> Result<Vec<Array>, Diagnostic> {
    let broken = |error: ZipError| undecodable(name, &error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut arrays = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(broken)?;
        let own = member.name().strip_suffix(".npy").unwrap_or(member.name()).to_owned();
        let refuse = |why: String| undecodable(name, &format!("`{own}`: {why}"));
        let mut content = Vec::new();
        member.read_to_end(&mut content).map_err(|error| refuse(error.to_string()))?;
        let (shape, values) = decode(&content).map_err(refuse)?;
        arrays.push(Array { name: Some(own), shape, values });
    }
    if arrays.is_empty() {
        return Err(undecodable(name, "it holds no array"));
    }
    Ok(arrays)
}

/// Why an array is refused whose elements are none of the types that are tried.
const NO_NUMBERS: &str = "its elements are neither float32, float64, integers nor booleans";

/// Tries each element type in turn until one is the file's; says why it is none.
fn decode(bytes: &[u8]) -> Result<(Vec<usize>, Vec<f64>), String> {
    if promised_elements(bytes).is_some_and(|promised| promised > bytes.len()) {
        return Err("it ends before its last element".to_owned());
    }
    macro_rules! attempt {
        ($($element:ty)*) => {$(
            match ArrayD::<$element>::read_npy(bytes) {
                Ok(array) => return Ok(plain(&array)),
                Err(ReadNpyError::WrongDescriptor(_)) => {}
                Err(error) => return Err(error.to_string()),
            }
        )*};
    }
    attempt!(f32 f64 i64 i32 i16 i8 u8 u16 u32 u64 bool);
    Err(NO_NUMBERS.to_owned())
}

/// How many elements the header of an npy file promises.
///
/// The decoder takes memory for all of them before it reads the first, so a false promise has to
/// be found out before.
fn promised_elements(bytes: &[u8]) -> Option<usize> {
    const LONGEST_HEADER: usize = 1 << 16;
    let header = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_HEADER)]);
    let (_, shape) = header.split_once("shape")?;
    let (_, shape) = shape.split_once('(')?;
    let (shape, _) = shape.split_once(')')?;
    let dims = shape.split(',').map(str::trim).filter(|dim| !dim.is_empty());
    let elements = dims.map(|dim| dim.trim_end_matches('L').parse().unwrap_or(usize::MAX));
    Some(elements.fold(1, usize::saturating_mul))
}

fn plain<T: Number>(array: &ArrayD<T>) -> (Vec<usize>, Vec<f64>) {
    (array.shape().to_vec(), array.iter().map(|value| value.number()).collect())
}

pub(super) fn undecodable(name: &str, why: &str) -> Diagnostic {
    Diagnostic::error(
        Code::D0503,
        format!("`{name}` could not be read: {why}"),
        "give numbers as .npy, .npz, .csv, .parquet, .h5, .root or an idx file",
    )
    .at(name)
}
