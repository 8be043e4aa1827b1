//! `Max` and `Min` of two values; bounds that are constant go into a quantizer behind them.

use super::elementwise::{self, Binary};
use super::grid::{self, Grid};
use crate::onnx::bounds::Bounded;
use crate::onnx::context::{Context, Operand};
use crate::onnx::element::whole;
use crate::onnx::fault::Import;
use crate::onnx::scaling;
use crate::onnx::tensor::Tensor;
use crate::onnx::value::{Dim, Value, Wires};
use crate::onnx::wiring;
use crate::ops;
use crate::ops::types::PerElement;

/// Which of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Lower,
    Upper,
}

/// `Max`.
pub(super) fn max(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    bound(cx, Bound::Lower)
}

/// `Min`.
pub(super) fn min(cx: &mut Context<'_>) -> Import<Vec<Value>> {
    bound(cx, Bound::Upper)
}

fn bound(cx: &mut Context<'_>, bound: Bound) -> Import<Vec<Value>> {
    let value = match (cx.operand(0)?, cx.operand(1)?) {
        (Operand::Wires(_), Operand::Constant(c)) => {
            let x = cx.float_wires(0)?;
            with_constant(cx, bound, &x, &c)?
        }
        (Operand::Constant(c), Operand::Wires(_)) => {
            let x = cx.float_wires(1)?;
            with_constant(cx, bound, &x, &c)?
        }
        (Operand::Wires(_), Operand::Wires(_)) | (Operand::Constant(_), Operand::Constant(_)) => {
            let (a, b) = (cx.float_wires(0)?, cx.float_wires(1)?);
            let excess = elementwise::of_wires(cx, Binary::Subtract, &a, &b)?;
            let excess = cx.add_like(ops::Relu {}, &excess)?;
            match bound {
                Bound::Lower => elementwise::of_wires(cx, Binary::Add, &b, &excess)?,
                Bound::Upper => elementwise::of_wires(cx, Binary::Subtract, &a, &excess)?,
            }
        }
    };
    Ok(vec![Value::Wires(value)])
}

fn with_constant(cx: &mut Context<'_>, bound: Bound, x: &Wires, c: &Tensor) -> Import<Wires> {
    cx.number(c)?;
    let shape: Vec<Dim> = c.shape.iter().copied().map(Dim::Of).collect();
    let layout = wiring::common_layout(cx, &x.layout, &shape)?;
    let indices = wiring::expand_constant(cx, &c.shape, &layout)?;
    let x = wiring::expand(cx, x, &layout)?;
    let values = c.floats();
    let values: Vec<f64> = indices.iter().map(|index| values[*index]).collect();
    scaling::check_finite(cx, &values)?;
    let infinite = |value: f64| vec![value; values.len()];
    let (y, bounded) = match bound {
        Bound::Lower => {
            let y = above(cx, &x, &values)?;
            (y, Bounded { x: x.node, highest: infinite(f64::INFINITY), lowest: values })
        }
        // Nothing exceeds `c` where nothing falls below `-c` after negation.
        Bound::Upper => {
            let negated = scaling::scaled(cx, &x, -1.0)?;
            let least: Vec<f64> = values.iter().map(|value| 0.0 - value).collect();
            let y = above(cx, &negated, &least)?;
            let y = scaling::scaled(cx, &y, -1.0)?;
            (y, Bounded { x: x.node, lowest: infinite(f64::NEG_INFINITY), highest: values })
        }
    };
    cx.bounds.insert(y.node, bounded);
    Ok(y)
}

/// `max(x, lowest)`, element by element.
fn above(cx: &mut Context<'_>, x: &Wires, lowest: &[f64]) -> Import<Wires> {
    let down = scaling::short(cx, lowest.iter().map(|value| 0.0 - value).collect())?;
    let up = scaling::short(cx, lowest.to_vec())?;
    let distance = scaling::shifted(cx, x, down)?;
    let distance = cx.add_like(ops::Relu {}, &distance)?;
    scaling::shifted(cx, &distance, up)
}

/// A quantizer of `x` without the bounds before it, where they are codes of the grid that fill a format.
pub(super) fn without_bounds(cx: &Context<'_>, x: Wires, grid: Grid) -> (Wires, Grid) {
    let Some(bounded) = cx.bounds.outermost(x.node) else { return (x, grid) };
    let code = |bound: f64, index: usize| whole(bound / grid.step.at(index) + grid.zero.at(index));
    let codes = |index: usize| {
        let (least, most) = grid.codes.at(index);
        let (lowest, highest) = (bounded.lowest[index], bounded.highest[index]);
        let lo = if lowest > f64::NEG_INFINITY { code(lowest, index)?.max(least) } else { least };
        let hi = if highest < f64::INFINITY { code(highest, index)?.min(most) } else { most };
        let zero = whole(grid.zero.at(index))?;
        (lo <= hi && grid::fitting((lo - zero, hi - zero)).is_some()).then_some((lo, hi))
    };
    match (0..x.len()).map(codes).collect() {
        Some(codes) => {
            let codes = PerElement::from_elements(codes);
            (Wires { node: bounded.x, ..x }, Grid { codes, ..grid })
        }
        None => (x, grid),
    }
}
