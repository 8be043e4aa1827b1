//! Sums of three in the primitives of a device: against the cell, by two sets of models.

use std::path::{Path, PathBuf};
use std::process::Command;

use trigforge::cosim::tool::Tool;
use trigforge::cosim::yosys::{Synthesis, synthesize};
use trigforge::cosim::{verilator, write_files};
use trigforge::emit::Design;
use trigforge::emit::verilog::scripts::Hierarchy;
use trigforge::emit::verilog::{Verilog, interface};
use trigforge::estimate::area::costs;
use trigforge::netlist::{Addend, Builder, Module, eval};
use trigforge::plan::device;

use crate::cosim::available;
use crate::netlists::{self, Draw};

/// Sums of three small words with all signs, at several shifts.
fn sums(formats: [&str; 3], shifts: &[[i8; 2]]) -> Module {
    let mut builder = Builder::new(netlists::layer("x", "input"));
    let x = builder.input("x", &formats.map(|format| format.parse().unwrap()));
    builder.begin_layer(netlists::layer("sums", "test"));
    let mut sums = Vec::new();
    for [second, third] in shifts {
        for signs in [[false, false], [false, true], [true, false], [true, true]] {
            let term = |place: usize, shift: i8| Addend {
                subtract: signs[place - 1],
                net: x[place],
                shift,
            };
            sums.push(builder.sum(x[0], term(1, *second), term(2, *third)));
        }
    }
    let formats = sums.iter().map(|net| builder.net(*net).format()).collect();
    builder.output("y", sums, formats);
    builder.finish(0)
}

fn modules() -> [Module; 3] {
    [
        sums(["fixed<4,4>", "fixed<3,3>", "fixed<4,4>"], &[[0, 0], [1, 2], [3, -2], [-1, -3]]),
        sums(["ufixed<4,4>", "ufixed<3,3>", "ufixed<1,1>"], &[[0, 0], [2, 4], [-2, 1]]),
        sums(["ufixed<2,2>", "fixed<5,5>", "fixed<1,1>"], &[[0, 0], [1, 5], [-2, -4]]),
    ]
}

fn design(module: &Module, carry_bits: u8) -> Design<'_> {
    let mut design = netlists::design("sums", module);
    design.target.carry_bits = Some(carry_bits);
    design
}

/// Proves that what synthesis reads is what simulators read, by Yosys' models of the primitives.
#[test]
fn primitives_are_proved_against_the_plain_sum() {
    if !available(&[Tool::Yosys]) {
        return;
    }
    for carry_bits in [4, 8] {
        for module in modules() {
            let design = design(&module, carry_bits);
            let folder = tempfile::tempdir().unwrap();
            let top = interface(&design).top;
            write_files(&Verilog.emit(&design), folder.path()).unwrap();
            // Read for proofs, `SYNTHESIS` is not defined.
            let script = format!(
                "read_verilog -formal rtl/*.v; hierarchy -check -top {top}; proc; flatten; \
                 rename {top} plain; design -stash plain; \
                 read_verilog +/xilinx/cells_sim.v rtl/*.v; hierarchy -check -top {top}; proc; \
                 flatten; select -assert-none t:$add t:$sub; rename {top} mapped; \
                 design -copy-from plain plain; miter -equiv -flatten -make_outputs plain mapped both; \
                 hierarchy -top both; opt -fast; sat -verify -prove trigger 0 both"
            );
            let run = Command::new(Tool::Yosys.find().unwrap())
                .args(["-q", "-p", &script])
                .current_dir(folder.path())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&run.stderr);
            assert!(run.status.success(), "{carry_bits} bits in a block: {said}");
        }
    }
}

/// Models of the primitives after their data sheets, each in a file of its own.
const MODELS: [(&str, &str); 3] = [
    (
        "LUT6_2",
        "module LUT6_2 #(parameter [63:0] INIT = 0) (
  input wire I0, I1, I2, I3, I4, I5, output wire O5, O6
);
  assign O5 = INIT[{1'b0, I4, I3, I2, I1, I0}];
  assign O6 = INIT[{I5, I4, I3, I2, I1, I0}];
endmodule
",
    ),
    (
        "CARRY4",
        "module CARRY4 (
  input wire CI, CYINIT, input wire [3:0] DI, S, output wire [3:0] O, CO
);
  wire [4:0] c = {S[3] ? c[3] : DI[3], S[2] ? c[2] : DI[2], S[1] ? c[1] : DI[1],
                  S[0] ? c[0] : DI[0], CI | CYINIT};
  assign O = S ^ c[3:0];
  assign CO = c[4:1];
endmodule
",
    ),
    (
        "CARRY8",
        "module CARRY8 (
  input wire CI, CI_TOP, input wire [7:0] DI, S, output wire [7:0] O, CO
);
  wire middle;
  CARRY4 low (.CI(CI), .CYINIT(1'b0), .DI(DI[3:0]), .S(S[3:0]), .O(O[3:0]),
              .CO({middle, CO[2:0]}));
  CARRY4 high (.CI(middle), .CYINIT(1'b0), .DI(DI[7:4]), .S(S[7:4]), .O(O[7:4]), .CO(CO[7:4]));
  assign CO[3] = middle;
  wire unused = CI_TOP;
endmodule
",
    ),
];

#[test]
fn primitives_compute_what_the_netlist_means() {
    if !available(&[Tool::Verilator, Tool::Gxx, Tool::Make]) {
        return;
    }
    for (carry_bits, module) in [4, 8].into_iter().zip(modules()) {
        let design = design(&module, carry_bits);
        let mut files = Verilog.emit(&design);
        let sum = files.get_mut(Path::new("rtl/sums_sum_of_three.v")).unwrap();
        *sum = format!("`define SYNTHESIS\n{sum}");
        for (name, text) in MODELS {
            files.insert(PathBuf::from(format!("rtl/{name}.v")), text.to_owned());
        }
        let folder = tempfile::tempdir().unwrap();
        let executable = verilator::build(&interface(&design), &files, folder.path()).unwrap();
        let inputs = netlists::events(&mut Draw(1), &module, 1000);
        let (found, wanted) = (executable.run(&inputs).unwrap(), eval::eval(&module, &inputs));
        assert_eq!(found, wanted, "{carry_bits} bits in a block");
    }
}

/// One look-up table for each bit, and one for the bits above: as Yosys counts, as the estimate says.
#[test]
fn a_sum_of_three_takes_a_look_up_table_for_each_bit() {
    if !available(&[Tool::Yosys]) {
        return;
    }
    for (name, command) in
        [("xcvu9p", "synth_xilinx -family xcup"), ("xc7z020", "synth_xilinx -family xc7")]
    {
        let device = device(name).unwrap();
        let mut builder = Builder::new(netlists::layer("x", "input"));
        let x = builder.input("x", &["fixed<12,12>".parse().unwrap(); 3]);
        builder.begin_layer(netlists::layer("sum", "test"));
        let [b, c] = [x[1], x[2]].map(|net| Addend { subtract: net == x[2], net, shift: 0 });
        let sum = builder.sum(x[0], b, c);
        let format = builder.net(sum).format();
        builder.output("y", vec![sum], vec![format]);
        let module = builder.finish(0);
        let design = design(&module, device.sum_of_three.unwrap().bits());
        let (artifacts, top) = (Verilog.emit(&design), interface(&design).top);
        let hierarchy = Hierarchy::Flattened;
        let synthesis = Synthesis { artifacts: &artifacts, top: &top, command, hierarchy };
        let folder = tempfile::tempdir().unwrap();
        let found = synthesize(synthesis, folder.path()).unwrap().total;
        assert_eq!((found.lut, found.ff), (13, 0), "{name}");
        assert_eq!(costs(&module, device)[sum].lut, 13, "{name}");
    }
}
