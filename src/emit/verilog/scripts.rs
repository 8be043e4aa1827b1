//! Out-of-context build scripts for the device of the design.

use std::path::PathBuf;

use askama::Template;

use super::super::interface::Interface;
use super::super::{Artifacts, Target, Vendor, library, render};
use super::{Context, SOURCES};

/// The folder of the build scripts.
pub(super) const FOLDER: &str = "synthesis";

#[derive(Template)]
#[template(path = "verilog/vivado_ooc.tcl.j2")]
struct VivadoView<'a> {
    top: &'a str,
    part: &'a str,
    folders: &'a [&'a str],
}

#[derive(Template)]
#[template(path = "verilog/quartus_ooc.tcl.j2")]
struct QuartusView<'a> {
    top: &'a str,
    family: &'a str,
    part: &'a str,
    folders: &'a [&'a str],
    has_clock: bool,
    clock: &'a str,
}

/// A constraint file: the same commands for Vivado (`.xdc`) and Quartus (`.sdc`).
#[derive(Template)]
#[template(path = "verilog/constraints.j2")]
struct ConstraintsView<'a> {
    top: &'a str,
    has_clock: bool,
    clock: &'a str,
    period: String,
}

#[derive(Template)]
#[template(path = "verilog/yosys.ys.j2")]
struct YosysView<'a> {
    top: &'a str,
    sources: &'a [String],
    /// Whether the sources may name the primitives of AMD devices.
    has_primitives: bool,
    command: String,
}

/// Whether modules stay apart in synthesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hierarchy {
    /// One module, optimized as a whole.
    Flattened,
    /// Each module by itself, so that its cells can be counted.
    Kept,
}

/// A Yosys script that maps `sources` to a device by `command`, such as `synth_xilinx -family xcup`.
///
/// It reads `add_to_alu.v` ([`library::ADD_TO_ALU`]) in the folder in which it runs.
pub fn yosys_script(top: &str, sources: &[String], command: &str, hierarchy: Hierarchy) -> String {
    let has_primitives = command.starts_with("synth_xilinx");
    let command = yosys_command(command, top, hierarchy);
    render(&YosysView { top, sources, has_primitives, command })
}

/// What the scripts build.
#[derive(Clone, Copy, Debug)]
pub struct Top<'a> {
    /// The name of the top module.
    pub name: &'a str,
    /// Its clock; none where it has no registers.
    pub clock: Option<&'a str>,
    /// The folders of the Verilog, beside that of the scripts.
    pub folders: &'a [&'a str],
}

/// Adds the scripts for the core of a design.
pub(super) fn emit(cx: &Context<'_>, files: &mut Artifacts) {
    let Interface { top, clock, .. } = &cx.interface;
    let top = Top { name: top, clock: clock.as_deref(), folders: &[SOURCES] };
    build(top, &cx.design.target, files);
}

/// Makes the scripts among `files` build `top` in place of what they built before.
pub fn rebuild(top: Top<'_>, target: &Target, files: &mut Artifacts) {
    files.retain(|path, _| !path.starts_with(FOLDER));
    build(top, target, files);
}

/// Adds the scripts of the device's vendor, and the one for Yosys.
fn build(top: Top<'_>, target: &Target, files: &mut Artifacts) {
    let Top { name: top, clock, folders } = top;
    let constraints = ConstraintsView {
        top,
        has_clock: clock.is_some(),
        clock: clock.unwrap_or_default(),
        period: format!("{:.3}", target.clock_ns),
    };
    let constraints = render(&constraints);
    let sources = files
        .keys()
        .filter(|path| folders.iter().any(|folder| path.starts_with(folder)))
        .filter(|path| path.extension().is_some_and(|extension| extension == "v"))
        .map(|path| format!("../{}", path.display()))
        .collect::<Vec<_>>();
    let yosys = yosys_script(top, &sources, &target.synth_command, Hierarchy::Flattened);
    let mut add = |name: &str, text: String| {
        files.insert(PathBuf::from(FOLDER).join(name), text);
    };
    add("yosys.ys", yosys + "stat\n");
    add("add_to_alu.v", library::ADD_TO_ALU.to_owned());
    match target.vendor {
        Vendor::Amd => {
            let script = VivadoView { top, part: &target.part, folders };
            add("vivado_ooc.tcl", render(&script));
            add(&format!("{top}.xdc"), constraints);
        }
        Vendor::Intel => {
            let script = QuartusView {
                top,
                family: &target.family,
                part: &target.part,
                folders,
                has_clock: clock.is_some(),
                clock: clock.unwrap_or_default(),
            };
            add("quartus_ooc.tcl", render(&script));
            add(&format!("{top}.sdc"), constraints);
        }
        Vendor::Other => {}
    }
}

/// `command` for the core of a larger design: no pads, and multipliers in LUTs.
fn yosys_command(command: &str, top: &str, hierarchy: Hierarchy) -> String {
    let name = command.split_whitespace().next().unwrap_or_default();
    let options = match name {
        "synth_xilinx" => " -nodsp -noiopad -noclkbuf",
        "synth_intel_alm" | "synth_nexus" => " -nodsp -noiopad",
        "synth_ecp5" => " -nodsp",
        "synth_gowin" => " -noiopads",
        "synth_gatemate" => " -nomult -noiopad",
        _ => "",
    };
    // Some commands flatten unless told not to, the others do not unless told to.
    let flatten = match (hierarchy, matches!(name, "synth" | "synth_xilinx")) {
        (Hierarchy::Flattened, true) => " -flatten",
        (Hierarchy::Kept, false) => " -noflatten",
        (Hierarchy::Flattened, false) | (Hierarchy::Kept, true) => "",
    };
    format!("{command}{options}{flatten} -top {top}")
}
