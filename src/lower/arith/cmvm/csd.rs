//! Signed digits: the canonic form of an integer, with the fewest nonzero digits.

/// The nonzero digits of `value`, lowest first: `(exponent, negative)` stands for `±2^exponent`.
///
/// No two neighbors are both nonzero, which makes the form unique and shortest.
pub(super) fn digits(value: i64) -> impl Iterator<Item = (i16, bool)> {
    let mut rest = i128::from(value);
    let mut exponent = 0;
    std::iter::from_fn(move || {
        if rest == 0 {
            return None;
        }
        let zeros = rest.trailing_zeros();
        rest >>= zeros;
        exponent += i16::try_from(zeros).expect("at most 64");
        let negative = rest & 3 == 3;
        rest += if negative { 1 } else { -1 };
        Some((exponent, negative))
    })
}

/// The number of nonzero digits of `value`.
pub(super) fn weight(value: i64) -> u32 {
    weight_wide(i128::from(value))
}

/// The number of nonzero digits of `value`, which has at most 126 bits.
pub(super) fn weight_wide(value: i128) -> u32 {
    (value ^ (value * 3)).count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_add_up_and_have_no_neighbors() {
        let check = |value: i64| {
            let digits: Vec<_> = digits(value).collect();
            let sum: i128 =
                digits.iter().map(|(e, negative)| (1 << e) * if *negative { -1 } else { 1 }).sum();
            assert_eq!(sum, i128::from(value));
            assert!(digits.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 2));
            assert_eq!(digits.len(), weight(value) as usize);
        };
        (-300..300).for_each(check);
        [i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1].into_iter().for_each(check);
    }
}
