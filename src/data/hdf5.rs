//! HDF5 files: data sets of numbers, and of records of numbers (compound types), in any group.

use hdf5_reader::error::Error;
use hdf5_reader::group::Group;
use hdf5_reader::{
    ByteOrder, CompoundField, Dataset, Datatype, Hdf5File, OpenOptions, StringPadding, StringSize,
    VarLenKind, dtype_element_size,
};

use super::guard::guarded;
use super::number::Number;
use super::read::Array;
use super::store::{Column, Columns, Pick, Refusal};

/// Groups deeper than this are not looked into: links may lead in a circle.
const DEEPEST: usize = 16;

/// More data sets are not listed.
const MOST_COLUMNS: usize = 10_000;

/// How much larger than the file what is read may be; deflate shrinks a thousandfold at most.
const MOST_EXPANSION: usize = 1100;

/// An HDF5 file, its columns named by the path of their data set and, in records, the field.
pub(super) struct Hdf5 {
    file: Hdf5File,
    columns: Vec<Place>,
}

/// A data set, or a field of its records.
#[derive(Clone, Debug)]
struct Place {
    dataset: String,
    field: Option<String>,
}

impl std::fmt::Debug for Hdf5 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hdf5").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl Hdf5 {
    /// The file, of which only names and types are decoded here.
    pub(super) fn open(bytes: &[u8]) -> Result<Self, String> {
        let most = bytes.len().saturating_mul(MOST_EXPANSION).max(1 << 20);
        let options = OpenOptions { max_read_bytes: most, ..OpenOptions::default() };
        guarded(|| {
            let file = Hdf5File::from_bytes_with_options(bytes, options)?;
            let mut columns = Vec::new();
            list(&file.root_group()?, "", 0, &mut columns)?;
            Ok(Self { file, columns })
        })?
        .map_err(|error: Error| error.to_string())
    }

    fn decode(&self, indices: &[usize]) -> Result<Vec<Column>, (usize, Refusal)> {
        let mut columns = Vec::with_capacity(indices.len());
        // Fields of the same records are decoded from the same bytes.
        let mut last: Option<(&str, Dataset, Vec<u8>)> = None;
        for index in indices {
            let refused = |refusal| (*index, refusal);
            let Place { dataset: path, field } = &self.columns[*index];
            if last.as_ref().is_none_or(|(own, ..)| own != path) {
                let dataset = self.file.dataset(path).map_err(|why| refused(broken(&why)))?;
                let bytes = bytes_of(&dataset).map_err(refused)?;
                last = Some((path, dataset, bytes));
            }
            let (_, dataset, bytes) = last.as_ref().expect("it was just read");
            columns.push(column(dataset, field.as_deref(), bytes).map_err(refused)?);
        }
        Ok(columns)
    }
}

impl Columns for Hdf5 {
    fn paths(&self) -> Vec<String> {
        let path = |place: &Place| match &place.field {
            None => place.dataset.clone(),
            Some(field) => format!("{}/{field}", place.dataset),
        };
        self.columns.iter().map(path).collect()
    }

    fn in_table(&self, index: usize) -> bool {
        self.columns[index].field.is_some()
    }

    fn read(&self, picks: &[Pick]) -> Result<Vec<Column>, (usize, Refusal)> {
        let indices: Vec<usize> = picks.iter().map(|pick| pick.column).collect();
        let first = indices.first().copied().unwrap_or(0);
        guarded(|| self.decode(&indices)).unwrap_or_else(|why| Err((first, Refusal::Damaged(why))))
    }
}

/// Adds the data sets below a group.
fn list(group: &Group, path: &str, depth: usize, columns: &mut Vec<Place>) -> Result<(), Error> {
    let (groups, datasets) = group.member_names()?;
    for name in datasets {
        let dataset = format!("{path}{name}");
        // What cannot be opened is listed, and refused when it is asked for.
        let fields = match group.dataset(&name).map(|dataset| dataset.dtype().clone()) {
            Ok(Datatype::Compound { fields, .. }) => fields,
            Ok(_) | Err(_) => Vec::new(),
        };
        if fields.is_empty() {
            columns.push(Place { dataset, field: None });
        } else {
            let place =
                |field: CompoundField| Place { dataset: dataset.clone(), field: Some(field.name) };
            columns.extend(fields.into_iter().map(place));
        }
        if columns.len() > MOST_COLUMNS {
            return Err(Error::Other(format!("it has more than {MOST_COLUMNS} columns")));
        }
    }
    for name in groups {
        if depth < DEEPEST {
            list(&group.group(&name)?, &format!("{path}{name}/"), depth + 1, columns)?;
        }
    }
    Ok(())
}

fn broken(error: &Error) -> Refusal {
    Refusal::Damaged(error.to_string())
}

/// The bytes of all elements; those of words of any length are read another way.
fn bytes_of(dataset: &Dataset) -> Result<Vec<u8>, Refusal> {
    if matches!(dataset.dtype(), Datatype::String { .. } | Datatype::VarLen { .. }) {
        return Ok(Vec::new());
    }
    dataset.read_raw_bytes().map_err(|error| broken(&error))
}

fn is_text(datatype: &Datatype) -> bool {
    matches!(datatype, Datatype::String { .. } | Datatype::VarLen { kind: VarLenKind::String, .. })
}

fn column(dataset: &Dataset, field: Option<&str>, bytes: &[u8]) -> Result<Column, Refusal> {
    let shape: Option<Vec<usize>> =
        dataset.shape().iter().map(|dimension| usize::try_from(*dimension).ok()).collect();
    let mut shape = shape.ok_or_else(|| Refusal::damaged("it is too large"))?;
    if shape.is_empty() {
        return Err(Refusal::Kind {
            what: "a single value, not one for each event",
            help: "give a data set whose first dimension counts the events".to_owned(),
        });
    }
    let mut datatype = dataset.dtype();
    if is_text(datatype) {
        if shape.len() != 1 {
            return Err(kind("an array of words"));
        }
        return dataset.read_strings().map(Column::Words).map_err(|error| broken(&error));
    }
    let stride = dtype_element_size(datatype).map_err(|error| broken(&error))?;
    let mut offset = 0;
    if let (Some(name), Datatype::Compound { fields, .. }) = (field, datatype) {
        let own = fields.iter().find(|field| field.name == name);
        let own = own.ok_or_else(|| Refusal::damaged("its records lack the field"))?;
        offset = usize::try_from(own.byte_offset).map_err(|_| Refusal::damaged("no offset"))?;
        datatype = &own.datatype;
    }
    let mut elements = 1;
    if let Datatype::Array { base, dims } = datatype {
        for dimension in dims {
            let dimension = usize::try_from(*dimension).map_err(|_| kind("too large"))?;
            elements = usize::saturating_mul(elements, dimension);
            shape.push(dimension);
        }
        datatype = base;
    }
    let size = dtype_element_size(datatype).map_err(|error| broken(&error))?;
    let own = offset..size.saturating_mul(elements).saturating_add(offset);
    if stride == 0 || size == 0 || own.end > stride || !bytes.len().is_multiple_of(stride) {
        return Err(Refusal::damaged("its elements do not fit their records"));
    }
    let records = bytes.chunks_exact(stride).map(|record| &record[own.clone()]);
    if let Datatype::String { size: StringSize::Fixed(_), padding, .. } = datatype {
        if elements != 1 || shape.len() != 1 {
            return Err(kind("an array of words"));
        }
        return Ok(Column::Words(records.map(|bytes| word(bytes, *padding)).collect()));
    }
    let number = number(datatype)?;
    let values: Vec<f64> =
        records.flat_map(|record| record.chunks_exact(size)).map(number).collect();
    if shape.iter().product::<usize>() != values.len() {
        return Err(Refusal::damaged("its shape and its elements do not match"));
    }
    Ok(Column::Numbers(Array { name: None, shape, values }))
}

fn kind(what: &'static str) -> Refusal {
    let help = "write it as numbers: `f.create_dataset(\"x\", data=x.astype(\"f4\"))` in h5py";
    Refusal::Kind { what, help: help.to_owned() }
}

fn word(bytes: &[u8], padding: StringPadding) -> String {
    let text = String::from_utf8_lossy(bytes);
    match padding {
        StringPadding::SpacePad => text.trim_end_matches(' ').to_owned(),
        StringPadding::NullTerminate | StringPadding::NullPad => {
            text.split('\0').next().unwrap_or_default().to_owned()
        }
    }
}

/// What makes a number of the bytes of an element.
fn number(datatype: &Datatype) -> Result<fn(&[u8]) -> f64, Refusal> {
    macro_rules! reader {
        ($order:expr, $element:ty) => {
            match $order {
                ByteOrder::LittleEndian => |bytes: &[u8]| {
                    let own = bytes.try_into().expect("elements are cut to their size");
                    <$element>::from_le_bytes(own).number()
                },
                ByteOrder::BigEndian => |bytes: &[u8]| {
                    let own = bytes.try_into().expect("elements are cut to their size");
                    <$element>::from_be_bytes(own).number()
                },
            }
        };
    }
    let reader: fn(&[u8]) -> f64 = match datatype {
        Datatype::FixedPoint { size: 1, signed: true, byte_order } => reader!(byte_order, i8),
        Datatype::FixedPoint { size: 1, signed: false, byte_order } => reader!(byte_order, u8),
        Datatype::FixedPoint { size: 2, signed: true, byte_order } => reader!(byte_order, i16),
        Datatype::FixedPoint { size: 2, signed: false, byte_order } => reader!(byte_order, u16),
        Datatype::FixedPoint { size: 4, signed: true, byte_order } => reader!(byte_order, i32),
        Datatype::FixedPoint { size: 4, signed: false, byte_order } => reader!(byte_order, u32),
        Datatype::FixedPoint { size: 8, signed: true, byte_order } => reader!(byte_order, i64),
        Datatype::FixedPoint { size: 8, signed: false, byte_order } => reader!(byte_order, u64),
        Datatype::FloatingPoint { size: 2, byte_order } => reader!(byte_order, half::f16),
        Datatype::FloatingPoint { size: 4, byte_order } => reader!(byte_order, f32),
        Datatype::FloatingPoint { size: 8, byte_order } => reader!(byte_order, f64),
        // Booleans of h5py are an enumeration of bytes.
        Datatype::Enum { base, .. } => return number(base),
        Datatype::FixedPoint { .. } | Datatype::FloatingPoint { .. } => {
            return Err(kind("a number of a size that is not read"));
        }
        Datatype::Compound { .. } => return Err(kind("a record within a record")),
        Datatype::Array { .. } => return Err(kind("an array within an array")),
        Datatype::String { .. } => return Err(kind("a word of any length within a record")),
        Datatype::VarLen { .. } => return Err(kind("a list that is not as long for every event")),
        Datatype::Opaque { .. } | Datatype::Bitfield { .. } => {
            return Err(kind("a column of bytes"));
        }
        Datatype::Reference { .. } => return Err(kind("a reference to other data sets")),
    };
    Ok(reader)
}
