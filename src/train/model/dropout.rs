//! [`Dropout`]: values that some steps do without (N. Srivastava et al., 2014).

use super::{Run, Signal};
use crate::train::parameter::{single, tensor};

/// Leaves values out while training, and scales up the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dropout {
    /// The probability that a value is left out.
    pub(super) share: f64,
}

impl Dropout {
    pub(super) fn forward(self, x: Signal, run: &mut Run) -> Signal {
        let Some(random) = run.drawn.as_mut() else { return x };
        let shape = x.values.dims();
        let kept = single(1.0 / (1.0 - self.share));
        let mut draw = || if random.unit() < self.share { 0.0 } else { kept };
        let mask = (0..shape[0] * shape[1]).map(|_| draw()).collect();
        let device = x.values.device();
        Signal { values: x.values * tensor(mask, shape, &device), ..x }
    }
}
