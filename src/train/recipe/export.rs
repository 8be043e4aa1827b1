//! [`Export`]: which part of a network becomes a circuit.

use serde::Deserialize;

use super::format::{Format, Granularity, Signs, check_format};
use super::layer::Layer;
use super::output::Head;
use crate::data::Targets;
use crate::diag::{Code, Diagnostic};
use crate::numeric::quantizer::Quantizer;
use crate::onnx::export::Dialect;

/// What the networks that a run leaves compute: all of it, when nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Export {
    /// The layer whose values come out, such as the last one of an encoder; what follows it only
    /// trains, and its bits cost nothing.
    pub output: Option<String>,
    /// How far an autoencoder is from its inputs, computed in the circuit, comes out instead.
    pub error: Option<Distance>,
    /// Which operators of the files say what is quantized.
    pub dialect: Dialect,
}

/// How far the outputs `y` of an autoencoder are from its standardized inputs `x`. The differences are
/// rounded to the format; from there on all is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    /// `sum |y - x|`.
    Absolute(Quantizer),
    /// `sum (y - x)^2`.
    Squared(Quantizer),
    /// `max |y - x|`.
    Largest(Quantizer),
}

impl Distance {
    /// The format of differences.
    pub fn difference(self) -> Quantizer {
        match self {
            Self::Absolute(format) | Self::Squared(format) | Self::Largest(format) => format,
        }
    }
}

impl Export {
    /// Checks it against what is trained.
    pub(super) fn check(&self, layers: &[Layer], heads: &[Head<'_>]) -> Result<(), Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        if let Some(output) = &self.output {
            if self.error.is_some() {
                let message = format!("`[export]` asks for the error, and for `{output}`");
                return refuse(message, "leave out `output` or `error`");
            }
            let may_be = |layer: &&Layer| !matches!(layer, Layer::Dropout { .. });
            let names: Vec<&str> = layers.iter().filter(may_be).map(Layer::name).collect();
            if !names.contains(&output.as_str()) {
                let message = format!("no layer `{output}` has values to export");
                return refuse(message, &format!("the layers are {}", names.join(", ")));
            }
        }
        let learning = heads.iter().filter(|head| head.targets == Targets::Inputs).count();
        if self.error.is_some() && learning != 1 {
            let message =
                format!("the error is that of one output, and {learning} learn the inputs");
            return refuse(
                message,
                "write `targets = \"inputs\"` into `[data]`, or leave out `error`",
            );
        }
        let Some(error) = self.error else { return Ok(()) };
        let format = Format { format: error.difference(), learn: Granularity::Fixed };
        check_format("error", format, Signs::Both, false)
    }
}
