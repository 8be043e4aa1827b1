//! Constant matrix times vector plus constants, from nets to nets.

use rustc_hash::FxHashMap;

use super::cmvm::joints::{Joint, Joints};
use super::cmvm::solve::{Unsolvable, solve};
use super::cmvm::{self, Problem, ProblemInput, Solution, SolutionOutput, Sum};
use crate::netlist::{Addend, Builder, Cell, NetId};
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
        let (columns, mut reduced) = self.without_offsets(builder, x);
        let problem = Problem {
            inputs: columns
                .iter()
                .map(|x| ProblemInput { range: builder.range(*x), arrival: 0 })
                .collect(),
            outputs,
            matrix: std::mem::take(&mut reduced.matrix),
            extra_depth: plan.extra_depth,
            sums_of_three: plan.sums_of_three(),
            latest: None,
            search: plan.search,
        };
        let solution = solve(&problem)?;
        let joints = Joints::new(&problem, &solution);
        let joined: Vec<Option<Joint>> = if problem.sums_of_three {
            (0..outputs).map(|j| reduced.joint(&joints, solution.outputs[j]?, j)).collect()
        } else {
            vec![None; outputs]
        };
        let terms = sums(builder, &problem, &solution, &columns, &joined);
        let mut results = Vec::with_capacity(outputs);
        for (j, exact) in exact.into_iter().enumerate() {
            let offset = match joined[j] {
                Some(_) => builder.constant(0, 0),
                None => builder.constant(reduced.offsets[j].lo(), reduced.offsets[j].frac()),
            };
            let result = match solution.outputs[j] {
                None => offset,
                Some(output) => {
                    let term = Addend {
                        subtract: output.negate,
                        net: terms[output.term as usize],
                        shift: output.shift - reduced.frac,
                    };
                    // A change of sign takes the offset in.
                    let alone = output.negate && joints.users(output.term) == 1;
                    with_offset(builder, term, offset, alone && problem.sums_of_three)
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

    /// Where the constant of output `j` joins a sum below it, if it should.
    fn joint(&self, joints: &Joints, output: SolutionOutput, j: usize) -> Option<Joint> {
        let constant = self.offsets[j].shift(self.frac.checked_sub(output.shift)?)?;
        if output.negate || constant.lo() == 0 {
            return None;
        }
        joints.best(output, constant)
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
        | Cell::Sum { .. }
        | Cell::Multiply { .. }
        | Cell::Select { .. }
        | Cell::Less { .. }
        | Cell::Truncate { .. }
        | Cell::Shift { .. }
        | Cell::Lookup { .. }
        | Cell::Register { .. } => Peeled::whole(x),
    }
}

/// `offset ± term * 2^shift`; a term that is a sum itself takes the offset in, if it may.
fn with_offset(builder: &mut Builder, term: Addend, offset: NetId, may_join: bool) -> NetId {
    if may_join && let Cell::Add { a, b, shift, subtract } = builder.net(term.net).cell {
        let first = Addend { net: a, ..term };
        let subtract = subtract != term.subtract;
        let second = Addend { subtract, net: b, shift: shift + term.shift };
        return builder.sum(offset, first, second);
    }
    let moved = builder.shift(term.net, term.shift);
    if term.subtract { builder.subtract(offset, moved, 0) } else { builder.add(moved, offset, 0) }
}

/// The nets of all terms of a solution, the inputs first, with the constants that joined its sums.
fn sums(
    builder: &mut Builder,
    problem: &Problem,
    solution: &Solution,
    inputs: &[NetId],
    joined: &[Option<Joint>],
) -> Vec<NetId> {
    let mut terms = inputs.to_vec();
    let mut forms = Forms::new(problem, solution);
    let mut constants = vec![None; solution.sums.len()];
    let mut carried = vec![None; solution.sums.len()];
    for joint in joined.iter().flatten() {
        joint.carried.iter().for_each(|(place, constant)| carried[*place] = Some(*constant));
        constants[joint.sum] = carried[joint.sum];
    }
    for (place, sum) in solution.sums.iter().enumerate() {
        let term = |part: cmvm::Addend| Addend {
            subtract: part.subtract,
            net: terms[part.term as usize],
            shift: part.shift,
        };
        let (a, second) = (terms[sum.a as usize], term(sum.second()));
        let net = match (sum.third, constants[place]) {
            (Some(third), _) => builder.sum(a, second, term(third)),
            (None, Some(constant)) => {
                let constant = builder.constant(constant.lo(), constant.frac());
                builder.sum(constant, Addend::plain(a), second)
            }
            (None, None) if sum.subtract => builder.subtract(a, second.net, sum.shift),
            (None, None) => builder.add(a, second.net, sum.shift),
        };
        let range = forms.as_mut().and_then(|forms| forms.push(*sum));
        let range = range.and_then(|range| match carried[place] {
            Some(constant) => range.add(constant),
            None => Some(range),
        });
        terms.push(range.map_or(net, |range| builder.prove(net, range)));
    }
    terms
}

/// The terms of a solution as combinations of the inputs: what proves their ranges,
/// for interval arithmetic forgets that the terms of a sum may cancel.
#[derive(Clone, Debug)]
pub struct Forms<'a> {
    problem: &'a Problem,
    /// For each term its coefficients, in units of `2^exponent`.
    terms: Vec<(Vec<i64>, i32)>,
}

impl<'a> Forms<'a> {
    /// The inputs; nothing when the terms would fill too much memory.
    pub fn new(problem: &'a Problem, solution: &Solution) -> Option<Self> {
        let inputs = problem.inputs.len();
        if inputs * (inputs + solution.sums.len()) > MAX_FORM_ENTRIES {
            return None;
        }
        let unit = |i: usize| (0..inputs).map(|k| i64::from(i == k)).collect();
        Some(Self { problem, terms: (0..inputs).map(|i| (unit(i), 0)).collect() })
    }

    /// Adds a term and gives its exact range.
    pub fn push(&mut self, sum: Sum) -> Option<Interval> {
        let own = |part: cmvm::Addend| self.terms[part.term as usize].1 + i32::from(part.shift);
        let exponent = sum.addends().map(own).min().expect("a sum has terms");
        let coefficient = |input: usize| {
            sum.addends().try_fold(0_i64, |total, part| {
                let value = self.terms[part.term as usize].0[input];
                let value = value.checked_shl((own(part) - exponent).unsigned_abs())?;
                if part.subtract { total.checked_sub(value) } else { total.checked_add(value) }
            })
        };
        let inputs = 0..self.problem.inputs.len();
        let coefficients: Option<Vec<i64>> = inputs.map(coefficient).collect();
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
