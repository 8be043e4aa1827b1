//! [`Format`]: a format of a recipe, fixed or where learning starts.

use serde::Deserialize;

use crate::diag::{Code, Diagnostic};
use crate::numeric::quantizer::Quantizer;

/// A format, or where the learning of one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Such as `fixed<8,3,RND,SAT>`.
    pub format: Quantizer,
    /// Whether its bits are learned, and for what.
    #[serde(default)]
    pub learn: Granularity,
}

/// What has a bit width of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// The width is given.
    #[default]
    Fixed,
    /// The tensor.
    Tensor,
    /// Each channel: an element of an activation, the weights of a neuron.
    Channel,
    /// Each weight.
    Weight,
}

/// Which values a tensor has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signs {
    Positive,
    Both,
}

/// Checks a format for values of such signs.
pub(super) fn check_format(
    name: &str,
    own: Format,
    signs: Signs,
    has_weights: bool,
) -> Result<(), Diagnostic> {
    let format = own.format.format;
    let refuse = |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
    if format.signed() != (signs == Signs::Both) {
        let (is, help) = match signs {
            Signs::Both => ("without sign", "write for example `fixed<8,2,RND,SAT>`"),
            Signs::Positive => ("with a sign", "write for example `ufixed<8,3,RND,SAT>`"),
        };
        return refuse(format!("`{name}` has the format `{}` {is}", own.format), help);
    }
    let least = 1 + u8::from(format.signed());
    if !(least..=16).contains(&format.width()) || format.frac().abs() > 16 {
        let help = "write for example `fixed<8,2,RND,SAT>`";
        return refuse(format!("`{}` of `{name}` has too few or too many bits", own.format), help);
    }
    if own.learn == Granularity::Weight && !has_weights {
        let help = "write `learn = \"channel\"`";
        return refuse(format!("`{name}` has no weights in this format"), help);
    }
    Ok(())
}
