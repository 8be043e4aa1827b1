//! Quantizers of few bits as integer thresholds.

use super::definition::{Definition, Last};
use crate::graph::{Graph, NodeId};
use crate::numeric::interval::scale;
use crate::numeric::tensor::Shape;
use crate::ops::{Affine, Constants, Reshape, Threshold};

/// A staircase, and the operands that it counts downward.
pub(super) struct Staircase {
    threshold: Threshold,
    /// Minus one for each element whose results fall with the operand; none if there is none.
    signs: Option<Affine>,
}

impl Staircase {
    /// How many thresholds each element has.
    pub(super) fn steps(&self) -> usize {
        self.threshold.steps
    }
}

/// The staircase of a definition whose quantizer has at most `bits` bits.
pub(super) fn staircase(definition: &Definition, bits: u8) -> Option<Staircase> {
    let elements = definition.operand.len();
    if !(0..elements).all(|index| definition.is_monotone(index)) {
        return None;
    }
    let (base, steps, base_and_step) = match &definition.last {
        Last::Threshold { steps, base_and_step, .. } => (0, *steps, base_and_step.clone()),
        Last::Quantize(quantizer) => {
            let frac = quantizer.at(0).format.frac();
            let formats = quantizer.as_slice().iter().map(|own| own.format);
            if formats.clone().any(|format| format.width() > bits || format.frac() != frac) {
                return None;
            }
            let ends = (0..elements).map(|index| {
                let ((lo, hi), falling) = definition.rising_range(index);
                let [lo, hi] = [lo, hi].map(|x| if falling { -x } else { x });
                (definition.result(index, lo), definition.result(index, hi))
            });
            let base = ends.clone().map(|(lo, _)| lo).min()?;
            let steps = usize::try_from(ends.map(|(_, hi)| hi).max()? - base).ok()?;
            let values = vec![scale(base, frac), scale(1, frac)];
            (base, steps, Constants::exact(values).ok()?)
        }
    };
    let mut thresholds = Vec::with_capacity(elements * steps);
    let mut signs = vec![1.0; elements];
    for (index, operand) in definition.operand.iter().enumerate() {
        let (range, falling) = definition.rising_range(index);
        if falling {
            signs[index] = -1.0;
        }
        for step in 1..=steps {
            let level = base + i64::try_from(step).ok()?;
            let first = definition.first_reaching(index, level, range, falling);
            if first.unsigned_abs() >= 1 << 52 {
                return None;
            }
            thresholds.push(scale(first, operand.frac()));
        }
    }
    let thresholds = Constants::exact(thresholds).ok()?;
    let signs = signs.contains(&-1.0).then(|| Affine {
        scale: Constants::exact(signs).expect("ones"),
        offset: Constants::exact(vec![0.0; elements]).expect("zeros"),
    });
    Some(Staircase { threshold: Threshold { steps, thresholds, base_and_step }, signs })
}

/// Puts the staircase in the place of the definition; its nodes in the order of computation.
pub(super) fn insert(
    graph: &mut Graph,
    definition: &Definition,
    staircase: Staircase,
) -> Vec<NodeId> {
    let origin = graph.derived(super::NAME, definition.end);
    let shape: Shape = graph[definition.end].ty.shape.clone();
    let mut node = graph.operands(definition.affine)[0];
    let mut inserted = Vec::new();
    if let Some(signs) = staircase.signs {
        node = graph.add(signs, &[node], origin).expect("the map it replaces had this shape");
        inserted.push(node);
    }
    if graph[node].ty.shape != shape {
        node = graph.add(Reshape { shape }, &[node], origin).expect("as many elements");
        inserted.push(node);
    }
    let threshold = graph.add(staircase.threshold, &[node], origin);
    let threshold = threshold.expect("one row for each element");
    graph.replace(definition.end, threshold);
    inserted.push(threshold);
    inserted
}
