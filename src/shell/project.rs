//! The files of a shell: its Verilog, what says how to use it, and the harness that drives it.

use std::path::PathBuf;

use askama::Template;

use super::core::Core;
use super::form::{FOLDER, Free, Shell, Stream};
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

#[derive(Template)]
#[template(path = "shell/free.md.j2")]
struct FreeReadmeView<'a> {
    stream: &'a Stream,
    free: Free,
    core: &'a str,
    /// Clocks from one event to the next, at the least.
    interval: u16,
    /// The layers with an overflow flag.
    watched: Vec<String>,
}

#[derive(Template)]
#[template(path = "shell/free.h.j2")]
struct FreeHeaderView<'a> {
    top: &'a str,
}

impl Shell {
    /// The Verilog, what says how to use it, and the harness that drives it.
    pub fn files(&self) -> Artifacts {
        let stream = self.stream();
        let (modules, readme, header, main) = match stream.free {
            None => {
                let modules = simulate::verilog(self.core.clone(), self.hash, &self.name);
                (modules, self.readme(&stream), self.header(), library::SHELL_MAIN)
            }
            Some(free) => {
                let modules = simulate::verilog_free(self.core.clone(), free.beam(), &self.name);
                let header = FreeHeaderView { top: &self.name }.render();
                (modules, self.free_readme(&stream, free), header, library::FREE_MAIN)
            }
        };
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
            ("README.md".to_owned(), rendered(readme)),
            ("shell.h".to_owned(), rendered(header)),
            ("shell_main.cpp".to_owned(), main.to_owned()),
        ];
        let files = files.into_iter().chain(modules);
        files.map(|(name, text)| (PathBuf::from(FOLDER).join(name), text)).collect()
    }

    fn readme(&self, stream: &Stream) -> askama::Result<String> {
        let view = ReadmeView {
            core: &self.core.interface.top,
            latency: self.core.interface.latency,
            input_depth: packing::INPUT_DEPTH,
            output_depth: self.core.packing.output_depth,
            registers: map::REGISTERS,
            stream,
        };
        view.render()
    }

    fn header(&self) -> askama::Result<String> {
        let (registers, threshold) = (map::REGISTERS, map::address("threshold"));
        HeaderView { top: &self.name, registers, threshold }.render()
    }

    fn free_readme(&self, stream: &Stream, free: Free) -> askama::Result<String> {
        let Core { interface, packing, .. } = &self.core;
        let view = FreeReadmeView {
            stream,
            free,
            core: &interface.top,
            interval: packing.input_words.max(packing.output_words),
            watched: interface.overflow.iter().map(|pins| pins.tensor.clone()).collect(),
        };
        view.render()
    }
}
