//! `.npz` files of test data.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use ndarray::{ArrayD, OwnedRepr};
use ndarray_npy::{NpzReader, ReadableElement};

/// A `.npz` file of models and of their inputs and outputs.
pub(super) struct Archive {
    reader: NpzReader<File>,
    names: BTreeSet<String>,
}

impl Archive {
    pub(super) fn open(path: &Path) -> Self {
        let mut reader = NpzReader::new(File::open(path).unwrap()).unwrap();
        let names = reader.names().unwrap().into_iter().collect();
        Self { reader, names }
    }

    /// The values of an array, if it has elements of this type.
    pub(super) fn read<T: ReadableElement>(&mut self, name: &str) -> Option<Vec<T>> {
        let array: ArrayD<T> = self.reader.by_name::<OwnedRepr<T>, _>(name).ok()?;
        Some(array.into_iter().collect())
    }

    /// The values of an array of any type.
    fn values(&mut self, name: &str) -> Vec<f64> {
        fn widen<T: Into<f64>>(values: Vec<T>) -> Vec<f64> {
            values.into_iter().map(Into::into).collect()
        }
        fn ints<T: TryInto<i64>>(values: Vec<T>) -> Vec<f64> {
            let whole = |value: T| value.try_into().ok().expect("at most 63 bits");
            values
                .into_iter()
                .map(|value| trigforge::numeric::interval::scale(whole(value), 0))
                .collect()
        }
        None.or_else(|| self.read::<f32>(name).map(widen))
            .or_else(|| self.read::<f64>(name))
            .or_else(|| self.read::<i8>(name).map(widen))
            .or_else(|| self.read::<u8>(name).map(widen))
            .or_else(|| self.read::<i16>(name).map(widen))
            .or_else(|| self.read::<u16>(name).map(widen))
            .or_else(|| self.read::<i32>(name).map(widen))
            .or_else(|| self.read::<u32>(name).map(widen))
            .or_else(|| self.read::<i64>(name).map(ints))
            .or_else(|| self.read::<u64>(name).map(ints))
            .unwrap_or_else(|| panic!("{name} cannot be read"))
    }

    /// The names of all arrays.
    pub(super) fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The arrays `PREFIX0`, `PREFIX1` and so on.
    pub(super) fn all(&mut self, prefix: &str) -> Vec<Vec<f64>> {
        let mut arrays = Vec::new();
        while self.names.contains(&format!("{prefix}{}", arrays.len())) {
            arrays.push(self.values(&format!("{prefix}{}", arrays.len())));
        }
        arrays
    }
}
