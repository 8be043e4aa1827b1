//! Networks with several towers and outputs: their circuits compute what the forward pass does.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use trigforge::config::Config;
use trigforge::data::Array;
use trigforge::graph::{Graph, eval};
use trigforge::numeric::interval::scale;
use trigforge::numeric::quantizer::Quantizer;
use trigforge::numeric::tensor::Block;
use trigforge::onnx::export::Dialect;
use trigforge::ops::softmax::SoftmaxFormats;
use trigforge::sim::tensors::Simulator;
use trigforge::train::dataset::{Dataset, Sources, Split, Wanted};
use trigforge::train::fit::Trainer;
use trigforge::train::loss::Loss;
use trigforge::train::recipe::Recipe;
use trigforge::train::watch::{Event, Wish};
use trigforge::{compile, onnx};

use crate::networks::Draw;
use crate::train::{text, trigforge};

/// A layer of a kind, with further lines.
pub(crate) fn layer(kind: &str, name: &str, lines: &str) -> String {
    format!("[[layer]]\nkind = \"{kind}\"\nname = \"{name}\"\n{lines}\n")
}

pub(crate) fn dense(name: &str, from: &str, outputs: usize) -> String {
    let lines = format!(
        "from = [\"{from}\"]\noutputs = {outputs}\n\
         weights = {{ format = \"fixed<6,2,RND,SAT>\", learn = \"weight\" }}\n\
         bias = {{ format = \"fixed<8,3,RND,SAT>\" }}"
    );
    layer("dense", name, &lines)
}

const VALUES: &str = "output = { format = \"fixed<7,3,RND,SAT>\", learn = \"channel\" }";

/// A recipe of layers and outputs for four inputs.
fn recipe(layers: &[String], outputs: &str) -> String {
    format!(
        "name = \"small\"\n\
         [data]\ninputs = \"x.csv\"\nlabels = \"y.csv\"\nvalidation = 0.2\ntest = 0.1\n\
         [input]\nwidth = 16\nlearn = \"channel\"\n\
         {}{outputs}\
         [train]\nepochs = 5\nbatch_size = 16\nlearning_rate = 0.03\n\
         [resources]\nbeta = [1e-6, 1e-4]\n",
        layers.concat()
    )
}

/// Two towers, of which one sees parts of the inputs, met by an addition and a concatenation.
fn towers() -> Vec<String> {
    vec![
        layer("slice", "some", "first = 1\ncount = 2"),
        dense("left", "some", 4),
        layer(
            "relu",
            "left_act",
            "output = { format = \"ufixed<6,3,RND,SAT>\", learn = \"channel\" }",
        ),
        dense("right", "x", 4),
        layer("identity", "right_act", VALUES),
        layer("add", "sum", "from = [\"left\", \"right\", \"right_act\"]"),
        layer("leaky_relu", "sum_act", &format!("slope = 0.25\n{VALUES}")),
        layer("concat", "all", "from = [\"left_act\", \"x\", \"sum_act\", \"some\"]"),
        layer("dropout", "drop", "share = 0.1"),
        dense("class", "drop", 2),
        dense("back", "sum_act", 4),
        layer("identity", "number", &format!("from = [\"right\"]\n{VALUES}")),
    ]
}

const OUTPUTS: &str = "[[output]]\nlayer = \"class\"\nloss = \"cross_entropy\"\n\
                       [[output]]\nlayer = \"back\"\nname = \"inputs\"\ntargets = \"inputs\"\n\
                       loss = \"mean_absolute_error\"\n\
                       [[output]]\nlayer = \"number\"\nlabels = \"m.csv\"\nweight = 0.5\n\
                       loss = { huber = { delta = 1.0 } }\n";

/// Inputs, classes and target values.
fn events(count: i64) -> [Vec<f64>; 3] {
    let mut draw = Draw(9);
    let (mut inputs, mut classes, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for event in 0..count {
        let class = event % 2;
        let mut small = |factor: f64, shift: f64| {
            let drawn = i32::try_from(draw.within(-100, 100)).unwrap();
            factor * f64::from(drawn) + shift
        };
        let shift = if class == 1 { 60.0 } else { -60.0 };
        inputs.extend([
            small(1.0, shift),
            small(0.125, 3.0),
            small(16.0, 900.0),
            small(0.5, -shift),
        ]);
        classes.push(f64::from(i32::try_from(class).unwrap()));
        let own = inputs[inputs.len() - 4..].to_vec();
        numbers.extend([own[0] / 64.0, own[1] / 8.0, own[2] / 1024.0, 0.5]);
    }
    [inputs, classes, numbers]
}

fn dataset(with_outputs: &[&str]) -> Dataset {
    let [inputs, classes, numbers] = events(300);
    let array = |values: Vec<f64>, columns: usize| {
        let shape = vec![values.len() / columns, columns];
        Array { name: None, shape, values }
    };
    let [inputs, classes, numbers] = [array(inputs, 4), array(classes, 1), array(numbers, 4)];
    let output = |name: &&str| match *name {
        "class" => {
            let labels = Some(("y", &classes));
            Wanted { labels, outputs: 2, loss: Loss::CrossEntropy }
        }
        "number" => {
            let labels = Some(("m", &numbers));
            Wanted { labels, outputs: 4, loss: Loss::MeanSquaredError }
        }
        _ => Wanted { labels: None, outputs: 4, loss: Loss::MeanSquaredError },
    };
    let wanted: Vec<Wanted<'_>> = with_outputs.iter().map(output).collect();
    let sources = Sources {
        inputs: ("x", &inputs),
        wanted: &wanted,
        weights: None,
        nuisance: None,
        keys: None,
    };
    Dataset::new(sources).unwrap()
}

/// The integers of each output of a graph and, the same, of its export.
pub(crate) fn integers(graph: &Graph, events: &Dataset) -> Vec<Vec<f64>> {
    let rows: Vec<f64> = events.inputs.iter().map(|value| f64::from(*value)).collect();
    let events = [Block::from_rows(&rows, events.columns, 0)];
    let graph = compile::quantize(graph, &Config::default(), None).unwrap().graph;
    let bytes = onnx::export::export(&graph, Dialect::Qonnx, &BTreeMap::new()).unwrap();
    let source = onnx::Source { bytes: &bytes, external: &BTreeMap::new() };
    let imported = onnx::import(&source).unwrap();
    let imported = compile::quantize(&imported, &Config::default(), None).unwrap().graph;
    let [own, imported] = [&graph, &imported].map(|graph| {
        let inputs = eval::quantize_inputs(graph, &events).unwrap();
        let values = |own: &Block<i64>| -> Vec<f64> {
            own.to_rows().iter().map(|raw| scale(*raw, own.frac)).collect()
        };
        let outputs = Simulator::new(graph).run_parallel(&inputs);
        outputs.iter().map(values).collect::<Vec<Vec<f64>>>()
    });
    assert_eq!(own, imported);
    own
}

/// Compares the integers of all outputs before training and after each epoch.
fn check_integers(text: &str, all: &Dataset) {
    let recipe = Recipe::parse(text, "recipe.toml").unwrap();
    let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(&recipe, training, validation);
    let mut state = trainer.start();
    for _ in 0..=recipe.train.epochs {
        let forward = trainer.evaluate(&state.parameters, all).outputs;
        let graph = trainer.network().to_graph(&state.parameters);
        assert_eq!(integers(&graph, all), forward, "epoch {}", state.epoch);
        trainer.run(&mut state, &mut |_, event| match event {
            Event::Epoch(_) => Wish::Stop,
            Event::Step(_) => Wish::GoOn,
        });
    }
    let loss = |epoch: usize| state.history[epoch].validation_loss;
    assert!(loss(4) < loss(0), "{} to {}", loss(0), loss(4));
}

#[test]
fn towers_and_outputs_compute_the_integers_of_their_forward_pass() {
    check_integers(&recipe(&towers(), OUTPUTS), &dataset(&["class", "inputs", "number"]));
}

#[test]
fn a_standardized_input_of_several_layers_keeps_its_bits() {
    // Inputs of 16 bits less their means: no automatic format of 16 bits holds what the layers see.
    let layers = [
        dense("one", "x", 3),
        dense("two", "x", 3),
        layer("add", "sum", "from = [\"one\", \"two\"]"),
        layer("identity", "act", VALUES),
        layer("concat", "all", "from = [\"act\", \"x\"]"),
        dense("class", "all", 2),
    ];
    let text = recipe(&layers, "").replace("epochs = 5", "epochs = 5\nloss = \"cross_entropy\"");
    check_integers(&text, &dataset(&["class"]));
}

#[test]
fn several_outputs_are_trained_compiled_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let [inputs, classes, numbers] = events(300);
    for (name, values, columns) in
        [("x.csv", inputs, 4), ("y.csv", classes, 1), ("m.csv", numbers, 4)]
    {
        let mut csv = String::new();
        for row in values.chunks(columns) {
            let row: Vec<String> = row.iter().map(f64::to_string).collect();
            writeln!(csv, "{}", row.join(",")).unwrap();
        }
        fs::write(folder.join(name), csv).unwrap();
    }
    fs::write(folder.join("recipe.toml"), recipe(&towers(), OUTPUTS)).unwrap();
    let output = trigforge(folder, &["train", "recipe.toml", "-o", "run"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let front: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("run/front.json")).unwrap()).unwrap();
    assert_eq!(front["metric"], "loss");
    let best = front["points"].as_array().unwrap().last().unwrap();
    for outputs in [&best["outputs"], &best["test_outputs"]] {
        assert!(outputs["class"].as_f64().unwrap() > 0.6, "{best:#}");
        assert!(outputs["inputs"].as_f64().unwrap() < 0.0, "{best:#}");
    }
    // The file has all outputs by their names; the one of the inputs is in their units.
    let bytes = fs::read(folder.join("run").join(best["file"].as_str().unwrap())).unwrap();
    let source = onnx::Source { bytes: &bytes, external: &BTreeMap::new() };
    let graph = onnx::import(&source).unwrap();
    let names: Vec<&str> = graph.outputs.iter().map(|port| port.name.as_str()).collect();
    assert_eq!(names, ["class", "inputs", "number"]);
    let all = dataset(&["class"]);
    let back = &integers(&graph, &all)[1];
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / 300.0;
    let third = mean(&mut back.chunks(4).map(|own| own[2]));
    assert!((600.0..1200.0).contains(&third), "{third}");
    let missing = recipe(&towers(), OUTPUTS).replace("m.csv", "absent.csv");
    fs::write(folder.join("missing.toml"), missing).unwrap();
    let output = trigforge(folder, &["train", "missing.toml", "-o", "other"]);
    assert!(text(&output.stderr).contains("error[C0403]"), "{}", text(&output.stderr));
}

/// The softmax of scores as the documentation of the operator defines it, step by step.
fn softmax(scores: &[f64], formats: &SoftmaxFormats) -> Vec<f64> {
    let rounded =
        |own: Quantizer, value: f64| scale(own.apply_f64(value).unwrap(), own.format.frac());
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exponentials: Vec<f64> = scores
        .iter()
        .map(|score| rounded(formats.exponential, rounded(formats.index, score - highest).exp()))
        .collect();
    let sum = rounded(formats.sum_index, exponentials.iter().sum());
    let inverse = rounded(formats.inverse, 1.0 / sum.max(formats.sum_index.format.step()));
    exponentials.iter().map(|own| rounded(formats.output, own * inverse)).collect()
}

const SOFTMAX: &str = "index = \"fixed<9,4,RND,SAT_SYM>\"\nexponential = \"ufixed<12,1,RND,SAT>\"\n\
                       sum_index = \"ufixed<9,2,RND,SAT>\"\ninverse = \"ufixed<12,1,TRN,SAT>\"\n\
                       output = \"ufixed<8,0,RND_CONV,SAT>\"";

#[test]
fn a_softmax_computes_the_tables_of_its_recipe() {
    let layers = [
        dense("fc", "x", 6),
        layer("identity", "act", VALUES),
        dense("class", "act", 2),
        layer("softmax", "probability", SOFTMAX),
    ];
    let text = recipe(&layers, "").replace("epochs = 5", "epochs = 5\nloss = \"cross_entropy\"");
    let all = dataset(&["class"]);
    // What the loss sees are the scores.
    check_integers(&text, &all);
    let recipe = Recipe::parse(&text, "recipe.toml").unwrap();
    let formats = recipe.layer[3].softmax().unwrap();
    let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(&recipe, training, validation);
    let mut state = trainer.start();
    trainer.run(&mut state, &mut |_, _| Wish::GoOn);
    let network = trainer.network();
    let scores = &integers(&network.to_graph(&state.parameters), &all)[0];
    let expected: Vec<f64> = scores.chunks(2).flat_map(|own| softmax(own, &formats)).collect();
    for graph in [network.to_firmware(&state.parameters), network.to_measured(&state.parameters)] {
        assert_eq!(integers(&graph, &all)[0], expected);
    }
    let distinct: std::collections::BTreeSet<u64> = expected.iter().map(|p| p.to_bits()).collect();
    assert!(distinct.len() > 20, "{distinct:?}");

    let message = |old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        Recipe::parse(&text.replace(old, new), "recipe.toml").unwrap_err().message
    };
    assert_eq!(
        message("fixed<9,4,", "ufixed<9,4,"),
        "the format `index` of `probability` has no sign"
    );
    assert_eq!(
        message("ufixed<9,2,RND,SAT>", "ufixed<9,2,RND,WRAP>"),
        "the format `sum_index` of `probability` does not saturate"
    );
    assert_eq!(
        message("\"cross_entropy\"", "\"mean_squared_error\""),
        "`probability` is a softmax, and the loss is not one of classes"
    );
    let after = format!("name = \"probability\"\n{SOFTMAX}");
    let more = format!("{after}\n{}", dense("more", "probability", 2));
    assert_eq!(message(&after, &more), "`more` takes `probability`, which can only be an output");
}
