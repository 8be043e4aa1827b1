//! The Verilog of the shell: the body of the engine, and the printed text made clean.

use std::collections::BTreeMap;

use askama::Template;
use rust_hdl::prelude::{Block, generate_verilog};

use super::packing::Packing;
use crate::emit::interface::{Element, Interface, Pins};

#[derive(Template)]
#[template(path = "shell/engine.v.j2")]
struct EngineView<'a> {
    core: &'a str,
    bits: usize,
    input_words: u16,
    output_words: u16,
    input_top: u64,
    output_top: u64,
    result_top: u64,
    latency: u32,
    connections: Vec<String>,
    unread: Option<String>,
    score: String,
    padded: String,
    shifted: String,
    /// The overflow flags of the core, and the registers that they go to.
    n_flags: usize,
    overflow: Vec<String>,
}

/// The body of the engine's module.
pub(super) fn engine(interface: &Interface, packing: Packing) -> String {
    let bits = packing.word.bits();
    let width = packing.word.width();
    let (inputs, outputs) = (interface.input_width(), interface.output_width());
    let held = u64::from(packing.input_words) * width;
    let results = u64::from(packing.output_words) * width;
    let clock = interface.clock.iter().map(|clock| format!(".{clock}(clock)"));
    let mut connections: Vec<String> = clock
        .chain(ports(&interface.inputs, "words"))
        .chain(ports(&interface.outputs, "outputs"))
        .chain(ports(&interface.overflow, "flags"))
        .collect();
    let last = connections.len() - 1;
    connections.iter_mut().take(last).for_each(|connection| connection.push(','));
    let view = EngineView {
        core: &interface.top,
        bits,
        input_words: packing.input_words,
        output_words: packing.output_words,
        input_top: held - 1,
        output_top: outputs - 1,
        result_top: results - 1,
        latency: interface.latency,
        connections,
        unread: (inputs < held).then(|| slice("words", inputs, held - 1)),
        score: extended(&interface.outputs[0].elements[0]),
        padded: match results - outputs {
            0 => "outputs".to_owned(),
            padding => format!("{{{padding}'d0, outputs}}"),
        },
        shifted: match packing.output_words {
            1 => format!("{bits}'d0"),
            _ => format!("{{{bits}'d0, {}}}", slice("results", width, results - 1)),
        },
        n_flags: interface.overflow.len(),
        overflow: (0..4).map(|word| flags(interface.overflow.len(), word)).collect(),
    };
    view.render().expect("templates write to a string")
}

/// Register `word` of `count` flags.
fn flags(count: usize, word: usize) -> String {
    let (low, high) = (32 * word, count.min(32 * word + 32));
    match high.saturating_sub(low) {
        0 => "32'd0".to_owned(),
        32 => format!("overflow[{}:{low}]", high - 1),
        held => format!("{{{}'d0, overflow[{}:{low}]}}", 32 - held, high - 1),
    }
}

fn ports<'a>(ports: &'a [Pins], vector: &'a str) -> impl Iterator<Item = String> + 'a {
    let mut low = 0;
    ports.iter().map(move |pins| {
        let first = low;
        low += pins.width;
        format!(".{}({})", pins.port, slice(vector, first, low - 1))
    })
}

fn slice(vector: &str, low: u64, high: u64) -> String {
    if low == high { format!("{vector}[{low}]") } else { format!("{vector}[{high}:{low}]") }
}

/// An element of the outputs in 64 bits, its sign carried up.
fn extended(element: &Element) -> String {
    let bits = slice("outputs", element.low, element.high());
    let (spare, top) = (64 - element.width, element.high());
    match (spare, element.signed) {
        (0, _) => bits,
        (_, true) => format!("{{{{{spare}{{outputs[{top}]}}}}, {bits}}}"),
        (_, false) => format!("{{{spare}'d0, {bits}}}"),
    }
}

/// The Verilog of a block and of all that is in it: module names and texts, the top module
/// called `name`.
///
/// `rust_hdl` joins names by `$`, calls the top module `top`, and prints a module for each single
/// register; here names are what a person would write, and registers of one width share a module.
pub(super) fn print(block: &impl Block, name: &str) -> Vec<(String, String)> {
    let text = words(&generate_verilog(block), |word| plain(word, name));
    let modules: Vec<(String, &str)> = text.split("\nmodule ").skip(1).filter_map(module).collect();
    let registers: BTreeMap<String, String> = modules
        .iter()
        .filter_map(|(module, text)| Some((module.clone(), register(text, name)?)))
        .collect();
    let mut files = BTreeMap::new();
    for (module, text) in &modules {
        let shared = |word: &str| registers.get(word).cloned().unwrap_or_else(|| word.to_owned());
        let text = words(text, shared);
        let file = shared(module);
        let heading = format!("// A part of {name}: written in rust_hdl, printed by trigforge.\n");
        files.entry(file).or_insert(heading + &tidy(&text));
    }
    files.into_iter().collect()
}

/// The name and the text of a module, of what stands between two lines `module`.
fn module(part: &str) -> Option<(String, &str)> {
    let name = part.split_once('(')?.0;
    Some((name.to_owned(), part))
}

/// The name of the module that registers of this width share; none for other modules.
fn register(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once("(d,q,clock);")?;
    let input = rest.lines().find(|line| line.trim_end().ends_with(" d;"))?;
    let width = match input.split_once('[') {
        Some((_, range)) => range.split_once(':')?.0.parse::<u32>().ok()? + 1,
        None => 1,
    };
    Some(format!("{name}_register_{width}"))
}

/// `text` with each of its words replaced.
fn words(text: &str, replace: impl Fn(&str) -> String) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' || c == '$' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            replaced.push_str(&replace(&word));
            word.clear();
        }
        replaced.push(c);
    }
    replaced.push_str(&replace(&word));
    replaced
}

/// A name that `rust_hdl` made, without its signs.
fn plain(word: &str, name: &str) -> String {
    // System functions begin with the sign; it joins names only within a word.
    match (word.strip_prefix('$'), word.strip_prefix("top$")) {
        (Some(function), _) => format!("${function}"),
        (None, Some(rest)) => format!("{name}_{}", rest.replace('$', "_")),
        (None, None) if word == "top" => name.to_owned(),
        (None, None) => word.replace('$', "_"),
    }
}

/// A module with one port on each line of its head, and without runs of spaces and empty lines.
fn tidy(text: &str) -> String {
    let mut lines = vec![];
    for line in text.lines() {
        let code = line.trim();
        if code.starts_with("// Update code") || code == "// Module arguments" {
            continue;
        }
        let indentation = &line[..line.len() - line.trim_start().len()];
        let single: Vec<&str> = code.split(' ').filter(|word| !word.is_empty()).collect();
        lines.push(format!("{indentation}{}", single.join(" ")));
        if code.starts_with("endmodule") {
            break;
        }
    }
    lines.dedup_by(|line, before| line.trim().is_empty() && before.trim().is_empty());
    let ports = lines[0].trim_end_matches(");").replace('(', "(\n    ").replace(',', ",\n    ");
    lines[0] = format!("module {ports}\n);");
    lines.iter().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_signs_and_functions_keep_them() {
        let text = "top$fifo fifo(.q(a$b$c)); x = $signed(top) + topical;";
        let clean = words(text, |word| plain(word, "net_shell"));
        assert_eq!(clean, "net_shell_fifo fifo(.q(a_b_c)); x = $signed(net_shell) + topical;");
    }

    #[test]
    fn registers_are_known_by_their_ports() {
        let text = "top_x(d,q,clock);\n    input wire  [10:0] d;\n";
        assert_eq!(register(text, "net_shell").as_deref(), Some("net_shell_register_11"));
        let bit = "top_x(d,q,clock);\n    input wire  d;\n";
        assert_eq!(register(bit, "net_shell").as_deref(), Some("net_shell_register_1"));
        assert_eq!(register("top_x(d,clock);\n    input wire  d;\n", "net_shell"), None);
    }
}
