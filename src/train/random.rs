//! [`Random`]: numbers that are the same on every machine.

use super::parameter::single;
use crate::numeric::hash::{mixed, share};

/// A stream of numbers (splitmix64, G. Steele et al. 2014).
#[derive(Clone, Copy, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed and a number within the run; each number has a stream of its own.
    pub fn new(seed: u64, number: u64) -> Self {
        Self(mixed(seed ^ mixed(number.wrapping_add(STEP))))
    }

    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// The next number from 0 up to, but without, 1.
    pub fn unit(&mut self) -> f64 {
        share(self.word())
    }

    /// The first weights of a layer, as K. He et al. (arXiv:1502.01852) draw them.
    pub(super) fn weights(&mut self, inputs: usize, outputs: usize) -> Vec<f32> {
        let fan_in = f64::from(u32::try_from(inputs).expect("fewer than 2^32 inputs"));
        let bound = (6.0 / fan_in).sqrt();
        (0..inputs * outputs).map(|_| single(bound * (2.0 * self.unit() - 1.0))).collect()
    }

    /// The numbers below `len` in a drawn order (Fisher and Yates).
    pub fn permutation(&mut self, len: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..len).collect();
        for last in (1..len).rev() {
            let bound = u64::try_from(last + 1).expect("a length is at most 64 bits");
            let drawn = usize::try_from(self.word() % bound).expect("below a length");
            order.swap(last, drawn);
        }
        order
    }
}

/// The golden ratio, as splitmix steps.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
