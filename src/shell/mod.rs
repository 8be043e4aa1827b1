//! The shell: the core behind a stream of words, for boards that want one.
//!
//! It is written in `rust_hdl` (feature `shell`): one description is simulated with the netlist of
//! the core inside, and printed as Verilog. Packing, registers and runs are plain data.

pub mod core;
pub mod emp;
mod form;
pub mod free;
#[cfg(feature = "shell")]
mod hardware;
pub mod map;
pub mod packing;
#[cfg(feature = "shell")]
mod project;
pub mod run;
#[cfg(feature = "shell")]
pub mod simulate;
#[cfg(feature = "shell")]
mod text;

pub use form::{FOLDER, Flag, Free, Shell, Stream, Unfit, hash_words};

/// Why the shell's simulation gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShellError {
    /// Signals still change after many passes: a loop without a register.
    #[error("the simulation of the shell does not settle")]
    NotSettled,
    /// The register file refused an access or did not answer.
    #[error("register {address:#04x} did not answer")]
    NoAnswer {
        /// The address.
        address: u8,
    },
}
