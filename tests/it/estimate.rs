//! The estimate against Yosys: what is predicted without a tool is what a tool makes.

use std::collections::BTreeMap;
use std::fmt::Write;

use trigforge::cosim::tool::Tool;
use trigforge::cosim::yosys::{self, Synthesis};
use trigforge::emit::verilog::scripts::Hierarchy;
use trigforge::emit::{Design, Target, Vendor, backend};
use trigforge::estimate::estimate;
use trigforge::graph::text;
use trigforge::lower::{lower, schedule};
use trigforge::netlist::passes::optimize;
use trigforge::plan::{Plan, device};

/// Reproducible integers in `-limit..=limit`.
fn weights(seed: u64, count: usize, limit: i64) -> Vec<f64> {
    let mut state = seed;
    let mut weights = Vec::with_capacity(count);
    for _ in 0..count {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let span = u64::try_from(2 * limit + 1).unwrap();
        let value = i64::try_from((state >> 33) % span).unwrap() - limit;
        weights.push(f64::from(i32::try_from(value).unwrap()));
    }
    weights
}

/// A line of the text form of a graph: a dense layer.
fn dense(text: &mut String, id: usize, inputs: usize, outputs: usize, limit: i64, grid: i8) {
    let scale = f64::from(2).powi(-i32::from(grid));
    let scaled = |values: Vec<f64>| -> Vec<f64> { values.into_iter().map(|w| w * scale).collect() };
    let seed = u64::try_from(17 * id + inputs).unwrap();
    let weights = scaled(weights(seed, inputs * outputs, limit));
    let bias = scaled(self::weights(seed + 1, outputs, 4 * limit));
    writeln!(
        text,
        r#"  %{id} = dense(%{}) {{"inputs":{inputs},"outputs":{outputs},"weights":{{"values":{weights:?},"grid":{grid}}},"bias":{{"values":{bias:?},"grid":{grid}}}}} @ "/fc{id}/Gemm" (Gemm)"#,
        id - 1
    )
    .unwrap();
}

/// Rectified linear layers, rounded and saturated.
fn classifier() -> String {
    let mut text =
        String::from("graph\n  %0 = input {\"shape\":[10],\"quantizer\":\"fixed<8,3,RND,SAT>\"}\n");
    dense(&mut text, 1, 10, 12, 15, 4);
    text += "  %2 = relu(%1) {}\n  %3 = quantize(%2) {\"quantizer\":\"ufixed<6,3,RND,SAT>\",\"source\":\"model\"}\n";
    dense(&mut text, 4, 12, 5, 15, 4);
    text +=
        "  %5 = quantize(%4) {\"quantizer\":\"fixed<8,4,RND_CONV,SAT>\",\"source\":\"model\"}\n";
    text + "  input \"x\" %0\n  output \"y\" %5\n"
}

/// Signs and two-valued weights, then the largest output.
fn binary() -> String {
    let mut text =
        String::from("graph\n  %0 = input {\"shape\":[24],\"quantizer\":\"fixed<4,4,TRN,SAT>\"}\n");
    let sign = |id: usize, len: usize| {
        let zeros = vec![0.0; len];
        format!(
            "  %{id} = threshold(%{}) {{\"steps\":1,\"thresholds\":{{\"values\":{zeros:?},\"grid\":0}},\"base_and_step\":{{\"values\":[-1.0,2.0],\"grid\":0}}}}\n",
            id - 1
        )
    };
    text += &sign(1, 24);
    dense(&mut text, 2, 24, 20, 1, 0);
    text += &sign(3, 20);
    dense(&mut text, 4, 20, 6, 1, 0);
    text += "  %5 = argmax(%4) {\"len\":6}\n";
    text + "  input \"x\" %0\n  output \"y\" %5\n"
}

/// Tables: tanh between the layers, a sigmoid at the end.
fn tables() -> String {
    let mut text =
        String::from("graph\n  %0 = input {\"shape\":[8],\"quantizer\":\"fixed<7,2,RND,SAT>\"}\n");
    dense(&mut text, 1, 8, 8, 12, 4);
    text += "  %2 = quantize(%1) {\"quantizer\":\"fixed<8,3,RND,SAT>\",\"source\":\"model\"}\n";
    text += "  %3 = activation(%2) {\"function\":\"tanh\",\"output\":\"fixed<7,1,RND,SAT>\"}\n";
    dense(&mut text, 4, 8, 3, 12, 3);
    text += "  %5 = quantize(%4) {\"quantizer\":\"fixed<8,4,TRN,SAT>\",\"source\":\"model\"}\n";
    text += "  %6 = activation(%5) {\"function\":\"sigmoid\",\"output\":\"ufixed<8,0,RND,SAT>\"}\n";
    text + "  input \"x\" %0\n  output \"y\" %6\n"
}

/// The look-up tables of a network, estimated and synthesized.
fn luts(name: &str, graph: &str) -> (u64, u64) {
    let device = device("xcvu9p").unwrap();
    let plan = Plan::new(device, 5.0);
    let graph = text::parse(graph).unwrap();
    let module = optimize(&lower(&graph, &plan).unwrap());
    let module = schedule::place_registers(&module, &plan).unwrap();
    trigforge::netlist::verify::verify(&module).unwrap();
    let predicted = estimate(&module, device, plan.clock_ns);
    assert!(predicted.critical_ns <= plan.clock_ns, "{name}: {} ns", predicted.critical_ns);
    let target = Target {
        vendor: Vendor::Amd,
        family: device.family.clone(),
        part: device.part.clone(),
        clock_ns: plan.clock_ns,
        synth_command: device.yosys.clone(),
    };
    let layer_costs = BTreeMap::new();
    let design =
        Design { name, module: &module, origins: Some(&graph.origins), target, layer_costs };
    let artifacts = backend("verilog").unwrap().emit(&design);
    let folder = tempfile::tempdir().unwrap();
    // Layer by layer, as the estimate counts.
    let synthesis = Synthesis {
        artifacts: &artifacts,
        top: name,
        command: &device.yosys,
        hierarchy: Hierarchy::Kept,
    };
    let found = yosys::synthesize(synthesis, folder.path()).unwrap();
    (predicted.total.lut, found.total.lut)
}

#[test]
fn yosys_agrees_within_a_tenth() {
    if !crate::cosim::available(&[Tool::Yosys]) {
        return;
    }
    for (name, graph) in [("classifier", classifier()), ("binary", binary()), ("tables", tables())]
    {
        let (predicted, found) = luts(name, &graph);
        let deviation = predicted.abs_diff(found) * 100 / found;
        assert!(deviation <= 10, "{name}: {predicted} predicted, {found} found");
    }
}
