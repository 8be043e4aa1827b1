//! [`Diagnostic`]: one fault of a model, a configuration or its data, said so that it can be mended.

use super::code::Code;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; the result stands.
    Warning,
    /// No result.
    Error,
}

/// One fault, with a code, a place and a way out.
///
/// Messages are lower case without a full stop; literals stand in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which fault; `trigforge explain CODE` says more.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// The place: a node as "node `/fc1/Gemm` (Gemm)", a file, a configuration key.
    pub place: Option<String>,
    /// Facts that help to judge it, one line each.
    pub notes: Vec<String>,
    /// What to type or change; never empty.
    pub help: String,
}

impl Diagnostic {
    /// An error without a place.
    pub fn error(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: None,
            notes: Vec::new(),
            help: help.into(),
        }
    }

    /// A warning without a place.
    pub fn warning(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, help) }
    }

    /// The same at a node of the model.
    #[must_use]
    pub fn at_node(self, node: &str, operator: &str) -> Self {
        self.at(format!("node `{node}` ({operator})"))
    }

    /// The same at a place in words.
    #[must_use]
    pub fn at(self, place: impl Into<String>) -> Self {
        Self { place: Some(place.into()), ..self }
    }

    /// The same with the file that holds the place, or as the place where there is none.
    #[must_use]
    pub fn in_file(self, file: &str) -> Self {
        let inside = |place: &str| {
            let stands_inside = ["node ", "initializer ", "input "];
            stands_inside.iter().any(|kind| place.starts_with(kind))
        };
        match &self.place {
            Some(place) if inside(place) => {
                let place = format!("{place} of {file}");
                self.at(place)
            }
            Some(_) => self,
            None => self.at(file),
        }
    }

    /// The same with one more fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}
