//! The files of a shell: its Verilog, what says how to use it, and the harness that drives it.

use std::path::PathBuf;

use askama::Template;

use super::form::{FOLDER, Shell, Stream};
use super::map::{self, Register};
use super::{packing, simulate};
use crate::emit::{Artifacts, library};

#[derive(Template)]
#[template(path = "shell/README.md.j2")]
struct ReadmeView<'a> {
    stream: &'a Stream,
    core: &'a str,
    latency: u32,
    input_depth: usize,
    output_depth: usize,
    registers: &'a [Register],
}

#[derive(Template)]
#[template(path = "shell/shell.h.j2")]
struct HeaderView<'a> {
    top: &'a str,
    registers: &'a [Register],
    threshold: u8,
}

impl Shell {
    /// The Verilog, what says how to use it, and the harness that drives it.
    pub fn files(&self) -> Artifacts {
        let stream = self.stream();
        let readme = ReadmeView {
            core: &self.core.interface.top,
            latency: self.core.interface.latency,
            input_depth: packing::INPUT_DEPTH,
            output_depth: self.core.packing.output_depth,
            registers: map::REGISTERS,
            stream: &stream,
        };
        let header = HeaderView {
            top: &self.name,
            registers: map::REGISTERS,
            threshold: map::address("threshold"),
        };
        let modules = simulate::verilog(self.core.clone(), self.hash, &self.name);
        let modules = modules.into_iter().map(|(name, text)| (format!("{name}.v"), text));
        let mut json = serde_json::to_string_pretty(&stream).expect("plain data has a JSON form");
        json.push('\n');
        let rendered = |text: askama::Result<String>| {
            let mut text = text.expect("templates write to a string");
            text.push('\n');
            text
        };
        let files = [
            ("interface.json".to_owned(), json),
            ("README.md".to_owned(), rendered(readme.render())),
            ("shell.h".to_owned(), rendered(header.render())),
            ("shell_main.cpp".to_owned(), library::SHELL_MAIN.to_owned()),
        ];
        let files = files.into_iter().chain(modules);
        files.map(|(name, text)| (PathBuf::from(FOLDER).join(name), text)).collect()
    }
}
