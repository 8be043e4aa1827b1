//! [`Random`]: numbers that are the same on every machine.

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
        let bits = u32::try_from(self.word() >> 32).expect("32 bits are left");
        f64::from(bits) / 4_294_967_296.0
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

/// A word whose every bit depends on every bit of `word`.
pub fn mixed(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
