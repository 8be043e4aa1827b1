//! Every diagnostic code has a case in `tests/cases/errors` that provokes it from the command line.

use std::fs;

use trigforge::diag::Code;

use crate::console;

/// Codes that no command line can provoke, with the test that shows them instead.
///
/// `G0602` says that two engines disagree, which would be a fault of trigforge itself;
/// `disagreeing_engines_are_reported` below shows what it looks like. `L0701` leaves a checkpoint,
/// which cases do not allow; `train::a_diverging_run_says_where_and_keeps_its_checkpoint` has it.
const NOT_PROVOKED: &[Code] = &[Code::G0602, Code::L0701];

#[test]
fn faults_are_reported_as_the_cases_say() {
    console::check("errors");
}

#[test]
fn every_code_has_a_case_that_prints_it() {
    let cases: Vec<(String, String)> = console::cases("errors")
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    for code in Code::ALL {
        let printed = format!("[{code}]: ");
        let own = cases.iter().filter(|(name, _)| name.starts_with(code.name()));
        let mut own = own.map(|(_, case)| case.contains(&printed)).peekable();
        let provoked = !NOT_PROVOKED.contains(code);
        assert_eq!(own.peek().is_some(), provoked, "{code}: one case or more is named after it");
        assert!(own.all(|shown| shown), "{code}: each case named after it prints it");
    }
}

#[test]
fn messages_are_written_as_messages_should_be() {
    for path in console::cases("errors") {
        let case = fs::read_to_string(&path).unwrap();
        let path = path.display();
        assert!(!case.contains("panicked"), "{path}");
        for line in case.lines() {
            let message = line.strip_prefix("! error[").or_else(|| line.strip_prefix("! warning["));
            let Some((_, message)) = message.and_then(|rest| rest.split_once("]: ")) else {
                continue;
            };
            let first = message.chars().next().unwrap();
            assert!(!message.ends_with('.'), "{path}: no full stop: {message}");
            assert!(!first.is_uppercase(), "{path}: lower case: {message}");
        }
        let faults = case.matches("! error[").count() + case.matches("! warning[").count();
        assert_eq!(case.matches("\n! help: ").count(), faults, "{path}: each fault has a help");
    }
}

#[test]
fn disagreeing_engines_are_reported() {
    use trigforge::flow::engines::disagreement;
    use trigforge::report::data::{Comparison, Engine};
    let fault = disagreement(&Comparison {
        reference: Engine::Tensors,
        candidate: Engine::Verilator,
        events: 1000,
        mismatches: 3,
        first_difference: Some("event 7, output y, element 1: 4 instead of 5".to_owned()),
        compile_seconds: None,
    });
    assert_eq!(fault.code, Code::G0602);
    assert_eq!(fault.message, "tensors and Verilator differ in 3 integers over 1000 events");
    assert_eq!(fault.notes, ["first: event 7, output y, element 1: 4 instead of 5"]);
    assert!(!fault.help.is_empty());
}
