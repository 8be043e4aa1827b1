//! The outcome of `check` as JUnit XML, which GitLab, Jenkins and GitHub actions display.
//!
//! One suite per model; a test case for each diagnostic, or for their absence, and for each gate,
//! verdict and comparison of engines.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::data::{
    Comparison, Diagnostic, FormatRow, GateKind, GateOutcome, Report, Severity, Verdict,
};
use super::{gate, words};

/// All `reports` as one JUnit document. It holds no time and no path of this machine.
pub fn render(reports: &[Report]) -> String {
    let mut document = Document::new("trigforge");
    document.add_test_suites(reports.iter().map(suite));
    document.to_string().expect("the names were made legal in XML")
}

fn suite(report: &Report) -> TestSuite {
    let name = &report.design.name;
    let mut suite = TestSuite::new(name);
    let mut add = |group: &str, case: &str, status: TestCaseStatus| {
        let mut test = TestCase::new(case, status);
        test.set_classname(format!("{name}.{group}"));
        suite.add_test_case(test);
    };
    if report.errors() == 0 {
        add("compile", "compiles", TestCaseStatus::success());
    }
    for found in &report.diagnostics {
        let case = format!("{} {}", found.code, found.place.as_deref().unwrap_or_default());
        add("diagnostic", case.trim_end(), diagnostic(found));
    }
    for outcome in &report.gates {
        add("gate", outcome.gate.key(), gate_status(outcome));
    }
    for row in &report.formats {
        add("verdict", &row.node, verdict(report, row));
    }
    for comparison in report.comparisons() {
        let case = format!("{} = {}", comparison.reference.name(), comparison.candidate.name());
        add("engine", &case, engines(comparison));
    }
    suite
}

fn diagnostic(found: &Diagnostic) -> TestCaseStatus {
    let details: Vec<&str> = found.notes.iter().map(String::as_str).collect();
    match found.severity {
        Severity::Error => {
            failure(NonSuccessKind::Error, &found.code, &found.message, &details, &found.help)
        }
        Severity::Warning => skipped(&found.message, &found.help),
    }
}

fn gate_status(outcome: &GateOutcome) -> TestCaseStatus {
    if outcome.passed {
        return TestCaseStatus::success();
    }
    let details: Vec<&str> = outcome.detail.iter().map(String::as_str).collect();
    let help = outcome.help.as_deref().unwrap_or_default();
    failure(NonSuccessKind::Failure, "G0601", &gate::message(outcome), &details, help)
}

/// A violated tensor fails unless the gate allows it, so that the document and the exit code of
/// `check` agree.
fn verdict(report: &Report, row: &FormatRow) -> TestCaseStatus {
    let reason = words::verdict(&row.verdict);
    match row.verdict {
        Verdict::Proved | Verdict::Calibrated { .. } | Verdict::Saturates { .. } => {
            TestCaseStatus::success()
        }
        Verdict::Unchecked => skipped(&reason, "give events with `--data`"),
        Verdict::Violated { .. } => {
            let allowed = report
                .gates
                .iter()
                .any(|outcome| outcome.gate == GateKind::AllowViolated && outcome.passed);
            let help = "widen the format, or make it saturate";
            if allowed {
                skipped(&format!("{reason} (allowed by the gate)"), help)
            } else {
                let message = format!("`{}` overflows {}: {reason}", row.node, row.format);
                failure(NonSuccessKind::Failure, "Q0201", &message, &[], help)
            }
        }
    }
}

fn engines(comparison: &Comparison) -> TestCaseStatus {
    if comparison.events == 0 {
        return skipped("no events", "give events with `--data`");
    }
    if comparison.mismatches == 0 {
        return TestCaseStatus::success();
    }
    let message = format!(
        "{} differ in {}",
        words::several(comparison.mismatches, "integer"),
        words::several(comparison.events, "event"),
    );
    let details: Vec<&str> = comparison.first_difference.iter().map(String::as_str).collect();
    let help = "this must never happen: please report it with the model";
    failure(NonSuccessKind::Failure, "G0602", &message, &details, help)
}

fn failure(
    kind: NonSuccessKind,
    code: &str,
    message: &str,
    details: &[&str],
    help: &str,
) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    let help = format!("help: {help}");
    let lines = [details, &[help.as_str()]].concat();
    status.set_type(code).set_message(message).set_description(lines.join("\n"));
    status
}

fn skipped(message: &str, help: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message).set_description(format!("help: {help}"));
    status
}
