//! Rounding and overflow modes: the one place that says what each of them does.

use std::fmt;
use std::str::FromStr;

use super::format::FixedFormat;

/// How low bits are dropped; the names of `ap_fixed` without their `AP_`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rounding {
    /// `TRN`: toward minus infinity.
    Floor,
    /// `TRN_ZERO`: toward zero.
    TowardZero,
    /// `RND`: to nearest, ties toward plus infinity.
    NearestUp,
    /// `RND_ZERO`: to nearest, ties toward zero.
    NearestZero,
    /// `RND_INF`: to nearest, ties away from zero.
    NearestAway,
    /// `RND_MIN_INF`: to nearest, ties toward minus infinity.
    NearestDown,
    /// `RND_CONV`: to nearest, ties to even.
    NearestEven,
}

/// What happens to a value outside the format; the names of `ap_fixed` without their `AP_`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Overflow {
    /// `WRAP`: high bits are dropped.
    Wrap,
    /// `SAT`: the nearest bound.
    Saturate,
    /// `SAT_ZERO`: zero.
    SaturateZero,
    /// `SAT_SYM`: the nearest bound, and the lower bound is minus the upper one.
    SaturateSymmetric,
}

macro_rules! mode_names {
    ($mode:ident, $what:literal, $($variant:ident => $name:literal,)*) => {
        impl $mode {
            /// Every mode, in the order of the `ap_fixed` manual.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name as in `ap_fixed`, without `AP_`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        impl fmt::Display for $mode {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $mode {
            type Err = UnknownMode;
            fn from_str(text: &str) -> Result<Self, UnknownMode> {
                let name = text.strip_prefix("AP_").unwrap_or(text);
                Self::ALL.iter().copied().find(|mode| mode.name() == name).ok_or_else(|| {
                    UnknownMode { what: $what, text: text.to_owned(), known: &[$($name),*] }
                })
            }
        }
    };
}

mode_names! { Rounding, "rounding",
    Floor => "TRN",
    TowardZero => "TRN_ZERO",
    NearestUp => "RND",
    NearestZero => "RND_ZERO",
    NearestAway => "RND_INF",
    NearestDown => "RND_MIN_INF",
    NearestEven => "RND_CONV",
}

mode_names! { Overflow, "overflow",
    Wrap => "WRAP",
    Saturate => "SAT",
    SaturateZero => "SAT_ZERO",
    SaturateSymmetric => "SAT_SYM",
}

impl Overflow {
    /// True when a larger value never gives a smaller result.
    pub fn is_monotone(self) -> bool {
        match self {
            Self::Saturate | Self::SaturateSymmetric => true,
            Self::Wrap | Self::SaturateZero => false,
        }
    }
}

/// The name of no mode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what} mode: write one of {}", known.join(", "))]
pub struct UnknownMode {
    what: &'static str,
    text: String,
    known: &'static [&'static str],
}

/// `value / 2^shift`, rounded.
pub fn shift_right(value: i128, shift: u32, rounding: Rounding) -> i128 {
    if shift == 0 {
        return value;
    }
    if shift > 126 {
        return shift_right(value.signum(), 2, rounding);
    }
    let floor = value >> shift;
    let rest = value - (floor << shift);
    let half = 1_i128 << (shift - 1);
    let up = match rounding {
        Rounding::Floor => false,
        Rounding::TowardZero => value < 0 && rest != 0,
        Rounding::NearestUp => rest >= half,
        Rounding::NearestDown => rest > half,
        Rounding::NearestZero => rest > half || (rest == half && value < 0),
        Rounding::NearestAway => rest > half || (rest == half && value >= 0),
        Rounding::NearestEven => rest > half || (rest == half && floor & 1 == 1),
    };
    floor + i128::from(up)
}

/// `raw` brought into the range of `format`.
pub fn overflow(raw: i128, format: FixedFormat, overflow: Overflow) -> i64 {
    let (min, max) = (format.min_raw(), format.max_raw());
    let narrow = |raw: i128| i64::try_from(raw).expect("a wrapped value fits its format");
    let below = raw < i128::from(min);
    let above = raw > i128::from(max);
    match overflow {
        Overflow::SaturateSymmetric if format.signed() && raw <= i128::from(min) => -max,
        _ if !below && !above => narrow(raw),
        Overflow::Wrap => {
            let modulus = 1_i128 << format.width();
            let low = raw.rem_euclid(modulus);
            narrow(if low > i128::from(max) { low - modulus } else { low })
        }
        Overflow::Saturate | Overflow::SaturateSymmetric => {
            if below {
                min
            } else {
                max
            }
        }
        Overflow::SaturateZero => 0,
    }
}
