//! Whether a design fits its device, by the estimate.

use crate::diag::{Code, Diagnostic};
use crate::plan::{self, Device};
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
        match smallest(needed) {
            Some(device) => format!(
                "write `part = \"{}\"`, or give the layers fewer bits: `word_length = 8`",
                device.name
            ),
            None => "give the layers fewer bits: `word_length = 8`".to_owned(),
        },
    )
    .at("`[device] part`");
    Some(
        exceeded
            .into_iter()
            .fold(warning, |warning, line| warning.note(format!("it is estimated to need {line}"))),
    )
}

/// The smallest device that holds the design.
fn smallest(needed: &data::Usage) -> Option<&'static Device> {
    let holds = |device: &&Device| {
        let has = &device.resources;
        needed.lut <= has.lut
            && needed.ff <= has.ff
            && needed.dsp <= has.dsp
            && u32::try_from(has.bram_kbit).is_ok_and(|has| needed.bram_kbit <= f64::from(has))
    };
    plan::devices().iter().filter(holds).min_by_key(|device| device.resources.lut)
}

/// Makes the warning that a design does not fit an error, as a check wants it.
pub fn refuse_oversized(report: &mut data::Report) {
    for found in &mut report.diagnostics {
        if found.code == Code::P0304.name() {
            found.severity = data::Severity::Error;
        }
    }
}
