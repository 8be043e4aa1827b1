//! [`width`]: how many bits formats have.

use burn::tensor::Tensor;

use super::exponent::whole;
use super::tape::{Gradient, Operation, View, record};

/// The whole numbers of bits before the point and behind it, and so many for the sign, together; the
/// gradient goes to both as if nothing were rounded.
pub(in crate::train) fn width(integer: &Tensor<2>, fraction: &Tensor<2>, sign: f32) -> Tensor<2> {
    let (before, behind) = (View::of(integer), View::of(fraction));
    let bits = before.iter().zip(behind.iter());
    let widths = bits.map(|(a, b)| whole(*a) + whole(*b) + sign).collect();
    record([integer, fraction], widths, integer.dims(), Width)
}

/// What is recorded.
#[derive(Clone, Debug)]
struct Width;

impl Operation<2> for Width {
    fn gradients(self, _: &[f32], wanted: [bool; 2]) -> [Option<Gradient>; 2] {
        wanted.map(|wanted| wanted.then_some(Gradient::Same))
    }
}
