//! Pieces of text that several files share: comments, attributes, lines of bounded length.

use std::collections::BTreeMap;

use super::wires::vector;
use crate::numeric::format::FixedFormat;

/// The longest line that is written where it can be broken.
pub(super) const MAX_LINE: usize = 100;

/// One port in the list of a module.
#[derive(Debug)]
pub(super) struct PortLine {
    /// `input  wire`, `output wire` or `output reg`.
    pub kind: &'static str,
    /// The vector, such as `signed [7:0]`.
    pub vector: String,
    /// The name.
    pub name: String,
    /// The format, or what else is to be said.
    pub comment: String,
}

/// The lines of a port list, in columns.
pub(super) fn port_list(ports: &[PortLine]) -> Vec<String> {
    let vectors = ports.iter().map(|port| port.vector.len()).max().unwrap_or(0);
    let line = |(index, port): (usize, &PortLine)| {
        let comma = if index + 1 < ports.len() { "," } else { "" };
        let PortLine { kind, vector, name, comment } = port;
        let code = match vectors {
            0 => format!("{kind:<11} {name}{comma}"),
            _ => format!("{kind:<11} {} {name}{comma}", in_column(vector, vectors)),
        };
        Line { code, comment: comment.clone() }
    };
    columns(&ports.iter().enumerate().map(line).collect::<Vec<_>>())
}

/// Code and the comment behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The code; it may be broken into several lines.
    pub code: String,
    /// The comment, if there is one.
    pub comment: String,
}

/// The lines as text, their comments below each other where that leaves no wide gaps.
pub(super) fn columns(lines: &[Line]) -> Vec<String> {
    /// Comments of longer lines stand right behind them.
    const REACH: usize = 80;
    let length = |line: &Line| Some(line.code.len()).filter(|length| *length <= REACH);
    let commented = lines.iter().filter(|line| !line.comment.is_empty());
    let column = commented.filter_map(length).max().unwrap_or(0);
    lines
        .iter()
        .map(|Line { code, comment }| match comment.as_str() {
            "" => code.clone(),
            comment => format!("{code:<column$}  // {comment}"),
        })
        .collect()
}

/// `head = expression;`, broken behind the sign where it would be too long.
pub(super) fn assignment(head: &str, expression: &str) -> String {
    let line = format!("{head} = {expression};");
    // Two columns go to the indentation.
    if line.len() + 2 > MAX_LINE { format!("{head} =\n      {expression};") } else { line }
}

/// `kind vector name`, the vector in a column of its own.
pub(super) fn declaration(kind: &str, format: FixedFormat, column: usize, name: &str) -> String {
    match column {
        0 => format!("{kind} {name}"),
        _ => format!("{kind} {} {name}", in_column(&vector(format), column)),
    }
}

/// `signed` to the left, the bounds to the right.
fn in_column(vector: &str, column: usize) -> String {
    match vector.strip_prefix("signed ") {
        Some(bounds) => format!("signed {bounds:>0$}", column - "signed ".len()),
        None => format!("{vector:>column$}"),
    }
}

/// `items` behind each other, in lines of bounded length.
pub(super) fn wrapped(items: &[String], separator: &str, indent: usize) -> String {
    let mut text = String::new();
    let mut length = indent;
    for (index, item) in items.iter().enumerate() {
        let end = if index + 1 < items.len() { separator } else { "" };
        if length + item.len() + end.len() > MAX_LINE && length > indent {
            text.truncate(text.trim_end().len());
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            length = indent;
        }
        text.push_str(item);
        text.push_str(end);
        length += item.len() + end.len();
    }
    text
}

/// The formats of some words in one phrase: `60 words of fixed<8,4>, 4 of ufixed<6,2>`.
pub(super) fn formats_in_words(formats: impl IntoIterator<Item = FixedFormat>) -> String {
    const SHOWN: usize = 4;
    let mut counts: BTreeMap<FixedFormat, usize> = BTreeMap::new();
    for format in formats {
        *counts.entry(format).or_default() += 1;
    }
    let mut counts: Vec<(FixedFormat, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(format, count)| (std::cmp::Reverse(*count), *format));
    let rest = counts.iter().skip(SHOWN).map(|(_, count)| count).sum::<usize>();
    let mut phrases: Vec<String> =
        counts.iter().take(SHOWN).map(|(format, count)| format!("{count} {format}")).collect();
    if rest > 0 {
        phrases.push(format!("{rest} others"));
    }
    if phrases.is_empty() { "none".to_owned() } else { phrases.join(", ") }
}

/// Any text as a part of a comment: one line, printable characters only.
pub(super) fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Any text between the quotes of a Verilog string.
pub(super) fn quoted(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\\' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect()
}
