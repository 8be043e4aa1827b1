//! Yosys: what the emitted Verilog costs when it is mapped to a device.

use std::collections::BTreeMap;
use std::fs;
use std::ops::AddAssign;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::tool::{Run, Tool};
use super::{CosimError, io, sources, write_files};
use crate::emit::Artifacts;
use crate::emit::library::ADD_TO_ALU;
pub use crate::emit::verilog::scripts::Hierarchy;
use crate::emit::verilog::scripts::yosys_script;

/// How long a synthesis may take.
const LIMIT: Duration = Duration::from_hours(4);

/// What is to be synthesized.
#[derive(Clone, Copy, Debug)]
pub struct Synthesis<'a> {
    /// The files.
    pub artifacts: &'a Artifacts,
    /// The top module.
    pub top: &'a str,
    /// The Yosys command for the device, such as `synth_xilinx -family xcup`.
    pub command: &'a str,
    /// Whether layers stay apart: then each is counted, but nothing is optimized across them.
    pub hierarchy: Hierarchy,
}

/// The cells of a mapped design.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SynthesisReport {
    /// The whole design.
    pub total: Resources,
    /// Each module that the top module instantiates, with all below it; where it was flattened,
    /// large tables alone.
    pub modules: BTreeMap<String, Resources>,
}

/// Counts of device cells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resources {
    /// Look-up tables, those inside carry cells included.
    pub lut: u64,
    /// Flip-flops.
    pub ff: u64,
    /// Carry cells, of however many bits the device has in one.
    pub carry: u64,
    /// Multiplier blocks.
    pub dsp: u64,
    /// Memory blocks: of 18 kbit on AMD devices, the device's own block elsewhere.
    pub bram: u64,
    /// Cells that are none of these, by type.
    pub other: BTreeMap<String, u64>,
}

impl AddAssign<&Resources> for Resources {
    fn add_assign(&mut self, other: &Resources) {
        self.lut += other.lut;
        self.ff += other.ff;
        self.carry += other.carry;
        self.dsp += other.dsp;
        self.bram += other.bram;
        for (kind, count) in &other.other {
            *self.other.entry(kind.clone()).or_default() += count;
        }
    }
}

/// Maps the design to the device, in `folder/yosys`, and counts its cells.
///
/// # Errors
/// When Yosys is missing or fails.
pub fn synthesize(synthesis: Synthesis<'_>, folder: &Path) -> Result<SynthesisReport, CosimError> {
    let yosys = Tool::Yosys.find()?;
    let folder = folder.join("yosys");
    fs::create_dir_all(&folder).map_err(io(&folder))?;
    write_files(synthesis.artifacts, &folder)?;
    let map = folder.join("add_to_alu.v");
    fs::write(&map, ADD_TO_ALU).map_err(io(&map))?;
    let files: Vec<String> =
        sources(synthesis.artifacts).map(|path| path.display().to_string()).collect();
    let mut script = yosys_script(synthesis.top, &files, synthesis.command, synthesis.hierarchy);
    script.push_str("tee -q -o statistics.json stat -json\n");
    let path = folder.join("synthesize.ys");
    fs::write(&path, script).map_err(io(&path))?;
    let run = Run { folder: &folder, log: "yosys.log", limit: LIMIT };
    run.output(Command::new(yosys).args(["-q", "synthesize.ys"]))?;
    let path = folder.join("statistics.json");
    let text = fs::read_to_string(&path).map_err(io(&path))?;
    report(&text, synthesis.top).map_err(|source| CosimError::Statistics { source })
}

/// What Yosys prints about a module for `stat -json`, as far as it is read.
#[derive(Deserialize)]
struct ModuleStatistics {
    num_cells_by_type: BTreeMap<String, u64>,
}

/// Reads the value of `"modules"` alone: what stands behind it is broken JSON in some versions.
fn report(text: &str, top: &str) -> Result<SynthesisReport, serde_json::Error> {
    const KEY: &str = "\"modules\":";
    let start = text.find(KEY).map_or(text.len(), |at| at + KEY.len());
    let mut reader = serde_json::Deserializer::from_str(&text[start..]);
    let statistics = BTreeMap::<String, ModuleStatistics>::deserialize(&mut reader)?;
    let modules: BTreeMap<&str, &ModuleStatistics> =
        statistics.iter().map(|(name, module)| (name.trim_start_matches('\\'), module)).collect();
    let total = resources(&modules, top);
    let instantiated = modules.get(top).map(|module| module.num_cells_by_type.keys());
    let parts =
        instantiated.into_iter().flatten().filter(|kind| modules.contains_key(kind.as_str()));
    let modules = parts.map(|name| (name.clone(), resources(&modules, name))).collect();
    Ok(SynthesisReport { total, modules })
}

/// The cells of a module and of all modules below it.
fn resources(modules: &BTreeMap<&str, &ModuleStatistics>, name: &str) -> Resources {
    let mut sum = Resources::default();
    for (kind, count) in modules.get(name).into_iter().flat_map(|module| &module.num_cells_by_type)
    {
        if modules.contains_key(kind.as_str()) {
            let part = resources(modules, kind);
            (0..*count).for_each(|_| sum += &part);
        } else {
            sum += &device_cells(kind, *count);
        }
    }
    sum
}

/// `count` cells of type `kind`, by what they are on their device.
fn device_cells(kind: &str, count: u64) -> Resources {
    let mut cells = Resources::default();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| kind.starts_with(prefix));
    if starts(&["CCU2"]) {
        // Two LUTs with a carry between them.
        (cells.lut, cells.carry) = (2 * count, count);
    } else if starts(&["MISTRAL_ALUT_ARITH", "CC_ADDF"]) || kind == "ALU" {
        (cells.lut, cells.carry) = (count, count);
    } else if starts(&["CARRY", "SB_CARRY"]) {
        cells.carry = count;
    } else if starts(&["RAMB36"]) {
        cells.bram = 2 * count;
    } else if starts(&["RAMB18", "DP16KD", "SB_RAM40", "MISTRAL_M10K", "CC_BRAM", "EBR"]) {
        cells.bram = count;
    } else if starts(&["DSP48", "MULT", "SB_MAC16", "MISTRAL_MUL", "CC_MULT"]) {
        cells.dsp = count;
    } else if starts(&["LUT", "INV", "SRL", "SB_LUT", "MISTRAL_ALUT", "MISTRAL_NOT", "CC_LUT"])
        || kind == "$lut"
    {
        cells.lut = count;
    } else if starts(&[
        "FD",
        "TRELLIS_FF",
        "SB_DFF",
        "MISTRAL_FF",
        "DFF",
        "CC_DFF",
        "$_DFF",
        "$_SDFF",
    ]) {
        cells.ff = count;
    } else {
        cells.other.insert(kind.to_owned(), count);
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_counted_through_the_hierarchy() {
        let text = r#"{"modules": {
            "\\top": {"num_cells_by_type": {"fc1": 1, "fc2": 2, "LUT2": 3}},
            "\\fc1": {"num_cells_by_type": {"LUT6": 5, "CARRY4": 2, "FDRE": 7, "MUXF7": 1}},
            "\\fc2": {"num_cells_by_type": {"CCU2C": 4, "\\table": 1}},
            "\\table": {"num_cells_by_type": {"LUT4": 9}}
        },
             drawing of the hierarchy "design": {}}"#;
        let report = report(&text.replace(r#""\\table": 1"#, r#""table": 1"#), "top").unwrap();
        assert_eq!((report.total.lut, report.total.ff), (3 + 5 + 2 * (8 + 9), 7));
        assert_eq!((report.modules["fc2"].lut, report.modules["fc2"].carry), (17, 4));
        assert_eq!(report.modules["fc1"].other, BTreeMap::from([("MUXF7".to_owned(), 1)]));
    }
}
