//! The estimate against Yosys: what is predicted without a tool is what a tool makes.

use std::fmt::Write;

use trigforge::cosim::tool::Tool;
use trigforge::cosim::yosys::{self, Synthesis, SynthesisReport};
use trigforge::emit::verilog::Verilog;
use trigforge::emit::verilog::scripts::Hierarchy;
use trigforge::estimate::estimate;
use trigforge::graph::text;
use trigforge::lower::{lower, schedule};
use trigforge::netlist::passes::optimize;
use trigforge::netlist::{Builder, Module, Table};
use trigforge::plan::{Device, Plan, device};

use crate::netlists::{design, layer};

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

/// Products of two values and tables, each in a layer of its own.
fn products_and_tables() -> Module {
    let mut builder = Builder::new(layer("x", "input"));
    let formats = ["fixed<8,4>", "fixed<8,4>", "ufixed<6,3>", "fixed<10,5>"];
    let x = builder.input("x", &formats.map(|format| format.parse().unwrap()));
    let mut outputs = Vec::new();
    for (name, a, b) in [("square", x[0], x[1]), ("oblong", x[2], x[3])] {
        builder.begin_layer(layer(name, "Mul"));
        outputs.push(builder.multiply(a, b));
    }
    for (name, index) in [("table8", x[0]), ("table10", x[3])] {
        builder.begin_layer(layer(name, "Sigmoid"));
        let range = builder.range(index);
        let entry = |raw: i64| {
            let x = f64::from(i32::try_from(raw).unwrap()) * 2_f64.powi(-i32::from(range.frac()));
            (f64::from(255) / (1.0 + (-x).exp())).round()
        };
        #[expect(clippy::cast_possible_truncation, reason = "between 0 and 255")]
        let values = (range.lo()..=range.hi()).map(|raw| entry(raw) as i64).collect();
        let table = Table { first: range.lo(), values, frac: 8 };
        outputs.push(builder.lookup(table, index));
    }
    for (index, net) in outputs.iter().enumerate() {
        let format = builder.net(*net).format();
        builder.output(&format!("y{index}"), vec![*net], vec![format]);
    }
    builder.finish(0)
}

/// The netlist of a network with its registers, for a device.
fn circuit(graph: &str, device: &'static Device) -> Module {
    // Slow families need a longer period for the same logic.
    let plan = Plan::new(device, device.delays.register + 5.0);
    let graph = text::parse(graph).unwrap();
    let module = optimize(&lower(&graph, &plan).unwrap());
    let module = schedule::place_registers(&module, &plan).unwrap();
    let found = estimate(&module, device, plan.clock_ns);
    assert!(found.critical_ns <= plan.clock_ns, "{} ns", found.critical_ns);
    module
}

fn synthesize(
    name: &str,
    module: &Module,
    device: &Device,
    hierarchy: Hierarchy,
) -> SynthesisReport {
    trigforge::netlist::verify::verify(module).unwrap();
    let mut design = design(name, module);
    design.target.synth_command.clone_from(&device.yosys);
    design.target.carry_bits = device.sum_of_three.map(trigforge::plan::CarryChain::bits);
    let artifacts = Verilog.emit(&design);
    let folder = tempfile::tempdir().unwrap();
    let synthesis =
        Synthesis { artifacts: &artifacts, top: name, command: &device.yosys, hierarchy };
    yosys::synthesize(synthesis, folder.path()).unwrap()
}

/// How far a prediction is off, in percent.
fn deviation(predicted: u64, found: u64) -> u64 {
    predicted.abs_diff(found) * 100 / found
}

/// Holds the look-up tables of whole networks against Yosys.
fn networks_agree(part: &str, hierarchy: Hierarchy, networks: &[(&str, String)], percent: u64) {
    if !crate::cosim::available(&[Tool::Yosys]) {
        return;
    }
    let device = device(part).unwrap();
    for (name, graph) in networks {
        let module = circuit(graph, device);
        let predicted = estimate(&module, device, 5.0).total.lut;
        let found = synthesize(name, &module, device, hierarchy).total.lut;
        let place = format!("{name} on {part}: {predicted} predicted, {found} found");
        assert!(deviation(predicted, found) <= percent, "{place}");
    }
}

fn networks() -> [(&'static str, String); 3] {
    [("classifier", classifier()), ("binary", binary()), ("tables", tables())]
}

#[test]
fn yosys_agrees_layer_by_layer() {
    let [classifier, binary, tables] = networks();
    networks_agree("xcvu9p", Hierarchy::Kept, &[classifier, tables], 10);
    // In a module of its own, the row of comparisons of an arg max is rebuilt for speed and grows.
    networks_agree("xcvu9p", Hierarchy::Kept, &[binary], 15);
}

/// As designs are measured elsewhere: optimized as a whole.
#[test]
fn yosys_agrees_within_a_tenth_when_flattened() {
    networks_agree("xcvu9p", Hierarchy::Flattened, &networks(), 10);
}

#[test]
fn yosys_agrees_within_a_tenth_on_other_families() {
    for part in ["ecp5-85f", "ice40hx8k", "5cgxfc9"] {
        networks_agree(part, Hierarchy::Flattened, &[("classifier", classifier())], 10);
    }
}

/// Products are predicted within a tenth, single tables within two fifths.
#[test]
fn yosys_agrees_about_products_and_tables() {
    if !crate::cosim::available(&[Tool::Yosys]) {
        return;
    }
    let module = products_and_tables();
    for part in ["xcvu9p", "ecp5-85f", "ice40hx8k", "5cgxfc9"] {
        let device = device(part).unwrap();
        let found = synthesize("t", &module, device, Hierarchy::Kept);
        assert_eq!((found.total.dsp, found.total.bram), (0, 0), "{part}");
        for layer in estimate(&module, device, 5.0).layers.iter().skip(1) {
            assert_eq!((layer.cost.dsp, layer.cost.bram_kbit), (0, 0));
            let (predicted, found) =
                (layer.cost.lut, found.modules[&format!("t_{}", layer.name)].lut);
            let allowed = if layer.cost.multipliers > 0 { 10 } else { 40 };
            let place = format!("{} on {part}: {predicted} predicted, {found} found", layer.name);
            assert!(deviation(predicted, found) <= allowed, "{place}");
        }
    }
}
