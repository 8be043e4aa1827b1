//! The fast simulators against the definitions: operators for tensors, cells for netlists.

use trigforge::diag::Diagnostic;
use trigforge::entity::SideTable;
use trigforge::graph::{self, Graph};
use trigforge::lower::lower;
use trigforge::netlist::{self, Builder, Layer, Module, passes};
use trigforge::numeric::tensor::Block;
use trigforge::ops::OpKind;
use trigforge::plan::{self, Plan};
use trigforge::sim::cycles::{CycleSimulator, Waves};
use trigforge::sim::netlist::NetlistSimulator;
use trigforge::sim::tensors::Simulator;
use trigforge::sim::trace::{Observer, Overflows};
use trigforge::sim::vcd::vcd;

use crate::networks::{Draw, drawn, events, tagger};
use crate::quantized_jets;

fn defined(graph: &Graph, inputs: &[Block<i64>]) -> Vec<Block<i64>> {
    let values = graph::eval::eval(graph, inputs);
    let events = inputs[0].events;
    let output = |port: &graph::Port| {
        let block = values[port.node.index()].clone().unwrap();
        assert_eq!(block.events, events, "constants are no outputs here");
        block
    };
    graph.outputs.iter().map(output).collect()
}

fn lowered(graph: &Graph) -> Result<Module, Vec<Diagnostic>> {
    let device = plan::device("xcvu9p").unwrap();
    lower(graph, &Plan::new(device, 5.0))
}

#[test]
fn the_tagger_is_simulated_exactly() {
    for bits in [4, 6, 8, 16] {
        let graph = tagger(bits);
        let inputs = events(&graph, 200, &mut Draw(1));
        let simulator = Simulator::new(&graph);
        let expected = defined(&graph, &inputs);
        assert_eq!(simulator.run(&inputs), expected);
        assert_eq!(simulator.run_parallel(&inputs), expected);
    }
}

#[test]
fn real_taggers_are_simulated_exactly() {
    let taggers = [
        ("jet_hlf.onnx", "x.npy", "head = \"softmax\"\n[quantize]\nword_length = 16\n"),
        ("jet_hlf_q6_qonnx.onnx", "q6_x.npy", ""),
        ("jet_hlf_q8_qdq.onnx", "q8_x.npy", ""),
    ];
    for (name, data, config) in taggers {
        let mut graph = quantized_jets::model(name);
        let jets = quantized_jets::events(&graph, data);
        quantized_jets::quantize(&mut graph, config, Some(&jets));
        let inputs = graph::eval::quantize_inputs(&graph, &jets).unwrap();
        let expected = defined(&graph, &inputs);
        assert_eq!(Simulator::new(&graph).run(&inputs), expected, "{name}");
        assert_eq!(Observer::new(&graph).run(&inputs).outputs, expected, "{name}");
        // A large netlist takes long to build, and one shows as much as three.
        if !name.contains("q6") {
            continue;
        }
        let module = pipelined(&lowered(&graph).unwrap());
        assert_eq!(NetlistSimulator::new(&module).run(&inputs), expected, "{name}");
        assert_eq!(CycleSimulator::new(&module).run(&inputs), expected, "{name}");
    }
}

#[test]
fn drawn_networks_are_simulated_exactly() {
    for seed in 0..600 {
        let graph = drawn(seed);
        let inputs = events(&graph, 70, &mut Draw(seed));
        let values = graph::eval::eval(&graph, &inputs);
        let expected = defined(&graph, &inputs);
        let text = || format!("seed {seed}\n{}", graph::text::print(&graph));
        assert_eq!(Simulator::new(&graph).run(&inputs), expected, "{}", text());
        let observer = Observer::new(&graph);
        let observation = observer.run(&inputs);
        assert_eq!(observation.outputs, expected, "{}", text());
        assert_eq!(observer.trace(&inputs, 0, 70), values, "{}", text());
        for (node, overflows) in observation.overflows {
            let OpKind::Quantize(quantize) = &graph[node].op else { panic!("no quantizer") };
            let x = values[graph.operands(node)[0].index()].as_ref().unwrap();
            let mut expected = Overflows::default();
            for event in 0..x.events {
                let before = expected.values;
                for element in 0..x.elements() {
                    let raw = x.element(element)[event];
                    if quantize.quantizer.at(element).overflows(raw, x.frac) {
                        expected.values += 1;
                        expected.first.get_or_insert((event, element));
                        let (lo, hi) = expected.extremes.unwrap_or((raw, raw));
                        expected.extremes = Some((lo.min(raw), hi.max(raw)));
                    }
                }
                expected.events += usize::from(expected.values > before);
            }
            assert_eq!(overflows, expected, "{}", text());
        }
    }
}

#[test]
fn lowered_networks_are_simulated_exactly() {
    let mut count = 0;
    for seed in 0..300 {
        let graph = drawn(seed);
        let Ok(module) = lowered(&graph) else { continue };
        count += 1;
        let inputs = events(&graph, 200, &mut Draw(seed));
        let expected = netlist::eval::eval(&module, &inputs);
        assert_eq!(defined(&graph, &inputs), expected, "seed {seed}");
        for module in [pipelined(&module), module] {
            let simulator = NetlistSimulator::new(&module);
            assert_eq!(simulator.run(&inputs), expected, "seed {seed}");
            assert_eq!(simulator.run_parallel(&inputs), expected, "seed {seed}");
            assert_eq!(CycleSimulator::new(&module).run(&inputs), expected, "seed {seed}");
        }
    }
    assert!(count > 150, "only {count} networks could be lowered");
}

/// Optimized, with a register after each two cells and at the ports.
fn pipelined(module: &Module) -> Module {
    let module = passes::optimize(module);
    let delays = SideTable::filled(module.nets.len(), 1.0);
    let module = passes::pipeline::registers::pipeline(&module, &delays, 2.5, None).unwrap();
    passes::pipeline::registers::register_ports(&module, true, true)
}

/// `y = x0 * x1 + x0`, the product behind two registers and the term beside it too.
fn pipeline() -> Module {
    let layer = |name: &str| Layer { name: name.into(), operator: "test".into(), origin: None };
    let mut builder = Builder::new(layer("in put"));
    let x = builder.input("x", &["fixed<40,20>".parse().unwrap(), "fixed<8,4>".parse().unwrap()]);
    builder.begin_layer(layer("/fc1/Gemm"));
    let product = builder.multiply(x[0], x[1]);
    let mut chain = [product, x[0]];
    for _ in 0..2 {
        chain = chain.map(|net| builder.register(net));
    }
    let sum = builder.add(chain[0], chain[1], 0);
    let format = builder.net(sum).format();
    builder.output("y", vec![sum], vec![format]);
    let module = builder.finish(2);
    netlist::verify::verify(&module).unwrap();
    module
}

fn pipeline_inputs(events: usize) -> Vec<Block<i64>> {
    let mut draw = Draw(3);
    let mut block = Block::zeros(2, events, 20);
    for event in 0..events {
        block.element_mut(0)[event] = draw.within(-(1 << 39), (1 << 39) - 1);
        block.element_mut(1)[event] = draw.within(-128, 127) << 16;
    }
    vec![block]
}

#[test]
fn registers_delay_and_nothing_else() {
    let mut module = pipeline();
    for events in [1, 5, 1000] {
        let inputs = pipeline_inputs(events);
        let expected = netlist::eval::eval(&module, &inputs);
        assert_eq!(NetlistSimulator::new(&module).run(&inputs), expected);
        assert_eq!(CycleSimulator::new(&module).run(&inputs), expected);
    }
    module.latency = 1;
    let inputs = pipeline_inputs(1000);
    let expected = netlist::eval::eval(&module, &inputs);
    assert_ne!(CycleSimulator::new(&module).run(&inputs), expected, "the latency is checked");
}

#[test]
fn waves_show_an_event_on_its_way() {
    let module = pipeline();
    let inputs = pipeline_inputs(4);
    let waves = Waves::new(&module, &inputs, 1, 2);
    assert_eq!(waves.cycles(), 4);
    let output = module.outputs[0].nets[0];
    let expected = netlist::eval::eval(&module, &inputs);
    for (cycle, event) in [(2, 1), (3, 2)] {
        assert_eq!(waves.value(cycle, output), expected[0].element(0)[event]);
    }
    let text = vcd(&module, &waves, 5000);
    for line in ["$timescale 1 ps $end", "$scope module /fc1/Gemm $end", "#5000", "$var wire 40 "] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.contains(" x[0] $end") && text.contains(" y[0] $end"), "{text}");
}
