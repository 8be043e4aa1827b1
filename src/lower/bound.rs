//! What constant matrices take at the least, known before they are solved.
//!
//! The bound counts: a circuit of `n` sums of `k` operands is told by the operands of each, with
//! the shift and the sign of all but the first, and by the sum that each output is. That is about
//! `n (k log2(inputs + n) + 6 (k - 1)) - log2(n!)` bits, for the order in which the sums are told
//! says nothing, and as many for each output as for one operand. A matrix takes as many bits to
//! tell as the entropy of its entries.
//!
//! It is no proof: matrices of a structure that entropy does not see (a Fourier transform) may take
//! less, but no search finds those; and shifts are taken to be short. Of look-up tables it counts
//! those of adders alone. Where sums may have three operands all are taken to have three: such a
//! sum tells more for its tables than a sum of two.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diag::{Code, Diagnostic};
use crate::graph::{Graph, NodeId};
use crate::numeric::format::FixedFormat;
use crate::ops::OpKind;
use crate::plan::Plan;

/// The bits that tell the shift and the sign of an operand.
const SHIFT_AND_SIGN_BITS: f64 = 6.0;

/// The refusal of a design whose matrices take more look-up tables than the device has.
pub(super) fn oversized(graph: &Graph, plan: &Plan) -> Option<Diagnostic> {
    let layers: Vec<Layer> =
        graph.topological().into_iter().filter_map(|node| Layer::of(graph, node)).collect();
    let operands = if plan.sums_of_three() { 3 } else { 2 };
    let needed =
        |length: u8| -> u64 { layers.iter().map(|layer| layer.least_luts(length, operands)).sum() };
    let limit = plan.device.resources.lut;
    let total = needed(u8::MAX);
    if total <= limit {
        return None;
    }
    let own = |layer: &&Layer| layer.least_luts(u8::MAX, operands);
    let largest = layers.iter().max_by_key(own)?;
    let (name, operator) = graph.imported(largest.node);
    let fitting = (2..LONGEST).rev().find(|length| needed(*length) <= limit);
    let help = match fitting {
        Some(length) => format!(
            "give the layers fewer bits: `word_length = {length}` or less, or prune weights to zero"
        ),
        None => "prune weights to zero, or take a larger device: `trigforge devices`".to_owned(),
    };
    let refusal = Diagnostic::error(
        Code::P0304,
        format!("the design does not fit `{}`", plan.device.name),
        help,
    );
    Some(
        refusal
            .at_node(name, operator)
            .note(format!(
                "its matrices need at least about {total} LUT, but there are {limit}; this \
                 layer alone {}",
                own(&largest)
            ))
            .note("`simulate` and `inspect` work without a circuit"),
    )
}

/// The longest word that configurations ask for.
const LONGEST: u8 = 32;

/// A layer with a constant matrix.
struct Layer {
    node: NodeId,
    /// The matrix, row-major.
    weights: Vec<i64>,
    /// Its columns.
    inputs: usize,
    /// How often the matrix is built.
    rows: u64,
    /// The width of the narrowest input.
    narrowest: u8,
}

impl Layer {
    fn of(graph: &Graph, node: NodeId) -> Option<Self> {
        let OpKind::Dense(op) = &graph[node].op else { return None };
        let (weights, _) = op.weights.raw().expect("infer saw exact weights");
        let x = graph[graph.operands(node)[0]].ty.intervals();
        let width = |x: &_| FixedFormat::covering(*x).map_or(0, FixedFormat::width);
        let narrowest = x.iter().map(width).min().unwrap_or(0);
        let rows = u64::try_from(x.len() / op.inputs).expect("a number of elements");
        Some(Self { node, weights, inputs: op.inputs, rows, narrowest })
    }

    /// About the fewest look-up tables that the layer takes, one for each bit of each sum, if no
    /// weight and no input had more than `length` bits. A sum of three takes one more.
    fn least_luts(&self, length: u8, operands: u8) -> u64 {
        let bits = |weight: &i64| 64 - weight.unsigned_abs().leading_zeros() + 1;
        let longest = self.weights.iter().map(bits).max().unwrap_or(0);
        let drop = longest.saturating_sub(length.into()).min(63);
        let weights: Vec<i64> = self.weights.iter().map(|weight| weight >> drop).collect();
        let sums = u64::from(least_sums(&weights, self.inputs, operands));
        let width = self.narrowest.min(length) + (operands - 2);
        sums * u64::from(width) * self.rows
    }
}

/// About the fewest sums of so many operands that compute `weights`, row-major with `inputs`
/// columns.
fn least_sums(weights: &[i64], inputs: usize, operands: u8) -> u32 {
    // What is said twice is told once.
    let rows: FxHashSet<&[i64]> = weights.chunks_exact(inputs).collect();
    let mut counts: FxHashMap<i64, u32> = FxHashMap::default();
    for weight in rows.iter().flat_map(|row| row.iter()) {
        *counts.entry(*weight).or_default() += 1;
    }
    let total: f64 = counts.values().map(|count| f64::from(*count)).sum();
    let information: f64 =
        counts.values().map(|count| f64::from(*count) * (total / f64::from(*count)).log2()).sum();
    let float = |count: usize| f64::from(u32::try_from(count).expect("a layer has fewer rows"));
    let (inputs, outputs, operands) = (float(inputs), float(rows.len()), f64::from(operands));
    let told = |sums: u32| {
        let sums = f64::from(sums);
        let operand = (inputs + sums).log2();
        // Stirling: no more than log2(sums!).
        let orders = (sums * (sums.max(1.0).log2() - std::f64::consts::LOG2_E)).max(0.0);
        sums * (operands * operand + (operands - 1.0) * SHIFT_AND_SIGN_BITS) - orders
            + outputs * (operand + SHIFT_AND_SIGN_BITS)
    };
    let (mut least, mut enough) = (0, u32::MAX);
    while least < enough {
        let middle = least.midpoint(enough);
        if told(middle) < information { least = middle + 1 } else { enough = middle }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::super::arith::cmvm::solve::solve;
    use super::super::arith::cmvm::{Problem, ProblemInput};
    use super::least_sums;
    use crate::numeric::interval::Interval;

    fn drawn(count: usize, bits: u32) -> Vec<i64> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut draw = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state.cast_signed() >> (64 - bits)).max(-(1 << (bits - 1)) + 1)
        };
        (0..count).map(|_| draw()).collect()
    }

    #[test]
    fn no_solution_takes_less() {
        for (inputs, outputs, bits) in [(4, 4, 8), (16, 8, 6), (24, 24, 4), (16, 32, 2), (8, 8, 16)]
        {
            let weights = drawn(inputs * outputs, bits);
            let matrix = (0..weights.len())
                .map(|at| weights[at % outputs * inputs + at / outputs])
                .collect();
            let range = Interval::new(-128, 127, 0);
            let mut problem = Problem {
                inputs: vec![ProblemInput { range, arrival: 0 }; inputs],
                outputs,
                matrix,
                ..Problem::default()
            };
            for operands in [2, 3] {
                problem.sums_of_three = operands == 3;
                let found = u32::try_from(solve(&problem).unwrap().sums.len()).unwrap();
                let least = least_sums(&weights, inputs, operands);
                let case = format!("{inputs} {outputs} {bits} {operands}");
                assert!(0 < least && least <= found, "{case}: {least} of {found}");
            }
        }
    }

    #[test]
    fn what_says_nothing_takes_nothing() {
        assert_eq!(least_sums(&[0; 64], 8, 2), 0);
        assert_eq!(least_sums(&[1; 64], 8, 3), 0);
        assert_eq!(least_sums(&[3, 5, 3, 5, 3, 5], 2, 2), least_sums(&[3, 5], 2, 2));
    }
}
