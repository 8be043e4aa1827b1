//! From a [`Problem`] to a [`Network`]: what is really asked, and whether it can be.

use rustc_hash::FxHashMap;

use super::extract::MAX_PAIRS;
use super::groups::MAX_GROUPS;
use super::network::Network;
use super::pattern::{Digit, TermId};
use super::span::Span;
use super::term::weight;
use super::{Problem, ProblemInput, csd};
use crate::entity::EntityId;
use crate::numeric::interval::Interval;

/// Arrivals further apart than this are treated as if they were not.
const SPREAD: u32 = 40;

/// Levels beyond the first arrival that are told apart.
const LEVELS: u32 = 100;

/// Why a problem has no solution.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsolvable {
    /// The matrix has not one entry for each input and output.
    #[error("a matrix of {entries} entries does not connect {inputs} inputs to {outputs} outputs")]
    Shape {
        /// Entries of the matrix.
        entries: usize,
        /// Inputs.
        inputs: usize,
        /// Outputs.
        outputs: usize,
    },
    /// An output cannot be there when it must.
    #[error("the outputs cannot be there before {least} adders, but must be after {latest}")]
    Depth {
        /// When all outputs can be there at the earliest, in adders.
        least: u32,
        /// When they must be.
        latest: u32,
    },
    /// The sum of an output does not fit a word.
    #[error("output {output} needs {bits} bits to add up, more than {limit}", limit = MAX_BITS)]
    Width {
        /// The output.
        output: usize,
        /// The bits that its largest partial sum may need.
        bits: u32,
    },
}

/// The widest partial sum, the sign included.
pub(super) const MAX_BITS: u32 = 63;

/// Which column, its exponent and its sign.
type Place = (usize, i16, bool);

/// A problem without what is zero, said twice, or a power of two of something else.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// The different columns, odd in some entry and positive in the first.
    pub(super) columns: Vec<Vec<i64>>,
    /// For each output the column, its exponent and its sign; nothing for zero.
    pub(super) outputs: Vec<Option<Place>>,
    /// The bits and the arrival of each input.
    pub(super) inputs: Vec<(Span, u32)>,
    /// When each column is due, if there is a deadline: a level earlier where it must be negated.
    pub(super) due: Vec<u32>,
    /// What the arrivals are counted from.
    base: u32,
    /// When the outputs are due, counted as the arrivals of `inputs`.
    pub(super) deadline: Option<u32>,
    /// Whether sums may have three terms.
    pub(super) by_threes: bool,
}

impl Prepared {
    /// What a problem really asks.
    pub(super) fn new(problem: &Problem) -> Result<Self, Unsolvable> {
        let (inputs, outputs) = (problem.inputs.len(), problem.outputs);
        if inputs.checked_mul(outputs) != Some(problem.matrix.len()) {
            return Err(Unsolvable::Shape { entries: problem.matrix.len(), inputs, outputs });
        }
        let mut given = Vec::with_capacity(outputs);
        for output in 0..outputs {
            let entry = |(row, input): (usize, &ProblemInput)| {
                let zero = (input.range.lo(), input.range.hi()) == (0, 0);
                if zero { 0 } else { problem.matrix[row * outputs + output] }
            };
            let column: Vec<i64> = problem.inputs.iter().enumerate().map(entry).collect();
            check_width(problem, &column, output)?;
            given.push(column);
        }
        let (mut columns, mut wanted) = distinct(given);
        let negated = choose_signs(&mut columns, &mut wanted);
        let first = problem.inputs.iter().map(|input| input.arrival).min().unwrap_or(0);
        let last = problem.inputs.iter().map(|input| input.arrival).max().unwrap_or(0);
        let base = first.max(last.saturating_sub(SPREAD));
        let arrivals = problem.inputs.iter().map(|input| input.arrival.max(base) - base);
        let spans = problem.inputs.iter().map(|input| Span::of(input.range));
        let mut prepared = Self {
            columns,
            outputs: wanted,
            inputs: spans.zip(arrivals).collect(),
            due: vec![0; negated.len()],
            base,
            deadline: None,
            by_threes: problem.sums_of_three,
        };
        let columns = prepared.columns.iter().zip(&negated);
        let soonest = columns
            .map(|(column, negated)| prepared.least_arrival(column) + u32::from(*negated))
            .max()
            .unwrap_or(0);
        if let Some(latest) = problem.latest
            && latest < base + soonest
        {
            return Err(Unsolvable::Depth { least: base + soonest, latest });
        }
        let budget = problem.extra_depth.map(|extra| soonest.saturating_add(extra));
        let latest = problem.latest.map(|latest| latest - base);
        if let Some(deadline) = budget.into_iter().chain(latest).min() {
            let deadline = deadline.min(LEVELS.max(soonest));
            prepared.due = negated.iter().map(|negated| deadline - u32::from(*negated)).collect();
            prepared.deadline = Some(deadline);
        } else {
            prepared.inputs.iter_mut().for_each(|(_, arrival)| *arrival = 0);
        }
        Ok(prepared)
    }

    /// When the outputs are due, counted as the problem counts.
    pub(super) fn latest(&self) -> Option<u32> {
        self.deadline.map(|deadline| self.base + deadline)
    }

    /// When a column can be there at the earliest.
    pub(super) fn least_arrival(&self, column: &[i64]) -> u32 {
        let loads = column
            .iter()
            .zip(&self.inputs)
            .map(|(entry, (_, arrival))| u128::from(csd::weight(*entry)) * weight(*arrival));
        super::extract::least_arrival(loads.sum())
    }

    /// The inputs alone; in groups, if the columns are so long that pairs of digits are too many.
    pub(super) fn network(&self) -> Network {
        let mut network = Network::new(&self.inputs, self.deadline);
        network.by_threes = self.by_threes;
        let lengths = self.columns.iter().map(|column| column_digits(column).len());
        let (digits, pairs) = lengths
            .fold((0, 0), |(digits, pairs), length| (digits + length, pairs + length * length / 2));
        if pairs > MAX_PAIRS {
            // Groups of so many inputs that their pairs are about as many as may be.
            let share = 2 * MAX_PAIRS * self.columns.len() / (digits * digits / self.inputs.len());
            network.group_inputs(share.max(self.inputs.len().div_ceil(MAX_GROUPS)).max(1));
        }
        network
    }

    /// Each column as one row of digits.
    pub(super) fn plain(&self) -> Network {
        let mut network = self.network();
        let rows: Vec<TermId> = self
            .columns
            .iter()
            .zip(&self.due)
            .map(|(column, due)| {
                let row = network.create_output(self.span(column), *due, *due);
                for digit in column_digits(column) {
                    network.load(row, digit);
                }
                row
            })
            .collect();
        network.commit();
        network.outputs = self.place(&rows);
        network
    }

    /// The outputs, where each column has a term.
    pub(super) fn place(&self, rows: &[TermId]) -> Vec<Option<Digit>> {
        let digit = |output: &Option<Place>| {
            let (column, shift, negative) = (*output)?;
            Some(Digit { term: rows[column], shift, negative })
        };
        self.outputs.iter().map(digit).collect()
    }

    /// The bits of a column's value.
    pub(super) fn span(&self, column: &[i64]) -> Span {
        self.try_span(column).expect("the width was checked, and zero taken out")
    }

    /// The bits of a column's value; nothing for zero and beyond a word.
    pub(super) fn try_span(&self, column: &[i64]) -> Option<Span> {
        let part = |digit: &Digit| self.inputs[digit.term.index()].0.moved(digit.shift);
        let digits = column_digits(column);
        let (first, others) = digits.split_first()?;
        let first = if first.negative { part(first).negated() } else { part(first) };
        others.iter().try_fold(first, |sum, digit| sum.sum(part(digit), 0, digit.negative))
    }

    /// True when the value of each column fits a word.
    pub(super) fn has_spans(&self) -> bool {
        self.columns.iter().all(|column| self.try_span(column).is_some())
    }

    /// The problem of the transposed columns, without bound on depth.
    pub(super) fn transposed(&self) -> Self {
        let count = self.columns.len();
        let row = |input: usize| self.columns.iter().map(|column| column[input]).collect();
        let rows: Vec<Vec<i64>> = (0..self.inputs.len()).map(row).collect();
        let (columns, outputs) = distinct(rows);
        let unit = Span::of(Interval::new(-1, 1, 0));
        let due = vec![0; columns.len()];
        let inputs = vec![(unit, 0); count];
        let by_threes = self.by_threes;
        Self { columns, outputs, inputs, due, base: 0, deadline: None, by_threes }
    }
}

/// The different columns, each once, and for each column given which of them it is.
fn distinct(given: Vec<Vec<i64>>) -> (Vec<Vec<i64>>, Vec<Option<Place>>) {
    let mut known: FxHashMap<Vec<i64>, usize> = FxHashMap::default();
    let mut columns = Vec::new();
    let place = |column: Vec<i64>| {
        let (column, exponent, negative) = normal(column)?;
        let next = columns.len();
        let index = *known.entry(column.clone()).or_insert(next);
        if index == next {
            columns.push(column);
        }
        Some((index, exponent, negative))
    };
    let places = given.into_iter().map(place).collect();
    (columns, places)
}

/// Turns columns round that are wanted negated more often; true for those that must be negated
/// all the same: they have no positive entry, or are wanted with both signs.
fn choose_signs(columns: &mut [Vec<i64>], outputs: &mut [Option<Place>]) -> Vec<bool> {
    let mut wanted = vec![[0_u32; 2]; columns.len()];
    for (column, _, negative) in outputs.iter().flatten() {
        wanted[*column][usize::from(*negative)] += 1;
    }
    for (column, [plus, minus]) in columns.iter_mut().zip(&wanted) {
        if minus > plus {
            for entry in column.iter_mut() {
                *entry = -*entry;
            }
        }
    }
    for (column, _, negative) in outputs.iter_mut().flatten() {
        let [plus, minus] = wanted[*column];
        *negative ^= minus > plus;
    }
    let both = wanted.iter().map(|[plus, minus]| *plus > 0 && *minus > 0);
    let columns = columns.iter().map(|column| column.iter().all(|entry| *entry <= 0));
    both.zip(columns).map(|(both, no_plus)| both || no_plus).collect()
}

/// The digits of a column over the inputs.
pub(super) fn column_digits(column: &[i64]) -> Vec<Digit> {
    let entries = column.iter().enumerate();
    let digits = entries.flat_map(|(input, entry)| {
        csd::digits(*entry).map(move |(shift, negative)| Digit {
            term: TermId::from_index(input),
            shift,
            negative,
        })
    });
    digits.collect()
}

/// The column that `column` is `±2^exponent` times, with the exponent and the sign; nothing for
/// zero.
pub(super) fn normal(mut column: Vec<i64>) -> Option<(Vec<i64>, i16, bool)> {
    let zeros = column.iter().filter(|entry| **entry != 0).map(|entry| entry.trailing_zeros());
    let exponent = zeros.min()?;
    let negative = column.iter().find(|entry| **entry != 0).is_some_and(|entry| *entry < 0);
    for entry in &mut column {
        *entry >>= exponent;
        if negative {
            *entry = entry.checked_neg().expect("the width was checked");
        }
    }
    Some((column, i16::try_from(exponent).expect("at most 63"), negative))
}

/// Refuses a column when some partial sum of its digits, whatever the order, might leave a word.
fn check_width(problem: &Problem, column: &[i64], output: usize) -> Result<(), Unsolvable> {
    let mut parts: Vec<(i32, u64)> = Vec::new();
    for (input, entry) in problem.inputs.iter().zip(column) {
        let most = input.range.lo().unsigned_abs().max(input.range.hi().unsigned_abs());
        for (exponent, _) in csd::digits(*entry) {
            parts.push((i32::from(exponent) - i32::from(input.range.frac()), most));
        }
    }
    let low = parts.iter().map(|(exponent, _)| *exponent).min().unwrap_or(0);
    let mut total: u128 = 0;
    let mut bits = 0;
    for (exponent, most) in parts {
        let shift = (exponent - low).unsigned_abs();
        let size = 64 - most.leading_zeros() + shift;
        bits = bits.max(size);
        if size < 120 {
            total = total.saturating_add(u128::from(most) << shift);
        }
    }
    let bits = bits.max(128 - total.leading_zeros()) + 1;
    if bits > MAX_BITS { Err(Unsolvable::Width { output, bits }) } else { Ok(()) }
}
