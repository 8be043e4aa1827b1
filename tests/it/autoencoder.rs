//! Autoencoders: what their circuits compute, and how odd events are found with them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use trigforge::data::Array;
use trigforge::graph::Graph;
use trigforge::onnx;
use trigforge::train::dataset::{Dataset, Sources, Split, Wanted};
use trigforge::train::fit::Trainer;
use trigforge::train::loss::Loss;
use trigforge::train::recipe::Recipe;
use trigforge::train::standard::Standard;
use trigforge::train::watch::{Event, Wish};

use crate::branches;
use crate::networks::Draw;
use crate::train::{text, trigforge};

/// Four inputs through two numbers; `more` are further sections, `last` what follows the decoder.
fn recipe(more: &str, last: &str) -> String {
    let dense = |name: &str, outputs: usize| {
        format!(
            "[[layer]]\nkind = \"dense\"\nname = \"{name}\"\noutputs = {outputs}\n\
             weights = {{ format = \"fixed<7,2,RND,SAT>\", learn = \"channel\" }}\n\
             bias = {{ format = \"fixed<8,3,RND,SAT>\" }}\n"
        )
    };
    let (encoder, decoder) = (dense("encoder", 2), dense("decoder", 4));
    format!(
        "name = \"small\"\n\
         [data]\ninputs = \"x.csv\"\ntargets = \"inputs\"\nvalidation = 0.2\n\
         [input]\nwidth = 12\n\
         {encoder}\
         [[layer]]\nkind = \"identity\"\nname = \"code\"\n\
         output = {{ format = \"fixed<7,3,RND,SAT>\", learn = \"channel\" }}\n\
         {decoder}{last}\
         [train]\nloss = \"mean_squared_error\"\nepochs = 8\nbatch_size = 16\nlearning_rate = 0.03\n\
         [resources]\nbeta = [1e-6, 1e-5]\n{more}"
    )
}

const LAST: &str = "[[layer]]\nkind = \"identity\"\nname = \"last\"\n\
                    output = { format = \"fixed<8,3,RND,SAT>\" }\n";

/// Events of two numbers, each seen twice, and odd events where the second look differs.
fn events(count: i64, odd: bool) -> (String, Vec<f64>) {
    let mut draw = Draw(3);
    let (mut csv, mut values) = (String::new(), Vec::new());
    for _ in 0..count {
        let [a, b] = [0; 2].map(|_| draw.within(-100, 100));
        let [c, d] = if odd { [0; 2].map(|_| draw.within(-100, 100)) } else { [a, b] };
        writeln!(csv, "{a},{b}.5,{c},{d}.25").unwrap();
        let row = csv.lines().last().unwrap();
        values.extend(row.split(',').map(|word| word.parse::<f64>().unwrap()));
    }
    (csv, values)
}

fn dataset(values: Vec<f64>) -> Dataset {
    let inputs = Array { name: None, shape: vec![values.len() / 4, 4], values };
    let wanted = &[Wanted { labels: None, outputs: 4, loss: Loss::MeanSquaredError }];
    Dataset::new(Sources {
        inputs: ("x", &inputs),
        wanted,
        weights: None,
        nuisance: None,
        keys: None,
    })
    .unwrap()
}

/// The integers of the only output of a graph and, the same, of its export.
fn integers(graph: &Graph, events: &Dataset) -> Vec<f64> {
    branches::integers(graph, events).remove(0)
}

/// Trains a recipe, and gives the standardized inputs, the outputs and the integers of the circuit
/// to `check`, before training and after each epoch.
fn each_epoch(recipe: &str, check: impl Fn(&Standard, &[f64], &[f64], &[f64])) {
    let recipe = Recipe::parse(recipe, "recipe.toml").unwrap();
    let all = dataset(events(300, false).1);
    let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
    let standard = Standard::of(&training);
    let x: Vec<f64> = standard.apply(&all).iter().map(|value| f64::from(*value)).collect();
    let trainer = Trainer::new(&recipe, training, validation);
    let mut state = trainer.start();
    for _ in 0..=recipe.train.epochs {
        let y = &trainer.evaluate(&state.parameters, &all).outputs[0];
        let whole = integers(&trainer.network().to_graph(&state.parameters), &all);
        assert_eq!(&whole, y, "epoch {}", state.epoch);
        let circuit = integers(&trainer.network().to_firmware(&state.parameters), &all);
        check(&standard, &x, y, &circuit);
        trainer.run(&mut state, &mut |_, event| match event {
            Event::Epoch(_) => Wish::Stop,
            Event::Step(_) => Wish::GoOn,
        });
    }
    let (first, last) = (&state.history[0], state.history.last().unwrap());
    assert!(last.validation_loss < 0.5 * first.validation_loss, "{first:?} {last:?}");
}

#[test]
fn the_whole_gives_its_inputs_back_in_their_units() {
    for last in ["", LAST] {
        each_epoch(&recipe("", last), |standard, _, y, circuit| {
            let columns = standard.mean.iter().zip(&standard.exponent).cycle();
            let restored = y
                .iter()
                .zip(columns)
                .map(|(y, (mean, exponent))| y * 2.0_f64.powi(*exponent) + f64::from(*mean));
            assert_eq!(circuit, restored.collect::<Vec<f64>>());
        });
    }
}

#[test]
fn the_error_in_the_circuit_is_the_distance_of_the_outputs() {
    // The format of differences: steps of 1/32, from -8 up to, but without, 8; or a narrow one, which
    // saturates on both sides, in steps of 1/4.
    for (error, format, steps, most) in [
        ("absolute", "fixed<9,4,RND,SAT>", 32.0, 255.0),
        ("squared", "fixed<9,4,RND,SAT>", 32.0, 255.0),
        ("squared", "fixed<3,1,RND,SAT>", 4.0, 3.0),
        ("largest", "fixed<9,4,RND,SAT>", 32.0, 255.0),
        ("largest", "fixed<3,1,RND,SAT>", 4.0, 3.0),
    ] {
        let recipe = recipe(&format!("[export]\nerror = {{ {error} = \"{format}\" }}\n"), "");
        each_epoch(&recipe, |_, x, y, circuit| {
            let distance = |(x, y): (&[f64], &[f64])| -> f64 {
                let term = |(x, y): (&f64, &f64)| {
                    let rounded = ((y - x) * steps + 0.5).floor().clamp(-most - 1.0, most) / steps;
                    if error == "squared" { rounded * rounded } else { rounded.abs() }
                };
                let terms = x.iter().zip(y).map(term);
                if error == "largest" { terms.fold(0.0, f64::max) } else { terms.sum() }
            };
            let expected: Vec<f64> = x.chunks(4).zip(y.chunks(4)).map(distance).collect();
            assert_eq!(circuit, expected, "{error} {format}");
        });
    }
}

#[test]
fn an_encoder_is_the_first_layers_and_pays_for_them_alone() {
    let text = recipe("[export]\noutput = \"code\"\n", "");
    let [whole, encoder] =
        [recipe("", ""), text].map(|text| Recipe::parse(&text, "recipe.toml").unwrap());
    let all = dataset(events(300, false).1);
    let costs = [&whole, &encoder].map(|recipe| {
        let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
        let trainer = Trainer::new(recipe, training, validation);
        let state = trainer.start();
        let codes = integers(&trainer.network().to_firmware(&state.parameters), &all);
        let columns = if recipe.export.output.is_some() { 2 } else { 4 };
        assert_eq!(codes.len(), columns * all.events());
        trainer.evaluate(&state.parameters, &all).cost
    });
    assert!(costs[1] > 0.0 && costs[1] < costs[0], "{costs:?}");
}

/// The area under the ROC curve: the share of pairs in which the odd event is farther.
fn area(distances: &[f64], odd: &[bool]) -> f64 {
    let side = |wanted: bool| {
        let own = distances.iter().zip(odd).filter(move |(_, odd)| **odd == wanted);
        own.map(|(distance, _)| *distance).collect::<Vec<f64>>()
    };
    let (signal, background) = (side(true), side(false));
    let pair = |(s, b): (f64, f64)| if s > b { 1.0 } else { f64::from(u8::from(s >= b)) / 2.0 };
    let pairs = signal.iter().flat_map(|s| background.iter().map(|b| (*s, *b)));
    let pairs: Vec<f64> = pairs.map(pair).collect();
    pairs.iter().sum::<f64>() / f64::from(u32::try_from(pairs.len()).unwrap())
}

#[test]
fn anomalies_are_found_by_the_distance_and_by_the_error_of_the_circuit() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (usual, odd) = (events(300, false), events(100, true));
    let mixed: Vec<f64> = usual.1[..400].iter().chain(&odd.1).copied().collect();
    let labels: Vec<bool> = (0..200).map(|event| event >= 100).collect();
    let first: Vec<&str> = usual.0.lines().take(100).collect();
    fs::write(folder.join("x.csv"), &usual.0).unwrap();
    fs::write(folder.join("mixed.csv"), format!("{}\n{}", first.join("\n"), odd.0)).unwrap();
    let words: Vec<&str> = labels.iter().map(|odd| if *odd { "1" } else { "0" }).collect();
    fs::write(folder.join("labels.csv"), words.join("\n")).unwrap();
    for (name, export) in
        [("whole", ""), ("error", "[export]\nerror = { squared = \"fixed<9,4,RND,SAT>\" }\n")]
    {
        let file = format!("{name}.toml");
        fs::write(folder.join(&file), recipe(export, "")).unwrap();
        let output = trigforge(folder, &["train", &file, "-o", name]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let front = fs::read(folder.join(name).join("front.json")).unwrap();
        let front: serde_json::Value = serde_json::from_slice(&front).unwrap();
        assert_eq!(front["metric"], "squared error");
        let network = front["points"].as_array().unwrap().last().unwrap()["file"].as_str().unwrap();
        let network = format!("{name}/{network}");
        let words = ["evaluate", &network, "--data", "mixed.csv", "--labels", "labels.csv"];
        let words = [&words[..], &["--anomaly", "--format", "json"]].concat();
        let output = trigforge(folder, &words);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = found["classes"][0]["auc"]["value"].as_f64().unwrap();

        let bytes = fs::read(folder.join(&network)).unwrap();
        let source = onnx::Source { bytes: &bytes, external: &BTreeMap::new() };
        let y = integers(&onnx::import(&source).unwrap(), &dataset(mixed.clone()));
        let rows = y.chunks(y.len() / 200).zip(mixed.chunks(4));
        let distances: Vec<f64> = rows
            .map(|(y, x)| match y {
                [own] => *own,
                y => y.iter().zip(x).map(|(y, x)| (y - x).powi(2)).sum(),
            })
            .collect();
        let expected = area(&distances, &labels);
        assert!((found - expected).abs() < 1e-9, "{name}: {found}, expected {expected}");
        assert!(found > 0.9, "{name}: {found}");
    }
    // The error is one output: nothing else says how odd an event is.
    let bytes = fs::read(folder.join("error/front/small_1.onnx")).unwrap();
    let source = onnx::Source { bytes: &bytes, external: &BTreeMap::new() };
    assert_eq!(onnx::import(&source).unwrap().outputs[0].name, "error");
}
