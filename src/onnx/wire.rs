//! A look at the bytes before protobuf decodes them.
//!
//! ONNX has no groups, an obsolete form of nesting. The decoder skips unknown
//! groups by recursion without a bound, so a file of a few megabytes could
//! exhaust the stack; such files are refused here. All messages that ONNX nests
//! are looked into, everything else is passed over.

/// Why the bytes are no ONNX protobuf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireFault {
    /// A field reaches beyond the end of what holds it.
    #[error("the file is no ONNX protobuf, or truncated")]
    Truncated,
    /// A group, or a kind of field that does not exist.
    #[error("the file is no ONNX protobuf: it has a field of unknown kind")]
    Kind,
    /// Messages within messages without end.
    #[error("the file is no ONNX protobuf: its messages are nested too deeply")]
    Depth,
}

/// Deeper nesting than any model has, and less than the decoder's own limit.
const MAX_DEPTH: usize = 64;

/// The messages of ONNX; [`Message::Leaf`] is any that holds no other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Function,
    Training,
    Tensor,
    SparseTensor,
    Annotation,
    ValueInfo,
    Type,
    TensorType,
    ElementType,
    Shape,
    Leaf,
}

/// Which message stands in which field of which other.
const NESTING: &[(Message, &[u64], Message)] = &[
    (Message::Model, &[7], Message::Graph),
    (Message::Model, &[20], Message::Training),
    (Message::Model, &[25], Message::Function),
    (Message::Model, &[8, 14], Message::Leaf),
    (Message::Graph, &[1], Message::Node),
    (Message::Graph, &[5], Message::Tensor),
    (Message::Graph, &[11, 12, 13], Message::ValueInfo),
    (Message::Graph, &[14], Message::Annotation),
    (Message::Graph, &[15], Message::SparseTensor),
    (Message::Graph, &[16], Message::Leaf),
    (Message::Node, &[5], Message::Attribute),
    (Message::Node, &[9], Message::Leaf),
    (Message::Attribute, &[5, 10], Message::Tensor),
    (Message::Attribute, &[6, 11], Message::Graph),
    (Message::Attribute, &[14, 15], Message::Type),
    (Message::Attribute, &[22, 23], Message::SparseTensor),
    (Message::Function, &[7], Message::Node),
    (Message::Function, &[11], Message::Attribute),
    (Message::Function, &[12], Message::ValueInfo),
    (Message::Function, &[9, 14], Message::Leaf),
    (Message::Training, &[1, 2], Message::Graph),
    (Message::Training, &[3, 4], Message::Leaf),
    (Message::Tensor, &[3, 13, 16], Message::Leaf),
    (Message::SparseTensor, &[1, 2], Message::Tensor),
    (Message::Annotation, &[2], Message::Leaf),
    (Message::ValueInfo, &[2], Message::Type),
    (Message::ValueInfo, &[4], Message::Leaf),
    (Message::Type, &[1, 8], Message::TensorType),
    (Message::Type, &[4, 5, 9], Message::ElementType),
    (Message::TensorType, &[2], Message::Shape),
    (Message::ElementType, &[1, 2], Message::Type),
    (Message::Shape, &[1], Message::Leaf),
];

/// Checks that `bytes` are fields of a model.
pub(super) fn check(bytes: &[u8]) -> Result<(), WireFault> {
    message(bytes, Message::Model, 0)
}

fn message(mut bytes: &[u8], kind: Message, depth: usize) -> Result<(), WireFault> {
    if depth > MAX_DEPTH {
        return Err(WireFault::Depth);
    }
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        match tag & 7 {
            0 => {
                varint(&mut bytes)?;
            }
            1 => skip(&mut bytes, 8)?,
            5 => skip(&mut bytes, 4)?,
            2 => {
                let len = varint(&mut bytes)?;
                let len = usize::try_from(len).map_err(|_| WireFault::Truncated)?;
                let (inside, rest) = bytes.split_at_checked(len).ok_or(WireFault::Truncated)?;
                let nested =
                    NESTING.iter().find(|row| row.0 == kind && row.1.contains(&(tag >> 3)));
                if let Some((_, _, kind)) = nested {
                    message(inside, *kind, depth + 1)?;
                }
                bytes = rest;
            }
            _ => return Err(WireFault::Kind),
        }
    }
    Ok(())
}

fn skip(bytes: &mut &[u8], len: usize) -> Result<(), WireFault> {
    *bytes = bytes.get(len..).ok_or(WireFault::Truncated)?;
    Ok(())
}

/// A number in groups of seven bits, the lowest first.
fn varint(bytes: &mut &[u8]) -> Result<u64, WireFault> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(WireFault::Truncated)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(WireFault::Truncated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_truncation_are_refused() {
        assert_eq!(check(&[0x08, 0x08]), Ok(()));
        assert_eq!(check(&vec![0x0b; 1 << 20]), Err(WireFault::Kind));
        assert_eq!(check(&[0x08]), Err(WireFault::Truncated));
        assert_eq!(check(&[0x3a, 0x05, 0x0a]), Err(WireFault::Truncated));
        assert_eq!(check(&[0x3a, 0x02, 0x0a, 0x00]), Ok(()));
        assert_eq!(check(&[0xff; 32]), Err(WireFault::Truncated));
    }

    /// A field of type `message`.
    fn field(number: u8, inside: &[u8]) -> Vec<u8> {
        let len = u16::try_from(inside.len()).unwrap();
        let mut bytes = vec![number << 3 | 2];
        bytes.extend([u8::try_from(len & 0x7f).unwrap() | 0x80, u8::try_from(len >> 7).unwrap()]);
        bytes.extend(inside);
        bytes
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels| {
            let mut graph = Vec::new();
            for _ in 0..levels {
                // A graph in an attribute of a node of a graph.
                graph = field(1, &field(5, &field(6, &graph)));
            }
            field(7, &graph)
        };
        assert_eq!(check(&nested(10)), Ok(()));
        assert_eq!(check(&nested(100)), Err(WireFault::Depth));
    }
}
