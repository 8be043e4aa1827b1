//! [`Definition`]: what a scale, the functions behind it and the quantizer make of an integer.

use crate::graph::{Graph, NodeId};
use crate::numeric::interval::{Interval, scale};
use crate::numeric::quantizer::Quantizer;
use crate::ops::quantize::FormatSource;
use crate::ops::{Affine, Constants, OpKind, PerElement};

/// `end(f(s x + o))`, from an affine map to the quantizer or staircase that ends the layer.
pub(super) struct Definition {
    /// The map.
    pub affine: NodeId,
    /// The node whose value is the result.
    pub end: NodeId,
    /// The constants of the map.
    pub map: Affine,
    /// The integers that the operand can be.
    pub operand: Vec<Interval>,
    /// What stands between the map and the end.
    pub functions: Vec<Function>,
    /// What ends it.
    pub last: Last,
}

/// A function between a map and the end of its layer.
pub(super) enum Function {
    /// `max(x, 0)`.
    Relu,
    /// `alpha x` below zero.
    LeakyRelu {
        /// As a float.
        alpha: f64,
        /// As an exact value.
        point: Interval,
    },
    /// Between two bounds.
    Clip {
        /// As floats.
        bounds: [f64; 2],
        /// As exact values.
        points: [Interval; 2],
    },
}

/// The end of a layer.
pub(super) enum Last {
    /// Rounds; the results are raw values of its formats.
    Quantize(PerElement<Quantizer>),
    /// Counts thresholds.
    Threshold {
        /// How many each element has.
        steps: usize,
        /// As in [`Threshold`](crate::ops::Threshold).
        thresholds: Constants,
        /// The value below all thresholds and the rise at each.
        base_and_step: Constants,
    },
}

impl Definition {
    /// The definition that begins at the map `affine`, if nothing else sees a value on the way and
    /// what comes between is exact.
    pub(super) fn read(graph: &Graph, affine: NodeId, operand: Vec<Interval>) -> Option<Self> {
        let OpKind::Affine(map) = &graph[affine].op else { return None };
        let mut functions = Vec::new();
        let mut node = affine;
        loop {
            let users = graph.users(node);
            let &[user] = users.as_slice() else { return None };
            if graph.is_output(node) || graph.operands(user).len() != 1 {
                return None;
            }
            node = user;
            let last = match &graph[user].op {
                OpKind::Relu(_) => {
                    functions.push(Function::Relu);
                    continue;
                }
                OpKind::LeakyRelu(relu) => {
                    let point = relu.alpha.points().ok()?[0];
                    functions.push(Function::LeakyRelu { alpha: relu.alpha.values()[0], point });
                    continue;
                }
                OpKind::Clip(clip) => {
                    let points = clip.bounds.points().ok()?.try_into().ok()?;
                    let bounds = clip.bounds.values().try_into().ok()?;
                    functions.push(Function::Clip { bounds, points });
                    continue;
                }
                OpKind::Reshape(_) => continue,
                OpKind::Quantize(quantize) => Last::Quantize(quantize.quantizer.clone()),
                OpKind::Threshold(threshold) => Last::Threshold {
                    steps: threshold.steps,
                    thresholds: threshold.thresholds.clone(),
                    base_and_step: threshold.base_and_step.clone(),
                },
                _ => return None,
            };
            let map = map.clone();
            return Some(Self { affine, end: user, map, operand, functions, last });
        }
    }

    /// Who asked for the quantizer at the end.
    pub(super) fn source(&self, graph: &Graph) -> Option<FormatSource> {
        match &graph[self.end].op {
            OpKind::Quantize(quantize) => Some(quantize.source),
            OpKind::Threshold(_) => Some(FormatSource::Model),
            _ => None,
        }
    }

    /// The result for the raw operand `x` of element `index`, by the floating-point definition:
    /// a raw value of the quantizer's format, or the number of thresholds reached.
    pub(super) fn result(&self, index: usize, x: i64) -> i64 {
        let x = scale(x, self.operand[index].frac());
        let mut y = x * self.map.scale.values()[index] + self.map.offset.values()[index];
        for function in &self.functions {
            y = match function {
                Function::Relu => y.max(0.0),
                Function::LeakyRelu { alpha, .. } => {
                    if y >= 0.0 {
                        y
                    } else {
                        alpha * y
                    }
                }
                Function::Clip { bounds, .. } => y.max(bounds[0]).min(bounds[1]),
            };
        }
        match &self.last {
            Last::Quantize(quantizer) => {
                quantizer.at(index).apply_f64(y).expect("finite constants give finite values")
            }
            Last::Threshold { steps, thresholds, .. } => {
                let own = &thresholds.values()[index * steps..(index + 1) * steps];
                let reached = own.iter().filter(|threshold| y >= **threshold).count();
                i64::try_from(reached).expect("fewer than 2^63 thresholds")
            }
        }
    }

    /// True when the result of element `index` rises or falls with the operand, never both.
    pub(super) fn is_monotone(&self, index: usize) -> bool {
        let functions = self.functions.iter().all(|function| match function {
            Function::Relu | Function::Clip { .. } => true,
            Function::LeakyRelu { alpha, .. } => *alpha >= 0.0,
        });
        functions
            && match &self.last {
                Last::Quantize(quantizer) => quantizer.at(index).overflow.is_monotone(),
                Last::Threshold { .. } => true,
            }
    }

    /// The smallest raw operand from `from` on whose result reaches `level`, in the direction in
    /// which results rise; one beyond the last if there is none.
    ///
    /// With `falling`, operands count downward from minus `from`.
    pub(super) fn first_reaching(
        &self,
        index: usize,
        level: i64,
        range: (i64, i64),
        falling: bool,
    ) -> i64 {
        let (mut lo, mut hi) = (range.0, range.1 + 1);
        while lo < hi {
            let middle = lo + (hi - lo) / 2;
            let x = if falling { -middle } else { middle };
            if self.result(index, x) >= level {
                hi = middle;
            } else {
                lo = middle + 1;
            }
        }
        lo
    }

    /// The operand's range in the direction in which results rise, and whether that is downward.
    pub(super) fn rising_range(&self, index: usize) -> ((i64, i64), bool) {
        let range = self.operand[index];
        if self.map.scale.values()[index] < 0.0 {
            ((-range.hi(), -range.lo()), true)
        } else {
            ((range.lo(), range.hi()), false)
        }
    }
}
