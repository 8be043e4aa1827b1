//! [`add_row`] and [`standardize`]: the same for each row of values.

use burn::tensor::Tensor;

use super::tape::{Gradient, Operation, View, record};

/// `x` and a row, added to each of its rows.
pub(in crate::train) fn add_row(x: &Tensor<2>, row: &Tensor<2>) -> Tensor<2> {
    let own = View::of(row);
    let own: &[f32] = &own;
    let columns = own.len();
    let sums = each_row(&View::of(x), columns, |x| x.zip(own).map(|(x, own)| x + own));
    record([x, row], sums, x.dims(), AddRow { columns })
}

/// `(x - mean) * factor`, with a mean and a factor for each column.
pub(in crate::train) fn standardize(x: &Tensor<2>, means: &[f32], factors: Vec<f32>) -> Tensor<2> {
    let values = each_row(&View::of(x), factors.len(), |x| {
        x.zip(means).zip(&factors).map(|((x, mean), factor)| (x - mean) * factor)
    });
    record([x], values, x.dims(), Standardize { factors })
}

/// A function of each row.
fn each_row<'a, R: Iterator<Item = f32>>(
    x: &'a [f32],
    columns: usize,
    f: impl Fn(std::slice::Iter<'a, f32>) -> R,
) -> Vec<f32> {
    let mut values = Vec::with_capacity(x.len());
    for row in x.chunks(columns.max(1)) {
        values.extend(f(row.iter()));
    }
    values
}

/// What is recorded of a sum.
#[derive(Clone, Debug)]
struct AddRow {
    columns: usize,
}

impl Operation<2> for AddRow {
    fn gradients(self, gradient: &[f32], [x, row]: [bool; 2]) -> [Option<Gradient>; 2] {
        let sums = || {
            let mut sums = vec![0.0; self.columns];
            for gradient in gradient.chunks(self.columns.max(1)) {
                sums.iter_mut().zip(gradient).for_each(|(sum, own)| *sum += own);
            }
            Gradient::Own(sums)
        };
        [x.then_some(Gradient::Same), row.then(sums)]
    }
}

/// What is recorded of standardized values.
#[derive(Clone, Debug)]
struct Standardize {
    factors: Vec<f32>,
}

impl Operation<1> for Standardize {
    fn gradients(self, gradient: &[f32], [x]: [bool; 1]) -> [Option<Gradient>; 1] {
        let by_x = || {
            each_row(gradient, self.factors.len(), |own| {
                own.zip(&self.factors).map(|(own, factor)| own * factor)
            })
        };
        [x.then(|| Gradient::Own(by_x()))]
    }
}
