//! The scripts for Vivado and Quartus, read by Tcl itself with the vendors' commands stubbed.

use std::path::Path;
use std::process::Command;

use trigforge::cosim::write_files;
use trigforge::emit::verilog::Verilog;
use trigforge::emit::{Artifacts, Target, Vendor};
use trigforge::netlist::Module;

use crate::netlists;

/// Runs the script of `vendor` and returns the calls that it makes, with `HERE` for its folder.
fn calls(module: &Module, vendor: Vendor) -> Option<Vec<String>> {
    let mut design = netlists::design("tiny", module);
    design.target = Target { vendor, family: "Cyclone V".to_owned(), ..design.target };
    calls_of(&Verilog.emit(&design), vendor)
}

/// As [`calls`], for the files of a build directory.
fn calls_of(files: &Artifacts, vendor: Vendor) -> Option<Vec<String>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|folder| folder.join("tclsh").is_file()) {
        let required = std::env::var_os("TRIGFORGE_REQUIRE_TOOLS").is_some_and(|set| set == "1");
        assert!(!required, "`tclsh` is missing");
        return None;
    }
    // A name that Tcl would take for commands and patterns if it were read twice.
    let folder = tempfile::Builder::new().prefix("it's [a] {build} $x ").tempdir().unwrap();
    write_files(files, folder.path()).unwrap();
    let (tool, script) = match vendor {
        Vendor::Amd => ("vivado", "vivado_ooc.tcl"),
        Vendor::Intel => ("quartus", "quartus_ooc.tcl"),
        Vendor::Other => panic!("there is no script"),
    };
    let here = folder.path().canonicalize().unwrap().join("synthesis");
    let stubs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/scripts/vendor.tcl");
    // Run from elsewhere: the script knows where it stands.
    let mut command = Command::new("tclsh");
    command.arg(stubs).arg(tool).arg(here.join(script)).current_dir(std::env::temp_dir());
    let output = command.output().unwrap();
    let fault = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && fault.is_empty(), "{fault}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines = printed.lines();
    Some(lines.map(|line| line.replace(here.to_str().unwrap(), "HERE")).collect())
}

#[test]
fn vivado_takes_its_script() {
    let Some(calls) = calls(&netlists::tiny_pipeline(), Vendor::Amd) else { return };
    let part = "xcvu13p-flga2577-2-e";
    assert_eq!(calls[0], format!("create_project -in_memory -part {part}"));
    for module in ["tiny", "tiny_class", "tiny_sigmoid", "tiny_sigmoid_table", "tiny_sum"] {
        let file = format!("HERE/../rtl/{module}.v");
        assert!(calls[1].starts_with("read_verilog ") && calls[1].contains(&file), "{}", calls[1]);
    }
    let rest = [
        "read_xdc -mode out_of_context HERE/tiny.xdc".to_owned(),
        "get_ports clock".to_owned(),
        "create_clock -name clock -period 2.500 clock".to_owned(),
        format!("synth_design -top tiny -part {part} -mode out_of_context"),
        "report_utilization -hierarchical -file HERE/utilization_synthesis.rpt".to_owned(),
        "opt_design".to_owned(),
        "place_design".to_owned(),
        "phys_opt_design".to_owned(),
        "route_design".to_owned(),
        "report_utilization -hierarchical -file HERE/utilization.rpt".to_owned(),
        "report_timing_summary -file HERE/timing.rpt".to_owned(),
        "write_checkpoint -force HERE/tiny.dcp".to_owned(),
    ];
    assert_eq!(calls[2..], rest);
}

#[test]
fn quartus_takes_its_script() {
    let Some(calls) = calls(&netlists::tiny_pipeline(), Vendor::Intel) else { return };
    let expected = [
        "project_new tiny -overwrite",
        "set_global_assignment -name FAMILY Cyclone V",
        "set_global_assignment -name DEVICE xcvu13p-flga2577-2-e",
        "set_global_assignment -name TOP_LEVEL_ENTITY tiny",
        "set_global_assignment -name VERILOG_FILE HERE/../rtl/tiny.v",
        "set_global_assignment -name VERILOG_FILE HERE/../rtl/tiny_class.v",
        "set_global_assignment -name VERILOG_FILE HERE/../rtl/tiny_sigmoid.v",
        "set_global_assignment -name VERILOG_FILE HERE/../rtl/tiny_sigmoid_table.v",
        "set_global_assignment -name VERILOG_FILE HERE/../rtl/tiny_sum.v",
        "set_global_assignment -name VERILOG_FILE HERE/../rtl/tiny_x.v",
        "set_global_assignment -name SDC_FILE HERE/tiny.sdc",
        "get_ports clock",
        "create_clock -name clock -period 2.500 clock",
        "set_instance_assignment -name VIRTUAL_PIN ON -to *",
        "set_instance_assignment -name VIRTUAL_PIN OFF -to clock",
        "execute_flow -compile",
        "project_close",
    ];
    assert_eq!(calls, expected);
}

#[test]
fn a_design_without_a_clock_is_bound_by_its_delay() {
    for vendor in [Vendor::Amd, Vendor::Intel] {
        let Some(calls) = calls(&netlists::tiny_dense(), vendor) else { return };
        let bound = "set_max_delay 2.500 -from inputs -to outputs";
        assert_eq!(calls.iter().filter(|call| *call == bound).count(), 1, "{calls:?}");
        assert!(calls.iter().all(|call| !call.contains("clock")), "{calls:?}");
    }
}

#[cfg(feature = "shell")]
#[test]
fn a_shell_is_built_with_its_core() {
    use trigforge::emit::verilog::scripts::{self, Top};
    use trigforge::emit::verilog::{SOURCES, interface};
    use trigforge::shell::packing::Word;
    use trigforge::shell::{FOLDER, Shell};

    let module = netlists::tiny_pipeline();
    for vendor in [Vendor::Amd, Vendor::Intel] {
        let mut design = netlists::design("tiny", &module);
        design.target = Target { vendor, family: "Cyclone V".to_owned(), ..design.target };
        let mut files = Verilog.emit(&design);
        let shell = Shell::new(&module, interface(&design), Word::Bits32, "").unwrap();
        files.extend(shell.files());
        let folders = [SOURCES, FOLDER];
        let top = Top { name: &shell.name, clock: Some(shell.clock()), folders: &folders };
        scripts::rebuild(top, &design.target, &mut files);
        let Some(calls) = calls_of(&files, vendor) else { return };
        let has = |call: &str| calls.iter().any(|own| own == call);
        assert!(has("create_clock -name aclk -period 2.500 aclk"), "{calls:?}");
        for file in
            ["rtl/tiny.v", "rtl/tiny_sum.v", "shell/tiny_shell.v", "shell/tiny_shell_engine.v"]
        {
            let file = format!("HERE/../{file}");
            assert!(calls.iter().any(|call| call.contains(&file)), "{file}: {calls:?}");
        }
        let top = match vendor {
            Vendor::Amd => {
                "synth_design -top tiny_shell -part xcvu13p-flga2577-2-e -mode out_of_context"
            }
            _ => "set_global_assignment -name TOP_LEVEL_ENTITY tiny_shell",
        };
        assert!(has(top), "{calls:?}");
        // Nothing that builds the bare core is left over.
        assert!(calls.iter().all(|call| !call.contains("tiny.xdc") && !call.contains("tiny.sdc")));
        let script = &files[std::path::Path::new("synthesis/yosys.ys")];
        assert!(script.contains("-top tiny_shell\n") && script.contains("../shell/tiny_shell.v"));
    }
}
