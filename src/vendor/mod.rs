//! Report files of vendors' tools as figures: text in, [`ToolReport`] out.
//!
//! One kind of file, one row in `KINDS`. A file is known by what it says, not by its name, so it
//! may have been copied and renamed. Only what stands in a file is taken from it: nothing is
//! converted between units that a vendor keeps apart, such as Intel's logic modules.

mod oneapi;
mod quartus;
mod vitis;
mod vivado;

use crate::report::data::ToolReport;

/// A kind of report file.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What the vendor calls it.
    pub name: &'static str,
    /// Whether a text is one.
    is: fn(&str) -> bool,
    /// The figures in it; none where what makes the kind useful is missing.
    read: fn(&str) -> Option<ToolReport>,
}

/// Every kind of file that is understood.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "`report_utilization` of Vivado",
        is: vivado::is_utilization,
        read: vivado::utilization,
    },
    Kind { name: "`report_timing_summary` of Vivado", is: vivado::is_timing, read: vivado::timing },
    Kind { name: "`csynth.xml` of Vitis HLS", is: vitis::is_synthesis, read: vitis::synthesis },
    Kind { name: "`.fit.summary` of Quartus", is: quartus::is_fit, read: quartus::fit },
    Kind { name: "`.sta.summary` of Quartus", is: quartus::is_timing, read: quartus::timing },
    Kind { name: "`quartus.json` of oneAPI", is: oneapi::is_fit, read: oneapi::fit },
];

/// The kind of a file, and its figures where they are understood; nothing for other files.
pub fn read(text: &str) -> Option<(Kind, Option<ToolReport>)> {
    let kind = KINDS.iter().find(|kind| (kind.is)(text))?;
    Some((*kind, (kind.read)(text)))
}

/// The value behind `key` and a separator, on the first line that begins with the key.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let rest = line.trim_start_matches(['|', ' ']).strip_prefix(key)?.trim_start();
        Some(rest.strip_prefix(':')?.trim_end_matches(['|', ' ']).trim())
    })
}

/// A count such as `1,234` at the start of a text such as `1,234 / 427,200 ( < 1 % )`.
fn count(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.replace(',', "").parse().ok()
}

/// A count such as `1,234.5`, a part of a unit taken for a whole one.
fn whole(text: &str) -> Option<u64> {
    let text = text.replace(',', "");
    let (units, part) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let (units, part): (u64, u64) = (units.parse().ok()?, part.parse().ok()?);
    Some(units + u64::from(part > 0))
}
