//! `Gemm` and `MatMul`: a constant matrix times computed values is a `Dense`.

use std::sync::Arc;

use super::dense::dense;
use super::elementwise::{self, Binary};
use crate::diag::Code;
use crate::onnx::context::{Context, Operand};
use crate::onnx::fault::{Fault, Import};
use crate::onnx::index;
use crate::onnx::scaling;
use crate::onnx::tensor::{Data, Tensor};
use crate::onnx::value::{Value, Wires};
use crate::onnx::wiring;

/// `Gemm`: `alpha * A' * B' + beta * C`.
pub(super) fn gemm(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    let (alpha, beta) = (cx.float("alpha", 1.0)?, cx.float("beta", 1.0)?);
    let (transpose_a, transpose_b) = (cx.flag("transA", false)?, cx.flag("transB", false)?);
    let lhs = transposed_operand(cx, 0, transpose_a)?;
    let rhs = transposed_operand(cx, 1, transpose_b)?;
    let addend = match cx.optional(2)? {
        Some(Operand::Constant(addend)) => Some(Operand::Constant(Arc::new(times(&addend, beta)))),
        Some(Operand::Wires(_)) => {
            let addend = cx.float_wires(2)?;
            Some(Operand::Wires(scaling::scaled(cx, &addend, beta)?))
        }
        None => None,
    };
    let product = match (lhs, rhs) {
        (Operand::Wires(x), Operand::Constant(rhs)) => {
            cx.number(&rhs)?;
            let weights = times(&matrix_transposed(&rhs), alpha);
            if let Some(Operand::Constant(addend)) = &addend
                && let Some(bias) = bias(addend, weights.shape[0])
            {
                cx.number(addend)?;
                return Ok(vec![Value::Wires(dense(cx, &x, &weights, Some(&bias))?)]);
            }
            dense(cx, &x, &weights, None)?
        }
        (Operand::Constant(lhs), Operand::Wires(x)) => {
            cx.number(&lhs)?;
            let x = wiring::transpose(cx, &x, &[1, 0])?;
            let y = dense(cx, &x, &times(&lhs, alpha), None)?;
            wiring::transpose(cx, &y, &[1, 0])?
        }
        (Operand::Constant(lhs), Operand::Constant(rhs)) => {
            let product = constant_product(cx, &times(&lhs, alpha), &rhs)?;
            cx.constant_wires(&product)?
        }
        (Operand::Wires(_), Operand::Wires(_)) => return Err(two_computed(cx)),
    };
    let y = match addend {
        None => product,
        Some(Operand::Constant(addend)) => {
            elementwise::with_constant(cx, Binary::Add, &product, &addend)?
        }
        Some(Operand::Wires(addend)) => elementwise::of_wires(cx, Binary::Add, &product, &addend)?,
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
            Value::Constant(Arc::new(constant_product(cx, &a, &b)?))
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
fn constant_product(cx: &Context<'_>, a: &Tensor, b: &Tensor) -> Import<Tensor> {
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
