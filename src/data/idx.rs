//! The idx format of MNIST and its kin: two zero bytes, the type of the elements, the number of
//! dimensions, each dimension in four bytes, and the elements; all of them big end first.

use super::read::{Array, undecodable};
use crate::diag::Diagnostic;

/// The array of an idx file.
///
/// # Errors
/// D0503 where the bytes are no such array.
pub(super) fn decode(name: &str, bytes: &[u8]) -> Result<Array, Diagnostic> {
    array(bytes).map_err(|why| undecodable(name, why))
}

fn array(bytes: &[u8]) -> Result<Array, &'static str> {
    const SHORT: &str = "it ends before its last element";
    let ([0, 0, element, dimensions], mut rest) = bytes.split_first_chunk().ok_or(SHORT)? else {
        return Err("it does not begin as idx files do, with two zero bytes");
    };
    let mut shape = Vec::new();
    for _ in 0..*dimensions {
        let (dimension, after) = rest.split_first_chunk().ok_or(SHORT)?;
        shape.push(usize::try_from(u32::from_be_bytes(*dimension)).map_err(|_| SHORT)?);
        rest = after;
    }
    let values: Vec<f64> = match element {
        0x08 => rest.iter().map(|byte| f64::from(*byte)).collect(),
        0x09 => elements(rest, |bytes| f64::from(i8::from_be_bytes(bytes))),
        0x0b => elements(rest, |bytes| f64::from(i16::from_be_bytes(bytes))),
        0x0c => elements(rest, |bytes| f64::from(i32::from_be_bytes(bytes))),
        0x0d => elements(rest, |bytes| f64::from(f32::from_be_bytes(bytes))),
        0x0e => elements(rest, f64::from_be_bytes),
        _ => return Err("its elements are of no type that idx files have"),
    };
    let promised = shape.iter().copied().fold(1, usize::saturating_mul);
    match values.len().cmp(&promised) {
        std::cmp::Ordering::Less => Err(SHORT),
        std::cmp::Ordering::Greater => Err("it goes on behind its last element"),
        std::cmp::Ordering::Equal => Ok(Array { name: None, shape, values }),
    }
}

fn elements<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|chunk| number(*chunk)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_every_type_are_read() {
        let check = |bytes: &[u8], expected: Result<&[f64], &str>| {
            let values = array(bytes).map(|array| array.values);
            assert_eq!(values.as_deref().map_err(|why| *why), expected);
        };
        check(&[0, 0, 8, 1, 0, 0, 0, 2, 7, 255], Ok(&[7.0, 255.0]));
        check(&[0, 0, 9, 1, 0, 0, 0, 1, 255], Ok(&[-1.0]));
        check(&[0, 0, 11, 1, 0, 0, 0, 1, 1, 2], Ok(&[258.0]));
        check(&[0, 0, 12, 1, 0, 0, 0, 1, 255, 255, 255, 254], Ok(&[-2.0]));
        check(&[0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0], Ok(&[1.5]));
        check(&[0, 0, 14, 1, 0, 0, 0, 1, 0xc0, 4, 0, 0, 0, 0, 0, 0], Ok(&[-2.5]));
        check(&[0, 0, 8, 1, 0, 0, 0, 2, 7], Err("it ends before its last element"));
        check(&[0, 0, 8, 1, 0, 0, 0, 1, 7, 7], Err("it goes on behind its last element"));
        check(&[0, 0, 8, 3, 0, 0], Err("it ends before its last element"));
        check(&[0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255], {
            Err("it ends before its last element")
        });
        check(&[0, 0, 10, 0, 1], Err("its elements are of no type that idx files have"));
        check(b"\x1f\x8b..", Err("it does not begin as idx files do, with two zero bytes"));
    }
}
