//! Report files of vendors' tools, in the forms that the vendors document (see `tests/cases/vendor`).

use std::fs;
use std::path::Path;
use std::process::Command;

use trigforge::report::data::{FlowStage, ModuleUsage, ToolReport, Usage};
use trigforge::vendor;

/// The text of a report.
fn text(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/vendor");
    fs::read_to_string(folder.join(file)).unwrap()
}

/// The figures of a report.
fn read(file: &str) -> ToolReport {
    vendor::read(&text(file)).unwrap().1.unwrap()
}

#[test]
fn vivado_counts_by_hierarchy() {
    let module = |module: &str, lut, ff| ModuleUsage {
        module: module.to_owned(),
        usage: Usage { lut, ff, dsp: 0, bram_kbit: 0.0 },
    };
    let expected = ToolReport {
        lut: Some(83),
        ff: Some(62),
        dsp: Some(0),
        bram_kbit: Some(54.0),
        modules: vec![module("good_fc1_Gemm", 52, 0), module("good_act_Relu", 31, 32)],
        ..ToolReport::new("Vivado 2023.1", FlowStage::PlaceAndRoute)
    };
    assert_eq!(read("vivado_hierarchical.rpt"), expected);
}

/// Between synthesis and placement there is optimization, and after placement more than one state.
#[test]
fn vivado_tells_how_far_it_had_come() {
    let whole = text("vivado_hierarchical.rpt");
    for (state, stage) in [
        ("Synthesized", FlowStage::Synthesis),
        ("Optimized", FlowStage::Synthesis),
        ("Fully Placed", FlowStage::PlaceAndRoute),
        ("Physopt postPlace", FlowStage::PlaceAndRoute),
    ] {
        let report = whole.replace("Design State : Routed", &format!("Design State : {state}"));
        assert_eq!(vendor::read(&report).unwrap().1.unwrap().stage, stage, "{state}");
    }
}

#[test]
fn vivado_counts_by_site() {
    let expected = ToolReport {
        lut: Some(91),
        ff: Some(70),
        dsp: Some(3),
        bram_kbit: Some(54.0),
        ..ToolReport::new("Vivado 2020.1", FlowStage::Synthesis)
    };
    assert_eq!(read("vivado_sites.rpt"), expected);
}

#[test]
fn vivado_tells_slack_and_clock() {
    let expected = ToolReport {
        clock_ns: Some(5.0),
        slack_ns: Some(-0.125),
        ..ToolReport::new("Vivado 2023.1", FlowStage::PlaceAndRoute)
    };
    assert_eq!(read("vivado_timing.rpt"), expected);
}

#[test]
fn vitis_estimates() {
    let expected = ToolReport {
        lut: Some(420),
        ff: Some(310),
        dsp: Some(6),
        bram_kbit: Some(54.0),
        clock_ns: Some(5.0),
        slack_ns: Some(1.375),
        latency_cycles: Some(4),
        initiation_interval: Some(1),
        ..ToolReport::new("Vitis HLS 2022.2", FlowStage::HighLevelSynthesis)
    };
    assert_eq!(read("csynth.xml"), expected);
}

#[test]
fn quartus_counts_logic_modules_and_tells_the_worst_setup_slack() {
    let mut found = read("quartus.sta.summary");
    assert_eq!(found.join(read("quartus.fit.summary")), None);
    let expected = ToolReport {
        alm: Some(1234),
        ff: Some(2345),
        dsp: Some(7),
        bram_kbit: Some(40.0),
        slack_ns: Some(0.291),
        ..ToolReport::new("Quartus 21.4.0", FlowStage::PlaceAndRoute)
    };
    assert_eq!(found, expected);
}

#[test]
fn oneapi_counts_the_kernel_system() {
    let expected = ToolReport {
        alm: Some(1235),
        ff: Some(2345),
        dsp: Some(7),
        ..ToolReport::new("oneAPI", FlowStage::PlaceAndRoute)
    };
    let whole = text("oneapi_quartus.json");
    assert_eq!(read("oneapi_quartus.json"), expected);
    // Newer versions write a value on each line.
    let lines =
        whole.replace('\n', "").replace("]},\"quartusFitResource", "]}}\n{\"quartusFitResource");
    assert_eq!(lines.lines().count(), 2);
    assert_eq!(vendor::read(&lines).unwrap().1, Some(expected));
    // A design of components has one row for all, and no kernel system.
    let design = whole.replace("Kernel System", "Full Design (All Components)");
    assert_eq!(vendor::read(&design).unwrap().1.unwrap().alm, Some(1235));
    let unfinished = whole.replace("1,234.5", "TBD");
    assert_eq!(vendor::read(&unfinished).unwrap().1, None, "Quartus has not run");
    for end in 0..whole.trim_end().len() {
        let found = vendor::read(&whole[..end]);
        assert_eq!(found.and_then(|(_, figures)| figures), None, "cut off at {end}");
    }
}

/// What is cut off anywhere is refused, or read as far as it goes, and never a panic.
#[test]
fn truncated_reports_are_no_figures_of_others() {
    for file in ["vivado_hierarchical.rpt", "vivado_sites.rpt", "vivado_timing.rpt", "csynth.xml"] {
        let (text, whole) = (text(file), read(file));
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let Some((_, Some(found))) = vendor::read(&text[..end]) else { continue };
            assert!(found.lut.is_none() || found.lut == whole.lut, "{file} up to {end}");
        }
    }
}

#[test]
fn reports_of_other_runs_stay_apart() {
    let mut placed = read("vivado_hierarchical.rpt");
    assert_eq!(placed.join(read("vivado_timing.rpt")), None);
    assert_eq!((placed.lut, placed.slack_ns), (Some(83), Some(-0.125)));
    assert!(placed.join(read("vivado_timing.rpt")).is_some());
    assert!(placed.join(read("vivado_sites.rpt")).is_some());
}

/// The scripts of a build leave their reports in it, and there they are found.
#[test]
fn reports_below_a_build_stand_beside_its_estimate() {
    let folder = tempfile::tempdir().unwrap();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/errors/models");
    let trigforge = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trigforge"));
        command.current_dir(folder.path()).args(arguments).output().unwrap()
    };
    let (model, data) = (models.join("good.onnx"), models.join("x.npy"));
    let (model, data) = (model.to_str().unwrap(), data.to_str().unwrap());
    assert!(trigforge(&["compile", model, "--data", data, "-o", "build"]).status.success());
    let synthesis = folder.path().join("build/synthesis");
    fs::write(synthesis.join("utilization.rpt"), text("vivado_hierarchical.rpt")).unwrap();
    fs::write(synthesis.join("timing.rpt"), text("vivado_timing.rpt")).unwrap();
    fs::write(synthesis.join("notes.rpt"), "something else").unwrap();
    let output = trigforge(&["report", "build", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["tools"].as_array().unwrap().len(), 1);
    assert_eq!(report["tools"][0]["lut"], 83);
    assert_eq!(report["tools"][0]["slack_ns"], -0.125);
    assert_eq!(report["resources"]["layers"][1]["synthesis"]["lut"], 52);
    assert_eq!(report["resources"]["layers"][2]["synthesis"]["ff"], 32);
}
