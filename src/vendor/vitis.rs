//! Vitis HLS and Vivado HLS: `csynth.xml`, what C synthesis estimates.
//!
//! The elements are those of the report that the vendor's guide UG1399 shows.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::report::data::{FlowStage, ToolReport};

/// What `BRAM_18K` counts in.
const BLOCK_KBIT: f64 = 18.0;

/// Whether `text` is a report of C synthesis.
pub(super) fn is_synthesis(text: &str) -> bool {
    text.contains("<profile>") && text.contains("<AreaEstimates>")
}

/// The figures of a report of C synthesis.
pub(super) fn synthesis(text: &str) -> Option<ToolReport> {
    let mut report = ToolReport::new("Vitis HLS", FlowStage::HighLevelSynthesis);
    let mut estimated_ns = None;
    let mut path: Vec<String> = Vec::new();
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                path.push(String::from_utf8_lossy(tag.name().as_ref()).into_owned());
            }
            Event::End(_) => {
                path.pop();
            }
            Event::Text(content) => {
                let content = content.decode().ok()?;
                let content = content.trim();
                // The modules below the top function have the same elements, deeper down.
                let place: Vec<&str> = path.iter().map(String::as_str).collect();
                match place[..] {
                    ["profile", "ReportVersion", "Version"] => {
                        report.tool = format!("Vitis HLS {content}");
                    }
                    ["profile", "UserAssignments", "TargetClockPeriod"] => {
                        report.clock_ns = content.parse().ok();
                    }
                    [
                        "profile",
                        "PerformanceEstimates",
                        "SummaryOfTimingAnalysis",
                        "EstimatedClockPeriod",
                    ] => {
                        estimated_ns = content.parse::<f64>().ok();
                    }
                    ["profile", "PerformanceEstimates", "SummaryOfOverallLatency", figure] => {
                        match figure {
                            "Worst-caseLatency" => report.latency_cycles = content.parse().ok(),
                            "Interval-max" => report.initiation_interval = content.parse().ok(),
                            _ => {}
                        }
                    }
                    ["profile", "AreaEstimates", "Resources", figure] => match figure {
                        "LUT" => report.lut = content.parse().ok(),
                        "FF" => report.ff = content.parse().ok(),
                        "DSP" | "DSP48E" => report.dsp = content.parse().ok(),
                        "BRAM_18K" => {
                            report.bram_kbit =
                                content.parse().ok().map(|blocks: f64| blocks * BLOCK_KBIT);
                        }
                        _ => {}
                    },
                    _ => {}
                }
            }
            // A file that was cut off has elements that do not end.
            Event::Eof if path.is_empty() => break,
            Event::Eof => return None,
            _ => {}
        }
    }
    report.slack_ns = report.clock_ns.zip(estimated_ns).map(|(clock, estimated)| clock - estimated);
    (report.lut.is_some() && report.ff.is_some()).then_some(report)
}
