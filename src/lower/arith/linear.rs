//! Constant matrix times vector plus constants, from nets to nets.

use rustc_hash::FxHashMap;

use super::cmvm::joints::{Joint, Joints};
use super::cmvm::solve::{Unsolvable, solve};
use super::cmvm::{self, Problem, ProblemInput, Solution, SolutionOutput};
use super::forms::Forms;
use super::partial_sums::PartialSums;
use crate::estimate::area;
use crate::netlist::{Addend, Builder, Cell, Layer, NetId};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;
use crate::plan::Plan;

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
        let ranges: Vec<Interval> = x.iter().map(|x| builder.range(*x)).collect();
        let exact: Vec<Interval> =
            (0..self.offsets.len()).map(|j| self.range(&ranges, j)).collect();
        let (columns, reduced) = self.without_offsets(builder, x);
        let ranges: Vec<Interval> = columns.iter().map(|x| builder.range(*x)).collect();
        let circuit = reduced.circuit(plan, &ranges)?;
        Ok(reduced.place(builder, circuit, &columns, &exact))
    }

    /// How the matrix is computed: with sums alone, or with tables where those take less.
    fn circuit(&self, plan: &Plan, ranges: &[Interval]) -> Result<Circuit, Unsolvable> {
        let problem = Problem {
            inputs: ranges.iter().map(|range| ProblemInput { range: *range, arrival: 0 }).collect(),
            outputs: self.offsets.len(),
            matrix: self.matrix.clone(),
            extra_depth: plan.extra_depth,
            sums_of_three: plan.sums_of_three(),
            latest: None,
            search: plan.search,
        };
        let solution = solve(&problem)?;
        let lut_inputs = plan.device.lut_inputs;
        let tables = PartialSums::new(ranges, &problem.matrix, problem.outputs, lut_inputs)
            .filter(|tables| tables.luts < solution.cost(&problem));
        let sums = Circuit { tables: None, problem, solution };
        let Some(mut tables) = tables else { return Ok(sums) };
        let inputs = tables.inputs(ranges);
        let matrix = std::mem::take(&mut tables.matrix);
        let problem = Problem { inputs, matrix, ..sums.problem.clone() };
        let Ok(solution) = solve(&problem) else { return Ok(sums) };
        let with_tables = Circuit { tables: Some(tables), problem, solution };
        let is_less = self.luts(plan, &with_tables, ranges) < self.luts(plan, &sums, ranges);
        Ok(if is_less { with_tables } else { sums })
    }

    /// The look-up tables of a circuit by itself.
    fn luts(&self, plan: &Plan, circuit: &Circuit, ranges: &[Interval]) -> u64 {
        let layer = Layer { name: String::new(), operator: String::new(), origin: None };
        let mut builder = Builder::new(layer);
        let format = |range| FixedFormat::covering(range).expect("a net has a format");
        let formats: Vec<FixedFormat> = ranges.iter().copied().map(format).collect();
        let x = builder.input("x", &formats);
        let x: Vec<NetId> =
            x.into_iter().zip(ranges).map(|(x, range)| builder.prove(x, *range)).collect();
        let exact: Vec<Interval> = (0..self.offsets.len()).map(|j| self.range(ranges, j)).collect();
        let y = self.place(&mut builder, circuit.clone(), &x, &exact);
        let formats = y.iter().map(|net| builder.net(*net).format()).collect();
        builder.output("y", y, formats);
        let module = builder.finish(0);
        let costs = area::costs(&module, plan.device);
        module.nets.ids().map(|net| costs[net].lut).sum()
    }

    /// The nets of a circuit, which has no constants of its inputs any more.
    fn place(
        &self,
        builder: &mut Builder,
        circuit: Circuit,
        x: &[NetId],
        exact: &[Interval],
    ) -> Vec<NetId> {
        let Circuit { tables, problem, solution } = circuit;
        let columns = match tables {
            Some(tables) => tables.build(builder, x),
            None => x.to_vec(),
        };
        let joints = Joints::new(&problem, &solution);
        let joined: Vec<Option<Joint>> = if problem.sums_of_three {
            (0..problem.outputs).map(|j| self.joint(&joints, solution.outputs[j]?, j)).collect()
        } else {
            vec![None; problem.outputs]
        };
        let terms = sums(builder, &problem, &solution, &columns, &joined);
        let mut results = Vec::with_capacity(problem.outputs);
        for (j, exact) in exact.iter().enumerate() {
            let offset = match joined[j] {
                Some(_) => builder.constant(0, 0),
                None => builder.constant(self.offsets[j].lo(), self.offsets[j].frac()),
            };
            let result = match solution.outputs[j] {
                None => offset,
                Some(output) => {
                    let term = Addend {
                        subtract: output.negate,
                        net: terms[output.term as usize],
                        shift: output.shift - self.frac,
                    };
                    // A change of sign takes the offset in.
                    let alone = output.negate && joints.users(output.term) == 1;
                    with_offset(builder, term, offset, alone && problem.sums_of_three)
                }
            };
            // Sharing may count in finer steps than the result has; those bits are always zero.
            let result = if builder.range(result).frac() > exact.frac() {
                let format = FixedFormat::covering(*exact).expect("the graph's types bound it");
                builder.truncate(result, format)
            } else {
                result
            };
            results.push(builder.prove(result, *exact));
        }
        results
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

/// How a matrix is computed.
#[derive(Clone, Debug)]
struct Circuit {
    /// Inputs that go together into tables, if any do.
    tables: Option<PartialSums>,
    /// What is added up, over the tables and the other inputs.
    problem: Problem,
    solution: Solution,
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
