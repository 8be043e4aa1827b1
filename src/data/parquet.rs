//! Parquet files: flat columns of numbers or words, and lists as long for every event.

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::guard::guarded;
use super::number::Number;
use super::read::Array;
use super::store::{Column, Columns, Pick, Refusal, padded};

/// How many rows are decoded at once: whatever a file claims, no more is taken on trust.
const BATCH: usize = 1 << 16;

/// A Parquet file, its columns named by their path with dots.
pub(super) struct Parquet {
    reader: SerializedFileReader<Bytes>,
    paths: Vec<String>,
}

impl std::fmt::Debug for Parquet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Parquet").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl Parquet {
    /// The file, of which only the footer is decoded here.
    pub(super) fn open(bytes: &[u8]) -> Result<Self, String> {
        let bytes = Bytes::copy_from_slice(bytes);
        guarded(|| {
            let reader = SerializedFileReader::new(bytes).map_err(|error| error.to_string())?;
            let schema = reader.metadata().file_metadata().schema_descr();
            let paths = schema.columns().iter().map(|column| name(column)).collect();
            Ok(Self { reader, paths })
        })?
    }

    fn column(&self, pick: Pick) -> Result<Column, Refusal> {
        let index = pick.column;
        let metadata = self.reader.metadata();
        let column = metadata.file_metadata().schema_descr().column(index);
        let meaning = Meaning::of(&column)?;
        let mut rows = Rows::new(&column, pick.length);
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group).map_err(broken)?;
            let promised = group.metadata().num_rows();
            let before = rows.count;
            rows.extend(group.get_column_reader(index).map_err(broken)?, meaning)?;
            if i64::try_from(rows.count - before).ok() != Some(promised) {
                let why = format!("it has {} rows and promises {promised}", rows.count - before);
                return Err(Refusal::Damaged(why));
            }
        }
        rows.finish()
    }
}

impl Columns for Parquet {
    fn paths(&self) -> Vec<String> {
        self.paths.clone()
    }

    fn in_table(&self, _index: usize) -> bool {
        true
    }

    fn read(&self, picks: &[Pick]) -> Result<Vec<Column>, (usize, Refusal)> {
        let column = |pick: &Pick| {
            let column = guarded(|| self.column(*pick));
            let column = column.unwrap_or_else(|why| Err(Refusal::Damaged(why)));
            column.map_err(|why| (pick.column, why))
        };
        picks.iter().map(column).collect()
    }
}

/// The path of a column, without the two levels that Parquet puts into every list.
fn name(column: &ColumnDescriptor) -> String {
    let path = column.path().string();
    let short = path.strip_suffix(".list.element").or_else(|| path.strip_suffix(".list.item"));
    short.map_or(path.clone(), str::to_owned)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn broken(error: ParquetError) -> Refusal {
    Refusal::Damaged(error.to_string())
}

/// What the bits of a value are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Signed,
    Unsigned,
    Half,
    Text,
}

impl Meaning {
    fn of(column: &ColumnDescriptor) -> Result<Self, Refusal> {
        let refuse = |what| {
            let help = format!(
                "write it as a number: `table[\"{}\"].astype(\"float64\")` in pandas",
                column.name()
            );
            Err(Refusal::Kind { what, help })
        };
        if column.max_rep_level() > 1 {
            return refuse("a list of lists");
        }
        // Old files have only the converted type, which newer ones derive from the logical one.
        let converted = match column.logical_type_ref() {
            Some(LogicalType::Integer(integer)) if integer.is_signed => ConvertedType::INT_64,
            Some(LogicalType::Integer(_)) => ConvertedType::UINT_64,
            Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => {
                ConvertedType::UTF8
            }
            Some(LogicalType::Float16) => ConvertedType::NONE,
            Some(_) => ConvertedType::INTERVAL,
            None => column.converted_type(),
        };
        let logical = match converted {
            ConvertedType::NONE if column.logical_type_ref().is_some() => Self::Half,
            ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Self::Text,
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64 => Self::Unsigned,
            ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64 => Self::Signed,
            _ => return refuse("neither a number nor a word, but a type made of them"),
        };
        match (column.physical_type(), logical) {
            (Type::INT96, _) => refuse("a time stamp"),
            (Type::BYTE_ARRAY, Self::Signed | Self::Unsigned | Self::Half)
            | (Type::FIXED_LEN_BYTE_ARRAY, Self::Signed | Self::Unsigned | Self::Text) => {
                refuse("a column of bytes")
            }
            (_, meaning) => Ok(meaning),
        }
    }
}

/// What is collected of a column.
struct Rows {
    /// The name of the column.
    name: String,
    count: usize,
    /// The definition level of a value that is there.
    present: i16,
    /// The definition level of a list that has at least one element, where it is a list.
    element: Option<i16>,
    /// How many values are wanted of each row of a list; as many as there are, and as many for all, without it.
    wanted: Option<usize>,
    /// How many values each row has, as far as rows were ended; the first alone where all are equal.
    lengths: Vec<usize>,
    current: usize,
    numbers: Vec<f64>,
    words: Vec<String>,
}

impl Rows {
    fn new(column: &ColumnDescriptor, wanted: Option<usize>) -> Self {
        let list = column.max_rep_level() == 1;
        Self {
            name: name(column),
            count: 0,
            present: column.max_def_level(),
            element: list.then(|| column.repeated_ancestor_def_level()),
            wanted,
            lengths: Vec::new(),
            current: 0,
            numbers: Vec::new(),
            words: Vec::new(),
        }
    }

    fn extend(&mut self, column: ColumnReader, meaning: Meaning) -> Result<(), Refusal> {
        match column {
            ColumnReader::BoolColumnReader(reader) => {
                self.numbers_of(reader, |value| f64::from(u8::from(*value)))
            }
            ColumnReader::Int32ColumnReader(reader) if meaning == Meaning::Unsigned => {
                self.numbers_of(reader, |value| f64::from(value.cast_unsigned()))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                self.numbers_of(reader, |value| f64::from(*value))
            }
            ColumnReader::Int64ColumnReader(reader) => {
                let number = |value: &i64| match meaning {
                    Meaning::Unsigned => value.cast_unsigned().number(),
                    Meaning::Signed | Meaning::Half | Meaning::Text => value.number(),
                };
                self.numbers_of(reader, number)
            }
            ColumnReader::FloatColumnReader(reader) => {
                self.numbers_of(reader, |value| f64::from(*value))
            }
            ColumnReader::DoubleColumnReader(reader) => self.numbers_of(reader, |value| *value),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                self.numbers_of(reader, |value: &FixedLenByteArray| match value.data() {
                    [low, high] => f64::from(half::f16::from_le_bytes([*low, *high])),
                    _ => f64::NAN,
                })
            }
            ColumnReader::ByteArrayColumnReader(reader) => self.words_of(reader),
            ColumnReader::Int96ColumnReader(_) => Err(Refusal::damaged("it holds time stamps")),
        }
    }

    fn numbers_of<T: DataType>(
        &mut self,
        reader: ColumnReaderImpl<T>,
        number: impl Fn(&T::T) -> f64,
    ) -> Result<(), Refusal> {
        self.batches(reader, |rows, values| {
            rows.numbers.extend(values.iter().map(&number));
            Ok(())
        })
    }

    fn words_of<T: DataType<T = ByteArray>>(
        &mut self,
        reader: ColumnReaderImpl<T>,
    ) -> Result<(), Refusal> {
        self.batches(reader, |rows, values| {
            for value in values {
                let word = value.as_utf8().map_err(broken)?;
                rows.words.push(word.to_owned());
            }
            Ok(())
        })
    }

    fn batches<T: DataType>(
        &mut self,
        mut reader: ColumnReaderImpl<T>,
        mut keep: impl FnMut(&mut Self, &[T::T]) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        loop {
            let (mut defined, mut repeated, mut values) = (Vec::new(), Vec::new(), Vec::new());
            let (records, _, levels) = reader
                .read_records(BATCH, Some(&mut defined), Some(&mut repeated), &mut values)
                .map_err(broken)?;
            if records == 0 && levels == 0 {
                return Ok(());
            }
            self.levels(records, &defined, &repeated)?;
            keep(self, &values)?;
        }
    }

    /// Checks that no value is missing, and counts the elements of lists.
    fn levels(&mut self, records: usize, defined: &[i16], repeated: &[i16]) -> Result<(), Refusal> {
        let Some(element) = self.element else {
            let missing = defined.iter().position(|level| *level < self.present);
            if let Some(place) = missing.filter(|_| self.present > 0) {
                return Err(Refusal::Missing { row: self.count + place });
            }
            self.count += records;
            return Ok(());
        };
        for (defined, repeated) in defined.iter().zip(repeated) {
            if *repeated == 0 {
                self.row()?;
                self.count += 1;
            }
            if *defined >= element && *defined < self.present {
                return Err(Refusal::Missing { row: self.count.saturating_sub(1) });
            }
            self.current += usize::from(*defined >= element);
        }
        Ok(())
    }

    /// Ends a row of a list, which must be as long as the others where all of it is wanted.
    fn row(&mut self) -> Result<(), Refusal> {
        if self.count == 0 {
            return Ok(());
        }
        let length = std::mem::take(&mut self.current);
        match (self.wanted, self.lengths.first()) {
            (Some(_), _) | (None, None) => {
                self.lengths.push(length);
                Ok(())
            }
            (None, Some(first)) if *first == length => Ok(()),
            (None, Some(_)) => Err(Refusal::Kind {
                what: "a list that is not as long for every event",
                help: format!(
                    "take the first values of each event, such as `{}[0..16]`",
                    self.name
                ),
            }),
        }
    }

    fn finish(mut self) -> Result<Column, Refusal> {
        if self.element.is_some() {
            self.row()?;
        }
        if !self.words.is_empty() {
            return match self.element {
                None => Ok(Column::Words(self.words)),
                Some(_) => Err(Refusal::Kind {
                    what: "a list of words",
                    help: "give each word a column of its own".to_owned(),
                }),
            };
        }
        if let (Some(wanted), Some(_)) = (self.wanted, self.element) {
            if self.lengths.iter().sum::<usize>() != self.numbers.len() {
                return Err(Refusal::damaged("its rows and values do not match"));
            }
            return Ok(Column::Numbers(padded(&self.numbers, &self.lengths, wanted)));
        }
        let mut shape = vec![self.count];
        if self.element.is_some() {
            shape.push(self.lengths.first().copied().unwrap_or(0));
        }
        if shape.iter().product::<usize>() != self.numbers.len() {
            return Err(Refusal::damaged("its rows and values do not match"));
        }
        Ok(Column::Numbers(Array { name: None, shape, values: self.numbers }))
    }
}
