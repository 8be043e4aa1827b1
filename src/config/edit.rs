//! Changes a configuration's text and leaves its comments where they are.

use toml_edit::{DocumentMut, Item, value};

use crate::plan::Effort;

/// The text of a valid configuration with another `effort` under `[solver]`.
pub fn with_effort(text: &str, effort: Effort) -> String {
    let mut document: DocumentMut = text.parse().expect("the text was read as a configuration");
    let effort = match effort {
        Effort::Fast | Effort::Default | Effort::Best => value(effort.to_string()),
        Effort::Seconds(seconds) => value(i64::from(seconds.get())),
    };
    let solver = document.entry("solver").or_insert_with(toml_edit::table);
    let solver = solver.as_table_like_mut().expect("a configuration's sections are tables");
    match solver.get_mut("effort") {
        // What stands around the old value stays.
        Some(Item::Value(old)) => {
            let mut new = effort.into_value().expect("made from a value");
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        _ => {
            solver.insert("effort", effort);
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
        let commented = Config::COMMENTED.replace("effort = \"fast\"", "effort = 60");
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
        let named = with_effort("", Effort::Best);
        assert_eq!(named, "[solver]\neffort = \"best\"\n");
    }
}
