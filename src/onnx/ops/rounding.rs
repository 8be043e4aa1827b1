//! [`Mode`]: how quantizers of a model round.

use crate::numeric::round::Rounding;
use crate::onnx::element::whole;

/// A rounding mode of QONNX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// One that formats have.
    To(Rounding),
    /// Toward plus infinity.
    Ceiling,
    /// Away from zero.
    AwayFromZero,
}

impl Mode {
    /// The mode that QONNX calls `name`, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "ROUND" | "HALF_EVEN" => Self::To(Rounding::NearestEven),
            "FLOOR" => Self::To(Rounding::Floor),
            "CEIL" => Self::Ceiling,
            "UP" => Self::AwayFromZero,
            "DOWN" | "ROUND_TO_ZERO" => Self::To(Rounding::TowardZero),
            "HALF_UP" => Self::To(Rounding::NearestAway),
            "HALF_DOWN" => Self::To(Rounding::NearestZero),
            _ => return None,
        })
    }

    /// `x` rounded to a whole number.
    pub(super) fn apply(self, x: f64) -> f64 {
        match self {
            Self::To(Rounding::Floor) => x.floor(),
            Self::To(Rounding::TowardZero) => x.trunc(),
            Self::To(Rounding::NearestEven) => x.round_ties_even(),
            Self::To(Rounding::NearestAway) => x.round(),
            Self::To(Rounding::NearestZero) => (x.abs() - 0.5).ceil().copysign(x),
            Self::To(Rounding::NearestUp) => -Self::half_floor(-x),
            Self::To(Rounding::NearestDown) => Self::half_floor(x),
            Self::Ceiling => x.ceil(),
            Self::AwayFromZero => x.abs().ceil().copysign(x),
        }
    }

    /// True when rounding `x + zero` is rounding `x`, plus `zero`, for every `x`.
    pub(super) fn commutes_with(self, zero: f64) -> bool {
        let Some(zero_whole) = whole(zero) else {
            return false;
        };
        match self {
            Self::To(Rounding::Floor | Rounding::NearestUp | Rounding::NearestDown)
            | Self::Ceiling => true,
            // Adding an odd number would turn even neighbors into odd ones.
            Self::To(Rounding::NearestEven) => zero_whole % 2 == 0,
            Self::To(Rounding::TowardZero | Rounding::NearestZero | Rounding::NearestAway)
            | Self::AwayFromZero => zero_whole == 0,
        }
    }

    /// To nearest, ties toward minus infinity.
    fn half_floor(x: f64) -> f64 {
        let floor = x.floor();
        if x - floor > 0.5 { floor + 1.0 } else { floor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "whole numbers are exact")]
    fn modes_round_as_qonnx_says() {
        let points = [-2.5, -1.5, -0.75, -0.5, 0.5, 1.25, 1.5, 2.5];
        let check = |name: &str, expected: [f64; 8]| {
            let mode = Mode::named(name).unwrap();
            assert_eq!(points.map(|x| mode.apply(x)), expected, "{name}");
        };
        check("ROUND", [-2.0, -2.0, -1.0, 0.0, 0.0, 1.0, 2.0, 2.0]);
        check("FLOOR", [-3.0, -2.0, -1.0, -1.0, 0.0, 1.0, 1.0, 2.0]);
        check("CEIL", [-2.0, -1.0, 0.0, 0.0, 1.0, 2.0, 2.0, 3.0]);
        check("UP", [-3.0, -2.0, -1.0, -1.0, 1.0, 2.0, 2.0, 3.0]);
        check("DOWN", [-2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0]);
        check("HALF_UP", [-3.0, -2.0, -1.0, -1.0, 1.0, 1.0, 2.0, 3.0]);
        check("half_down", [-2.0, -1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 2.0]);
        assert_eq!(Mode::named("STOCHASTIC"), None);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "quarters are exact")]
    fn commuting_is_decided_by_the_definition() {
        for mode in ["ROUND", "FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN"] {
            let mode = Mode::named(mode).unwrap();
            for zero in [-2.0, -1.0, 0.0, 0.5, 1.0, 4.0] {
                let points = (-40..=40).map(|quarter| f64::from(quarter) / 4.0);
                let commutes =
                    points.into_iter().all(|x| mode.apply(x + zero) == mode.apply(x) + zero);
                assert_eq!(mode.commutes_with(zero), commutes, "{mode:?} {zero}");
            }
        }
    }
}
