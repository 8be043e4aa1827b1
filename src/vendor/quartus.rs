//! Quartus: the summaries of the Fitter and of the Timing Analyzer. The oneAPI flow leaves the same
//! files in the folder of its Quartus project.

use super::{count, value};
use crate::report::data::{FlowStage, ToolReport};

/// Whether `text` is the Fitter's summary.
pub(super) fn is_fit(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("Fitter Status"))
}

/// Whether `text` is the Timing Analyzer's summary.
pub(super) fn is_timing(text: &str) -> bool {
    text.contains("Timing Analyzer Summary") || text.contains("TimeQuest Timing Analyzer Summary")
}

/// The figures of the Fitter's summary.
pub(super) fn fit(text: &str) -> Option<ToolReport> {
    let version =
        value(text, "Quartus Prime Version").or_else(|| value(text, "Quartus II Version"));
    let version = version.and_then(|version| version.split(' ').next()).unwrap_or_default();
    let tool = format!("Quartus {version}");
    let mut report = ToolReport::new(tool.trim_end(), FlowStage::PlaceAndRoute);
    report.alm = value(text, "Logic utilization (in ALMs)").and_then(count);
    // Older families have no logic modules, and count their elements.
    report.lut = value(text, "Total combinational functions").and_then(count);
    report.ff = value(text, "Total registers")
        .or_else(|| value(text, "Total dedicated logic registers"))
        .and_then(count);
    report.dsp = value(text, "Total DSP Blocks").and_then(count);
    let bits = value(text, "Total block memory bits").and_then(count);
    report.bram_kbit =
        bits.and_then(|bits| u32::try_from(bits).ok()).map(|bits| f64::from(bits) / 1024.0);
    (report.alm.is_some() || report.lut.is_some()).then_some(report)
}

/// The worst setup slack of all corners and clocks.
pub(super) fn timing(text: &str) -> Option<ToolReport> {
    let mut report = ToolReport::new("Quartus", FlowStage::PlaceAndRoute);
    let mut setup = false;
    for line in text.lines() {
        match line.split_once(':') {
            Some((key, kind)) if key.trim() == "Type" => setup = kind.contains(" Setup "),
            Some((key, slack)) if key.trim() == "Slack" && setup => {
                let slack: f64 = slack.trim().parse().ok()?;
                report.slack_ns =
                    Some(report.slack_ns.map_or(slack, |worst: f64| worst.min(slack)));
            }
            _ => {}
        }
    }
    report.slack_ns.is_some().then_some(report)
}
