//! Whether a design fits its device, by the estimate.

use crate::diag::{Code, Diagnostic};
use crate::report::data;

/// The warning that the estimate exceeds what the device has, with each resource that does.
pub(super) fn exceeded(resources: &data::Resources, device: &str) -> Option<Diagnostic> {
    let (needed, capacity) = (&resources.total, resources.capacity.as_ref()?);
    let mut exceeded = Vec::new();
    let counts = [
        ("LUT", needed.lut, capacity.lut),
        ("FF", needed.ff, capacity.ff),
        ("DSP", needed.dsp, capacity.dsp),
    ];
    for (name, needed, available) in counts {
        if needed > available {
            exceeded.push(format!("{needed} {name}, but there are {available}"));
        }
    }
    if needed.bram_kbit > capacity.bram_kbit {
        let (needed, available) = (needed.bram_kbit, capacity.bram_kbit);
        exceeded.push(format!("{needed} kbit of BRAM, but there are {available}"));
    }
    if exceeded.is_empty() {
        return None;
    }
    let warning = Diagnostic::warning(
        Code::P0304,
        format!("the design does not fit `{device}`"),
        "write a larger device, `part = \"xcvu13p\"`, or narrower formats, `word_length = 8`",
    )
    .at("`[device] part`");
    Some(
        exceeded
            .into_iter()
            .fold(warning, |warning, line| warning.note(format!("it is estimated to need {line}"))),
    )
}

/// Makes the warning that a design does not fit an error, as a check wants it.
pub fn refuse_oversized(report: &mut data::Report) {
    for found in &mut report.diagnostics {
        if found.code == Code::P0304.name() {
            found.severity = data::Severity::Error;
        }
    }
}
