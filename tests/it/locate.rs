//! Verilog that was broken on purpose: the wire and the clock cycle are named.

use trigforge::cosim::tool::Tool;
use trigforge::emit::Artifacts;
use trigforge::emit::verilog::Verilog;
use trigforge::flow::engines::{Emitted, Rtl, run_verilog};
use trigforge::flow::locate::{WireDifference, first_wire};
use trigforge::netlist::{Module, eval};
use trigforge::numeric::tensor::Block;

use crate::cosim::available;
use crate::netlists::{self, Draw};

const ICARUS: [Tool; 2] = [Tool::Iverilog, Tool::Vvp];

/// What was emitted for a design, with one place of one file changed.
fn broken(module: &Module, file: &str, right: &str, wrong: &str) -> Artifacts {
    let mut files = Verilog.emit(&netlists::design("tiny", module));
    let text = files.get_mut(std::path::Path::new(file)).unwrap();
    assert_eq!(text.matches(right).count(), 1, "{text}");
    *text = text.replace(right, wrong);
    files
}

fn located(
    module: &Module,
    files: &Artifacts,
    inputs: &[Block<i64>],
    event: usize,
) -> Option<WireDifference> {
    first_wire(&netlists::design("tiny", module), files, inputs, event).unwrap()
}

#[test]
fn a_wrong_operator() {
    if !available(&ICARUS) {
        return;
    }
    let module = netlists::tiny_pipeline();
    let mut inputs = netlists::events(&mut Draw(5), &module, 40);
    // The second term is zero but in event 21.
    inputs[0].element_mut(0).fill(3);
    inputs[0].element_mut(1).fill(0);
    inputs[0].element_mut(1)[21] = 2;
    let files = broken(&module, "rtl/tiny_sum.v", "} + {", "} - {");
    let found = located(&module, &files, &inputs, 21).unwrap();
    let expected = WireDifference {
        wire: "u_sum.n4".to_owned(),
        cell: "add",
        event: 21,
        cycle: 1,
        found: Some(0.25),
        expected: 1.25,
    };
    assert_eq!(found, expected);
    assert_eq!(
        found.to_string(),
        "first wrong wire `u_sum.n4` (add) in clock cycle 1 of event 21: 0.25 instead of 1.25"
    );
    // Events that the fault does not touch have no wrong wire.
    assert_eq!(located(&module, &files, &inputs, 20), None);
}

#[test]
fn a_wrong_entry_of_a_table() {
    if !available(&ICARUS) {
        return;
    }
    let module = netlists::tiny_pipeline();
    let mut inputs = netlists::events(&mut Draw(5), &module, 40);
    inputs[0].element_mut(0).fill(3);
    inputs[0].element_mut(1).fill(0);
    inputs[0].element_mut(1)[21] = 5;
    let right = "5'h08: value = 6'd25;";
    let files = broken(&module, "rtl/tiny_sigmoid_table.v", right, "5'h08: value = 6'bx;");
    let found = located(&module, &files, &inputs, 21).unwrap();
    let expected = WireDifference {
        wire: "u_sigmoid.n7".to_owned(),
        cell: "lookup",
        event: 21,
        cycle: 2,
        found: None,
        expected: 25.0 / 16.0,
    };
    assert_eq!(found, expected);
    assert!(found.to_string().ends_with("unknown instead of 1.5625"), "{found}");
}

#[test]
fn a_register_too_many() {
    if !available(&ICARUS) {
        return;
    }
    let module = netlists::tiny_pipeline();
    let mut inputs = netlists::events(&mut Draw(5), &module, 40);
    let x: Vec<i64> = (0..40).map(|event| event % 5 - 2).collect();
    inputs[0].element_mut(0).copy_from_slice(&x);
    inputs[0].element_mut(1).fill(0);
    let file = "rtl/tiny_sum.v";
    let mut files = broken(&module, file, "sum_1 <= x_0_d1;", "sum_1 <= late; late <= x_0_d1;");
    let text = files.get_mut(std::path::Path::new(file)).unwrap();
    *text = text.replace("  always", "  reg signed [3:0] late;\n  always");
    let found = located(&module, &files, &inputs, 23).unwrap();
    let expected = WireDifference {
        wire: "u_sum.sum_1".to_owned(),
        cell: "register",
        event: 20,
        cycle: 2,
        // The value of event 19.
        found: Some(0.5),
        expected: -0.5,
    };
    assert_eq!(found, expected);
}

#[test]
fn a_design_without_a_clock() {
    if !available(&ICARUS) {
        return;
    }
    let module = netlists::tiny_dense();
    let inputs = netlists::events(&mut Draw(6), &module, 10);
    let files = broken(&module, "rtl/tiny_fc1_Gemm.v", "n3 - 8'd10", "n3 - 8'd11");
    let found = located(&module, &files, &inputs, 7).unwrap();
    let place = (found.wire.as_str(), found.cell, found.event, found.cycle);
    assert_eq!(place, ("u_fc1_Gemm.fc1_Gemm_1", "add", 7, 0));
    assert_eq!(found.found, Some(found.expected - 0.125));
}

/// Nothing is reported that was not measured: right Verilog has no wrong wire.
#[test]
fn right_verilog() {
    if !available(&ICARUS) {
        return;
    }
    for (seed, stages) in [(1, 2), (2, 0), (4, 3)] {
        let mut draw = Draw(seed);
        let module = netlists::drawn(&mut draw, stages, 240);
        let inputs = netlists::events(&mut draw, &module, 20);
        let files = Verilog.emit(&netlists::design("tiny", &module));
        assert_eq!(located(&module, &files, &inputs, 17), None, "seed {seed}");
    }
}

/// What `verify` says, from the outputs that differ to the wire.
#[test]
fn verification_names_the_wire() {
    let tools = [Tool::Verilator, Tool::Gxx, Tool::Make, Tool::Iverilog, Tool::Vvp];
    if !available(&tools) {
        return;
    }
    let module = netlists::tiny_pipeline();
    let mut inputs = netlists::events(&mut Draw(5), &module, 40);
    inputs[0].element_mut(0).fill(3);
    inputs[0].element_mut(1).fill(0);
    inputs[0].element_mut(1)[21] = 2;
    let expected = eval::eval(&module, &inputs);
    let files = broken(&module, "rtl/tiny_sum.v", "} + {", "} - {");
    let design = netlists::design("tiny", &module);
    let emitted =
        Emitted { design: &design, artifacts: &files, inputs: &inputs, expected: &expected };
    let comparisons = run_verilog(emitted, Rtl::Verilator, &|_| {}).unwrap();
    let [comparison] = comparisons.as_slice() else { panic!("{comparisons:?}") };
    assert_eq!((comparison.events, comparison.mismatches), (40, 2));
    assert_eq!(
        comparison.first_difference.as_deref(),
        Some(
            "event 21, output 0, element 0: 0.625 instead of 1.125 (layer `sigmoid`; first wrong \
             wire `u_sum.n4` (add) in clock cycle 1 of event 21: 0.25 instead of 1.25)"
        )
    );
}
