//! `trigforge tune` from the outside: the same trials whatever runs side by side, and after a stop.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::networks::Draw;

/// A folder with events of two classes, a recipe, and a plan of twelve trials.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut draw = Draw(5);
    let (mut x, mut y) = (String::new(), String::new());
    for event in 0..120 {
        let class = event % 2;
        let [a, b] = [0; 2].map(|_| draw.within(-100, 100));
        writeln!(x, "{}.5,{b}", a + 120 * class - 60).unwrap();
        writeln!(y, "{class}").unwrap();
    }
    let recipe = "name = 'small'\n[data]\ninputs = 'x.csv'\nlabels = 'y.csv'\nvalidation = 0.3\n\
                  [input]\nwidth = 8\n[[layer]]\nkind = 'dense'\nname = 'class'\noutputs = 2\n\
                  weights = { format = 'fixed<6,2,RND,SAT>', learn = 'weight' }\n\
                  bias = { format = 'fixed<8,3,RND,SAT>' }\n\
                  [train]\nloss = 'cross_entropy'\nepochs = 1\nbatch_size = 16\nlearning_rate = 0.05\n";
    let plan = "recipe = 'recipe.toml'\ntrials = 12\nobjectives = ['metric', 'lut', 'latency']\nseed = 3\n\
                [space]\ntrain.learning_rate = { log = [1e-3, 1.0] }\n\
                train.epochs = { uniform = [1, 2] }\ninput.width = { choose = [4, 8] }\n";
    for (name, text) in
        [("x.csv", &*x), ("y.csv", &*y), ("recipe.toml", recipe), ("plan.toml", plan)]
    {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn tune(folder: &Path, search: &str, more: &[&str]) -> serde_json::Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trigforge"));
    command.current_dir(folder).args(["tune", "plan.toml", "--format", "json", "-o", search]);
    let output = command.args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_is_tried_depends_on_the_seed_alone() {
    let folder = folder();
    let one = tune(folder.path(), "one", &[]);
    let trials = one["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 12);
    assert!(trials.iter().any(|trial| trial["front"] == true));
    assert!(trials.iter().all(|trial| trial["figures"]["lut"].is_u64()));
    assert_eq!(tune(folder.path(), "two", &["--jobs", "3"]), one);

    // Trials that a stopped search did not finish are the same when it goes on; those that ended are
    // taken as they stand.
    let store = rusqlite::Connection::open(folder.path().join("two/trials.sqlite")).unwrap();
    let lost = "DELETE FROM trial WHERE number IN (5, 6) OR number > 7";
    assert_eq!(store.execute(lost, []).unwrap(), 6);
    assert_eq!(tune(folder.path(), "two", &["--resume"]), one);
    store.execute("UPDATE trial SET latency_ns = 77.5 WHERE number = 11", []).unwrap();
    let kept = tune(folder.path(), "two", &["--resume"]);
    let altered =
        kept["trials"].as_array().unwrap().iter().find(|trial| trial["trial"] == 11).unwrap();
    assert_eq!(altered["figures"]["latency_ns"], 77.5);
}
