//! [`Shell`]: a core and its shell, and the form of the stream between them.

use serde::{Deserialize, Serialize};

use super::core::Core;
use super::free::{self, Beam};
use super::map::{self, MOST_FLAGS, Register};
use super::packing::{Packing, Place, TooManyWords, Word, places};
use crate::emit::interface::{Interface, Pins};
use crate::netlist::Module;

/// The folder of the shell in a build directory.
pub const FOLDER: &str = "shell";

/// A core and what its shell says about it.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The name of the top module.
    pub name: String,
    /// The core.
    pub core: Core,
    /// The first 128 bits of the hash of model, configuration and version.
    pub hash: [u32; 4],
    /// The beam of a free-running shell; none for one behind a stream.
    pub beam: Option<Beam>,
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
    /// The layers with an overflow flag in the register file.
    pub overflow: Vec<Flag>,
    /// The times of a free-running shell; none for one behind a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free: Option<Free>,
}

/// The times of a free-running shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Free {
    /// Clocks from the first word of an event to the first of its results.
    pub latency: u64,
    /// Clocks of a bunch crossing.
    pub period: u16,
    /// Bunch crossings of an orbit.
    pub orbit: u16,
}

impl Free {
    /// The beam that the shell was made for.
    pub fn beam(self) -> Beam {
        Beam { period: self.period, orbit: self.orbit }
    }
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
            beam: None,
        })
    }

    /// The same core at a fixed latency, without back-pressure, registers and FIFOs.
    #[must_use]
    pub fn free_running(self, beam: Beam) -> Self {
        Self { beam: Some(beam), ..self }
    }

    /// The name of its clock.
    pub fn clock(&self) -> &'static str {
        match self.beam {
            None => "aclk",
            Some(_) => "clock",
        }
    }

    /// The form of the stream.
    pub fn stream(&self) -> Stream {
        let Core { interface, packing, .. } = &self.core;
        let free = self.beam.map(|Beam { period, orbit }| Free {
            latency: free::latency(packing.input_words, interface.latency),
            period,
            orbit,
        });
        let (registers, overflow) = match self.beam {
            None => {
                let flags = interface.overflow.iter().enumerate().map(flag);
                (map::REGISTERS.to_vec(), flags.collect())
            }
            Some(_) => (Vec::new(), Vec::new()),
        };
        Stream {
            top: self.name.clone(),
            word_bits: packing.word.width(),
            input_words: packing.input_words,
            output_words: packing.output_words,
            inputs: places(&interface.inputs, packing.word),
            outputs: places(&interface.outputs, packing.word),
            registers,
            overflow,
            free,
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
