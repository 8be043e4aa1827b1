//! The project's configuration, `trigforge.toml`: typed, unknown keys refused.
//!
//! [`Config::COMMENTED`] is the file that `trigforge init` writes; every key
//! stands there with its default and a sentence.

pub mod edit;
pub mod model;
pub mod quantize;
pub mod settings;

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32};

use serde::Deserialize;

use crate::diag::{Code, Diagnostic};
use crate::plan::{DenseForm, Effort};

pub use model::{Gate, Model};
pub use quantize::{Granularity, Quantize, Rescale, WordLength};
pub use settings::{Choice, LayerSettings, Resolved};

/// Everything a project may say about its models.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What becomes of a softmax at the end of the network.
    pub head: Head,
    /// The FPGA and its clock.
    pub device: Device,
    /// Where registers stand.
    pub pipeline: Pipeline,
    /// How hard to search for small circuits.
    pub solver: Solver,
    /// What only C++ back ends heed.
    pub hls: Hls,
    /// What stands around the core, and how events stand on the links of pattern files.
    pub shell: Shell,
    /// Formats, unless an operator or a layer says otherwise.
    pub quantize: Quantize,
    /// Sizes of function tables.
    pub table: Table,
    /// Formats of all nodes of one operator type, by its name in the model.
    pub operator: BTreeMap<String, LayerSettings>,
    /// Formats of layers, by name or glob.
    pub layer: BTreeMap<String, LayerSettings>,
    /// What `trigforge check` demands.
    pub gate: Gate,
    /// The models that `trigforge check` visits.
    pub model: Vec<Model>,
}

/// What becomes of a softmax (or sigmoid) at the end of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Head {
    /// It stays as the model has it.
    #[default]
    Softmax,
    /// Only the index of the largest value comes out.
    Argmax,
    /// Its inputs come out.
    Logits,
}

/// The FPGA and its clock.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Device {
    /// The part, as in the table of devices.
    pub part: String,
    /// The clock period in nanoseconds.
    pub clock_ns: f64,
}

impl Default for Device {
    fn default() -> Self {
        Self { part: "xcvu9p".to_owned(), clock_ns: 5.0 }
    }
}

/// Where registers stand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pipeline {
    /// How the network is cut into clock cycles.
    pub mode: PipelineMode,
    /// How many stages the logic between the ports is cut into; none for as few as meet the clock.
    /// Either way they meet it with the fewest registers.
    pub stages: Option<NonZeroU32>,
    /// Registers behind the inputs.
    pub register_inputs: bool,
    /// Registers before the outputs.
    pub register_outputs: bool,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            mode: PipelineMode::Clocked,
            stages: None,
            register_inputs: true,
            register_outputs: true,
        }
    }
}

/// How the network is cut into clock cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PipelineMode {
    /// Registers wherever the clock period demands them; one event enters at each cycle.
    Clocked,
    /// No registers inside.
    Combinational,
}

/// How hard to search for the circuits of constant matrices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Solver {
    /// How hard, for each matrix.
    pub effort: Effort,
    /// Where every random choice comes from: equal seeds give equal circuits.
    pub seed: u64,
}

/// What only C++ back ends heed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hls {
    /// How constant matrices are written.
    pub dense: DenseForm,
}

/// What stands around the core, and how events stand on the links of pattern files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shell {
    /// The shell; none for the bare core.
    pub kind: Option<ShellKind>,
    /// The bits of a word of the stream, 32 or 64.
    pub word_bits: u32,
    /// Whether the core tells the stream's register file which layers overflowed.
    pub overflow_flags: bool,
    /// Links that bring the words of an event.
    pub input_links: NonZeroU32,
    /// Links that take the words of its results.
    pub output_links: NonZeroU32,
    /// Frames from one event to the next; none for as few as the words of both need.
    pub period: Option<NonZeroU32>,
    /// Bunch crossings of an orbit, which the free-running shell counts; at most 4096.
    pub orbit: NonZeroU16,
}

impl Default for Shell {
    fn default() -> Self {
        Self {
            kind: None,
            word_bits: 64,
            overflow_flags: true,
            input_links: NonZeroU32::MIN,
            output_links: NonZeroU32::MIN,
            period: None,
            orbit: NonZeroU16::new(3564).expect("not zero"),
        }
    }
}

/// The shells that a core can stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShellKind {
    /// Words with valid and ready on both sides, FIFOs and registers.
    Stream,
    /// Words at a fixed latency, which nothing can hold up.
    Free,
}

impl ShellKind {
    /// The name in the configuration and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Free => "free",
        }
    }
}

/// Sizes of function tables, in entries: powers of two from 4 to 65536.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Table {
    /// Entries of a sigmoid.
    pub sigmoid: TableSize,
    /// Entries of a hyperbolic tangent.
    pub tanh: TableSize,
    /// Entries of each of the two tables of a softmax.
    pub softmax: TableSize,
}

impl Default for Table {
    fn default() -> Self {
        let size = TableSize { index_bits: 10 };
        Self { sigmoid: size, tanh: size, softmax: size }
    }
}

/// A number of table entries: a power of two from 4 to 65536.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct TableSize {
    index_bits: u8,
}

impl TableSize {
    /// The base-two logarithm of the number of entries.
    pub fn index_bits(self) -> u8 {
        self.index_bits
    }
}

/// A number that is no table size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a table has a power of two of entries, from 4 to 65536, not {0}")]
pub struct NotATableSize(u32);

impl TryFrom<u32> for TableSize {
    type Error = NotATableSize;
    fn try_from(entries: u32) -> Result<Self, NotATableSize> {
        if !entries.is_power_of_two() || !(4..=65536).contains(&entries) {
            return Err(NotATableSize(entries));
        }
        Ok(Self { index_bits: u8::try_from(entries.ilog2()).expect("at most 16") })
    }
}

impl Config {
    /// Every key with its default and what it means.
    pub const COMMENTED: &str = include_str!("commented.toml");

    /// Reads a configuration; `path` only names it in messages.
    ///
    /// # Errors
    /// Invalid TOML, an unknown key or a value out of bounds, with its line.
    pub fn parse(text: &str, path: &str) -> Result<Self, Diagnostic> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            let line = before.matches('\n').count() + 1;
            let drawn = error.to_string();
            let diagnostic = Diagnostic::error(
                Code::C0401,
                error.message().lines().next().unwrap_or("not valid TOML"),
                "`trigforge init` writes a file with every key, its default and its meaning",
            );
            // The first line says where, the last one what; both are said already.
            let snippet = drawn.lines().filter(|line| line.contains(" | "));
            snippet.fold(diagnostic.at(format!("{path}:{line}")), Diagnostic::note)
        })?;
        config.check().map_err(|fault| fault.at(path))?;
        Ok(config)
    }

    /// Checks what the types cannot say.
    fn check(&self) -> Result<(), Diagnostic> {
        let period = self.device.clock_ns;
        if !(period.is_finite() && period > 0.0) {
            return Err(Diagnostic::error(
                Code::C0401,
                format!("a clock period of {period} ns is not possible"),
                "write for example `clock_ns = 5.0` for 200 MHz",
            ));
        }
        if self.pipeline.mode == PipelineMode::Combinational && self.pipeline.stages.is_some() {
            return Err(Diagnostic::error(
                Code::C0401,
                "a combinational design has no `stages`",
                "leave out `stages`, or write `mode = \"clocked\"`",
            ));
        }
        if self.shell.orbit.get() > 4096 {
            return Err(Diagnostic::error(
                Code::C0401,
                format!("twelve bits do not count {} bunch crossings", self.shell.orbit),
                "write `orbit = 3564`, or another number up to 4096",
            ));
        }
        for pattern in self.layer.keys() {
            globset::Glob::new(pattern).map_err(|error| {
                let help =
                    "in a glob `*` stands for any characters, `?` for one, `[ab]` for a choice";
                Diagnostic::error(
                    Code::C0401,
                    format!("layer pattern `{pattern}`: {}", error.kind()),
                    help,
                )
            })?;
        }
        Ok(())
    }
}
