//! Dense layers: which kernel, in which word.

use crate::graph::NodeId;
use crate::ops::{self, OpKind};

use super::super::kernels::dense::Dense;
use super::super::kernels::fold::Fold;
use super::super::kernels::pairs::DensePairs;
use super::super::kernels::rows::RowOp;
use super::super::kernels::word::Word;
use super::Instruction;
use super::chain::{Chain, Link};
use super::compile::Compiler;
use super::operators::finer;

impl Compiler<'_> {
    /// Compiles a dense layer with what follows it.
    pub(super) fn dense(&mut self, node: NodeId, dense: &ops::Dense) -> Option<()> {
        let x = self.graph.operands(node)[0];
        let (weights, weight_frac) = dense.weights.raw().ok()?;
        let (bias, bias_frac) = dense.bias.raw().ok()?;
        let sum_frac = i32::from(self.graph[x].ty.frac()) + i32::from(weight_frac);
        let frac = sum_frac.max(i32::from(bias_frac));
        let exact = |raw: &[i64], own: i32| -> Option<Vec<i128>> {
            raw.iter().map(|raw| finer(*raw, frac - own)).collect()
        };
        let mut weights = exact(&weights, sum_frac)?;
        let mut bias = exact(&bias, i32::from(bias_frac))?;
        let domains = self.domains(x);
        let links = domains.chunks_exact(dense.inputs).flat_map(|x| {
            let rows = weights.chunks_exact(dense.inputs).zip(&bias);
            rows.map(|(row, bias)| Link::new(sum(row, *bias, x), frac))
        });
        let links = links.collect();
        let mut chain = Chain::new(self.graph, node, links, self.fuse)?;
        // A binary point that moved up before the rounding moves the weights instead.
        let outputs = chain.elements.chunks_exact_mut(dense.outputs);
        let factors: Vec<i128> = take_factors(outputs)?;
        for (output, factor) in factors.into_iter().enumerate() {
            bias[output] *= factor;
            for weight in &mut weights[output * dense.inputs..(output + 1) * dense.inputs] {
                *weight *= factor;
            }
        }
        let layer = Layer { inputs: dense.inputs, weights: &weights, bias: &bias };
        if !self.dense_pairs(x, &layer, &chain) {
            let narrow = layer.row_op::<i32>(&chain);
            let wide = layer.row_op::<i64>(&chain);
            self.place(&[x], chain.end, narrow, wide).then_some(())?;
        }
        self.finish(&chain.fused);
        Some(())
    }

    /// The layer on values packed in pairs, if inputs and weights have 16 bits.
    fn dense_pairs(&mut self, x: NodeId, layer: &Layer<'_>, chain: &Chain) -> bool {
        let outputs = layer.bias.len();
        let Some(RowOpParts { weights, bias, folds }) = layer.parts::<i32>(chain) else {
            return false;
        };
        let sixteen = |compiler: &Self, node| {
            let inside = |raw: i128| i16::try_from(raw).is_ok();
            compiler.domains(node).iter().all(|(lo, hi)| inside(*lo) && inside(*hi))
        };
        let alike = folds.chunks_exact(outputs).all(|row| row == &folds[..outputs]);
        if !alike || !sixteen(self, x) || !self.fits::<i32>(chain.end) {
            return false;
        }
        let Some(layer) = DensePairs::new(layer.inputs, &weights, &bias, &folds[..outputs]) else {
            return false;
        };
        let users = self.graph.users(chain.end);
        let reads_pairs = |user: &NodeId| match &self.graph[*user].op {
            OpKind::Dense(dense) => dense.inputs == outputs,
            _ => false,
        };
        let packed = self.fuse
            && !self.graph.is_output(chain.end)
            && sixteen(self, chain.end)
            && users.iter().all(reads_pairs);
        let from = self.pairs(x, weights.len() / outputs);
        let to =
            if packed { self.new_pairs(chain.end, outputs) } else { self.new_narrow(chain.end) };
        self.emit(Instruction::DensePairs { layer, from, to, packed });
        true
    }
}

/// A dense layer in exact numbers.
struct Layer<'a> {
    inputs: usize,
    weights: &'a [i128],
    bias: &'a [i128],
}

/// A dense layer in machine words.
struct RowOpParts<T> {
    weights: Vec<T>,
    bias: Vec<T>,
    folds: Vec<Fold<T>>,
}

impl Layer<'_> {
    fn parts<T: Word>(&self, chain: &Chain) -> Option<RowOpParts<T>> {
        let words =
            |raw: &[i128]| -> Option<Vec<T>> { raw.iter().map(|raw| T::from_wide(*raw)).collect() };
        let folds = chain.elements.iter().map(|link| link.fold.narrow(link.domain));
        Some(RowOpParts {
            weights: words(self.weights)?,
            bias: words(self.bias)?,
            folds: folds.collect::<Option<Vec<_>>>()?,
        })
    }

    fn row_op<T: Word>(&self, chain: &Chain) -> Option<RowOp<T>> {
        let RowOpParts { weights, bias, folds } = self.parts(chain)?;
        Some(RowOp::Dense(Dense::new(self.inputs, &weights, bias, folds)))
    }
}

/// Takes the factors out of the folds, one for each output, if all rows agree on them.
fn take_factors<'a>(rows: impl Iterator<Item = &'a mut [Link]>) -> Option<Vec<i128>> {
    let mut common: Option<Vec<i128>> = None;
    for row in rows {
        let own: Vec<i128> = row.iter().map(|link| link.fold.factor).collect();
        for link in row {
            link.domain.0 = link.domain.0.checked_mul(link.fold.factor)?;
            link.domain.1 = link.domain.1.checked_mul(link.fold.factor)?;
            link.fold.factor = 1;
        }
        if *common.get_or_insert_with(|| own.clone()) != own {
            return None;
        }
    }
    common
}

/// The range of a sum of products.
fn sum(weights: &[i128], bias: i128, x: &[(i128, i128)]) -> (i128, i128) {
    let terms = weights.iter().zip(x);
    terms.fold((bias, bias), |(lo, hi), (weight, x)| {
        let ends = [weight * x.0, weight * x.1];
        (lo + ends[0].min(ends[1]), hi + ends[0].max(ends[1]))
    })
}
