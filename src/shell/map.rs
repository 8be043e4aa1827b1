//! The register map: what stands at which address of the AXI4-Lite port.

use serde::Serialize;

/// `TRGF` in ASCII.
pub const IDENTIFICATION: u32 = 0x5452_4746;

/// The version of this map; it grows when a register changes its meaning.
pub const VERSION: u32 = 1;

/// The threshold after reset: the lowest, so that everything is accepted.
pub const RESET_THRESHOLD: u32 = 0x8000_0000;

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Register {
    /// The address in bytes.
    pub address: u8,
    /// The name, in documents and headers.
    pub name: &'static str,
    /// True where it can be written.
    pub writable: bool,
    /// What it says, or does when it is written.
    pub about: &'static str,
}

const fn read_only(address: u8, name: &'static str, about: &'static str) -> Register {
    Register { address, name, writable: false, about }
}

const fn writable(address: u8, name: &'static str, about: &'static str) -> Register {
    Register { address, name, writable: true, about }
}

/// Every register. Other addresses, and writes of single bytes, are answered with SLVERR.
pub const REGISTERS: &[Register] = &[
    read_only(0x00, "identification", "`TRGF` in ASCII, 0x54524746"),
    read_only(0x04, "version", "the version of this map, 1"),
    writable(
        0x08,
        "control",
        "1 resets FIFOs, counters, flags and events under way as soon as the packet that is going out has left; reads as 1 until then, and no word is taken meanwhile",
    ),
    read_only(
        0x0c,
        "status",
        "bit 0: a word came without all bytes of its features; bit 1: a result was lost, which cannot happen",
    ),
    read_only(0x10, "hash_0", "the hash of model, configuration and version: its first 32 bits"),
    read_only(0x14, "hash_1", "the next 32 bits"),
    read_only(0x18, "hash_2", "the next 32 bits"),
    read_only(0x1c, "hash_3", "the next 32 bits"),
    read_only(0x20, "events_in", "events that entered the core, modulo 2^32"),
    read_only(0x24, "events_out", "events whose results were taken, modulo 2^32"),
    read_only(0x28, "events_accepted", "those of them at or above the threshold, modulo 2^32"),
    read_only(0x2c, "packets_dropped", "packets that were not one event long, modulo 2^32"),
    writable(0x30, "threshold", "the cut on the first output, a raw integer of two's complement"),
    read_only(0x34, "words", "words of an event (low half) and of its results (high half)"),
    writable(0x38, "overflow_0", FLAGS),
    writable(0x3c, "overflow_1", "the next 32 flags"),
    writable(0x40, "overflow_2", "the next 32 flags"),
    writable(0x44, "overflow_3", "the next 32 flags"),
];

const FLAGS: &str =
    "bit by bit, whether a layer overflowed since the flag was cleared; a 1 that is written clears";

/// The most overflow flags that the registers `overflow_0` to `overflow_3` hold.
pub const MOST_FLAGS: usize = 128;

/// The address of a register.
pub fn address(name: &str) -> u8 {
    let found = REGISTERS.iter().find(|register| register.name == name);
    found.expect("the map has every register").address
}
