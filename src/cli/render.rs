//! How diagnostics and errors look on a terminal, and as JSON.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::{Format, OutputOptions};
use crate::cosim::CosimError;
use crate::diag::{Diagnostic, Severity};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();
const PLACE: Style = AnsiColor::Blue.on_default().bold();

/// Prints diagnostics: to standard error for people, to standard output as JSON.
pub(super) fn diagnostics(diagnostics: &[Diagnostic], output: OutputOptions) {
    match output.format {
        Format::Text => {
            for diagnostic in diagnostics {
                message(&text(diagnostic));
            }
        }
        Format::Json => result(&format!("{:#}", json!({ "diagnostics": to_json(diagnostics) }))),
    }
}

/// Prints warnings to standard error unless asked to be quiet or to print JSON.
pub(super) fn warnings(diagnostics: &[Diagnostic], output: OutputOptions) {
    if output.format == Format::Text && !output.quiet {
        for diagnostic in diagnostics {
            message(&text(diagnostic));
        }
    }
}

/// Prints what a tool did wrong.
pub(super) fn tool_error(error: &CosimError) {
    message(&format!("{ERROR}error{ERROR:#}: {error}\n"));
}

/// Prints a result to standard output, colors only on a terminal.
#[expect(clippy::print_stdout, reason = "results go to standard output")]
pub(super) fn result(text: &str) {
    anstream::println!("{text}");
}

/// Prints a message to standard error, colors only on a terminal.
#[expect(clippy::print_stderr, reason = "messages go to standard error")]
pub(super) fn message(text: &str) {
    anstream::eprintln!("{text}");
}

/// Diagnostics as JSON objects.
pub(super) fn to_json(diagnostics: &[Diagnostic]) -> Value {
    let object = |diagnostic: &Diagnostic| {
        json!({
            "code": diagnostic.code.name(),
            "severity": severity(diagnostic.severity),
            "message": diagnostic.message,
            "place": diagnostic.place,
            "notes": diagnostic.notes,
            "help": diagnostic.help,
        })
    };
    diagnostics.iter().map(object).collect()
}

/// Adds whose fault it is to every panic.
pub(super) fn install_panic_message() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        default(info);
        message("this is a bug in trigforge; please report it with the model and the command");
    }));
}

fn text(diagnostic: &Diagnostic) -> String {
    let style = match diagnostic.severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
    };
    let mut text = format!(
        "{style}{}[{}]{style:#}: {}\n",
        severity(diagnostic.severity),
        diagnostic.code,
        diagnostic.message
    );
    let written = "writing to a string succeeds";
    if let Some(place) = &diagnostic.place {
        writeln!(text, "  {PLACE}-->{PLACE:#} {place}").expect(written);
    }
    for note in &diagnostic.notes {
        writeln!(text, "   {PLACE}={PLACE:#} {note}").expect(written);
    }
    writeln!(text, "\n{HELP}help{HELP:#}: {}", diagnostic.help).expect(written);
    text
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
