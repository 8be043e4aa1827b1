//! [`PartialSums`]: inputs of few bits go together into look-up tables, where adders would take more.
//!
//! A table of the device reads as many wires as it has inputs, whatever they mean: one for each bit
//! of the sum of several products, where an adder takes as many for each product.
//!
//! ```text
//! x0, x1, x2 : ufixed<2,2>
//! y = 3 x0 - 5 x1 + 7 x2    =>    y = table[{x2, x1, x0}]
//! ```

use rustc_hash::FxHashMap;

use super::cmvm::ProblemInput;
use crate::estimate::table;
use crate::netlist::{Builder, NetId, Table};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;

/// Inputs of more bits than this are added up.
const MOST_BITS: u8 = 3;

/// A matrix over tables that would have more entries than this is not tried.
const MAX_ENTRIES: usize = 1 << 22;

/// A matrix over some inputs as they are, and sums of others from tables.
#[derive(Clone, Debug)]
pub(super) struct PartialSums {
    /// The inputs that are terms as they are.
    plain: Vec<usize>,
    tables: Vec<PartialSum>,
    /// `matrix[k * outputs + j]`: the factors of the plain inputs, and then of the tables.
    pub(super) matrix: Vec<i64>,
    /// The look-up tables that the tables take.
    pub(super) luts: u64,
}

/// The sum of some inputs by their factors, as a table.
#[derive(Clone, Debug)]
struct PartialSum {
    /// The inputs with their formats, the one in the lowest bits of the index first.
    inputs: Vec<(usize, FixedFormat)>,
    table: Table,
    range: Interval,
}

/// Which inputs go together for an output.
#[derive(Clone, Copy, Debug)]
enum Grouping {
    /// Neighbors, so that outputs of like factors share tables.
    Neighbors,
    /// Those of like factors, so that sums of small ones stay narrow.
    Magnitudes,
}

impl PartialSums {
    /// The cheaper of two ways to put inputs together; nothing where no two of them are narrow.
    ///
    /// `matrix[i * outputs + j]` are the factors, `ranges` those of the inputs.
    pub(super) fn new(
        ranges: &[Interval],
        matrix: &[i64],
        outputs: usize,
        lut_inputs: u8,
    ) -> Option<Self> {
        let narrow = |range: &Interval| {
            let format = FixedFormat::covering(*range).expect("a net has a format");
            (format.width() <= MOST_BITS.min(lut_inputs / 2)).then_some(format)
        };
        let formats: Vec<Option<FixedFormat>> = ranges.iter().map(narrow).collect();
        let ways = [Grouping::Neighbors, Grouping::Magnitudes];
        let of = |grouping| {
            let mut draft = Draft::new(&formats, ranges, matrix, outputs);
            (0..outputs).for_each(|j| draft.column(j, grouping, lut_inputs));
            draft.finish(lut_inputs)
        };
        ways.into_iter().filter_map(of).min_by_key(|sums| sums.luts)
    }

    /// What the matrix is over.
    pub(super) fn inputs(&self, ranges: &[Interval]) -> Vec<ProblemInput> {
        let plain = self.plain.iter().map(|input| ranges[*input]);
        let ranges = plain.chain(self.tables.iter().map(|sum| sum.range));
        ranges.map(|range| ProblemInput { range, arrival: 0 }).collect()
    }

    /// The nets that the matrix is over, of those of the inputs.
    pub(super) fn build(self, builder: &mut Builder, x: &[NetId]) -> Vec<NetId> {
        let mut nets: Vec<NetId> = self.plain.iter().map(|input| x[*input]).collect();
        for PartialSum { inputs, table, .. } in self.tables {
            let mut index = builder.constant(0, 0);
            let mut offset = 0;
            for (input, format) in inputs {
                let raw = builder.shift(x[input], format.frac());
                let wires = FixedFormat::new(false, format.width(), 0);
                let wires = builder.truncate(raw, wires.expect("a few bits are a format"));
                index = builder.add(index, wires, offset);
                offset += width(format);
            }
            nets.push(builder.lookup(table, index));
        }
        nets
    }
}

/// Inputs and the factors of their sum, which are odd together, the first one positive.
type Key = Vec<(usize, i64)>;

struct Draft<'a> {
    formats: &'a [Option<FixedFormat>],
    ranges: &'a [Interval],
    matrix: &'a [i64],
    outputs: usize,
    /// For each sum and each output the factor, where there is one.
    factors: Vec<Vec<(usize, i64)>>,
    known: FxHashMap<Key, usize>,
    sums: Vec<Key>,
}

impl<'a> Draft<'a> {
    fn new(
        formats: &'a [Option<FixedFormat>],
        ranges: &'a [Interval],
        matrix: &'a [i64],
        outputs: usize,
    ) -> Self {
        let (factors, known, sums) = (Vec::new(), FxHashMap::default(), Vec::new());
        Self { formats, ranges, matrix, outputs, factors, known, sums }
    }

    /// Puts the narrow inputs of an output into tables; the others become sums of one.
    fn column(&mut self, j: usize, grouping: Grouping, lut_inputs: u8) {
        let factor = |input: usize| self.matrix[input * self.outputs + j];
        let (mut narrow, wide): (Vec<usize>, Vec<usize>) = (0..self.formats.len())
            .filter(|input| factor(*input) != 0)
            .partition(|input| self.formats[*input].is_some());
        if let Grouping::Magnitudes = grouping {
            narrow.sort_by_key(|input| std::cmp::Reverse(factor(*input).unsigned_abs()));
        }
        let mut groups: Vec<(u8, Vec<usize>)> =
            wide.into_iter().map(|input| (lut_inputs, vec![input])).collect();
        for input in narrow {
            let own = self.formats[input].expect("narrow inputs have formats").width();
            match groups.iter_mut().find(|(taken, _)| taken.saturating_add(own) <= lut_inputs) {
                Some((taken, group)) => {
                    *taken += own;
                    group.push(input);
                }
                None => groups.push((own, vec![input])),
            }
        }
        for (_, mut group) in groups {
            group.sort_unstable();
            let key: Key = group.iter().map(|input| (*input, factor(*input))).collect();
            let (key, scale) = normal(key);
            let next = self.sums.len();
            let sum = *self.known.entry(key.clone()).or_insert(next);
            if sum == next {
                self.sums.push(key);
                self.factors.push(Vec::new());
            }
            self.factors[sum].push((j, scale));
        }
    }

    fn finish(self, lut_inputs: u8) -> Option<PartialSums> {
        if self.sums.iter().all(|key| key.len() == 1)
            || self.sums.len().saturating_mul(self.outputs) > MAX_ENTRIES
        {
            return None;
        }
        let mut result =
            PartialSums { plain: Vec::new(), tables: Vec::new(), matrix: Vec::new(), luts: 0 };
        let mut of_tables = Vec::new();
        for (key, factors) in self.sums.iter().zip(&self.factors) {
            let rows = if let [(input, _)] = key[..] {
                result.plain.push(input);
                &mut result.matrix
            } else {
                let sum = self.sum(key)?;
                let (index, entries) = (index_format(&sum), sum.range);
                let entries = FixedFormat::covering(entries).ok()?;
                result.luts += table::luts(&sum.table, index, entries, lut_inputs);
                result.tables.push(sum);
                &mut of_tables
            };
            let start = rows.len();
            rows.resize(start + self.outputs, 0);
            for (j, factor) in factors {
                rows[start + j] = *factor;
            }
        }
        result.matrix.append(&mut of_tables);
        Some(result)
    }

    /// The table of a sum; nothing where its entries would be too long for a word.
    fn sum(&self, key: &Key) -> Option<PartialSum> {
        let of = |(input, _): &(usize, i64)| {
            (*input, self.formats[*input].expect("only narrow inputs go together"))
        };
        let inputs: Vec<(usize, FixedFormat)> = key.iter().map(of).collect();
        let frac = inputs.iter().map(|(_, format)| format.frac()).max()?;
        let entries = 1_i64 << inputs.iter().map(|(_, format)| format.width()).sum::<u8>();
        let entry = |index: i64| {
            let mut offset = 0;
            key.iter().zip(&inputs).try_fold(0_i64, |total, ((_, factor), (input, format))| {
                let raw = raw(index >> offset, *format);
                offset += width(*format);
                let range = self.ranges[*input];
                // What no input is reads the nearest entry, which keeps the table's range.
                let raw = raw.clamp(range.lo(), range.hi());
                let finer = u32::from(frac.abs_diff(format.frac()));
                total.checked_add(factor.checked_mul(raw)?.checked_mul(1_i64.checked_shl(finer)?)?)
            })
        };
        let values: Option<Vec<i64>> = (0..entries).map(entry).collect();
        let mut values = values?;
        let even = values.iter().map(|value| value.trailing_zeros()).min()?.min(63);
        let frac = frac.checked_sub(i8::try_from(even).ok()?)?;
        for value in &mut values {
            *value >>= even;
        }
        let range = Interval::new(*values.iter().min()?, *values.iter().max()?, frac);
        Some(PartialSum { inputs, table: Table { first: 0, values, frac }, range })
    }
}

/// The same sum but for sign and power of two, and what it must be multiplied by.
fn normal(key: Key) -> (Key, i64) {
    if let [(input, factor)] = key[..] {
        return (vec![(input, 1)], factor);
    }
    let even = key.iter().map(|(_, factor)| factor.trailing_zeros()).min().unwrap_or(0);
    let negative = key.first().is_some_and(|(_, factor)| *factor < 0);
    let sign = if negative { -1_i64 } else { 1 };
    let scale = sign << even;
    (key.into_iter().map(|(input, factor)| (input, factor / scale)).collect(), scale)
}

fn index_format(sum: &PartialSum) -> FixedFormat {
    let bits = sum.inputs.iter().map(|(_, format)| format.width()).sum();
    FixedFormat::new(false, bits, 0).expect("a few bits are a format")
}

/// The raw value whose lowest bits are those of `wires`.
fn raw(wires: i64, format: FixedFormat) -> i64 {
    let bits = wires & ((1 << format.width()) - 1);
    if format.signed() && bits >> (format.width() - 1) == 1 {
        bits - (1 << format.width())
    } else {
        bits
    }
}

fn width(format: FixedFormat) -> i8 {
    i8::try_from(format.width()).expect("formats have at most 63 bits")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lower::arith::linear::Linear;
    use crate::netlist::{Cell, Layer, Module, eval};
    use crate::numeric::tensor::Block;
    use crate::plan::{Plan, device};

    /// The matrix over inputs of the formats, as a circuit for a device of six-input tables.
    fn circuit(formats: &[FixedFormat], matrix: &[i64], outputs: usize) -> Module {
        let layer = Layer { name: "x".into(), operator: "input".into(), origin: None };
        let mut builder = Builder::new(layer);
        let x = builder.input("x", formats);
        let plan = Plan::new(device("xcvu9p").unwrap(), 5.0);
        let offsets = vec![Interval::point(0, 0); outputs];
        let linear = Linear { matrix: matrix.to_vec(), frac: 0, offsets };
        let y = linear.build(&mut builder, &plan, &x).unwrap();
        let formats = y.iter().map(|net| builder.net(*net).format()).collect();
        builder.output("y", y, formats);
        builder.finish(0)
    }

    fn tables(module: &Module) -> usize {
        module.nets.values().filter(|net| matches!(net.cell, Cell::Lookup { .. })).count()
    }

    #[test]
    fn six_wires_are_one_table_for_each_output() {
        let formats = vec!["fixed<2,2>".parse().unwrap(); 3];
        let module = circuit(&formats, &[3, 5, -5, 7, 7, -11], 2);
        assert_eq!(tables(&module), 2);
        let added = |cell: Cell| match cell {
            // Wires side by side.
            Cell::Add { a, shift, .. } => module.nets[a].width() > shift.unsigned_abs(),
            cell => matches!(cell, Cell::Sum { .. }),
        };
        assert!(!module.nets.values().any(|net| added(net.cell)));
    }

    #[test]
    fn wide_inputs_are_added_up() {
        let formats = vec!["fixed<8,8>".parse().unwrap(); 3];
        assert_eq!(tables(&circuit(&formats, &[3, -5, 7], 1)), 0);
    }

    proptest! {
        #[test]
        fn tables_compute_the_matrix(
            formats in prop::collection::vec((any::<bool>(), 1..=4_u8, -2..=2_i8), 1..10),
            factors in prop::collection::vec(prop_oneof![Just(0), -40..40_i64], 30),
            outputs in 1..=3_usize,
            drawn in prop::collection::vec(any::<u64>(), 40),
        ) {
            let format = |(signed, width, frac)| FixedFormat::new(signed, width, frac).unwrap();
            let formats: Vec<FixedFormat> = formats.into_iter().map(format).collect();
            let matrix = &factors[..formats.len() * outputs];
            let module = circuit(&formats, matrix, outputs);
            let frac = formats.iter().map(|format| format.frac()).max().unwrap();
            let mut input = Block::zeros(formats.len(), drawn.len(), frac);
            for (place, format) in formats.iter().enumerate() {
                let finer = format.frac().abs_diff(frac);
                for (value, drawn) in input.element_mut(place).iter_mut().zip(&drawn) {
                    let bits = drawn.rotate_left(7 * u32::try_from(place).unwrap());
                    let raw = format.min_raw() + (bits % (1 << format.width())).cast_signed();
                    *value = raw << finer;
                }
            }
            let output = eval::eval(&module, std::slice::from_ref(&input));
            for event in 0..drawn.len() {
                for j in 0..outputs {
                    let term = |i: usize| input.element(i)[event] * matrix[i * outputs + j];
                    let wanted: i64 = (0..formats.len()).map(term).sum();
                    let (made, point) = (output[0].element(j)[event], output[0].frac);
                    let finer = frac.max(point);
                    let at = |raw: i64, own: i8| i128::from(raw) << finer.abs_diff(own);
                    prop_assert_eq!(at(made, point), at(wanted, frac));
                }
            }
        }
    }
}
