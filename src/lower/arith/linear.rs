//! Constant matrix times vector plus constants, from nets to nets.

use rustc_hash::FxHashMap;

use super::cmvm::solve::{Unsolvable, solve};
use super::cmvm::{Effort, Problem, ProblemInput, Search, Solution};
use crate::netlist::{Builder, Cell, NetId};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;
use crate::plan::Plan;

/// Linear forms longer than this in all are not kept: ranges of shared sums
/// then come from interval arithmetic alone.
const MAX_FORM_ENTRIES: usize = 1 << 24;

/// `y_j = sum_i x_i * matrix[i * outputs + j] * 2^-frac + offset_j`.
#[derive(Clone, Debug)]
pub struct Linear {
    /// The factors, as integers.
    pub matrix: Vec<i64>,
    /// The binary point of the factors.
    pub frac: i8,
    /// The constant terms, each a point; their number is the number of outputs.
    pub offsets: Vec<Interval>,
}

impl Linear {
    /// The nets of `y`, exact.
    ///
    /// # Errors
    /// When a partial sum would need more bits than a word has. Types bound the sum in the
    /// order of the inputs; in another order, terms that cancel may add up to more.
    pub fn build(
        self,
        builder: &mut Builder,
        plan: &Plan,
        x: &[NetId],
    ) -> Result<Vec<NetId>, Unsolvable> {
        let outputs = self.offsets.len();
        let ranges: Vec<Interval> = x.iter().map(|x| builder.range(*x)).collect();
        let exact: Vec<Interval> = (0..outputs).map(|j| self.range(&ranges, j)).collect();
        let (columns, reduced) = self.without_offsets(builder, x);
        let problem = Problem {
            inputs: columns
                .iter()
                .map(|x| ProblemInput { range: builder.range(*x), arrival: 0 })
                .collect(),
            outputs,
            matrix: reduced.matrix,
            extra_depth: plan.extra_depth,
            latest: None,
            search: Search { effort: Effort::Fast, seed: 0 },
        };
        let solution = solve(&problem)?;
        let terms = sums(builder, &problem, &solution, &columns);
        let mut results = Vec::with_capacity(outputs);
        for ((output, offset), exact) in solution.outputs.iter().zip(&reduced.offsets).zip(exact) {
            let offset = builder.constant(offset.lo(), offset.frac());
            let result = match output {
                None => offset,
                Some(output) => {
                    let term = terms[output.term as usize];
                    let term = builder.shift(term, output.shift - reduced.frac);
                    if output.negate {
                        builder.subtract(offset, term, 0)
                    } else {
                        builder.add(term, offset, 0)
                    }
                }
            };
            // Sharing may count in finer steps than the result has; those bits are always zero.
            let result = if builder.range(result).frac() > exact.frac() {
                let format = FixedFormat::covering(exact).expect("the graph's types bound it");
                builder.truncate(result, format)
            } else {
                result
            };
            results.push(builder.prove(result, exact));
        }
        Ok(results)
    }

    /// The exact range of output `j`.
    fn range(&self, x: &[Interval], j: usize) -> Interval {
        let outputs = self.offsets.len();
        let mut sum = self.offsets[j];
        for (i, x) in x.iter().enumerate() {
            let factor = self.matrix[i * outputs + j];
            if factor != 0 {
                let term = x.multiply(Interval::point(factor, self.frac));
                sum = term.and_then(|term| sum.add(term)).expect("infer bounded the sum");
            }
        }
        sum
    }

    /// The same form over inputs without constant terms, each once.
    ///
    /// `W (x + c) = W x + W c`: constants of the inputs, such as the -1 of a
    /// two-valued `2 b - 1`, become constants of the outputs.
    fn without_offsets(mut self, builder: &mut Builder, x: &[NetId]) -> (Vec<NetId>, Self) {
        let outputs = self.offsets.len();
        let mut columns: Vec<NetId> = Vec::with_capacity(x.len());
        let mut matrix: Vec<i64> = Vec::with_capacity(self.matrix.len());
        let mut known: FxHashMap<NetId, usize> = FxHashMap::default();
        for (x, row) in x.iter().zip(self.matrix.chunks_exact(outputs)) {
            let mut peeled = peel(builder, *x);
            let shifted = self.offsets.iter().zip(row).map(|(offset, factor)| {
                offset.add(peeled.offset.multiply(Interval::point(*factor, self.frac))?)
            });
            match shifted.collect() {
                Some(shifted) => self.offsets = shifted,
                // The constant is far larger than the value that it was added to.
                None => peeled = Peeled::whole(*x),
            }
            let Some(net) = peeled.net else { continue };
            let at = *known.entry(net).or_insert_with(|| {
                columns.push(net);
                matrix.resize(columns.len() * outputs, 0);
                columns.len() - 1
            });
            for (sum, factor) in matrix[at * outputs..].iter_mut().zip(row) {
                *sum += factor * peeled.factor;
            }
        }
        self.matrix = matrix;
        (columns, self)
    }
}

/// `factor * net + offset`.
struct Peeled {
    net: Option<NetId>,
    factor: i64,
    offset: Interval,
}

impl Peeled {
    fn whole(x: NetId) -> Self {
        Self { net: Some(x), factor: 1, offset: Interval::point(0, 0) }
    }
}

/// A net as another one without the constant that was added to it.
fn peel(builder: &mut Builder, x: NetId) -> Peeled {
    let point = |net: NetId| {
        let net = builder.net(net);
        (net.cell == Cell::Constant).then_some(net.range)
    };
    match builder.net(x).cell {
        Cell::Constant => Peeled { net: None, factor: 0, offset: builder.range(x) },
        Cell::Add { a, b, shift, subtract } => {
            if let Some(offset) = point(b) {
                return Peeled { net: Some(a), factor: 1, offset };
            }
            if let Some(offset) = point(a) {
                let factor = if subtract { -1 } else { 1 };
                return Peeled { net: Some(builder.shift(b, shift)), factor, offset };
            }
            Peeled::whole(x)
        }
        Cell::Input { .. }
        | Cell::Multiply { .. }
        | Cell::Select { .. }
        | Cell::Less { .. }
        | Cell::Truncate { .. }
        | Cell::Shift { .. }
        | Cell::Lookup { .. }
        | Cell::Register { .. } => Peeled::whole(x),
    }
}

/// The nets of all terms of a solution, the inputs first.
fn sums(
    builder: &mut Builder,
    problem: &Problem,
    solution: &Solution,
    inputs: &[NetId],
) -> Vec<NetId> {
    let mut terms = inputs.to_vec();
    let mut forms = Forms::new(problem, solution);
    for sum in &solution.sums {
        let [a, b] = [sum.a, sum.b].map(|term| terms[term as usize]);
        let net = if sum.subtract {
            builder.subtract(a, b, sum.shift)
        } else {
            builder.add(a, b, sum.shift)
        };
        let net = match forms.as_mut().and_then(|forms| forms.push(*sum)) {
            Some(range) => builder.prove(net, range),
            None => net,
        };
        terms.push(net);
    }
    terms
}

/// The terms of a solution as combinations of the inputs: what proves their ranges,
/// for interval arithmetic forgets that the terms of a sum may cancel.
struct Forms<'a> {
    problem: &'a Problem,
    /// For each term its coefficients, in units of `2^exponent`.
    terms: Vec<(Vec<i64>, i32)>,
}

impl<'a> Forms<'a> {
    fn new(problem: &'a Problem, solution: &Solution) -> Option<Self> {
        let inputs = problem.inputs.len();
        if inputs * (inputs + solution.sums.len()) > MAX_FORM_ENTRIES {
            return None;
        }
        let unit = |i: usize| (0..inputs).map(|k| i64::from(i == k)).collect();
        Some(Self { problem, terms: (0..inputs).map(|i| (unit(i), 0)).collect() })
    }

    /// Adds a term and gives its exact range.
    fn push(&mut self, sum: super::cmvm::Sum) -> Option<Interval> {
        let (a, a_exponent) = &self.terms[sum.a as usize];
        let (b, b_exponent) = &self.terms[sum.b as usize];
        let b_exponent = b_exponent + i32::from(sum.shift);
        let exponent = *a_exponent.min(&b_exponent);
        let lift = |value: i64, own: i32| value.checked_shl((own - exponent).unsigned_abs());
        let coefficients: Option<Vec<i64>> = a
            .iter()
            .zip(b)
            .map(|(a, b)| {
                let (a, b) = (lift(*a, *a_exponent)?, lift(*b, b_exponent)?);
                if sum.subtract { a.checked_sub(b) } else { a.checked_add(b) }
            })
            .collect();
        let coefficients = coefficients.expect("the factors of a matrix are 63-bit integers");
        let frac = i8::try_from(-exponent).ok();
        let range = frac.and_then(|frac| {
            let mut total = Interval::point(0, 0);
            for (factor, input) in coefficients.iter().zip(&self.problem.inputs) {
                if *factor != 0 {
                    total = total.add(input.range.multiply(Interval::point(*factor, frac))?)?;
                }
            }
            Some(total)
        });
        self.terms.push((coefficients, exponent));
        range
    }
}
