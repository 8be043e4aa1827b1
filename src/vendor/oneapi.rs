//! oneAPI: `quartus.json` (a line of `quartus.ndjson` since 2025), what its report says after Quartus
//! has run. Memory is counted in blocks whose size is the device's, so it is left out.

use serde_json::Value;

use super::whole;
use crate::report::data::{FlowStage, ToolReport};

const CLOCK: &str = "quartusFitClockSummary";
const RESOURCES: &str = "quartusFitResourceUsageSummary";

/// Whether `text` is the report of the Fitter in a oneAPI project.
pub(super) fn is_fit(text: &str) -> bool {
    text.contains(CLOCK) && text.contains(RESOURCES)
}

/// The figures of the kernel system, or of the whole design where there is no such row; none where
/// Quartus has not run.
pub(super) fn fit(text: &str) -> Option<ToolReport> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let values: Vec<Value> = values.collect::<Result<_, _>>().ok()?;
    let rows = values.iter().filter_map(|value| value.get(RESOURCES)?.get("nodes")?.as_array());
    let rows: Vec<&Value> = rows.flatten().collect();
    let named = |part: &str| {
        let is = |row: &&&Value| row["name"].as_str().is_some_and(|name| name.contains(part));
        rows.iter().find(is)
    };
    let row = named("Kernel System").or_else(|| named("Full Design")).or_else(|| rows.first())?;
    let figure = |key: &str| row.get(key)?.as_str().and_then(whole);
    let mut report = ToolReport::new("oneAPI", FlowStage::PlaceAndRoute);
    report.alm = figure("alm");
    report.ff = figure("reg");
    report.dsp = figure("dsp");
    report.alm.is_some().then_some(report)
}
