//! Decoding: every number becomes an `f64`, every array keeps its shape.

use std::io::Cursor;

use ndarray::ArrayD;
use ndarray_npy::{NpzReader, ReadNpyError, ReadNpyExt, ReadNpzError, ReadableElement};

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
}

/// The arrays of a data file: one of npy and csv, all of npz in the file's order.
///
/// # Errors
/// D0503 when the format is not known or the bytes do not decode.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Array>, Diagnostic> {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("npy") => Ok(vec![npy(name, bytes)?]),
        Some("npz") => npz(name, bytes),
        Some("csv" | "txt") => Ok(vec![csv(name, bytes)?]),
        Some(_) | None => Err(undecodable(name, "its name ends neither in .npy, .npz nor .csv")),
    }
}

fn npy(name: &str, bytes: &[u8]) -> Result<Array, Diagnostic> {
    let (shape, values) = decode(|| Cursor::new(bytes)).map_err(|fault| fault.at(name))?;
    Ok(Array { name: None, shape, values })
}

fn npz(name: &str, bytes: &[u8]) -> Result<Vec<Array>, Diagnostic> {
    let broken = |error: ReadNpzError| undecodable(name, &error.to_string());
    let mut reader = NpzReader::new(Cursor::new(bytes)).map_err(broken)?;
    let members = reader.names().map_err(broken)?;
    let mut arrays = Vec::with_capacity(members.len());
    for member in members {
        let (shape, values) =
            decode_member(&mut reader, &member).map_err(|fault| fault.at(name))?;
        let own = member.strip_suffix(".npy").unwrap_or(&member).to_owned();
        arrays.push(Array { name: Some(own), shape, values });
    }
    if arrays.is_empty() {
        return Err(undecodable(name, "it holds no array"));
    }
    Ok(arrays)
}

/// Why an array is refused whose elements are none of the types that are tried.
const NO_NUMBERS: &str = "its elements are neither float32, float64, integers nor booleans";

type Decoded = (Vec<usize>, Vec<f64>);

/// Tries each element type in turn until one is the file's.
fn decode<R: std::io::Read>(open: impl Fn() -> R) -> Result<Decoded, Error> {
    macro_rules! attempt {
        ($($element:ty)*) => {$(
            match ArrayD::<$element>::read_npy(open()) {
                Ok(array) => return Ok(plain(&array)),
                Err(ReadNpyError::WrongDescriptor(_)) => {}
                Err(error) => return Err(Error(error.to_string())),
            }
        )*};
    }
    attempt!(f32 f64 i64 i32 i16 i8 u8 u16 u32 u64 bool);
    Err(Error(NO_NUMBERS.to_owned()))
}

fn decode_member(reader: &mut NpzReader<Cursor<&[u8]>>, member: &str) -> Result<Decoded, Error> {
    macro_rules! attempt {
        ($($element:ty)*) => {$(
            match reader.by_name::<ndarray::OwnedRepr<$element>, ndarray::IxDyn>(member) {
                Ok(array) => return Ok(plain(&array)),
                Err(ReadNpzError::Npy(ReadNpyError::WrongDescriptor(_))) => {}
                Err(error) => return Err(Error(format!("{member}: {error}"))),
            }
        )*};
    }
    attempt!(f32 f64 i64 i32 i16 i8 u8 u16 u32 u64 bool);
    Err(Error(format!("{member}: {NO_NUMBERS}")))
}

fn plain<T: ReadableElement + Number>(array: &ArrayD<T>) -> Decoded {
    (array.shape().to_vec(), array.iter().map(|value| value.number()).collect())
}

/// A number of a data file as an `f64`.
trait Number: Copy {
    fn number(self) -> f64;
}

macro_rules! numbers {
    ($($element:ty)*) => {$(
        impl Number for $element {
            fn number(self) -> f64 { f64::from(self) }
        }
    )*};
}
numbers!(f32 f64 i32 i16 i8 u8 u16 u32 bool);

impl Number for i64 {
    #[expect(clippy::cast_precision_loss, reason = "events are measurements, labels small")]
    fn number(self) -> f64 {
        self as f64
    }
}

impl Number for u64 {
    #[expect(clippy::cast_precision_loss, reason = "events are measurements, labels small")]
    fn number(self) -> f64 {
        self as f64
    }
}

/// A table of one row for each event; a first row without numbers is a header.
fn csv(name: &str, bytes: &[u8]) -> Result<Array, Diagnostic> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(bytes);
    let mut values = Vec::new();
    let mut events = 0;
    let mut columns = 0;
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|error| undecodable(name, &error.to_string()))?;
        let numbers: Vec<Result<f64, &str>> =
            record.iter().map(|field| field.parse().map_err(|_| field)).collect();
        if row == 0 && numbers.iter().all(Result::is_err) {
            continue;
        }
        for (column, number) in numbers.into_iter().enumerate() {
            values.push(number.map_err(|field| {
                let place = format!("row {}, column {}", row + 1, column + 1);
                undecodable(name, &format!("{place}: `{field}` is not a number"))
            })?);
        }
        columns = record.len();
        events += 1;
    }
    Ok(Array { name: None, shape: vec![events, columns], values })
}

/// What a decoder says; the file's name is not known where it says so.
struct Error(String);

impl Error {
    fn at(&self, name: &str) -> Diagnostic {
        undecodable(name, &self.0)
    }
}

fn undecodable(name: &str, why: &str) -> Diagnostic {
    Diagnostic::error(
        Code::D0503,
        format!("`{name}` could not be read: {why}"),
        "give a numpy file (.npy, .npz) of floats or integers, or a .csv of numbers",
    )
    .at(name)
}
