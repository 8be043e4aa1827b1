//! Console cases: commands with what they print, blessed by `TRIGFORGE_BLESS=1`.
//!
//! A case runs in a folder of its own, with the files of `tests/cases/errors/models` and
//! `tests/data/events` that it names. Its lines:
//!
//! ```text
//! # why the case is there
//! file t.toml               writes a file of the indented lines that follow
//!   [device]
//! sparse huge.onnx 3000     makes an empty file of so many bytes
//! $ trigforge compile …     runs a command; `PATH= trigforge …` without any tool
//! exit 1                    how it ended
//! | …                       a line of standard output
//! ! …                       a line of standard error
//! ```
//!
//! Expected lines may hold `[..]` for any text, or be `...` for any lines.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the console cases.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// Every case of a folder, in order.
pub(crate) fn cases(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "console"));
    found.sort();
    assert!(!found.is_empty(), "{folder} has no case");
    found
}

/// Runs every case of a folder and compares what is printed with what the case says.
pub(crate) fn check(folder: &str) {
    let bless = std::env::var_os("TRIGFORGE_BLESS").is_some();
    let mut differing = String::new();
    for path in cases(folder) {
        let expected = fs::read_to_string(&path).unwrap();
        let found = run(&expected);
        let assert = snapbox::Assert::new();
        if let Err(error) =
            assert.try_eq(Some(&path.display()), found.clone().into(), expected.into())
        {
            if bless {
                fs::write(&path, found).unwrap();
            } else {
                writeln!(differing, "{error}").unwrap();
            }
        }
    }
    assert!(differing.is_empty(), "{differing}\nTRIGFORGE_BLESS=1 accepts what is found");
}

/// The case with what its commands print now.
///
/// A command that fails must leave every file as it was.
fn run(case: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fixtures(case, folder);
    let mut text = String::new();
    let mut lines = case.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("exit ") || line.starts_with(['|', '!']) || line == "..." {
            continue;
        }
        text.push_str(line);
        text.push('\n');
        if let Some(name) = line.strip_prefix("file ") {
            let mut content = String::new();
            while let Some(own) = lines.next_if(|own| own.is_empty() || own.starts_with("  ")) {
                writeln!(content, "{}", own.strip_prefix("  ").unwrap_or(own)).unwrap();
                writeln!(text, "{own}").unwrap();
            }
            write(&folder.join(name), content.as_bytes());
        } else if let Some(sparse) = line.strip_prefix("sparse ") {
            let (name, bytes) = sparse.split_once(' ').unwrap();
            fs::File::create(folder.join(name)).unwrap().set_len(bytes.parse().unwrap()).unwrap();
        } else if let Some(command) = line.strip_prefix("$ ") {
            text.push_str(&output(command, folder));
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "not understood: {line}");
        }
    }
    text
}

/// Copies the models and events that `case` names.
fn fixtures(case: &str, folder: &Path) {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events");
    let folders =
        [root().join("errors/models"), events].map(|folder| fs::read_dir(folder).unwrap());
    for entry in folders.into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let named = |word: &str| {
            let word = word.trim_matches(['"', '\'']);
            word == name || word.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'))
        };
        if case.split_whitespace().any(named) {
            fs::copy(&path, folder.join(name)).unwrap();
        }
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Runs one command line and renders how it ended.
fn output(line: &str, folder: &Path) -> String {
    let before = files(folder);
    let (path, line) = match line.strip_prefix("PATH= ") {
        Some(line) => (Some(""), line),
        None => (None, line),
    };
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("trigforge"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_trigforge"));
    command.args(words).current_dir(folder).env("COLUMNS", "100").env("NO_COLOR", "1");
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let output = command.output().unwrap();
    let code = output.status.code().unwrap_or(-1);
    let mut text = format!("exit {code}\n");
    for (mark, stream) in [('|', output.stdout), ('!', output.stderr)] {
        for line in String::from_utf8(stream).unwrap().lines() {
            writeln!(text, "{}", format!("{mark} {line}").trim_end()).unwrap();
        }
    }
    if code != 0 {
        assert_eq!(files(folder), before, "`{line}` failed and left something behind");
    }
    text
}

/// Every file and folder below `folder`.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}
