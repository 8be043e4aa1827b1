//! Changes a configuration's text and leaves its comments where they are.

use toml_edit::{DocumentMut, Item, value};

use super::ShellKind;
use crate::plan::Effort;

/// The text of a valid configuration with another `effort` under `[solver]`.
pub fn with_effort(text: &str, effort: Effort) -> String {
    let effort = match effort {
        Effort::Fast | Effort::Default | Effort::Best => value(effort.to_string()),
        Effort::Seconds(seconds) => value(i64::from(seconds.get())),
    };
    with(text, "solver", "effort", effort)
}

/// The text of a valid configuration with another `kind` under `[shell]`.
pub fn with_shell(text: &str, kind: ShellKind) -> String {
    with(text, "shell", "kind", value(kind.name()))
}

/// The text with another value for a key of a section.
fn with(text: &str, section: &str, key: &str, new: Item) -> String {
    let mut document: DocumentMut = text.parse().expect("the text was read as a configuration");
    let section = document.entry(section).or_insert_with(toml_edit::table);
    let section = section.as_table_like_mut().expect("a configuration's sections are tables");
    match section.get_mut(key) {
        // What stands around the old value stays.
        Some(Item::Value(old)) => {
            let mut new = new.into_value().expect("made from a value");
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        _ => {
            section.insert(key, new);
        }
    }
    document.to_string()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::config::Config;

    #[test]
    fn an_effort_is_put_where_it_belongs() {
        let minute = Effort::Seconds(NonZeroU32::new(60).unwrap());
        let commented = Config::COMMENTED.replace("effort = \"default\"", "effort = 60");
        let check = |text: &str, expected: &str| {
            let text = with_effort(text, minute);
            assert_eq!(text, expected);
            assert_eq!(Config::parse(&text, "trigforge.toml").unwrap().solver.effort, minute);
        };
        check(Config::COMMENTED, &commented);
        check("", "[solver]\neffort = 60\n");
        check("head = \"logits\" # why\n", "head = \"logits\" # why\n\n[solver]\neffort = 60\n");
        check("solver.seed = 3\n", "solver.seed = 3\nsolver.effort = 60\n");
        check("solver = { seed = 3 }\n", "solver = { seed = 3 , effort = 60 }\n");
        check(
            "[solver]\neffort = \"best\" # long\n[device]\nclock_ns = 4.0\n",
            "[solver]\neffort = 60 # long\n[device]\nclock_ns = 4.0\n",
        );
        let shell = with_shell("[shell]\nperiod = 9\n", ShellKind::Stream);
        assert_eq!(shell, "[shell]\nperiod = 9\nkind = \"stream\"\n");
        let kind = Config::parse(&shell, "trigforge.toml").unwrap().shell.kind;
        assert_eq!(kind, Some(ShellKind::Stream));
        let named = with_effort("", Effort::Best);
        assert_eq!(named, "[solver]\neffort = \"best\"\n");
    }
}
