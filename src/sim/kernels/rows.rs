//! [`RowOp`]: operators on whole rows of events, in any machine integer.

use super::dense::Dense;
use super::fold::Fold;
use super::lanes::{Row, TILE};
use super::softmax::Softmax;
use super::word::Word;

/// What computes the rows of one tensor from those of others.
#[derive(Clone, Debug)]
pub(in crate::sim) enum RowOp<T> {
    /// A matrix.
    Dense(Dense<T>),
    /// Element by element.
    Fold(Vec<Fold<T>>),
    /// Two tensors, element by element.
    Binary {
        /// What is done to them.
        function: Binary,
        /// How far the first operand moves up.
        a_up: u32,
        /// How far the second operand moves up.
        b_up: u32,
        /// How the result reaches its binary point.
        shift: Shift,
    },
    /// `x` where it is not negative, else `alpha * x`.
    LeakyRelu {
        /// The factor.
        alpha: T,
        /// How `x` reaches the binary point of the result.
        above: Shift,
        /// How the product does.
        below: Shift,
    },
    /// `base + step * (number of thresholds reached)`.
    Threshold {
        /// The thresholds of each element.
        thresholds: Vec<Vec<T>>,
        /// The result below all of them.
        base: T,
        /// The rise at each.
        step: T,
    },
    /// The entries of tables: one for all elements, or one for each.
    Lookup {
        /// The tables.
        tables: Vec<Table<T>>,
    },
    /// Softmax.
    Softmax(Softmax<T>),
    /// Copies.
    Gather(Vec<Wire>),
    /// The index of the largest of each `len` elements, the lowest among equals.
    ArgMax {
        /// The length of a row of elements.
        len: usize,
    },
}

/// A function of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) enum Binary {
    /// `a + b`.
    Add,
    /// `a - b`.
    Subtract,
    /// `a * b`.
    Multiply,
}

/// A move of the binary point; what falls off to the right is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) enum Shift {
    /// To finer steps.
    Up(u32),
    /// To coarser steps.
    Down(u32),
}

/// The results for consecutive values.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Table<T> {
    /// The value of the first entry.
    pub(in crate::sim) first: T,
    /// How far a value moves down to become an index.
    pub(in crate::sim) down: u32,
    /// The entries.
    pub(in crate::sim) values: Vec<T>,
}

/// One element, taken from another tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Wire {
    /// Which operand.
    pub(in crate::sim) operand: usize,
    /// Which of its elements.
    pub(in crate::sim) element: usize,
    /// How it reaches the binary point of the result.
    pub(in crate::sim) shift: Shift,
}

impl Shift {
    /// From one binary point to another.
    pub(in crate::sim) fn between(from: i32, to: i32) -> Self {
        let distance = from.abs_diff(to);
        if to >= from { Self::Up(distance) } else { Self::Down(distance) }
    }

    #[inline(always)]
    pub(in crate::sim) fn apply<T: Word>(self, x: T) -> T {
        match self {
            Self::Up(bits) => x.up(bits),
            Self::Down(bits) => x.down(bits),
        }
    }
}

impl<T: Word> RowOp<T> {
    /// Computes the rows `y`; `x(k)` are the rows of operand `k`.
    #[inline(always)]
    pub(in crate::sim) fn run<'a>(&self, x: impl Fn(usize) -> &'a [Row<T>], y: &mut [Row<T>]) {
        match self {
            Self::Dense(dense) => dense.run(x(0), y),
            Self::Fold(folds) => {
                for ((x, y), fold) in x(0).iter().zip(y).zip(folds) {
                    fold.apply(x, y);
                }
            }
            Self::Binary { function, a_up, b_up, shift } => {
                for ((a, b), y) in x(0).iter().zip(x(1)).zip(y) {
                    let operands = (a, b, *a_up, *b_up);
                    match function {
                        Binary::Add => binary(operands, *shift, y, T::plus),
                        Binary::Subtract => binary(operands, *shift, y, T::minus),
                        Binary::Multiply => binary(operands, *shift, y, T::times),
                    }
                }
            }
            Self::LeakyRelu { alpha, above, below } => {
                for (x, y) in x(0).iter().zip(y) {
                    for (y, x) in y.iter_mut().zip(x) {
                        let positive = *x >= T::default();
                        let product = below.apply(x.times(*alpha));
                        *y = if positive { above.apply(*x) } else { product };
                    }
                }
            }
            Self::Threshold { thresholds, base, step } => {
                for ((x, y), thresholds) in x(0).iter().zip(y).zip(thresholds) {
                    y.fill(*base);
                    for threshold in thresholds {
                        for (y, x) in y.iter_mut().zip(x) {
                            let rise = if x >= threshold { *step } else { T::default() };
                            *y = y.plus(rise);
                        }
                    }
                }
            }
            Self::Lookup { tables } => {
                for ((x, y), table) in x(0).iter().zip(y).zip(tables.iter().cycle()) {
                    table.apply(x, y);
                }
            }
            Self::Softmax(softmax) => softmax.run(x(0), y),
            Self::Gather(wires) => {
                for (wire, y) in wires.iter().zip(y) {
                    let x = &x(wire.operand)[wire.element];
                    for (y, x) in y.iter_mut().zip(x) {
                        *y = wire.shift.apply(*x);
                    }
                }
            }
            Self::ArgMax { len } => {
                for (x, y) in x(0).chunks_exact(*len).zip(y) {
                    arg_max(x, y);
                }
            }
        }
    }
}

impl<T: Word> Table<T> {
    /// The entries at the values of a row.
    #[inline(always)]
    pub(in crate::sim) fn apply(&self, x: &Row<T>, y: &mut Row<T>) {
        for (y, x) in y.iter_mut().zip(x) {
            let entry = usize::try_from(x.down(self.down).minus(self.first).to_word());
            *y = self.values[entry.expect("an index lies within its table")];
        }
    }
}

#[inline(always)]
fn binary<T: Word>(
    (a, b, a_up, b_up): (&Row<T>, &Row<T>, u32, u32),
    shift: Shift,
    y: &mut Row<T>,
    function: impl Fn(T, T) -> T,
) {
    for ((y, a), b) in y.iter_mut().zip(a).zip(b) {
        *y = shift.apply(function(a.up(a_up), b.up(b_up)));
    }
}

#[inline(always)]
fn arg_max<T: Word>(x: &[Row<T>], y: &mut Row<T>) {
    let mut best: Row<T> = x[0];
    let mut number = T::default();
    *y = [T::default(); TILE];
    for x in &x[1..] {
        number = number.plus(T::ONE);
        for ((y, best), x) in y.iter_mut().zip(&mut best).zip(x) {
            let wins = *x > *best;
            *y = if wins { number } else { *y };
            *best = if wins { *x } else { *best };
        }
    }
}
