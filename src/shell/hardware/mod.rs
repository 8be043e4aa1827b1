//! The shell in `rust_hdl`: the same description is simulated here and printed as Verilog.
//!
//! Each block's `update` is both: what runs in the simulation, and what becomes the body of a
//! module. Three blocks have a body of their own for each: the memory, the delay and the engine with the
//! core.

#[expect(clippy::used_underscore_binding, reason = "`rust_hdl` takes other fields for signals")]
mod delay;
#[expect(clippy::used_underscore_binding, reason = "`rust_hdl` takes other fields for signals")]
mod engine;
mod fifo;
pub(super) mod free;
#[expect(clippy::used_underscore_binding, reason = "`rust_hdl` takes other fields for signals")]
mod memory;
mod registers;
mod sequencer;
pub(super) mod stream;
