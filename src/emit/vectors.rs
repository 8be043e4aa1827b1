//! Test vectors: blocks of events as hexadecimal lines, one line for each event.
//!
//! A line holds all ports of one side, the first port in the lowest bits, each
//! packed as its [`Pins`] say. `$fscanf("%h")`, `$readmemh` and the Verilator
//! harness read the same lines.

use std::fmt::Write;

use super::interface::{Element, Pins};
use crate::numeric::tensor::Block;

/// Why a line is not the outputs of an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VectorError {
    /// A line is too short, too long, or holds something else than hexadecimal digits: an unknown
    /// value `x`, for instance.
    #[error("line {line} is not a vector of {width} bits: `{text}`")]
    Line {
        /// The number of the line, from 1.
        line: usize,
        /// The bits that it should have.
        width: u64,
        /// What it says.
        text: String,
    },
    /// There are not as many lines as events.
    #[error("{found} lines where {expected} events are expected")]
    Events {
        /// The events that went in.
        expected: usize,
        /// The lines that came out.
        found: usize,
    },
}

/// The lines for `blocks`, one block for each port, each at the binary point [`Pins::frac`].
///
/// Values must lie in their elements' formats.
pub fn write(ports: &[Pins], blocks: &[Block<i64>]) -> String {
    let width: u64 = ports.iter().map(|pins| pins.width).sum();
    let digits = usize::try_from(width.div_ceil(4)).expect("a port fits in memory");
    let events = blocks.iter().map(|block| block.events).max().unwrap_or(0);
    let mut text = String::with_capacity(events * (digits + 1));
    for event in 0..events {
        Bits { words: pack(ports, blocks, event) }.print(digits, &mut text);
    }
    text
}

/// The bits of one event in words of 64, the first port lowest.
pub fn pack(ports: &[Pins], blocks: &[Block<i64>], event: usize) -> Vec<u64> {
    let mut bits = Bits::zeros(ports.iter().map(|pins| pins.width).sum());
    let mut offset = 0;
    for (pins, block) in ports.iter().zip(blocks) {
        for (index, element) in pins.elements.iter().enumerate() {
            let raw = to_element(block.element(index)[event], block.frac, element);
            bits.set(offset + element.low, element.width, raw);
        }
        offset += pins.width;
    }
    bits.words
}

/// The blocks of one event that `words` of 64 bits hold, as [`pack`] packs them.
pub fn unpack(ports: &[Pins], words: &[u64]) -> Vec<Block<i64>> {
    let mut blocks: Vec<Block<i64>> =
        ports.iter().map(|pins| Block::zeros(pins.elements.len(), 1, pins.frac())).collect();
    store(ports, &Bits { words: words.to_vec() }, &mut blocks, 0);
    blocks
}

/// `width` bits from `low` up, as a number.
pub fn element(words: &[u64], low: u64, width: u8, signed: bool) -> i64 {
    Bits { words: words.to_vec() }.get(low, width, signed)
}

/// The blocks that `text` holds, each at the binary point [`Pins::frac`].
///
/// # Errors
/// When a line is no vector, or there are not `events` of them.
pub fn read(ports: &[Pins], text: &str, events: usize) -> Result<Vec<Block<i64>>, VectorError> {
    let width: u64 = ports.iter().map(|pins| pins.width).sum();
    let found = text.lines().count();
    if found != events {
        return Err(VectorError::Events { expected: events, found });
    }
    let mut blocks: Vec<Block<i64>> =
        ports.iter().map(|pins| Block::zeros(pins.elements.len(), events, pins.frac())).collect();
    for (event, line) in text.lines().enumerate() {
        let bits = Bits::parse(line, width).ok_or_else(|| VectorError::Line {
            line: event + 1,
            width,
            text: line.to_owned(),
        })?;
        store(ports, &bits, &mut blocks, event);
    }
    Ok(blocks)
}

/// Takes the elements of one event out of its bits.
fn store(ports: &[Pins], bits: &Bits, blocks: &mut [Block<i64>], event: usize) {
    let mut offset = 0;
    for (pins, block) in ports.iter().zip(blocks) {
        let frac = block.frac;
        for (index, element) in pins.elements.iter().enumerate() {
            let raw = bits.get(offset + element.low, element.width, element.signed);
            let up = u32::try_from(i32::from(frac) - i32::from(element.frac));
            let up = up.expect("the block has the finest binary point");
            let raw = i128::from(raw) << up.min(64);
            block.element_mut(index)[event] =
                i64::try_from(raw).expect("a tensor's common grid is at most 63 bits wide");
        }
        offset += pins.width;
    }
}

/// A value of a block in steps of the element's own format.
fn to_element(raw: i64, frac: i8, element: &Element) -> i64 {
    let down = i32::from(frac) - i32::from(element.frac);
    let down = u32::try_from(down).expect("the block has the finest binary point").min(63);
    let own = raw >> down;
    assert!(own << down == raw, "a value lies on the grid of its element");
    let range = element.format.interval();
    assert!((range.lo()..=range.hi()).contains(&own), "a value lies in its element's format");
    own
}

/// A long word, lowest bits first.
struct Bits {
    words: Vec<u64>,
}

impl Bits {
    fn zeros(width: u64) -> Self {
        let words = usize::try_from(width.div_ceil(64)).expect("a port fits in memory");
        Self { words: vec![0; words] }
    }

    fn place(low: u64) -> (usize, u32) {
        let word = usize::try_from(low / 64).expect("a port fits in memory");
        (word, u32::try_from(low % 64).expect("a remainder"))
    }

    fn set(&mut self, low: u64, width: u8, raw: i64) {
        let value = raw.cast_unsigned() & (u64::MAX >> (64 - u32::from(width)));
        let (word, offset) = Self::place(low);
        self.words[word] |= value << offset;
        if offset + u32::from(width) > 64 {
            self.words[word + 1] |= value >> (64 - offset);
        }
    }

    fn get(&self, low: u64, width: u8, signed: bool) -> i64 {
        let (word, offset) = Self::place(low);
        let mut value = self.words[word] >> offset;
        if offset + u32::from(width) > 64 {
            value |= self.words[word + 1] << (64 - offset);
        }
        let spare = 64 - u32::from(width);
        let top = (value << spare).cast_signed();
        if signed { top >> spare } else { (top.cast_unsigned() >> spare).cast_signed() }
    }

    fn print(&self, digits: usize, text: &mut String) {
        for digit in (0..digits).rev() {
            let nibble = self.words[digit / 16] >> (digit % 16 * 4) & 0xf;
            write!(text, "{nibble:x}").expect("a string takes everything");
        }
        text.push('\n');
    }

    fn parse(line: &str, width: u64) -> Option<Self> {
        let mut bits = Self::zeros(width);
        let digits = usize::try_from(width.div_ceil(4)).ok()?;
        if line.len() != digits {
            return None;
        }
        for (digit, c) in line.bytes().rev().enumerate() {
            let nibble = char::from(c).to_digit(16)?;
            bits.words[digit / 16] |= u64::from(nibble) << (digit % 16 * 4);
        }
        Some(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::super::interface::Interface;
    use super::*;
    use crate::naming::Namer;
    use crate::netlist::{Builder, Layer};

    #[test]
    fn vectors_round_trip() {
        let layer = Layer { name: "x".into(), operator: "input".into(), origin: None };
        let mut builder = Builder::new(layer);
        let formats = ["fixed<3,1>", "ufixed<63,63>", "fixed<1,1>", "ufixed<5,2>"];
        let formats = formats.map(|format| format.parse().unwrap());
        builder.input("a", &formats);
        builder.input("b", &formats[3..]);
        let module = builder.finish(0);
        let interface = Interface::new(&module, "t".into(), 5.0, &mut Namer::new());
        let pins = interface.inputs;

        // The common grid is eighths.
        let a = [-8, 8, 0, 31, 6, 8 * 0x0fff_ffff_ffff, -8, 1];
        let blocks = [Block::from_rows(&a, 4, 3), Block::from_rows(&[17, 30], 1, 3)];
        let text = write(&pins, &blocks);
        assert_eq!(text.lines().next(), Some("11f8000000000000000c"));
        assert_eq!(read(&pins, &text, 2).unwrap(), blocks);
        assert_eq!(read(&pins, &text, 3), Err(VectorError::Events { expected: 3, found: 2 }));
        let unknown = text.replacen('8', "x", 1);
        assert!(matches!(read(&pins, &unknown, 2), Err(VectorError::Line { line: 1, .. })));
    }
}
