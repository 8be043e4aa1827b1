//! Other roundings as the nearest code, ties to even, which is the only one that `QuantizeLinear` knows.
//!
//! Where values are whole numbers of units finer than the step, half a unit moves every tie to one side
//! without moving anything else across: with `u = 2^-f` and `s` the step,
//!
//! - `RND(x) = even(x + u/2)` and `RND_MIN_INF(x) = even(x - u/2)`;
//! - `TRN(x) = even(x - s/2 + u/2)`.
//!
//! Roundings toward zero and away from it are among these where there is no negative value.

use crate::numeric::interval::{Interval, scale};
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::Rounding;

/// What is added to values of a range before they are rounded to the nearest, ties to even, so that the
/// result is that of `own`; none where no term does that. Values without a range are not on a grid.
pub(super) fn offset(own: Quantizer, range: Option<Interval>) -> Option<f64> {
    let (step, dropped) = (own.format.step(), range.map(|range| range.frac() - own.format.frac()));
    if own.rounding == Rounding::NearestEven || dropped.is_some_and(|bits| bits <= 0) {
        return Some(0.0);
    }
    let range = range?;
    let half = scale(1, range.frac()) / 2.0;
    let is_positive = range.lo() >= 0;
    match own.rounding {
        Rounding::NearestUp => Some(half),
        Rounding::NearestDown => Some(-half),
        Rounding::Floor => Some(half - step / 2.0),
        Rounding::TowardZero => is_positive.then_some(half - step / 2.0),
        Rounding::NearestAway => is_positive.then_some(half),
        Rounding::NearestZero => is_positive.then_some(-half),
        Rounding::NearestEven => Some(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::quantizer::decompose;

    #[test]
    fn ties_fall_where_every_rounding_wants_them() {
        let mut expressed = 0;
        for rounding in Rounding::ALL {
            let text = format!("fixed<6,3,{rounding},SAT>");
            let own: Quantizer = text.parse().unwrap();
            let even = Quantizer { rounding: Rounding::NearestEven, ..own };
            for (frac, lowest) in (1..7).flat_map(|frac| [(frac, -200), (frac, 0)]) {
                let Some(offset) = offset(own, Some(Interval::new(lowest, 200, frac))) else {
                    assert!(lowest < 0 && own.rounding != Rounding::NearestEven, "{own}");
                    continue;
                };
                expressed += 1;
                // Half a unit is one bit finer.
                let (raw, exponent) = decompose(offset);
                let moved = |x: i64| 2 * x + (raw << (exponent + i32::from(frac) + 1).max(0));
                for x in lowest..=200 {
                    let found = even.apply(moved(x), frac + 1);
                    assert_eq!(found, own.apply(x, frac), "{own} of {x} / 2^{frac}");
                }
            }
        }
        // Three roundings are odd functions, and those have no term where six signs and grids drop bits.
        assert_eq!(expressed, 7 * 12 - 3 * 3);
        let real: Quantizer = "fixed<6,3,RND,SAT>".parse().unwrap();
        assert_eq!(offset(real, None), None);
    }
}
