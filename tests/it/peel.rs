//! `[peel]` from the outside: what the front has then, and that it is what the circuit computes.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::train::{folder, text, trigforge};

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Runs the recipe of a folder with lines of `[peel]`, and gives back its front.
fn front(folder: &Path, peel: &str) -> Value {
    let recipe = fs::read_to_string(folder.join("recipe.toml")).unwrap();
    fs::write(folder.join("peel.toml"), format!("{recipe}[peel]\n{peel}\n")).unwrap();
    let run = trigforge(folder, &["train", "peel.toml", "-o", "run", "--force"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert!(text(&run.stdout).contains(" -> "), "{}", text(&run.stdout));
    json(&fs::read(folder.join("run/front.json")).unwrap())
}

fn numbers(value: &Value) -> [f64; 2] {
    [0, 1].map(|index| value[index].as_f64().unwrap())
}

#[test]
fn peeled_networks_are_smaller_and_compute_what_their_circuits_do() {
    let folder = folder("loss = \"cross_entropy\"\nepochs = 4\nlearning_rate = 0.05");
    let folder = folder.path();
    for loss in [0.0, 0.1] {
        let front = front(folder, &format!("loss = {loss}"));
        let gains = front["peeling"].as_array().unwrap();
        assert!(!gains.is_empty());
        for gain in gains {
            let [before, after] = numbers(&gain["metric"]);
            assert!(after >= before - loss, "{gain}");
            let [before, after] = numbers(&gain["digits"]);
            assert!(after < before, "{gain}");
        }
        let points = front["points"].as_array().unwrap();
        assert!(points.iter().any(|point| point["peeled"].as_u64() > Some(0)));
        for point in points {
            let network = format!("run/{}", point["file"].as_str().unwrap());
            let estimate = trigforge(folder, &["estimate", &network, "--format", "json"]);
            assert_eq!(json(&estimate.stdout)["resources"]["total"]["lut"], point["lut"]);
            let shown = trigforge(folder, &["inspect", &network, "--format", "json"]);
            let peeled = &json(&shown.stdout)["metadata"]["trigforge.peeled_digits"];
            assert_eq!(peeled.as_str().unwrap(), point["peeled"].to_string());
            let words = ["verify", &network, "--data", "x.csv", "--rtl", "skip"];
            let verified = trigforge(folder, &words);
            assert!(verified.status.success(), "{}", text(&verified.stderr));
            let evaluation = trigforge(
                folder,
                &["evaluate", &network, "--data", "peel.toml", "--format", "json"],
            );
            assert_eq!(json(&evaluation.stdout)["accuracy"]["value"], point["metric"]);
        }
    }
    // Peeling again, as a run that is resumed does, gives the same.
    let files = || {
        ["front.json", "front/small_1.onnx"]
            .map(|file| fs::read(folder.join("run").join(file)).unwrap())
    };
    let before = files();
    fs::remove_dir_all(folder.join("run/front")).unwrap();
    let resumed = trigforge(folder, &["train", "peel.toml", "-o", "run", "--resume"]);
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    assert!(files() == before);
}

#[test]
fn what_a_network_cannot_lose_is_refused() {
    let folder = folder("loss = \"cross_entropy\"\nepochs = 1\nlearning_rate = 0.05");
    let recipe = fs::read_to_string(folder.path().join("recipe.toml")).unwrap();
    for (lines, expected) in [
        ("loss = -0.1", "error[C0401]: a `loss` of -0.1 in `[peel]` is not possible"),
        ("digits = 4", "error[C0401]: unknown field `digits`, expected `loss`"),
    ] {
        fs::write(folder.path().join("wrong.toml"), format!("{recipe}[peel]\n{lines}\n")).unwrap();
        let output = trigforge(folder.path(), &["train", "wrong.toml", "-o", "run"]);
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    }
}
