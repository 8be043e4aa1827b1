//! The stories that several commands tell: describe a design, verify it with every engine.
//!
//! Nothing is printed or written here; tools are run through `cosim`.

mod capacity;
mod describe;
pub mod drive;
pub mod drive_free;
pub mod engines;
mod formats;
pub mod latency;
pub mod locate;
mod resources;
mod statistics;
pub mod verification;

pub use capacity::refuse_oversized;
pub use describe::{Subject, cpp_project, describe, design, faulty, interface_of_ports, reported};
pub use resources::{reported_by_tools, synthesize};
