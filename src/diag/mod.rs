//! What is said to the user about a model or a configuration, and where it comes from.

pub mod code;
pub mod diagnostic;
pub mod origin;

pub use code::Code;
pub use diagnostic::{Diagnostic, Severity};
pub use origin::{Origin, OriginId, OriginTable};
