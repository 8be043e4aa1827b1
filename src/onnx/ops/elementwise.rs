//! Element-wise arithmetic with broadcasting: with constants an `Affine`, otherwise a node of its own.

use std::sync::Arc;

use super::constant;
use crate::diag::Code;
use crate::onnx::context::{Context, Operand};
use crate::onnx::fault::Import;
use crate::onnx::scaling;
use crate::onnx::tensor::Tensor;
use crate::onnx::value::{Value, Wires, dims};
use crate::onnx::wiring;
use crate::ops;

/// The four operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// `Add`.
pub(super) fn add(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    binary(cx, Binary::Add)
}

/// `Sub`.
pub(super) fn subtract(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    binary(cx, Binary::Subtract)
}

/// `Mul`.
pub(super) fn multiply(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    binary(cx, Binary::Multiply)
}

/// `Div`, by constants.
pub(super) fn divide(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    binary(cx, Binary::Divide)
}

/// `Neg`.
pub(super) fn negate(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    if let Operand::Constant(tensor) = cx.operand(0)? {
        return Ok(vec![Value::Constant(Arc::new(constant::negated(cx, &tensor)?))]);
    }
    let x = cx.float_wires(0)?;
    Ok(vec![Value::Wires(scaling::scaled(cx, &x, -1.0)?)])
}

fn binary(cx: &mut Context<'_>, op: Binary) -> Import<Vec<Value>> {
    let value = match (cx.operand(0)?, cx.operand(1)?) {
        (Operand::Constant(a), Operand::Constant(b)) => {
            Value::Constant(Arc::new(constant::fold(cx, op, &a, &b)?))
        }
        (Operand::Wires(_), Operand::Constant(c)) => {
            let x = cx.float_wires(0)?;
            Value::Wires(with_constant(cx, op, &x, &c)?)
        }
        (Operand::Constant(c), Operand::Wires(_)) => {
            let x = cx.float_wires(1)?;
            Value::Wires(match op {
                Binary::Add | Binary::Multiply => with_constant(cx, op, &x, &c)?,
                Binary::Subtract => {
                    let minus_x = scaling::scaled(cx, &x, -1.0)?;
                    with_constant(cx, Binary::Add, &minus_x, &c)?
                }
                Binary::Divide => return Err(divisor(cx)),
            })
        }
        (Operand::Wires(_), Operand::Wires(_)) => {
            let (a, b) = (cx.float_wires(0)?, cx.float_wires(1)?);
            Value::Wires(of_wires(cx, op, &a, &b)?)
        }
    };
    Ok(vec![value])
}

/// `x op c`, the constant repeated for each element of an event.
pub(super) fn with_constant(
    cx: &mut Context<'_>,
    op: Binary,
    x: &Wires,
    c: &Tensor,
) -> Import<Wires> {
    cx.number(c)?;
    let shape: Vec<_> = c.shape.iter().copied().map(crate::onnx::value::Dim::Of).collect();
    let layout = wiring::common_layout(cx, &x.layout, &shape)?;
    let indices = wiring::expand_constant(cx, &c.shape, &layout)?;
    let x = wiring::expand(cx, x, &layout)?;
    let c = c.gather(dims(&layout), &indices);
    let values = c.floats();
    match op {
        Binary::Add => {
            let offset = scaling::like(cx, &c, values)?;
            scaling::shifted(cx, &x, offset)
        }
        Binary::Subtract => {
            let offset = values.iter().map(|value| -value).collect();
            let offset = scaling::like(cx, &c, offset)?;
            scaling::shifted(cx, &x, offset)
        }
        Binary::Multiply => {
            let scale = scaling::like(cx, &c, values)?;
            scaling::multiplied(cx, &x, scale)
        }
        Binary::Divide => {
            if values.contains(&0.0) {
                let help = "mend the weight, or remove the element";
                return Err(cx.fault(Code::O0006, "one of its divisors is zero", help));
            }
            let scale = values.iter().map(|value| 1.0 / value).collect();
            let scale = scaling::guessed(cx, scale)?;
            scaling::multiplied(cx, &x, scale)
        }
    }
}

/// `a op b`, each repeated to the shape of both.
pub(super) fn of_wires(cx: &mut Context<'_>, op: Binary, a: &Wires, b: &Wires) -> Import<Wires> {
    let layout = wiring::common_layout(cx, &a.layout, &b.layout)?;
    let [a, b] = [wiring::expand(cx, a, &layout)?, wiring::expand(cx, b, &layout)?];
    let operands = [a.node, b.node];
    let node = match op {
        Binary::Add => cx.add(ops::Add {}, &operands)?,
        Binary::Subtract => cx.add(ops::Subtract {}, &operands)?,
        Binary::Multiply => cx.add(ops::Multiply {}, &operands)?,
        Binary::Divide => return Err(divisor(cx)),
    };
    Ok(Wires { node, layout, element: a.element, codes: None })
}

fn divisor(cx: &Context<'_>) -> crate::onnx::fault::Fault {
    let help = "divide by an initializer of the model, or multiply by the inverse";
    cx.fault(Code::O0008, "its divisor is computed, but must be constant", help)
}
