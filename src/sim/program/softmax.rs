//! Softmax: its quantizers as formulas, its functions as tables.

use crate::graph::NodeId;
use crate::numeric::interval::Interval;
use crate::numeric::quantizer::Quantizer;
use crate::ops;
use crate::ops::quantize::quantized_range;

use super::super::kernels::fold::Fold;
use super::super::kernels::rows::{RowOp, Table};
use super::super::kernels::softmax::Softmax;
use super::super::kernels::word::Word;
use super::chain::Link;
use super::compile::Compiler;

impl Compiler<'_> {
    /// Softmax over `x` in words of `T`, if its tables are of a reasonable size.
    pub(super) fn softmax<T: Word>(&self, x: NodeId, softmax: &ops::Softmax) -> Option<RowOp<T>> {
        let formats = softmax.formats?;
        let domains = self.domains(x);
        let lowest = domains.iter().map(|(lo, _)| *lo).min()?;
        let highest = domains.iter().map(|(_, hi)| *hi).max()?;
        let frac = self.graph[x].ty.frac();
        let distance = Interval::new(i64::try_from(lowest - highest).ok()?, 0, frac);
        let index = quantized_range(distance, formats.index);
        let exponentials = formats.exponential_table(index).ok()?;
        let (least, most) = (exponentials.iter().min()?, exponentials.iter().max()?);
        let len = i64::try_from(softmax.len).ok()?;
        let (least, most) = (least.checked_mul(len)?, most.checked_mul(len)?);
        let sum = Interval::new(least.min(0), most.max(0), formats.exponential.format.frac());
        let sum_index = quantized_range(sum, formats.sum_index);
        let inverses = formats.inverse_table(sum_index).ok()?;
        let format = |quantizer: Quantizer| quantizer.format.interval();
        let product = format(formats.exponential).multiply(format(formats.inverse))?;
        Some(RowOp::Softmax(Softmax {
            len: softmax.len,
            index: quantizer(distance, formats.index, formats.index.format.frac())?,
            exponentials: table(index, &exponentials)?,
            sum_index: quantizer(sum, formats.sum_index, formats.sum_index.format.frac())?,
            inverses: table(sum_index, &inverses)?,
            output: quantizer(product, formats.output, formats.output.format.frac())?,
        }))
    }
}

/// A quantizer of the values of `range`, its results at the binary point `frac`.
fn quantizer<T: Word>(range: Interval, quantizer: Quantizer, frac: i8) -> Option<Fold<T>> {
    let domain = (i128::from(range.lo()), i128::from(range.hi()));
    let mut link = Link::new(domain, range.frac().into());
    link.quantize(quantizer)?;
    link.finish(frac.into())?;
    link.fold.narrow(domain)
}

fn table<T: Word>(index: Interval, values: &[i64]) -> Option<Table<T>> {
    let values = values.iter().map(|raw| T::from_wide((*raw).into()));
    let first = T::from_wide(index.lo().into())?;
    Some(Table { first, down: 0, values: values.collect::<Option<Vec<T>>>()? })
}
