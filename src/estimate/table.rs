//! How many look-up tables a table of constants takes.

use rustc_hash::FxHashSet;

use crate::netlist::Table;
use crate::numeric::format::FixedFormat;

/// The look-up tables of `inputs` inputs for `table`, read by an index in `index`.
///
/// Each result bit is a truth table. One of up to two more variables than a
/// look-up table has inputs takes one, two or four of them and the device's own
/// multiplexers; a larger one is split by its highest variables, with one more
/// look-up table for each split that those multiplexers do not reach. Equal or
/// complementary parts are made once, and what depends on one variable is a wire.
pub fn luts(table: &Table, index: FixedFormat, result: FixedFormat, inputs: u8) -> u64 {
    let entries = 1_i64 << index.width();
    let last = i64::try_from(table.values.len()).expect("a table fits in memory") - 1;
    // In the order of the index's wires; entries that no index reaches repeat the last.
    let value = |bits: i64| {
        let raw = if index.signed() && bits >= entries / 2 { bits - entries } else { bits };
        let entry = (raw - table.first).clamp(0, last);
        table.values[usize::try_from(entry).expect("clamped to the table")]
    };
    let values: Vec<i64> = (0..entries).map(value).collect();
    let mut known = FxHashSet::default();
    (0..result.width())
        .map(|bit| {
            let column: Vec<bool> = values.iter().map(|value| value >> bit & 1 == 1).collect();
            column_luts(&column, inputs, &mut known)
        })
        .sum()
}

fn column_luts(column: &[bool], inputs: u8, known: &mut FxHashSet<Vec<bool>>) -> u64 {
    let is_constant = |part: &[bool]| part.iter().all(|bit| *bit == part[0]);
    if is_constant(column) {
        return 0;
    }
    let normal: Vec<bool> = column.iter().map(|bit| *bit != column[0]).collect();
    if !known.insert(normal) {
        return 0;
    }
    let support = support(column);
    if support <= 1 {
        return 0;
    }
    if support <= inputs + 2 {
        return 1 << support.saturating_sub(inputs);
    }
    let (low, high) = column.split_at(column.len() / 2);
    if low == high {
        return column_luts(low, inputs, known);
    }
    let is_within_reach = support == inputs + 3 && !is_constant(low) && !is_constant(high);
    column_luts(low, inputs, known)
        + column_luts(high, inputs, known)
        + u64::from(!is_within_reach)
}

/// The number of variables that a truth table depends on.
fn support(column: &[bool]) -> u8 {
    let variables = column.len().trailing_zeros();
    let depends = |variable: &u32| {
        (0..column.len()).any(|entry| column[entry] != column[entry ^ (1 << variable)])
    };
    u8::try_from((0..variables).filter(depends).count()).expect("at most 63 variables")
}
