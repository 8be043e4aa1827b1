//! [`Packing`]: how the bits of an event are cut into words.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::emit::interface::{Element, Interface, Pins};

/// How many words the input FIFO holds.
pub const INPUT_DEPTH: usize = 32;

/// The most words that the results of one event may take: what fits the deepest output FIFO.
pub const MOST_WORDS: u64 = 1024;

/// The width of the words on the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// 32 bits.
    Bits32,
    /// 64 bits.
    Bits64,
}

impl Word {
    /// The number of bits.
    pub fn bits(self) -> usize {
        match self {
            Self::Bits32 => 32,
            Self::Bits64 => 64,
        }
    }

    /// The number of bits, as a count of wires.
    pub fn width(self) -> u64 {
        match self {
            Self::Bits32 => 32,
            Self::Bits64 => 64,
        }
    }
}

/// A text that is no word width.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("words of a stream have 32 or 64 bits, not `{0}`")]
pub struct NotAWord(String);

impl FromStr for Word {
    type Err = NotAWord;
    fn from_str(text: &str) -> Result<Self, NotAWord> {
        match text {
            "32" => Ok(Self::Bits32),
            "64" => Ok(Self::Bits64),
            _ => Err(NotAWord(text.to_owned())),
        }
    }
}

/// How many words an event and its results are.
///
/// The bits of all input ports, the first port lowest, are cut from the lowest bit up: word 0
/// comes first on the stream. Results leave in the same way. What the last word has above them
/// is ignored on the way in and zero on the way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
    /// The width of a word.
    pub word: Word,
    /// Words of an event.
    pub input_words: u16,
    /// Words of its results.
    pub output_words: u16,
    /// Words that the output FIFO holds, a power of two.
    pub output_depth: usize,
}

/// A core with more pins than the shell has words for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an event takes {input} words and its results {output}; a shell has room for {MOST_WORDS} of each"
)]
pub struct TooManyWords {
    /// Words of an event.
    pub input: u64,
    /// Words of its results.
    pub output: u64,
}

impl Packing {
    /// The packing of a core with this interface.
    ///
    /// The output FIFO holds the results of all events that can be under way at once, so that
    /// nothing but the stream itself limits the rate, as far as its deepest form allows.
    ///
    /// # Errors
    /// When an event or its results take too many words.
    pub fn new(interface: &Interface, word: Word) -> Result<Self, TooManyWords> {
        let words = |bits: u64| bits.div_ceil(word.width());
        let (input, output) = (words(interface.input_width()), words(interface.output_width()));
        if input.max(output) > MOST_WORDS {
            return Err(TooManyWords { input, output });
        }
        let interval = input.max(output);
        // Each stage of the core, the two registers around it and the FIFO itself may hold one.
        let under_way = (u64::from(interface.latency) + 3).div_ceil(interval) + 1;
        let depth = (under_way * output).next_power_of_two().clamp(16, MOST_WORDS);
        Ok(Self {
            word,
            input_words: u16::try_from(input).expect("at most 1024"),
            output_words: u16::try_from(output).expect("at most 1024"),
            output_depth: usize::try_from(depth).expect("at most 1024"),
        })
    }

    /// How many of `bits` stand in the last word.
    pub fn bits_in_last(self, bits: u64) -> u64 {
        (bits - 1) % self.word.width() + 1
    }

    /// Words of the stream out of bits in words of 64, the lowest first.
    pub fn words(self, bits: &[u64], count: u16) -> Vec<u64> {
        let halves = |value: &u64| [value & mask(32), value >> 32];
        let mut words: Vec<u64> = match self.word {
            Word::Bits32 => bits.iter().flat_map(halves).collect(),
            Word::Bits64 => bits.to_vec(),
        };
        words.truncate(usize::from(count));
        words
    }

    /// Bits in words of 64 out of words of the stream.
    pub fn bits(self, words: &[u64]) -> Vec<u64> {
        match self.word {
            Word::Bits64 => words.to_vec(),
            Word::Bits32 => words
                .chunks(2)
                .map(|pair| pair[0] | pair.get(1).copied().unwrap_or(0) << 32)
                .collect(),
        }
    }
}

/// `bits` ones.
pub fn mask(bits: u64) -> u64 {
    u64::MAX >> (64 - bits)
}

/// Where one element stands on the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The port and the index of the element, such as `x[3]`.
    pub element: String,
    /// The format, such as `fixed<8,3>`.
    pub format: String,
    /// The word that holds its lowest bit, from 0.
    pub word: u64,
    /// That bit.
    pub bit: u64,
    /// The number of bits; they may go on in the next word.
    pub width: u8,
}

/// The places of all elements of some ports.
pub fn places(ports: &[Pins], word: Word) -> Vec<Place> {
    let mut offset = 0;
    let mut places = Vec::new();
    for pins in ports {
        let place = |(index, element): (usize, &Element)| Place {
            element: format!("{}[{index}]", pins.port),
            format: element.format.to_string(),
            word: (offset + element.low) / word.width(),
            bit: (offset + element.low) % word.width(),
            width: element.width,
        };
        places.extend(pins.elements.iter().enumerate().map(place));
        offset += pins.width;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naming::Namer;
    use crate::netlist::{Builder, Layer};

    fn interface(formats: &[&str]) -> Interface {
        let layer = Layer { name: "x".into(), operator: "input".into(), origin: None };
        let mut builder = Builder::new(layer);
        let formats: Vec<_> = formats.iter().map(|format| format.parse().unwrap()).collect();
        let nets = builder.input("x", &formats);
        builder.output("y", nets[..1].to_vec(), formats[..1].to_vec());
        Interface::new(&builder.finish(0), "t".into(), 5.0, &mut Namer::new())
    }

    #[test]
    fn an_element_may_go_on_in_the_next_word() {
        let interface = interface(&["fixed<20,5>", "fixed<20,5>", "ufixed<1,1>"]);
        let found = places(&interface.inputs, Word::Bits32);
        let found: Vec<_> =
            found.iter().map(|place| (place.word, place.bit, place.width)).collect();
        assert_eq!(found, [(0, 0, 20), (0, 20, 20), (1, 8, 1)]);
        let packing = Packing::new(&interface, Word::Bits32).unwrap();
        assert_eq!((packing.input_words, packing.output_words), (2, 1));
        assert_eq!(packing.bits_in_last(41), 9);
        assert_eq!(packing.bits_in_last(64), 32);
    }

    #[test]
    fn words_are_cut_from_the_lowest_bit_up() {
        let interface = interface(&["fixed<20,5>"]);
        let bits = [0x0123_4567_89ab_cdef, 0x42];
        for (word, words) in [
            (Word::Bits32, vec![0x89ab_cdef, 0x0123_4567, 0x42]),
            (Word::Bits64, vec![0x0123_4567_89ab_cdef, 0x42]),
        ] {
            let packing = Packing::new(&interface, word).unwrap();
            let count = u16::try_from(words.len()).unwrap();
            assert_eq!(packing.words(&bits, count), words);
            assert_eq!(packing.bits(&words), bits);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let interface = interface(&["ufixed<60,60>"; 600]);
        let error = Packing::new(&interface, Word::Bits32).unwrap_err();
        assert_eq!(error, TooManyWords { input: 1125, output: 2 });
        assert_eq!(Packing::new(&interface, Word::Bits64).unwrap().input_words, 563);
        assert!("48".parse::<Word>().is_err());
    }
}
