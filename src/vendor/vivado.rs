//! Vivado: `report_utilization`, flat or by hierarchy, and `report_timing_summary`.
//!
//! The forms are those of the vendor's guides UG835 and UG906.

use super::value;
use crate::report::data::{FlowStage, ModuleUsage, ToolReport, Usage};

/// What a memory block of 36 kbit, and half of one, hold.
const TILE_KBIT: f64 = 36.0;

/// Whether `text` is a report of utilization.
pub(super) fn is_utilization(text: &str) -> bool {
    is_command(text, "report_utilization")
}

/// Whether `text` is a summary of timing.
pub(super) fn is_timing(text: &str) -> bool {
    is_command(text, "report_timing_summary")
}

fn is_command(text: &str, command: &str) -> bool {
    value(text, "Command").is_some_and(|found| found.split(' ').next() == Some(command))
}

/// The tool and the stage that stand in the head of every report.
fn begin(text: &str) -> ToolReport {
    let version = value(text, "Tool Version").unwrap_or_default();
    let version = version.trim_start_matches("Vivado").trim_start().trim_start_matches("v.");
    let version = version.split(' ').next().unwrap_or_default();
    // From `Synthesized` and `Optimized` to `Fully Placed`, `Physopt postPlace` and `Routed`.
    let reached = value(text, "Design State").unwrap_or_default();
    let placed = ["Placed", "postPlace", "Routed"].iter().any(|word| reached.contains(word));
    let stage = if placed { FlowStage::PlaceAndRoute } else { FlowStage::Synthesis };
    ToolReport::new(format!("Vivado {version}").trim_end(), stage)
}

/// The cells of the lines of tables.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
}

/// The figures of a report of utilization.
pub(super) fn utilization(text: &str) -> Option<ToolReport> {
    let mut report = begin(text);
    by_hierarchy(text, &mut report).or_else(|| by_site(text, &mut report))?;
    Some(report)
}

/// One line for each instance; the first is the top module.
fn by_hierarchy(text: &str, report: &mut ToolReport) -> Option<()> {
    let mut rows = rows(text).skip_while(|row| row.first() != Some(&"Instance"));
    let header = rows.next()?;
    let column = |name: &str| header.iter().position(|title| *title == name);
    let (module, lut, ff) = (column("Module")?, column("Total LUTs")?, column("FFs")?);
    let (tiles, halves) = (column("RAMB36")?, column("RAMB18")?);
    let dsp = column("DSP Blocks").or_else(|| column("DSP48 Blocks"))?;
    for row in rows.filter(|row| row.len() == header.len()) {
        let memory = |column: usize, kbit: f64| Some(row[column].parse::<f64>().ok()? * kbit);
        let usage = Usage {
            lut: row[lut].parse().ok()?,
            ff: row[ff].parse().ok()?,
            dsp: row[dsp].parse().ok()?,
            bram_kbit: memory(tiles, TILE_KBIT)? + memory(halves, TILE_KBIT / 2.0)?,
        };
        if report.lut.is_none() {
            report.lut = Some(usage.lut);
            report.ff = Some(usage.ff);
            report.dsp = Some(usage.dsp);
            report.bram_kbit = Some(usage.bram_kbit);
        } else if !row[0].starts_with('(') {
            // In parentheses stands what an instance has beside the instances inside it.
            report.modules.push(ModuleUsage { module: row[module].to_owned(), usage });
        }
    }
    report.lut.map(|_| ())
}

/// One line for each kind of site.
fn by_site(text: &str, report: &mut ToolReport) -> Option<()> {
    for row in rows(text) {
        let (Some(site), Some(used)) = (row.first(), row.get(1)) else { continue };
        // A star refers to a note on counts that optimization will still lower.
        match site.trim_end_matches('*') {
            "CLB LUTs" | "Slice LUTs" => report.lut = used.parse().ok(),
            "CLB Registers" | "Slice Registers" => report.ff = used.parse().ok(),
            "DSPs" => report.dsp = used.parse().ok(),
            "Block RAM Tile" => {
                report.bram_kbit = used.parse().ok().map(|tiles: f64| tiles * TILE_KBIT);
            }
            _ => {}
        }
    }
    (report.lut.is_some() && report.ff.is_some()).then_some(())
}

/// The worst slack and the slowest clock of a summary of timing.
pub(super) fn timing(text: &str) -> Option<ToolReport> {
    let mut report = begin(text);
    let slack = line_below(text, "WNS(ns)")?.split_whitespace().next()?;
    // Paths without a constraint have no slack.
    report.slack_ns = (slack != "NA").then(|| slack.parse()).transpose().ok()?;
    let clock = line_below(text, "Clock  ").and_then(|line| {
        // Name, wave form in braces, period, frequency.
        let (_, behind) = line.split_once('}')?;
        behind.split_whitespace().next()?.parse().ok()
    });
    report.clock_ns = clock;
    Some(report)
}

/// The first line below a header and its rule; the header begins with `title`.
fn line_below<'a>(text: &'a str, title: &str) -> Option<&'a str> {
    let mut lines = text.lines().skip_while(|line| !line.trim_start().starts_with(title));
    lines.nth(2).filter(|line| !line.trim().is_empty())
}
