//! The blocks that the content of a record is compressed in.
//!
//! Each begins with two letters for the method, a byte, and its sizes before and behind, three
//! bytes each with the low byte first.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::super::store::Refusal;

/// The bytes in front of each block.
const HEADER: usize = 9;

/// The content of a record that has `size` bytes when it is not compressed.
pub(super) fn content(stored: &[u8], size: usize) -> Result<Vec<u8>, Refusal> {
    if stored.len() == size {
        return Ok(stored.to_vec());
    }
    let mut content = Vec::new();
    let mut rest = stored;
    while content.len() < size {
        let Some((header, after)) = rest.split_first_chunk::<HEADER>() else {
            return Err(Refusal::damaged("compressed data end too early"));
        };
        let [a, b, _, sizes @ ..] = header;
        let [packed, plain] = [&sizes[..3], &sizes[3..]].map(three_bytes);
        if packed > after.len() || plain == 0 || content.len() + plain > size {
            return Err(Refusal::damaged("the sizes of compressed data do not match"));
        }
        let (block, next) = after.split_at(packed);
        let before = content.len();
        match &[*a, *b] {
            b"ZL" => inflate(&mut content, ZlibDecoder::new(block), plain)?,
            b"ZS" => zstd(&mut content, block, plain)?,
            b"L4" => lz4(&mut content, block, plain)?,
            b"XZ" => return Err(other("compressed with LZMA")),
            b"CS" => return Err(other("compressed with the old method of ROOT")),
            _ => return Err(Refusal::damaged("it is compressed in no known way")),
        }
        if content.len() - before != plain {
            return Err(Refusal::damaged("compressed data end too early"));
        }
        rest = next;
    }
    Ok(content)
}

fn three_bytes(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |size, byte| size << 8 | usize::from(*byte))
}

/// A compression that is not read, with what to type instead.
fn other(what: &'static str) -> Refusal {
    let help =
        "compress it anew: `hadd -f404 new.root old.root`, or write the branches with uproot";
    Refusal::Kind { what, help: help.to_owned() }
}

fn inflate(content: &mut Vec<u8>, reader: impl Read, size: usize) -> Result<(), Refusal> {
    // One more byte than promised, to notice what is longer.
    let most = u64::try_from(size).expect("three bytes") + 1;
    let read = reader.take(most).read_to_end(content);
    read.map(|_| ()).map_err(|error| Refusal::Damaged(error.to_string()))
}

#[cfg(feature = "tables")]
fn zstd(content: &mut Vec<u8>, block: &[u8], size: usize) -> Result<(), Refusal> {
    let reader = zstd::stream::read::Decoder::new(block);
    inflate(content, reader.map_err(|error| Refusal::Damaged(error.to_string()))?, size)
}

#[cfg(feature = "tables")]
fn lz4(content: &mut Vec<u8>, block: &[u8], size: usize) -> Result<(), Refusal> {
    /// A checksum of the block stands in front of it.
    const CHECKSUM: usize = 8;
    let Some(block) = block.get(CHECKSUM..) else {
        return Err(Refusal::damaged("compressed data end too early"));
    };
    let mut plain = vec![0; size];
    let written = lz4_flex::block::decompress_into(block, &mut plain);
    let written = written.map_err(|error| Refusal::Damaged(error.to_string()))?;
    content.extend(&plain[..written]);
    Ok(())
}

#[cfg(not(feature = "tables"))]
fn zstd(_content: &mut Vec<u8>, _block: &[u8], _size: usize) -> Result<(), Refusal> {
    Err(left_out("compressed with zstd, and this trigforge was built without it"))
}

#[cfg(not(feature = "tables"))]
fn lz4(_content: &mut Vec<u8>, _block: &[u8], _size: usize) -> Result<(), Refusal> {
    Err(left_out("compressed with LZ4, and this trigforge was built without it"))
}

#[cfg(not(feature = "tables"))]
fn left_out(what: &'static str) -> Refusal {
    let help = "build it again: `cargo install --path . --features tables`";
    Refusal::Kind { what, help: help.to_owned() }
}
