//! `TensorProto` to [`Tensor`]: typed fields, raw bytes, external files.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use half::{bf16, f16};
use onnx_protobuf::TensorProto;
use onnx_protobuf::tensor_proto::DataLocation;

use super::element::{ElementType, unsupported_name};
use super::tensor::{MAX_ELEMENTS, Tensor, checked_len};
use crate::diag::{Code, Diagnostic};

/// The tensor, whichever way it is stored.
pub(super) fn tensor(
    proto: &TensorProto,
    external: &BTreeMap<String, Vec<u8>>,
) -> Result<Tensor, Diagnostic> {
    let element = ElementType::from_code(proto.data_type).ok_or_else(|| {
        let message =
            format!("the tensor has element type {}", unsupported_name(proto.data_type.into()));
        let help = "store it as float16, bfloat16, float32, float64, or as integers up to 64 bits";
        Diagnostic::error(Code::O0011, message, help)
    })?;
    let dims: Option<Vec<usize>> =
        proto.dims.iter().map(|len| usize::try_from(*len).ok()).collect();
    let shape = dims.ok_or_else(|| unreadable("a dimension of the tensor is negative"))?;
    let len = checked_len(shape.iter().copied())
        .ok_or_else(|| unreadable(format!("the tensor has more than {MAX_ELEMENTS} elements")))?;
    let values = if proto.data_location.enum_value_or_default() == DataLocation::EXTERNAL {
        from_bytes(element, external_bytes(proto, external)?, len)
    } else if proto.raw_data.is_empty() {
        typed(element, proto, len)
    } else {
        from_bytes(element, &proto.raw_data, len)
    };
    let values = values?;
    let found = match &values {
        Values::Float(values) => values.len(),
        Values::Int(values) => values.len(),
    };
    if found != len {
        return Err(unreadable(format!("the tensor has {found} values, its shape needs {len}")));
    }
    Ok(match values {
        Values::Float(values) => Tensor::float(shape, element, values),
        Values::Int(values) => Tensor::int(shape, element, values),
    })
}

/// The external file that a tensor lives in, if it does; refused when it leaves the model's folder.
pub(super) fn external_location(proto: &TensorProto) -> Result<Option<&str>, Diagnostic> {
    if proto.data_location.enum_value_or_default() != DataLocation::EXTERNAL {
        return Ok(None);
    }
    let location = entry(proto, "location")
        .ok_or_else(|| unreadable("its external data has no `location`"))?;
    let path = Path::new(location);
    let stays_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    // On other systems a backslash separates folders and a colon follows a drive.
    if location.is_empty() || !stays_inside || location.contains(['\\', ':']) {
        return Err(Diagnostic::error(
            Code::O0009,
            format!("external data file `{location}` lies outside the model's folder"),
            "store the data beside the model, and name it by a relative path without `..`",
        ));
    }
    Ok(Some(location))
}

enum Values {
    Float(Vec<f64>),
    Int(Vec<i64>),
}

fn unreadable(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::O0009, message, "export the model again, with all its data files")
}

fn entry<'a>(proto: &'a TensorProto, key: &str) -> Option<&'a str> {
    proto.external_data.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
}

fn external_bytes<'a>(
    proto: &TensorProto,
    external: &'a BTreeMap<String, Vec<u8>>,
) -> Result<&'a [u8], Diagnostic> {
    let location = external_location(proto)?
        .ok_or_else(|| unreadable("its external data has no `location`"))?;
    let file = external
        .get(location)
        .ok_or_else(|| unreadable(format!("external data file `{location}` was not found")))?;
    let number = |key: &str, default: usize| match entry(proto, key) {
        None => Ok(default),
        Some(text) => text.parse::<usize>().map_err(|_| {
            unreadable(format!("`{key}` of its external data is no number: `{text}`"))
        }),
    };
    let offset = number("offset", 0)?;
    let length = number("length", file.len().saturating_sub(offset))?;
    offset.checked_add(length).and_then(|end| file.get(offset..end)).ok_or_else(|| {
        unreadable(format!(
            "external data file `{location}` has {} bytes, but bytes from {offset} on, {length} \
             of them, are needed",
            file.len()
        ))
    })
}

/// Little-endian bytes; four-bit integers two in a byte, the lower bits first.
fn from_bytes(element: ElementType, bytes: &[u8], len: usize) -> Result<Values, Diagnostic> {
    fn words<const N: usize, T>(bytes: &[u8], f: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        let (words, rest) = bytes.as_chunks::<N>();
        rest.is_empty().then(|| words.iter().map(|word| f(*word)).collect())
    }
    let float = |values: Option<Vec<f64>>| values.map(Values::Float);
    let int = |values: Option<Vec<i64>>| values.map(Values::Int);
    let values = match element {
        ElementType::Float16 => float(words(bytes, |word| f16::from_le_bytes(word).to_f64())),
        ElementType::BFloat16 => float(words(bytes, |word| bf16::from_le_bytes(word).to_f64())),
        ElementType::Float32 => float(words(bytes, |word| f64::from(f32::from_le_bytes(word)))),
        ElementType::Float64 => float(words(bytes, f64::from_le_bytes)),
        ElementType::Int8 => int(words(bytes, |word| i64::from(i8::from_le_bytes(word)))),
        ElementType::Int16 => int(words(bytes, |word| i64::from(i16::from_le_bytes(word)))),
        ElementType::Int32 => int(words(bytes, |word| i64::from(i32::from_le_bytes(word)))),
        ElementType::Int64 => int(words(bytes, i64::from_le_bytes)),
        ElementType::UInt8 => int(words(bytes, |[byte]| i64::from(byte))),
        ElementType::UInt16 => int(words(bytes, |word| i64::from(u16::from_le_bytes(word)))),
        ElementType::UInt32 => int(words(bytes, |word| i64::from(u32::from_le_bytes(word)))),
        ElementType::UInt64 => match words(bytes, u64::from_le_bytes) {
            Some(values) => int(Some(signed(values)?)),
            None => None,
        },
        ElementType::Bool => int(words(bytes, |[byte]| i64::from(byte != 0))),
        ElementType::Int4 | ElementType::UInt4 => Some(Values::Int(nibbles(element, bytes, len))),
    };
    values.ok_or_else(|| unreadable("the bytes of the tensor are no whole number of elements"))
}

/// The field of the protobuf that belongs to the element type.
fn typed(element: ElementType, proto: &TensorProto, len: usize) -> Result<Values, Diagnostic> {
    let half = |bits: &i32| u16::try_from(*bits).ok();
    let bits = || -> Result<Vec<u16>, Diagnostic> {
        let words: Option<Vec<u16>> = proto.int32_data.iter().map(half).collect();
        words.ok_or_else(|| unreadable("a 16-bit float of the tensor has more than 16 bits"))
    };
    Ok(match element {
        ElementType::Float16 => {
            Values::Float(bits()?.into_iter().map(|bits| f16::from_bits(bits).to_f64()).collect())
        }
        ElementType::BFloat16 => {
            Values::Float(bits()?.into_iter().map(|bits| bf16::from_bits(bits).to_f64()).collect())
        }
        ElementType::Float32 => {
            Values::Float(proto.float_data.iter().copied().map(f64::from).collect())
        }
        ElementType::Float64 => Values::Float(proto.double_data.clone()),
        ElementType::Int64 => Values::Int(proto.int64_data.clone()),
        ElementType::UInt32 | ElementType::UInt64 => {
            Values::Int(signed(proto.uint64_data.clone())?)
        }
        ElementType::Int4 | ElementType::UInt4 => {
            let bytes: Option<Vec<u8>> =
                proto.int32_data.iter().map(|byte| u8::try_from(byte & 0xff).ok()).collect();
            Values::Int(nibbles(element, &bytes.expect("eight bits"), len))
        }
        ElementType::Int8
        | ElementType::Int16
        | ElementType::Int32
        | ElementType::UInt8
        | ElementType::UInt16
        | ElementType::Bool => {
            let values: Vec<i64> = proto.int32_data.iter().copied().map(i64::from).collect();
            let (lo, hi) = element.int_range().expect("an integer type");
            if values.iter().any(|value| !(lo..=hi).contains(value)) {
                return Err(unreadable("a value of the tensor lies outside its element type"));
            }
            Values::Int(values)
        }
    })
}

fn signed(values: Vec<u64>) -> Result<Vec<i64>, Diagnostic> {
    let values: Option<Vec<i64>> =
        values.into_iter().map(|value| i64::try_from(value).ok()).collect();
    values.ok_or_else(|| unreadable("a value of the tensor has more than 63 bits"))
}

fn nibbles(element: ElementType, bytes: &[u8], len: usize) -> Vec<i64> {
    let (_, hi) = element.int_range().expect("an integer type");
    let value = |nibble: u8| {
        let value = i64::from(nibble);
        if value > hi { value - 16 } else { value }
    };
    let mut values: Vec<i64> =
        bytes.iter().flat_map(|byte| [value(byte & 15), value(byte >> 4)]).collect();
    // An odd number of elements leaves the upper half of the last byte empty.
    if values.len() == len + 1 {
        values.pop();
    }
    values
}
