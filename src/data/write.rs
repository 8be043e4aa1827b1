//! Encoding blocks as npy and csv.

use std::fmt::Display;

use ndarray::{ArrayD, IxDyn};
use ndarray_npy::{WritableElement, WriteNpyExt};

use crate::numeric::tensor::{Block, Shape};

/// A block as the bytes of an npy file of shape `[events, ...shape]`.
pub fn npy<T>(block: &Block<T>, shape: &Shape) -> Vec<u8>
where
    T: WritableElement + Copy + Default,
{
    let mut dimensions = vec![block.events];
    dimensions.extend(&shape.0);
    let array =
        ArrayD::from_shape_vec(IxDyn(&dimensions), block.to_rows()).expect("a block of this shape");
    let mut bytes = Vec::new();
    array.write_npy(&mut bytes).expect("writing to memory succeeds");
    bytes
}

/// A block as csv: a header of `name[0],name[1],…` and a row for each event.
pub fn csv<T: Display + Copy + Default>(block: &Block<T>, name: &str) -> String {
    let elements = block.elements();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = (0..elements).map(|index| format!("{name}[{index}]"));
    writer.write_record(header).expect("writing to memory succeeds");
    for row in block.to_rows().chunks_exact(elements.max(1)) {
        writer.write_record(row.iter().map(ToString::to_string)).expect("rows of one length");
    }
    let bytes = writer.into_inner().expect("writing to memory succeeds");
    String::from_utf8(bytes).expect("numbers and names are UTF-8")
}
