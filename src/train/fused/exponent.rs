//! Powers of two of single precision by their bits: fast where there is one for each weight.

/// Adding it leaves a small whole number in the last bits.
const TO_LAST_BITS: f32 = 8_388_608.0;

/// The exponent field of one.
const OF_ONE: f32 = 127.0;

/// The bits behind the exponent.
const MANTISSA_BITS: u32 = f32::MANTISSA_DIGITS - 1;

/// The whole number nearest to a small number, the even one of two.
#[inline(always)]
pub(super) fn whole(n: f32) -> f32 {
    /// Keeps the sum between two powers of two, whose distance the last bits count.
    const MIDDLE: f32 = 1.5 * TO_LAST_BITS;
    n + MIDDLE - MIDDLE
}

/// `2^n` of a whole number `n`, as far as that is a normal number.
#[inline(always)]
pub(super) fn power_of_two(n: f32) -> f32 {
    f32::from_bits((n + OF_ONE + TO_LAST_BITS).to_bits() << MANTISSA_BITS)
}

/// The least `n` with `|x| < 2^n`, of a normal number `x`.
#[inline(always)]
pub(super) fn exponent(x: f32) -> f32 {
    let field = x.abs().to_bits() >> MANTISSA_BITS;
    f32::from_bits(TO_LAST_BITS.to_bits() | field) - TO_LAST_BITS - OF_ONE + 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_become_whole() {
        for eighth in -400_i16..400 {
            let n = f32::from(eighth) / 8.0;
            assert_eq!(whole(n).to_bits(), (n.round_ties_even() + 0.0).to_bits(), "{n}");
        }
    }

    #[test]
    fn powers_and_exponents_are_exact() {
        for n in -126_i16..128 {
            let power = f64::from(n).exp2();
            assert_eq!(f64::from(power_of_two(f32::from(n))).to_bits(), power.to_bits());
            for x in [1.0, 1.5, 2.0_f32.next_down()] {
                for x in [x, -x] {
                    let x = power_of_two(f32::from(n)) * x;
                    assert_eq!(exponent(x).to_bits(), f32::from(n + 1).to_bits(), "{x:e}");
                }
            }
        }
    }
}
