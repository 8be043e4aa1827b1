//! `trigforge tune` from the outside: the same trials whatever runs side by side, after a stop, and cut short.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

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

fn command(folder: &Path, plan: &str, search: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trigforge"));
    command.current_dir(folder).args(["tune", plan, "--format", "json", "-o", search]).args(more);
    command
}

fn trials(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn tune(folder: &Path, search: &str, more: &[&str]) -> serde_json::Value {
    trials(&command(folder, "plan.toml", search, more).output().unwrap())
}

fn store(folder: &Path, search: &str) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join(search).join("trials.sqlite")).unwrap()
}

fn count(store: &rusqlite::Connection, table: &str) -> u32 {
    let query = format!("SELECT count(*) FROM {table}");
    store.query_row(&query, [], |row| row.get(0)).unwrap()
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
    let stored = store(folder.path(), "two");
    let lost = "DELETE FROM outcome WHERE trial IN (5, 6) OR trial > 7";
    assert_eq!(stored.execute(lost, []).unwrap(), 6);
    assert_eq!(tune(folder.path(), "two", &["--resume"]), one);
    let altered = "UPDATE figure SET mean = 77.5 WHERE trial = 11 AND name = 'latency'";
    assert_eq!(stored.execute(altered, []).unwrap(), 1);
    let kept = tune(folder.path(), "two", &["--resume"]);
    let altered =
        kept["trials"].as_array().unwrap().iter().find(|trial| trial["trial"] == 11).unwrap();
    assert_eq!(altered["figures"]["latency_ns"], 77.5);

    // Tables of another version are refused.
    stored.pragma_update(None, "user_version", 1).unwrap();
    let output = command(folder.path(), "plan.toml", "two", &["--resume"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("L0702") && said.contains("tables of version 1, not 2"), "{said}");
}

/// Plans of nine trials: one that trains all to the end, and one that cuts them short.
fn halving(folder: &Path) {
    let recipe = fs::read_to_string(folder.join("recipe.toml")).unwrap();
    let recipe = recipe.replace("epochs = 1", "epochs = 9");
    let recipe = recipe + "[resources]\nbeta = [1e-5, 1e-3]\nrefit = 2\n";
    let plan = "recipe = 'recipe.toml'\ntrials = 9\nsampler = 'random'\n\
                objectives = ['metric', 'lut_ff']\n";
    let space = "[space]\ntrain.learning_rate = { log = [1e-3, 1.0] }\n\
                 input.width = { choose = [4, 8] }\n";
    let cut = "[halving]\nleast = 1\n";
    for (name, text) in [
        ("recipe.toml", recipe),
        ("whole.toml", format!("{plan}{space}")),
        ("cut.toml", format!("{plan}{cut}{space}")),
        ("hyperband.toml", format!("{plan}{cut}brackets = 3\n{space}").replace("= 9", "= 19")),
        ("folds.toml", format!("{plan}folds = 3\n{cut}{space}").replace("= 9", "= 3")),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
}

#[test]
fn brackets_are_the_same_whatever_runs_side_by_side() {
    let folder = folder();
    let folder = folder.path();
    halving(folder);
    // Proposals learn from trials that were cut short.
    let plan = fs::read_to_string(folder.join("hyperband.toml")).unwrap();
    fs::write(folder.join("hyperband.toml"), plan.replace("'random'", "'tpe'")).unwrap();
    let run = |search, jobs| {
        let more = ["--jobs", jobs];
        trials(&command(folder, "hyperband.toml", search, &more).output().unwrap())
    };
    let one = run("one", "1");
    let epochs = |trial: u32| {
        let mut rows = one["trials"].as_array().unwrap().iter();
        rows.find(|row| row["trial"] == trial).unwrap()["epochs"].as_u64().unwrap()
    };
    // Brackets of nine, five and three trials begin at one rung after the other, and then again.
    assert!((9..14).all(|trial| epochs(trial) >= 3));
    assert!((14..17).all(|trial| epochs(trial) == 9));
    assert_eq!(epochs(17).min(epochs(18)), 1);
    assert_eq!(run("three", "3"), one);
}

#[test]
fn promoted_trials_come_to_what_uncut_ones_do() {
    let folder = folder();
    let folder = folder.path();
    halving(folder);
    let run = |plan, search, more: &[&str]| {
        trials(&command(folder, plan, search, more).output().unwrap())
    };
    let whole = run("whole.toml", "whole", &[]);
    let cut = run("cut.toml", "cut", &[]);
    let rows = cut["trials"].as_array().unwrap();
    let epochs: Vec<u64> = rows.iter().map(|row| row["epochs"].as_u64().unwrap()).collect();
    assert_eq!(epochs, [9, 3, 3, 1, 1, 1, 1, 1, 1]);
    // The steps and prices of the one that was trained to the end are those of all epochs, through two
    // checkpoints.
    let best = &rows[0];
    let mut same = whole["trials"].as_array().unwrap().iter();
    let same = same.find(|row| row["trial"] == best["trial"]).unwrap();
    assert_eq!((&best["figures"], &best["values"]), (&same["figures"], &same["values"]));
    assert_eq!(best["front"], true);
    assert!(rows[1..].iter().all(|row| row["front"] == false));
    assert_eq!(run("cut.toml", "three", &["--jobs", "3"]), cut);
    // A finished search keeps no network.
    assert_eq!(count(&store(folder, "cut"), "checkpoint"), 0);
}

#[test]
fn a_search_that_is_cut_short_goes_on_within_a_rung() {
    let folder = folder();
    let folder = folder.path();
    halving(folder);
    let whole = trials(&command(folder, "folds.toml", "whole", &[]).output().unwrap());
    let deviation = &whole["trials"][0]["deviations"]["metric"];
    assert!(deviation.as_f64().is_some_and(|own| own > 0.0), "{whole:#}");
    // Killed as soon as all of the first rung are kept, three networks each.
    let mut child = command(folder, "folds.toml", "part", &[]);
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let path = folder.join("part/trials.sqlite");
    let kept = || {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let store = rusqlite::Connection::open_with_flags(&path, flags).ok()?;
        let query = "SELECT count(*) FROM outcome";
        store.query_row(query, [], |row| row.get::<_, u32>(0)).ok()
    };
    while kept().unwrap_or(0) < 3 {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let stored = store(folder, "part");
    assert!(count(&stored, "outcome") < 5);
    assert!([3, 9].contains(&count(&stored, "checkpoint")));
    let resume = || command(folder, "folds.toml", "part", &["--resume"]).output().unwrap();
    // What is kept is what promoted trials go on from.
    let states = "UPDATE checkpoint SET state = CAST('x' || state AS BLOB)";
    assert!(stored.execute(states, []).unwrap() > 0);
    let said = String::from_utf8_lossy(&resume().stdout).into_owned();
    assert!(said.contains("L0702") && said.contains("is broken"), "{said}");
    let states = "UPDATE checkpoint SET state = CAST(substr(state, 2) AS BLOB) \
                  WHERE substr(state, 1, 1) = CAST('x' AS BLOB)";
    assert!(stored.execute(states, []).unwrap() > 0);
    assert_eq!(trials(&resume()), whole);
}

#[test]
fn separation_is_what_evaluate_measures() {
    let folder = folder();
    let folder = folder.path();
    let weights = ["0.5", "1.5", "2.5", "3.5", "4.5", "5.5", "6.5"].into_iter().cycle().take(120);
    fs::write(folder.join("w.csv"), weights.collect::<Vec<_>>().join("\n")).unwrap();
    let recipe = fs::read_to_string(folder.join("recipe.toml")).unwrap();
    let recipe = recipe.replace("labels =", "classes = ['b', 's']\nweights = 'w.csv'\nlabels =");
    fs::write(folder.join("recipe.toml"), recipe + "[front]\npoints = 1\n").unwrap();
    let names = ["auc", "auc.s", "rejection@0.5", "rejection.b@0.3", "rejection.s@0.8"];
    let plan = format!(
        "recipe = 'recipe.toml'\nsampler = 'grid'\nobjectives = {names:?}\n\
         [space]\ninput.width = {{ choose = [8] }}\n"
    );
    fs::write(folder.join("plan.toml"), plan).unwrap();
    let found = tune(folder, "search", &[]);
    let figure = |name: &str| found["trials"][0]["figures"][name].as_f64().unwrap();

    // The only trial is the recipe itself.
    let json = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trigforge"));
        trials(&command.current_dir(folder).args(arguments).output().unwrap())
    };
    json(&["train", "recipe.toml", "-o", "run", "--format", "json"]);
    let measured = json(&["evaluate", "run", "--data", "recipe.toml", "--format", "json"]);
    assert_eq!(measured["weighted"], true);
    let value = |class: usize, pointer: &str| {
        measured["classes"][class].pointer(pointer).unwrap().as_f64().unwrap()
    };
    let same = |name: &str, expected: f64| {
        assert!((figure(name) - expected).abs() < 1e-9 * expected, "{name}: {expected}\n{found:#}");
    };
    let [b, s] = [0, 1].map(|class| value(class, "/auc/value"));
    assert!(b < 1.0 && s < 1.0, "the events overlap");
    same("auc", f64::midpoint(b, s));
    same("auc.s", s);
    let passes = |class, efficiency: usize| {
        value(class, &format!("/rejections/{efficiency}/background/value"))
    };
    same("rejection@0.5", 1.0 / f64::midpoint(passes(0, 1), passes(1, 1)));
    same("rejection.b@0.3", 1.0 / passes(0, 0));
    same("rejection.s@0.8", 1.0 / passes(1, 2));

    let page = fs::read_to_string(folder.join("search/search.html")).unwrap();
    for title in ["AUC", "AUC of s", "rejection at 0.5", "rejection of b at 0.3"] {
        assert!(page.contains(&format!(">{title}<")), "{title}");
    }
}
