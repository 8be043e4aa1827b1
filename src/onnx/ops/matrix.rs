//! `Gemm` and `MatMul`: a constant matrix times computed values is a `Dense`.

use std::sync::Arc;

use super::elementwise::{self, Binary};
use crate::diag::Code;
use crate::onnx::context::{Context, Operand};
use crate::onnx::fault::{Fault, Import};
use crate::onnx::index;
use crate::onnx::scaling;
use crate::onnx::tensor::{Data, Tensor};
use crate::onnx::value::{Dim, Value, Wires, describe};
use crate::onnx::wiring;
use crate::ops::Dense;

/// `Gemm`: `alpha * A' * B' + beta * C`.
pub(super) fn gemm(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let (alpha, beta) = (cx.float("alpha", 1.0)?, cx.float("beta", 1.0)?);
    let (transpose_a, transpose_b) = (cx.flag("transA", false)?, cx.flag("transB", false)?);
    let a = transposed_operand(cx, 0, transpose_a)?;
    let b = transposed_operand(cx, 1, transpose_b)?;
    let c = match cx.optional(2)? {
        Some(Operand::Constant(c)) => Some(Operand::Constant(Arc::new(times(&c, beta)))),
        Some(Operand::Wires(_)) => {
            let c = cx.float_wires(2)?;
            Some(Operand::Wires(scaling::scaled(cx, &c, beta)?))
        }
        None => None,
    };
    let product = match (a, b) {
        (Operand::Wires(x), Operand::Constant(b)) => {
            cx.number(&b)?;
            let weights = times(&matrix_transposed(&b), alpha);
            if let Some(Operand::Constant(c)) = &c
                && let Some(bias) = bias(c, weights.shape[0])
            {
                cx.number(c)?;
                let y = dense(cx, &x, &weights, Some(&bias))?;
                return Ok(vec![Value::Wires(y)]);
            }
            dense(cx, &x, &weights, None)?
        }
        (Operand::Constant(a), Operand::Wires(x)) => {
            cx.number(&a)?;
            let x = wiring::transpose(cx, &x, &[1, 0])?;
            let y = dense(cx, &x, &times(&a, alpha), None)?;
            wiring::transpose(cx, &y, &[1, 0])?
        }
        (Operand::Constant(a), Operand::Constant(b)) => {
            let product = cx_product(cx, &times(&a, alpha), &b)?;
            cx.constant_wires(&product)?
        }
        (Operand::Wires(_), Operand::Wires(_)) => return Err(two_computed(cx)),
    };
    let y = match c {
        None => product,
        Some(Operand::Constant(c)) => elementwise::with_constant(cx, Binary::Add, &product, &c)?,
        Some(Operand::Wires(c)) => elementwise::of_wires(cx, Binary::Add, &product, &c)?,
    };
    Ok(vec![Value::Wires(y)])
}

/// `MatMul`: the product over the last dimension of the one and the last but one of the other.
pub(super) fn mat_mul(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let value = match (cx.operand(0)?, cx.operand(1)?) {
        (Operand::Wires(_), Operand::Constant(b)) => {
            cx.number(&b)?;
            let x = cx.float_wires(0)?;
            Value::Wires(times_constant(cx, &x, &b)?)
        }
        (Operand::Constant(a), Operand::Wires(_)) => {
            cx.number(&a)?;
            let x = cx.float_wires(1)?;
            Value::Wires(constant_times(cx, &a, &x)?)
        }
        (Operand::Constant(a), Operand::Constant(b)) => {
            Value::Constant(Arc::new(cx_product(cx, &a, &b)?))
        }
        (Operand::Wires(_), Operand::Wires(_)) => return Err(two_computed(cx)),
    };
    Ok(vec![value])
}

/// `x * b`.
fn times_constant(cx: &mut Context<'_>, x: &Wires, b: &Tensor) -> Import<Wires> {
    match collapsed(b).as_slice() {
        [len] => {
            let y = dense(cx, x, &b.reshape(vec![1, *len]), None)?;
            let layout = y.layout[..y.rank() - 1].to_vec();
            wiring::reshape(cx, &y, layout)
        }
        [inputs, outputs] => {
            let b = b.reshape(vec![*inputs, *outputs]);
            dense(cx, x, &matrix_transposed(&b), None)
        }
        _ => Err(stack(cx, b)),
    }
}

/// `a * x`.
fn constant_times(cx: &mut Context<'_>, a: &Tensor, x: &Wires) -> Import<Wires> {
    let rank = x.rank();
    match (collapsed(a).as_slice(), rank) {
        ([len], 0 | 1) => {
            let y = dense(cx, x, &a.reshape(vec![1, *len]), None)?;
            wiring::reshape(cx, &y, Vec::new())
        }
        ([_, _], 0 | 1) => dense(cx, x, a, None),
        ([len], _) => {
            let x = wiring::transpose(cx, x, &wiring::exchanged(rank, rank - 2, rank - 1))?;
            let y = dense(cx, &x, &a.reshape(vec![1, *len]), None)?;
            let layout = y.layout[..rank - 1].to_vec();
            wiring::reshape(cx, &y, layout)
        }
        ([outputs, inputs], _) => {
            let exchange = wiring::exchanged(rank, rank - 2, rank - 1);
            let x = wiring::transpose(cx, x, &exchange)?;
            let y = dense(cx, &x, &a.reshape(vec![*outputs, *inputs]), None)?;
            wiring::transpose(cx, &y, &exchange)
        }
        _ => Err(stack(cx, a)),
    }
}

/// The shape of a matrix without leading dimensions of length 1.
fn collapsed(matrix: &Tensor) -> Vec<usize> {
    let mut shape = matrix.shape.as_slice();
    while let ([1, rest @ ..], true) = (shape, shape.len() > 2) {
        shape = rest;
    }
    shape.to_vec()
}

/// `W x + b` over the last dimension of `x`; `weights` is `[outputs, inputs]`.
///
/// Weights on a grid of powers of two are exact. Weights on other grids stay
/// integers, and the scale of each output follows in an `Affine`.
fn dense(
    cx: &mut Context<'_>,
    x: &Wires,
    weights: &Tensor,
    bias: Option<&Tensor>,
) -> Import<Wires> {
    let (outputs, inputs) = (weights.shape[0], weights.shape[1]);
    let mut layout = x.layout.clone();
    match layout.pop() {
        Some(Dim::Of(len)) if len == inputs => {}
        Some(Dim::Batch) => return Err(cx.mixes()),
        Some(Dim::Of(_)) | None => {
            let message = format!("a matrix of {inputs} columns is given {}", describe(&x.layout));
            return Err(cx.shapes(message));
        }
    }
    layout.push(Dim::Of(outputs));
    cx.check_layout(&layout)?;
    let zeros = || scaling::exact(cx, vec![0.0; outputs]);
    let bias_constants = match bias {
        None => zeros()?,
        Some(bias) => scaling::like(cx, bias, bias.floats())?,
    };
    let values = weights.floats();
    let result = |node, layout| Wires { node, layout, element: x.element, codes: None };
    let scaled_rows = match (&weights.steps, weights.exact_steps()) {
        (Some(steps), None) => Some(row_steps(cx, steps, &values, inputs)?),
        (Some(_), Some(_)) | (None, _) => None,
    };
    let Some(rows) = scaled_rows else {
        let weights = match weights.exact_steps() {
            Some(_) => scaling::exact(cx, values)?,
            None => scaling::float(cx, values)?,
        };
        let node = cx.add(Dense { inputs, outputs, weights, bias: bias_constants }, &[x.node])?;
        return Ok(result(node, layout));
    };
    let steps = weights.steps.as_deref().expect("scaled rows have steps");
    let integers = values.iter().zip(steps).map(|(value, step)| (value / step).round()).collect();
    let weights = scaling::exact(cx, integers)?;
    let node = cx.add(Dense { inputs, outputs, weights, bias: zeros()? }, &[x.node])?;
    let y = result(node, layout);
    let repeat = |row: &[f64]| row.iter().copied().cycle().take(y.len()).collect::<Vec<f64>>();
    let scale = scaling::float(cx, repeat(&rows))?;
    let offset = match bias {
        None => scaling::exact(cx, vec![0.0; y.len()])?,
        Some(bias) => scaling::like(cx, bias, repeat(bias_constants.values()))?,
    };
    scaling::affine(cx, &y, scale, offset)
}

/// The step of each row of a matrix.
fn row_steps(cx: &Context<'_>, steps: &[f64], values: &[f64], inputs: usize) -> Import<Vec<f64>> {
    let mut rows = Vec::with_capacity(steps.len() / inputs);
    for (row, values) in steps.chunks_exact(inputs).zip(values.chunks_exact(inputs)) {
        // The step of a zero does not matter.
        let mut used = row.iter().zip(values).filter(|(_, value)| **value != 0.0);
        let step = used.next().map_or(row[0], |(step, _)| *step);
        if used.any(|(other, _)| other.to_bits() != step.to_bits()) {
            let help = "quantize the weights per tensor or per output, or with powers of two";
            let message = "its weights have a scale for each input, which does not separate";
            return Err(cx.fault(Code::Q0206, message, help));
        }
        rows.push(step);
    }
    Ok(rows)
}

/// The bias vector that a constant of `Gemm` is, if it is the same for each row.
fn bias(c: &Tensor, outputs: usize) -> Option<Tensor> {
    let (last, leading) = c.shape.split_last().unwrap_or((&1, &[]));
    let same_for_rows = leading.iter().all(|len| *len == 1) && leading.len() < 2;
    if !same_for_rows {
        return None;
    }
    let indices = index::broadcast(&[*last], &[outputs])?;
    Some(c.gather(vec![outputs], &indices))
}

/// An operand of `Gemm`, which is a matrix, transposed where the node says so.
fn transposed_operand(cx: &mut Context<'_>, position: usize, transpose: bool) -> Import<Operand> {
    let operand = match cx.operand(position)? {
        Operand::Constant(tensor) => Operand::Constant(tensor),
        Operand::Wires(_) => Operand::Wires(cx.float_wires(position)?),
    };
    let rank = match &operand {
        Operand::Constant(tensor) => tensor.shape.len(),
        Operand::Wires(wires) => wires.rank(),
    };
    if rank != 2 {
        return Err(cx.shapes(format!("operand {position} has {rank} dimensions, not 2")));
    }
    Ok(match operand {
        Operand::Constant(tensor) if transpose => {
            Operand::Constant(Arc::new(matrix_transposed(&tensor)))
        }
        Operand::Wires(x) if transpose => Operand::Wires(wiring::transpose(cx, &x, &[1, 0])?),
        operand => operand,
    })
}

fn matrix_transposed(matrix: &Tensor) -> Tensor {
    let indices = index::transposed(&matrix.shape, &[1, 0]);
    matrix.gather(vec![matrix.shape[1], matrix.shape[0]], &indices)
}

/// `factor * x`, on the grid scaled likewise.
fn times(x: &Tensor, factor: f64) -> Tensor {
    if factor.to_bits() == 1.0_f64.to_bits() {
        return x.clone();
    }
    let values = x.floats().iter().map(|value| value * factor).collect();
    let steps = x.steps.as_ref().filter(|_| factor != 0.0);
    let steps = steps.map(|steps| steps.iter().map(|step| step * factor.abs()).collect());
    Tensor { data: Data::Float(values), steps, ..x.clone() }
}

/// The product of two constant matrices.
fn cx_product(cx: &Context<'_>, a: &Tensor, b: &Tensor) -> Import<Tensor> {
    cx.number(a)?;
    cx.number(b)?;
    let ([rows, inner], [len, columns]) = (a.shape.as_slice(), b.shape.as_slice()) else {
        return Err(cx.shapes("a product of constants needs two matrices"));
    };
    if inner != len {
        return Err(cx.shapes(format!("a matrix of {inner} columns meets one of {len} rows")));
    }
    let (x, y) = (a.floats(), b.floats());
    let cell = |row: usize, column: usize| {
        (0..*inner).map(|k| x[row * inner + k] * y[k * columns + column]).sum::<f64>()
    };
    let values = (0..rows * columns)
        .map(|cell_index| a.element.round(cell(cell_index / columns, cell_index % columns)));
    Ok(Tensor::float(vec![*rows, *columns], a.element, values.collect()))
}

fn two_computed(cx: &Context<'_>) -> Fault {
    let help = "make one of the matrices an initializer of the model";
    cx.fault(Code::O0008, "both of its matrices are computed", help)
}

fn stack(cx: &Context<'_>, matrix: &Tensor) -> Fault {
    let help = "split it into one `MatMul` for each matrix";
    let message = format!("its constant of shape {:?} is a stack of matrices", matrix.shape);
    cx.fault(Code::O0003, message, help)
}
