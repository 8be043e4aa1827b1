//! Pattern files of trigger groups: events and results as words on links.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use super::Failure;
use super::load::{self, Loaded};
use crate::config::{self, Config};
use crate::diag::{Code, Diagnostic};
use crate::emit::interface::{Interface, Pins};
use crate::emit::{Artifacts, vectors, verilog};
use crate::flow::{self, drive, verification};
use crate::numeric::tensor::Block;
use crate::shell::emp::Layout;

/// Adds `patterns/input.txt` and `patterns/expected.txt` with the events of the testbench.
pub(super) fn add(loaded: &Loaded, files: &mut Artifacts) -> Result<(), Failure> {
    let interface = verilog::interface(&flow::design(&loaded.subject, &loaded.compilation));
    let (inputs, outputs) = verification::testbench_vectors(
        &loaded.compilation.graph,
        loaded.events.as_ref().map(|events| events.blocks.as_slice()),
    );
    let (input, output) = layouts(&loaded.config_text, &interface)?;
    let name = &loaded.subject.name;
    let mut add = |file: &str, layout: Layout, ports: &[Pins], blocks: &[Block<i64>]| {
        let events = blocks.first().map_or(0, |block| block.events);
        let words = (0..events).map(|event| vectors::pack(ports, blocks, event));
        let text = layout.write(name, &words.collect::<Vec<_>>());
        files.insert(PathBuf::from("patterns").join(file), text);
    };
    add("input.txt", input, &interface.inputs, &inputs);
    add("expected.txt", output, &interface.outputs, &outputs);
    Ok(())
}

/// Whether a file of events is a pattern file, by its name.
pub(super) fn is_pattern(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"))
}

/// The events of a pattern file, on the links of a configuration.
pub(super) fn read(
    path: &Path,
    config_text: &str,
    interface: &Interface,
) -> Result<Vec<Block<i64>>, Failure> {
    let bytes = load::read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let (layout, _) = layouts(config_text, interface)?;
    let events = layout.read(&text, words(interface.input_width())).map_err(|error| {
        let help = "write one with `trigforge compile MODEL.onnx --patterns emp`, and compare";
        Diagnostic::error(Code::D0503, error.to_string(), help).at(path.display().to_string())
    })?;
    if events.is_empty() {
        let help = "give a file with packets: frames whose last flag is 1";
        let fault = Diagnostic::error(Code::D0503, "the file has no event", help);
        return Err(fault.at(path.display().to_string()).into());
    }
    Ok(drive::blocks(interface, &events))
}

/// The layouts of events and of their results.
fn layouts(config_text: &str, interface: &Interface) -> Result<(Layout, Layout), Failure> {
    let config::Shell { input_links, output_links, period, .. } =
        Config::parse(config_text, load::CONFIG)?.shell;
    let count = |links: NonZeroU32| usize::try_from(links.get()).expect("a word of 32 bits");
    let (input, output) = (count(input_links), count(output_links));
    let frames = words(interface.input_width())
        .div_ceil(input)
        .max(words(interface.output_width()).div_ceil(output));
    let period = period.map_or(frames, count);
    if period < frames {
        let fault = Diagnostic::error(
            Code::P0307,
            format!(
                "an event or its results take {frames} frames, and a new one starts after {period}"
            ),
            format!("write `period = {frames}` or more links under `[shell]`"),
        );
        return Err(fault.at("`[shell] period`").into());
    }
    Ok((Layout { links: input, period }, Layout { links: output, period }))
}

/// Words of 64 bits.
fn words(bits: u64) -> usize {
    usize::try_from(bits.div_ceil(64)).expect("an event fits in memory")
}
