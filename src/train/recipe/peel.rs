//! [`Peel`]: what networks may lose by fewer digits.

use serde::Deserialize;

use crate::diag::{Code, Diagnostic};

/// Networks are peeled when training is over: signed digits of weights go that the metric does not need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Peel {
    /// How much of the metric on the validation events each network may lose by that, in the unit of
    /// the metric: 0.001 of an accuracy is 0.1 %.
    pub loss: f64,
}

impl Peel {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// C0401 where the loss is not possible.
    pub(super) fn check(self) -> Result<(), Diagnostic> {
        if self.loss.is_finite() && self.loss >= 0.0 {
            return Ok(());
        }
        let message = format!("a `loss` of {} in `[peel]` is not possible", self.loss);
        Err(Diagnostic::error(Code::C0401, message, "write for example `loss = 0.001`"))
    }
}
