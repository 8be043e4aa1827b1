//! A constant matrix as straight-line code: the solver's shifts and additions, one line for each sum.

use super::network::{Array, Writer};
use super::width::Wide;
use crate::lower::arith::cmvm::solve::solve;
use crate::lower::arith::cmvm::{Problem, ProblemInput};
use crate::lower::arith::forms::Forms;
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;
use crate::ops::Dense;

/// A function that computes one row of a layer.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// Its name.
    pub(super) name: String,
    /// The declarations of its parameters.
    pub(super) parameters: String,
    /// How many additions it has, those of the bias not counted.
    pub(super) additions: usize,
    /// Its statements.
    pub(super) lines: Vec<String>,
}

/// A term: how it is written, and its exact range.
struct Term {
    text: String,
    range: Interval,
}

/// The function for one row of `y = W x + b`.
pub(super) fn function(writer: &mut Writer<'_>, op: &Dense, x: &Array, y: &Array) -> Function {
    let (weights, frac) = op.weights.raw().expect("infer saw exact weights");
    let bias = writer.constants("bias", &op.bias, &[op.outputs]);
    writer.carry(Wide::of(bias.format).aligned(Wide::of(y.format)));
    let (offsets, _) = op.bias.raw().expect("infer saw exact biases");
    let transposed = |index: usize| weights[index % op.outputs * op.inputs + index / op.outputs];
    let problem = Problem {
        inputs: columns(&writer.operand_ranges()[0], op.inputs),
        outputs: op.outputs,
        matrix: (0..weights.len()).map(transposed).collect(),
        extra_depth: writer.plan.extra_depth,
        sums_of_three: writer.plan.sums_of_three(),
        latest: None,
        search: writer.plan.search,
    };
    let solution = solve(&problem).expect("the graph's types bound every sum");
    let mut terms: Vec<Term> = problem.inputs.iter().enumerate().map(input).collect();
    let mut forms = Forms::new(&problem, &solution);
    let mut lines = Vec::new();
    for (index, sum) in solution.sums.iter().enumerate() {
        let proved = forms.as_mut().and_then(|forms| forms.push(*sum));
        let mut text = String::new();
        let mut total = None;
        for (place, part) in sum.addends().enumerate() {
            let term = &terms[part.term as usize];
            let own = shifted(&term.text, part.shift.into());
            text += match (place, part.subtract) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            };
            text += &own;
            let range = term.range.shift(part.shift).expect("the graph's types bound every sum");
            let before = total.unwrap_or(Interval::point(0, range.frac()));
            let next = if part.subtract { before.subtract(range) } else { before.add(range) };
            total = Some(next.expect("the graph's types bound every sum"));
        }
        let range = proved.or(total).expect("a sum has terms");
        let format = FixedFormat::covering(range).expect("the graph's types bound every sum");
        let ty = writer.flavor.exact(format);
        lines.push(format!("const {ty} t{index} = {text};"));
        writer.carry(Wide::of(format));
        terms.push(Term { text: format!("t{index}"), range });
    }
    for (index, output) in solution.outputs.iter().enumerate() {
        let bias = format!("trigforge::from_raw<{}>({}[{index}])", bias.ty, bias.array);
        let has_bias = offsets[index] != 0;
        let value = match output {
            None => bias,
            Some(output) => {
                let term = &terms[output.term as usize];
                let term = shifted(&term.text, i32::from(output.shift) - i32::from(frac));
                match (output.negate, has_bias) {
                    (false, false) => term,
                    (true, false) => format!("-{term}"),
                    (false, true) => format!("{term} + {bias}"),
                    (true, true) => format!("{bias} - {term}"),
                }
            }
        };
        lines.push(format!("y[{index}] = {value};"));
    }
    Function {
        name: writer.part("row"),
        parameters: format!("const {} x[{}], {} y[{}]", x.ty, op.inputs, y.ty, op.outputs),
        additions: solution.sums.len(),
        lines,
    }
}

/// The inputs of a row: what the same column of any row may be.
fn columns(ranges: &[Interval], inputs: usize) -> Vec<ProblemInput> {
    let column = |index: usize| {
        let rows = ranges.iter().skip(index).step_by(inputs).copied();
        let union = rows.reduce(|a, b| a.union(b).expect("a tensor's common grid fits a word"));
        ProblemInput { range: union.expect("a layer has a row"), arrival: 0 }
    };
    (0..inputs).map(column).collect()
}

fn input((index, input): (usize, &ProblemInput)) -> Term {
    Term { text: format!("x[{index}]"), range: input.range }
}

/// `text * 2^by`.
fn shifted(text: &str, by: i32) -> String {
    if by == 0 { text.to_owned() } else { format!("trigforge::shift<{by}>({text})") }
}
