//! [`Fault`]: why something of the model could not be imported.

use crate::diag::Diagnostic;

/// Why a node, or one of its operands, has no value.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is at fault itself.
    Own(Diagnostic),
    /// An operand failed before and was reported there; there is nothing more to say.
    Inherited,
}

/// What an importer gives.
pub(super) type Import<T> = Result<T, Fault>;

impl From<Diagnostic> for Fault {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Own(diagnostic)
    }
}
