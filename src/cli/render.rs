//! How diagnostics and errors look on a terminal, and as JSON.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde_json::json;

use super::{Format, OutputOptions};
use crate::cosim::CosimError;
use crate::diag::Diagnostic;
use crate::flow;
use crate::report::terminal::{Paint, Screen};
use crate::report::{Report, data};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();
const PLACE: Style = AnsiColor::Blue.on_default().bold();

/// Prints diagnostics: to standard error for people, to standard output as JSON.
pub(super) fn diagnostics(diagnostics: &[Diagnostic], output: OutputOptions) {
    match output.format {
        Format::Text => {
            for diagnostic in diagnostics {
                message(&text(&flow::reported(diagnostic)));
            }
        }
        Format::Json => {
            let diagnostics: Vec<_> = diagnostics.iter().map(flow::reported).collect();
            result(&format!("{:#}", json!({ "diagnostics": diagnostics })));
        }
    }
}

/// Prints warnings to standard error unless asked to be quiet or to print JSON.
pub(super) fn warnings(diagnostics: &[Diagnostic], output: OutputOptions) {
    if output.format == Format::Text && !output.quiet {
        for diagnostic in diagnostics {
            message(&text(&flow::reported(diagnostic)));
        }
    }
}

/// Prints the diagnostics of a report to standard error.
pub(super) fn report_diagnostics(report: &Report, output: OutputOptions) {
    for diagnostic in &report.diagnostics {
        let is_error = diagnostic.severity == data::Severity::Error;
        if is_error || !output.quiet {
            message(&text(diagnostic));
        }
    }
}

/// Prints what a tool did wrong.
pub(super) fn tool_error(error: &CosimError) {
    message(&format!("{ERROR}error{ERROR:#}: {error}"));
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        message(&format!("  {PLACE}={PLACE:#} {cause}"));
        source = cause.source();
    }
    if let Some(help) = error.help() {
        message(&format!("\n{HELP}help{HELP:#}: {help}"));
    }
}

/// What tables are written on: as wide as the terminal, within reason, and in color only where
/// its user did not forbid it.
pub(super) fn screen() -> Screen {
    let output = std::io::stdout();
    let columns = terminal_size::terminal_size_of(&output)
        .map_or(Screen::FILE.columns, |(width, _)| width.0.clamp(60, 160));
    let paint = match anstream::AutoStream::choice(&output) {
        anstream::ColorChoice::Never => Paint::Plain,
        anstream::ColorChoice::Auto
        | anstream::ColorChoice::Always
        | anstream::ColorChoice::AlwaysAnsi => Paint::Color,
    };
    Screen { columns, paint }
}

/// Prints a result to standard output, colors only on a terminal.
pub(super) fn result(text: &str) {
    anstream::println!("{text}");
}

/// Prints a message to standard error, colors only on a terminal.
pub(super) fn message(text: &str) {
    anstream::eprintln!("{text}");
}

/// Adds whose fault it is to every panic.
pub(super) fn install_panic_message() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        default(info);
        message("this is a bug in trigforge; please report it with the model and the command");
    }));
}

fn text(diagnostic: &data::Diagnostic) -> String {
    let style = match diagnostic.severity {
        data::Severity::Error => ERROR,
        data::Severity::Warning => WARNING,
    };
    let data::Diagnostic { code, severity, message, .. } = diagnostic;
    let mut text = format!("{style}{}[{code}]{style:#}: {message}\n", severity.name());
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
