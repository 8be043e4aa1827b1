//! `trigforge train` from the outside: stopping, resuming, diverging, and what the networks compute.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};
use trigforge::config::Config;
use trigforge::graph::eval;
use trigforge::numeric::tensor::Block;
use trigforge::sim::tensors::Simulator;
use trigforge::train::dataset::{Dataset, Sources, Split, Wanted};
use trigforge::train::fit::{State, Trainer};
use trigforge::train::loss::Loss;
use trigforge::train::recipe::Recipe;
use trigforge::train::watch::{Ending, Event, Wish};
use trigforge::{compile, data, onnx};

use crate::branches::integers;
use crate::networks::Draw;

/// A recipe with `train` as the lines of its section.
fn recipe(train: &str) -> String {
    format!(
        "name = \"small\"\n\
         [data]\ninputs = \"x.csv\"\nlabels = \"y.csv\"\nvalidation = 0.2\n\
         [input]\nwidth = 8\nlearn = \"channel\"\n\
         [[layer]]\nkind = \"dense\"\nname = \"fc1\"\noutputs = 6\n\
         weights = {{ format = \"fixed<6,2,RND,SAT>\", learn = \"weight\" }}\n\
         bias = {{ format = \"fixed<8,3,RND,SAT>\" }}\n\
         [[layer]]\nkind = \"relu\"\nname = \"act1\"\n\
         output = {{ format = \"ufixed<6,3,RND,SAT>\", learn = \"channel\" }}\n\
         [[layer]]\nkind = \"dense\"\nname = \"class\"\noutputs = 2\n\
         weights = {{ format = \"fixed<6,2,RND,SAT>\", learn = \"channel\" }}\n\
         bias = {{ format = \"fixed<8,3,RND,SAT>\" }}\n\
         [train]\nbatch_size = 16\n{train}\n\
         [resources]\nbeta = [1e-5, 1e-3]\nsurrogate = \"digits\"\nrefit = 3\n"
    )
}

/// A folder with 300 events of two classes, and a recipe.
pub(crate) fn folder(train: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut draw = Draw(5);
    let (mut x, mut y) = (String::new(), String::new());
    for event in 0..300 {
        let class = event % 2;
        let [a, b] = [0; 2].map(|_| draw.within(-100, 100));
        writeln!(x, "{}.5,{b}", a + 120 * class - 60).unwrap();
        writeln!(y, "{class}").unwrap();
    }
    for (name, text) in [("x.csv", x), ("y.csv", y), ("recipe.toml", recipe(train))] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trigforge"));
    command.current_dir(folder).args(words);
    command
}

pub(crate) fn trigforge(folder: &Path, words: &[&str]) -> Output {
    command(folder, words).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_run_leaves_networks_whose_figures_verify_repeats() {
    let folder = folder("loss = \"cross_entropy\"\nepochs = 12\nlearning_rate = 0.05");
    let folder = folder.path();
    let first = trigforge(folder, &["train", "recipe.toml", "-o", "run"]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    let log = fs::read_to_string(folder.join("run/log.jsonl")).unwrap();
    assert_eq!(log.lines().count(), 12);
    let front = fs::read_to_string(folder.join("run/front.json")).unwrap();
    let front: serde_json::Value = serde_json::from_str(&front).unwrap();
    let points = front["points"].as_array().unwrap();
    assert!(!points.is_empty());
    for point in points {
        let network = format!("run/{}", point["file"].as_str().unwrap());
        let estimate = trigforge(folder, &["estimate", &network, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&estimate.stdout).unwrap();
        assert!(point["lut"].as_u64().is_some());
        assert_eq!(point["lut"], report["resources"]["total"]["lut"], "{report:#}");
        // The file says how it was made, and what it is worth.
        let shown = trigforge(folder, &["inspect", &network, "--format", "json"]);
        let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
        let own = |key: &str| shown["metadata"][format!("trigforge.{key}")].as_str().unwrap();
        assert_eq!(own("recipe"), fs::read_to_string(folder.join("recipe.toml")).unwrap());
        assert_eq!(own("data_sha256"), hash_of_data(folder));
        assert_eq!(own("validation_metric"), point["metric"].to_string());
        assert_eq!(own("lut"), point["lut"].to_string());
    }
    // The best of them is what is evaluated of the run.
    let best = points
        .iter()
        .max_by(|a, b| a["metric"].as_f64().unwrap().total_cmp(&b["metric"].as_f64().unwrap()));
    let words = ["evaluate", "run", "--data", "recipe.toml", "--format", "json"];
    let evaluation = trigforge(folder, &words);
    let evaluation: serde_json::Value = serde_json::from_slice(&evaluation.stdout).unwrap();
    let (accuracy, metric) = (&evaluation["accuracy"]["value"], &best.unwrap()["metric"]);
    assert!(
        (accuracy.as_f64().unwrap() - metric.as_f64().unwrap()).abs() < 1e-12,
        "{accuracy} {metric}"
    );
    // The same recipe gives the same bytes, and a finished run has nothing left to do.
    let again = trigforge(folder, &["train", "recipe.toml", "-o", "again"]);
    assert!(again.status.success());
    let resumed = trigforge(folder, &["train", "recipe.toml", "-o", "run", "--resume"]);
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    for file in ["front.json", "checkpoint.json", "log.jsonl", "front/small_1.onnx"] {
        let bytes = |run: &str| fs::read(folder.join(run).join(file)).unwrap();
        assert!(bytes("run") == bytes("again"), "{file}");
    }
}

/// The SHA-256 of both data files, each behind its length.
fn hash_of_data(folder: &Path) -> String {
    let mut hash = Sha256::new();
    for file in ["x.csv", "y.csv"] {
        let bytes = fs::read(folder.join(file)).unwrap();
        hash.update(u64::try_from(bytes.len()).unwrap().to_le_bytes());
        hash.update(bytes);
    }
    hash.finalize().iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"))
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_goes_on_as_if_it_had_not_been() {
    let folder = folder("loss = \"cross_entropy\"\nepochs = 200\nlearning_rate = 0.05");
    let folder = folder.path();
    let mut child = command(folder, &["train", "recipe.toml", "-o", "run"]).spawn().unwrap();
    let recipe = folder.join("run/recipe.toml");
    while !recipe.exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert!(child.wait().unwrap().success());
    let lines = || fs::read_to_string(folder.join("run/log.jsonl")).unwrap().lines().count();
    assert!(lines() < 200, "it was stopped before its end");
    assert!(trigforge(folder, &["train", "recipe.toml", "-o", "run", "--resume"]).status.success());
    assert!(trigforge(folder, &["train", "recipe.toml", "-o", "whole"]).status.success());
    assert_eq!(lines(), 200);
    for file in ["log.jsonl", "checkpoint.json", "front.json"] {
        let bytes = |run: &str| fs::read(folder.join(run).join(file)).unwrap();
        assert!(bytes("run") == bytes("whole"), "{file}");
    }
}

#[test]
fn a_diverging_run_says_where_and_keeps_its_checkpoint() {
    let train = "loss = \"mean_squared_error\"\nepochs = 5\nlearning_rate = 0.05";
    let folder = folder(train);
    // The square of such a target is no number any more.
    fs::write(folder.path().join("y.csv"), "3e38,3e38\n".repeat(300)).unwrap();
    let output = trigforge(folder.path(), &["train", "recipe.toml", "-o", "run"]);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(message.contains("error[L0701]: the loss is no number any more in epoch 0, step 0"));
    assert!(message.contains("help: write a smaller `learning_rate`"), "{message}");
    assert!(folder.path().join("run/checkpoint.json").is_file());
}

#[test]
fn an_adversary_is_met_logged_and_resumed() {
    let folder = folder("loss = \"cross_entropy\"\nepochs = 6\nlearning_rate = 0.05");
    let folder = folder.path();
    let x = fs::read_to_string(folder.join("x.csv")).unwrap();
    let masses: Vec<&str> = x.lines().filter_map(|line| line.split(',').next_back()).collect();
    fs::write(folder.join("m.csv"), masses.join("\n")).unwrap();
    let text = fs::read_to_string(folder.join("recipe.toml")).unwrap();
    let own = "[adversary]\nlambda = 1.0\nwarmup = 2\nlearning_rate = 0.01\nclasses = [0]\n";
    let adverse = text.replace("labels =", "nuisance = \"m.csv\"\nlabels =") + own;
    fs::write(folder.join("adverse.toml"), &adverse).unwrap();
    let output = trigforge(folder, &["train", "adverse.toml", "-o", "run"]);
    assert!(output.status.success(), "{}", self::text(&output.stderr));
    let log = fs::read_to_string(folder.join("run/log.jsonl")).unwrap();
    let epochs: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lambdas: Vec<f64> =
        epochs.iter().map(|epoch| epoch["adversary"]["lambda"].as_f64().unwrap()).collect();
    assert_eq!(lambdas, [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
    let front: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("run/front.json")).unwrap()).unwrap();
    assert_eq!(front["metric"], "loss and dependence");
    for point in front["points"].as_array().unwrap() {
        assert!(point["epoch"].as_u64().unwrap() >= 2, "{point:#}");
        assert!((0.0..=1.0).contains(&point["dependence"].as_f64().unwrap()), "{point:#}");
        assert!(point["outputs"]["y"].as_f64().unwrap() > 0.5, "{point:#}");
    }
    // A finished run has nothing left to do, adversary and all.
    let checkpoint = fs::read(folder.join("run/checkpoint.json")).unwrap();
    assert!(
        trigforge(folder, &["train", "adverse.toml", "-o", "run", "--resume"]).status.success()
    );
    assert!(fs::read(folder.join("run/checkpoint.json")).unwrap() == checkpoint);
    fs::write(folder.join("none.toml"), adverse.replace("[0]", "[5]")).unwrap();
    let output = trigforge(folder, &["train", "none.toml", "-o", "other"]);
    assert!(self::text(&output.stderr).contains("error[D0505]: no event of any weight"));
    fs::write(folder.join("m.csv"), "1\n2\n").unwrap();
    let output = trigforge(folder, &["train", "adverse.toml", "-o", "other"]);
    assert!(self::text(&output.stderr).contains("error[D0501]"), "{}", self::text(&output.stderr));
}

/// The events of a folder as a dataset.
fn dataset(folder: &Path) -> Dataset {
    let array = |name: &str| {
        let bytes = fs::read(folder.join(name)).unwrap();
        data::read(name, &bytes).unwrap().pop().unwrap()
    };
    let (inputs, labels) = (array("x.csv"), array("y.csv"));
    let labels = Some(("y", &labels));
    let wanted = &[Wanted { labels, outputs: 2, loss: Loss::CrossEntropy }];
    Dataset::new(Sources {
        inputs: ("x", &inputs),
        wanted,
        weights: None,
        nuisance: None,
        keys: None,
    })
    .unwrap()
}

/// The rounding and overflow modes that a recipe may have.
const MODES: [&str; 9] = [
    "RND,SAT",
    "TRN,SAT_SYM",
    "RND_CONV,SAT",
    "TRN_ZERO,SAT",
    "RND_INF,SAT_SYM",
    "RND_ZERO,SAT",
    "RND_MIN_INF,SAT",
    "RND,WRAP",
    "RND_MIN_INF,SAT_ZERO",
];

#[test]
fn the_graph_computes_the_integers_of_the_forward_pass() {
    let recipe = recipe("loss = \"cross_entropy\"\nepochs = 6\nlearning_rate = 0.05");
    for modes in MODES {
        check_integers(&Recipe::parse(&recipe.replace("RND,SAT", modes), "recipe.toml").unwrap());
    }
    let wraps = recipe.replace("ufixed<6,3,RND,SAT>", "ufixed<6,3,RND,WRAP>");
    let calibrated = wraps.replace("[train]\n", "[train]\ncalibrate = { epoch = 2 }\n");
    assert_ne!(wraps, calibrated);
    check_integers(&Recipe::parse(&calibrated, "recipe.toml").unwrap());
}

#[test]
fn every_layer_computes_the_integers_of_its_forward_pass() {
    let recipe = recipe("loss = \"cross_entropy\"\nepochs = 6\nlearning_rate = 0.05");
    let relu = "kind = \"relu\"\nname = \"act1\"\noutput = { format = \"ufixed<6,3,RND,SAT>\", learn = \"channel\" }";
    assert!(recipe.contains(relu));
    let signed = "output = { format = \"fixed<7,1,RND,SAT>\", learn = \"channel\" }";
    let input = "input = { format = \"fixed<8,4,RND,SAT>\", learn = \"tensor\" }";
    for layer in [
        format!("kind = \"leaky_relu\"\nname = \"act1\"\nslope = 0.125\n{signed}"),
        format!("kind = \"identity\"\nname = \"act1\"\n{signed}"),
        format!("kind = \"tanh\"\nname = \"act1\"\n{input}\n{signed}"),
        format!(
            "kind = \"sigmoid\"\nname = \"act1\"\n{input}\noutput = {{ format = \"ufixed<7,0,RND,SAT>\" }}"
        ),
        format!("kind = \"dropout\"\nname = \"drop\"\nshare = 0.1\n[[layer]]\n{relu}"),
    ] {
        let layers = recipe.replace(relu, &layer);
        let layers = layers.replace("outputs = 6", "outputs = 6\nbatch_norm = true");
        check_integers(&Recipe::parse(&layers, "recipe.toml").unwrap());
    }
}

/// Compares integers before training and after each epoch, over 1,000 events in all.
fn check_integers(recipe: &Recipe) {
    let folder = folder("");
    let all = dataset(folder.path());
    let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(recipe, training, validation);
    let mut state = trainer.start();
    let mut checked = 0;
    for _ in 0..=recipe.train.epochs {
        let forward = &trainer.evaluate(&state.parameters, &all).outputs[0];
        let graph = trainer.network().to_graph(&state.parameters);
        assert_eq!(&integers(&graph, &all)[0], forward, "epoch {}", state.epoch);
        checked += all.events();
        let mut an_epoch = |_: &State, event: Event<'_>| match event {
            Event::Epoch(_) => Wish::Stop,
            Event::Step(_) => Wish::GoOn,
        };
        if trainer.run(&mut state, &mut an_epoch) == Ending::Refit {
            trainer.refit(&mut state, |_| 100);
            trainer.run(&mut state, &mut an_epoch);
        }
    }
    assert!(checked >= 1000);
    let parameters = &state.parameters.0;
    let widths = parameters.iter().find(|own| own.name == "fc1.weights.fraction_bits").unwrap();
    let moved = |bits: &f32| (bits.round_ties_even() - 4.0).abs() > 0.5;
    assert!(widths.values.iter().any(moved), "widths have moved");
}

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

/// Families whose test events are committed, with how many networks they have, and what their metrics call the
/// accuracy on these.
const TESTED: [(&str, usize, &str); 3] = [
    ("jet_tagger", 4, "accuracy_real"),
    ("jet_constituents", 3, "test_accuracy"),
    ("digits", 3, "test_accuracy"),
];

#[test]
fn committed_networks_are_as_accurate_as_their_metrics_say() {
    for (family, count, key) in TESTED {
        let read = |name: &str| fs::read(models().join(family).join(name)).unwrap();
        let metrics: serde_json::Value = serde_json::from_slice(&read("metrics.json")).unwrap();
        let mut arrays = data::read("test.npz", &read("test.npz")).unwrap();
        if family == "jet_tagger" {
            arrays.extend(data::read("y.npy", &read("test_labels.npy")).unwrap());
        }
        let [events, labels] = arrays.try_into().unwrap();
        let events = [Block::from_rows(&events.values, events.columns(), 0)];
        let networks = metrics["networks"].as_object().unwrap();
        assert_eq!(networks.len(), count, "{family}");
        for (file, figures) in networks {
            let bytes = read(file);
            let source = onnx::Source { bytes: &bytes, external: &BTreeMap::new() };
            let graph = onnx::import(&source).unwrap();
            let graph = compile::quantize(&graph, &Config::default(), None).unwrap().graph;
            let inputs = eval::quantize_inputs(&graph, &events).unwrap();
            let scores = &Simulator::new(&graph).run_parallel(&inputs)[0];
            let classes = scores.elements();
            let found = |scores: &[i64]| (0..classes).rev().max_by_key(|class| scores[*class]);
            let rows = scores.to_rows();
            let found = rows.chunks_exact(classes).map(|row| found(row).unwrap());
            let label = |class: usize| f64::from(u32::try_from(class).unwrap()).to_bits();
            let right =
                found.zip(&labels.values).filter(|(class, own)| own.to_bits() == label(*class));
            let [right, all] = [right.count(), labels.events()]
                .map(|count| f64::from(u32::try_from(count).unwrap()));
            assert_eq!(figures[key].as_f64(), Some(right / all), "{file}");
            assert_eq!(figures["mismatches"], 0, "{file}");
        }
    }
}

#[test]
fn the_committed_recipes_are_understood() {
    let mut recipes = 0;
    for family in fs::read_dir(models()).unwrap() {
        for name in ["recipe.toml", "recipe_wide.toml", "recipe_qdq.toml", "recipe_wrap.toml"] {
            let path = family.as_ref().unwrap().path().join(name);
            if let Ok(text) = fs::read_to_string(&path) {
                Recipe::parse(&text, &path.display().to_string()).unwrap();
                recipes += 1;
            }
        }
    }
    assert!(recipes >= 16);
}
