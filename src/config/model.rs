//! The models that `trigforge check` visits; what it demands of them is [`Gate`].

use serde::Deserialize;

pub use crate::report::gate::Gate;

/// A model that `trigforge check` compiles and verifies; paths are relative to the configuration.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// How the table calls it; the file name by default.
    #[serde(default)]
    pub name: Option<String>,
    /// The ONNX file.
    pub path: String,
    /// Events, as npy, npz or csv.
    #[serde(default)]
    pub data: Option<String>,
    /// The classes of the events.
    #[serde(default)]
    pub labels: Option<String>,
    /// A configuration of its own instead of this one.
    #[serde(default)]
    pub config: Option<String>,
    /// A back end that writes C++, which is compiled and compared, too.
    #[serde(default)]
    pub backend: Option<String>,
    /// Bounds of its own instead of `[gate]`.
    #[serde(default)]
    pub gate: Option<Gate>,
}
