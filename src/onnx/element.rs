//! [`ElementType`]: the number types of ONNX tensors.

use half::{bf16, f16};

use crate::numeric::quantizer::decompose;

/// What the elements of an ONNX tensor are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElementType {
    Float16,
    BFloat16,
    Float32,
    Float64,
    Int4,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt4,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Bool,
}

/// What an element type that cannot be imported is called, by its number in the file.
pub(super) fn unsupported_name(code: i64) -> String {
    let name = match code {
        8 => "string",
        14 => "complex64",
        15 => "complex128",
        17 => "float8e4m3fn",
        18 => "float8e4m3fnuz",
        19 => "float8e5m2",
        20 => "float8e5m2fnuz",
        23 => "float4e2m1",
        24 => "float8e8m0",
        25 => "uint2",
        26 => "int2",
        _ => return format!("number {code}"),
    };
    format!("`{name}`")
}

impl ElementType {
    /// The type with this number in `TensorProto.DataType`, if it is a number that can be imported.
    pub(super) fn from_code(code: i32) -> Option<Self> {
        Some(match code {
            1 => Self::Float32,
            2 => Self::UInt8,
            3 => Self::Int8,
            4 => Self::UInt16,
            5 => Self::Int16,
            6 => Self::Int32,
            7 => Self::Int64,
            9 => Self::Bool,
            10 => Self::Float16,
            11 => Self::Float64,
            12 => Self::UInt32,
            13 => Self::UInt64,
            16 => Self::BFloat16,
            21 => Self::UInt4,
            22 => Self::Int4,
            _ => return None,
        })
    }

    /// True for floating point.
    pub(super) fn is_float(self) -> bool {
        self.int_range().is_none()
    }

    /// The lowest and the highest value of an integer type; `None` for floating point.
    ///
    /// 64-bit unsigned values are kept up to `i64::MAX`.
    pub(super) fn int_range(self) -> Option<(i64, i64)> {
        let signed = |bits: u32| Some((-1 << (bits - 1), i64::MAX >> (64 - bits)));
        let unsigned = |bits: u32| Some((0, i64::MAX >> (63 - bits)));
        match self {
            Self::Float16 | Self::BFloat16 | Self::Float32 | Self::Float64 => None,
            Self::Int4 => signed(4),
            Self::Int8 => signed(8),
            Self::Int16 => signed(16),
            Self::Int32 => signed(32),
            Self::Int64 => signed(64),
            Self::UInt4 => unsigned(4),
            Self::UInt8 => unsigned(8),
            Self::UInt16 => unsigned(16),
            Self::UInt32 => unsigned(32),
            Self::UInt64 => unsigned(63),
            Self::Bool => unsigned(1),
        }
    }

    /// `value` rounded as arithmetic in this type rounds it; unchanged for integers.
    pub(super) fn round(self, value: f64) -> f64 {
        match self {
            Self::Float16 => f16::from_f64(value).to_f64(),
            Self::BFloat16 => bf16::from_f64(value).to_f64(),
            Self::Float32 => {
                #[expect(clippy::cast_possible_truncation, reason = "rounding is what is meant")]
                let single = value as f32;
                f64::from(single)
            }
            Self::Float64
            | Self::Int4
            | Self::Int8
            | Self::Int16
            | Self::Int32
            | Self::Int64
            | Self::UInt4
            | Self::UInt8
            | Self::UInt16
            | Self::UInt32
            | Self::UInt64
            | Self::Bool => value,
        }
    }
}

/// The integer that `value` is, if it is one of 63 bits.
pub(super) fn whole(value: f64) -> Option<i64> {
    if !value.is_finite() {
        return None;
    }
    let (mantissa, exponent) = decompose(value);
    let shift = u32::try_from(exponent).ok()?;
    i64::try_from(i128::from(mantissa).checked_shl(shift.min(64))?).ok()
}
