//! [`Shell`]: a core and its shell, and the form of the stream between them.

use serde::{Deserialize, Serialize};

use super::core::Core;
use super::map::{self, MOST_FLAGS, Register};
use super::packing::{Packing, Place, TooManyWords, Word, places};
use crate::emit::interface::{Interface, Pins};
use crate::netlist::Module;

/// The folder of the shell in a build directory.
pub const FOLDER: &str = "shell";

/// The clock of a shell.
pub const CLOCK: &str = "aclk";

/// A core and what its shell says about it.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The name of the top module.
    pub name: String,
    /// The core.
    pub core: Core,
    /// The first 128 bits of the hash of model, configuration and version.
    pub hash: [u32; 4],
}

/// `shell/interface.json`: the form of the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// The name of the top module.
    pub top: String,
    /// The bits of a word, 32 or 64.
    pub word_bits: u64,
    /// Words of an event.
    pub input_words: u16,
    /// Words of its results.
    pub output_words: u16,
    /// Where each element of an event stands.
    pub inputs: Vec<Place>,
    /// Where each element of its results stands.
    pub outputs: Vec<Place>,
    /// The register file.
    #[serde(skip_deserializing)]
    pub registers: Vec<Register>,
    /// The layers with an overflow flag.
    pub overflow: Vec<Flag>,
}

/// Where the overflow flag of a layer stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// The name of the layer in the model.
    pub layer: String,
    /// The register.
    pub register: String,
    /// The bit in it.
    pub bit: usize,
}

/// Why a core has no shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It has too many pins.
    #[error(transparent)]
    Words(#[from] TooManyWords),
    /// It has too many overflow flags.
    #[error("{0} layers have an overflow flag; the registers hold {MOST_FLAGS}")]
    Flags(usize),
}

impl Shell {
    /// The shell of the circuit `module`; `hash` are the hexadecimal digits of its content.
    ///
    /// # Errors
    /// When an event or its results take too many words, or there are too many overflow flags.
    pub fn new(
        module: &Module,
        interface: Interface,
        word: Word,
        hash: &str,
    ) -> Result<Self, Unfit> {
        if interface.overflow.len() > MOST_FLAGS {
            return Err(Unfit::Flags(interface.overflow.len()));
        }
        let packing = Packing::new(&interface, word)?;
        Ok(Self {
            name: format!("{}_shell", interface.top),
            core: Core::new(module, interface, packing),
            hash: hash_words(hash),
        })
    }

    /// The form of the stream.
    pub fn stream(&self) -> Stream {
        let Core { interface, packing, .. } = &self.core;
        Stream {
            top: self.name.clone(),
            word_bits: packing.word.width(),
            input_words: packing.input_words,
            output_words: packing.output_words,
            inputs: places(&interface.inputs, packing.word),
            outputs: places(&interface.outputs, packing.word),
            registers: map::REGISTERS.to_vec(),
            overflow: interface.overflow.iter().enumerate().map(flag).collect(),
        }
    }
}

fn flag((index, pins): (usize, &Pins)) -> Flag {
    let register = format!("overflow_{}", index / 32);
    Flag { layer: pins.tensor.clone(), register, bit: index % 32 }
}

/// The first 128 bits of a hash in hexadecimal digits; missing digits are zeros.
pub fn hash_words(hash: &str) -> [u32; 4] {
    let digits = |index: usize| hash.get(8 * index..8 * index + 8).unwrap_or_default();
    std::array::from_fn(|index| u32::from_str_radix(digits(index), 16).unwrap_or(0))
}
