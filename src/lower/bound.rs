//! What constant matrices take at the least, known before they are solved.
//!
//! The bound counts: a shift-add circuit of `n` adders is told by the operands, the shift and
//! the sign of each, so it tells no more than about `n (2 log2(inputs + n) + 6)` bits, while a
//! matrix takes as many bits to tell as the entropy of its entries. Matrices of a structure
//! that entropy does not see (a Fourier transform) may take less, but no search finds those.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diag::{Code, Diagnostic};
use crate::graph::{Graph, NodeId};
use crate::numeric::format::FixedFormat;
use crate::ops::{Dense, OpKind};
use crate::plan::Device;

/// The bits that tell the shift and the sign of an adder.
const SHIFT_AND_SIGN_BITS: f64 = 6.0;

/// The refusal of a design whose matrices take more look-up tables than the device has.
pub(super) fn oversized(graph: &Graph, device: &Device) -> Option<Diagnostic> {
    let needed = |node: NodeId| {
        let OpKind::Dense(op) = &graph[node].op else { return None };
        Some((least_luts(graph, node, op), node))
    };
    let layers: Vec<(u64, NodeId)> = graph.topological().into_iter().filter_map(needed).collect();
    let total: u64 = layers.iter().map(|(needed, _)| needed).sum();
    let (largest, node) = layers.into_iter().max_by_key(|(needed, _)| *needed)?;
    if total <= device.resources.lut {
        return None;
    }
    let (name, operator) = graph.imported(node);
    let refusal = Diagnostic::error(
        Code::P0304,
        format!("the design does not fit `{}`", device.name),
        "give the layers fewer bits: `word_length = 4`, or prune weights to zero",
    );
    let limit = device.resources.lut;
    Some(
        refusal
            .at_node(name, operator)
            .note(format!(
                "its matrices need at least about {total} LUT, but there are {limit}; this \
                 layer alone {largest}"
            ))
            .note("`simulate` and `inspect` work without a circuit"),
    )
}

/// About the fewest look-up tables that a layer takes: one for each bit of each adder.
fn least_luts(graph: &Graph, node: NodeId, op: &Dense) -> u64 {
    let (weights, _) = op.weights.raw().expect("infer saw exact weights");
    let x = graph[graph.operands(node)[0]].ty.intervals();
    let width = |x: &_| FixedFormat::covering(*x).map_or(0, FixedFormat::width);
    let narrowest = x.iter().map(width).min().unwrap_or(0);
    let adders = least_adders(&weights, op.inputs);
    let rows = u64::try_from(x.len() / op.inputs).expect("a number of elements");
    u64::from(adders) * u64::from(narrowest) * rows
}

/// About the fewest adders that compute `weights`, row-major with `inputs` columns.
fn least_adders(weights: &[i64], inputs: usize) -> u32 {
    // What is said twice is told once.
    let rows: FxHashSet<&[i64]> = weights.chunks_exact(inputs).collect();
    let mut counts: FxHashMap<i64, u32> = FxHashMap::default();
    for weight in rows.iter().flat_map(|row| row.iter()) {
        *counts.entry(*weight).or_default() += 1;
    }
    let total: f64 = counts.values().map(|count| f64::from(*count)).sum();
    let information: f64 =
        counts.values().map(|count| f64::from(*count) * (total / f64::from(*count)).log2()).sum();
    let inputs = f64::from(u32::try_from(inputs).expect("fewer than 2^32 inputs"));
    let told = |adders: u32| {
        let adders = f64::from(adders);
        adders * (2.0 * (inputs + adders).log2() + SHIFT_AND_SIGN_BITS)
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
    use super::least_adders;
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
            let problem = Problem {
                inputs: vec![ProblemInput { range, arrival: 0 }; inputs],
                outputs,
                matrix,
                ..Problem::default()
            };
            let found = u32::try_from(solve(&problem).unwrap().sums.len()).unwrap();
            let least = least_adders(&weights, inputs);
            assert!(0 < least && least <= found, "{inputs} {outputs} {bits}: {least} of {found}");
        }
    }

    #[test]
    fn what_says_nothing_takes_nothing() {
        assert_eq!(least_adders(&[0; 64], 8), 0);
        assert_eq!(least_adders(&[1; 64], 8), 0);
        assert_eq!(least_adders(&[3, 5, 3, 5, 3, 5], 2), least_adders(&[3, 5], 2));
    }
}
