//! [`Broadcast`]: which number of a smaller table is that of each value.

/// The rows and columns of values, and those of a table for them: as many, or one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broadcast {
    pub(super) values: [usize; 2],
    pub(super) own: [usize; 2],
}

impl Broadcast {
    /// How many numbers the table has.
    pub(super) fn len(self) -> usize {
        self.own[0] * self.own[1]
    }

    /// The place in the table of each value, row after row.
    pub(super) fn indices(self) -> impl Iterator<Item = usize> {
        let [rows, columns] = self.values;
        let by_row = if self.own[0] == 1 { 0 } else { self.own[1] };
        let by_column = usize::from(self.own[1] > 1);
        (0..rows)
            .flat_map(move |row| (0..columns).map(move |column| row * by_row + column * by_column))
    }
}
