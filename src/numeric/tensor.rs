//! [`Shape`], and blocks of events as raw integers or floats.

use std::fmt;

/// The dimensions of one event's tensor; the batch is never among them.
#[derive(Clone, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Shape(pub Vec<usize>);

impl Shape {
    /// A shape of one dimension.
    pub fn vector(len: usize) -> Self {
        Self(vec![len])
    }

    /// The number of elements; 1 for a scalar.
    pub fn len(&self) -> usize {
        self.0.iter().product()
    }

    /// True when a dimension is zero.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of dimensions.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The length of the last dimension; 1 for a scalar.
    pub fn last(&self) -> usize {
        self.0.last().copied().unwrap_or(1)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "[{}]", dimensions.join(","))
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One tensor for a block of events, structure of arrays: element-major, events contiguous.
///
/// Element `i` of event `e` stands at `data[i * events + e]`. With `T = i64`
/// the values are `raw * 2^-frac`, one `frac` for the whole tensor; with
/// `T = f64` they are floats and `frac` is zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Block<T> {
    /// The number of events.
    pub events: usize,
    /// The binary point shared by all elements.
    pub frac: i8,
    /// The values; their number is elements times events.
    pub data: Vec<T>,
}

impl<T: Copy + Default> Block<T> {
    /// A block of zeros.
    pub fn zeros(elements: usize, events: usize, frac: i8) -> Self {
        Self { events, frac, data: vec![T::default(); elements * events] }
    }

    /// A block from event-major rows (`rows[e * elements + i]`).
    pub fn from_rows(rows: &[T], elements: usize, frac: i8) -> Self {
        let events = rows.len().checked_div(elements).unwrap_or(0);
        let mut block = Self::zeros(elements, events, frac);
        for (event, row) in rows.chunks_exact(elements.max(1)).enumerate() {
            for (index, value) in row.iter().enumerate() {
                block.data[index * events + event] = *value;
            }
        }
        block
    }

    /// The number of elements of one event.
    pub fn elements(&self) -> usize {
        self.data.len().checked_div(self.events).unwrap_or(0)
    }

    /// The events of one element.
    pub fn element(&self, index: usize) -> &[T] {
        &self.data[index * self.events..(index + 1) * self.events]
    }

    /// The events of one element, to be written.
    pub fn element_mut(&mut self, index: usize) -> &mut [T] {
        &mut self.data[index * self.events..(index + 1) * self.events]
    }

    /// The first events: `count` of them, or as many as there are.
    #[must_use]
    pub fn first_events(&self, count: usize) -> Self {
        self.events_from(0, count.min(self.events))
    }

    /// The events `first..first + count`.
    #[must_use]
    pub fn events_from(&self, first: usize, count: usize) -> Self {
        let rows =
            (0..self.elements()).flat_map(|index| &self.element(index)[first..first + count]);
        Self { events: count, frac: self.frac, data: rows.copied().collect() }
    }

    /// The values event by event (`rows[e * elements + i]`).
    pub fn to_rows(&self) -> Vec<T> {
        let elements = self.elements();
        let mut rows = Vec::with_capacity(self.data.len());
        for event in 0..self.events {
            rows.extend((0..elements).map(|index| self.data[index * self.events + event]));
        }
        rows
    }
}
