//! The shell of `trigforge compile --shell`.

use super::load::{self, Loaded};
use crate::config::{Config, ShellKind};
use crate::diag::{Code, Diagnostic};
use crate::emit::verilog::scripts::{self, Top};
use crate::emit::{Artifacts, verilog};
use crate::flow;
use crate::shell::free::Beam;
use crate::shell::packing::Word;
use crate::shell::{self, Shell, Unfit};

/// The words of the shell that is asked for, if it can be made.
pub(super) fn plan(
    kind: Option<ShellKind>,
    backend: &str,
    bits: &str,
) -> Result<Option<(ShellKind, Word)>, Diagnostic> {
    let Some(kind) = kind else { return Ok(None) };
    if !cfg!(feature = "shell") {
        let help = "rebuild it with `--features shell`";
        return Err(Diagnostic::error(Code::P0307, "built without the shell", help));
    }
    if backend != "verilog" {
        let message = format!("a shell is Verilog, and `{backend}` writes C++");
        return Err(Diagnostic::error(Code::P0307, message, "leave out `--backend` or `--shell`"));
    }
    let word = bits.parse::<Word>().map_err(|error| {
        Diagnostic::error(
            Code::P0307,
            error.to_string(),
            "write `--word-bits 32` or `--word-bits 64`",
        )
    })?;
    Ok(Some((kind, word)))
}

/// Says that an option is for shells only.
pub(super) fn none() -> Diagnostic {
    let help = "add `--shell stream`, or leave out `--word-bits`";
    Diagnostic::error(Code::P0307, "`--word-bits` is for a shell, and none is asked for", help)
}

/// Adds the files of the shell to those of a build directory.
pub(super) fn add(
    loaded: &Loaded,
    kind: ShellKind,
    word: Word,
    files: &mut Artifacts,
) -> Result<(), Diagnostic> {
    let design = flow::design(&loaded.subject, &loaded.compilation);
    let interface = verilog::interface(&design);
    let shell = Shell::new(&loaded.compilation.module, interface, word, &loaded.subject.hash);
    let shell = shell.map_err(|error| {
        let help = match (error, word) {
            (Unfit::Words(_), Word::Bits32) => "give it wider words: `--word-bits 64`",
            (Unfit::Words(_), Word::Bits64) => {
                "narrow the formats of inputs and outputs, or compile without `--shell`"
            }
            (Unfit::Flags(_), _) => "write `overflow_flags = false` under `[shell]`",
        };
        Diagnostic::error(Code::P0307, error.to_string(), help)
    })?;
    let shell = match kind {
        ShellKind::Stream => shell,
        ShellKind::Free => {
            let beam = beam(loaded, &shell)?;
            shell.free_running(beam)
        }
    };
    let clash = verilog::module_names(&design).into_iter().find(|(_, module)| {
        *module == shell.name || module.starts_with(&format!("{}_", shell.name))
    });
    if let Some((layer, module)) = clash {
        let layer = &loaded.compilation.module.layers[layer].name;
        return Err(Diagnostic::error(
            Code::P0307,
            format!("the module `{module}` of layer `{layer}` has the name of the shell"),
            "rename the layer in the model, or the model's file",
        ));
    }
    #[cfg(feature = "shell")]
    files.extend(shell.files());
    let folders = [verilog::SOURCES, shell::FOLDER];
    let top = Top { name: &shell.name, clock: Some(shell.clock()), folders: &folders };
    scripts::rebuild(top, &design.target, files);
    Ok(())
}

/// The beam that the configuration speaks of.
fn beam(loaded: &Loaded, shell: &Shell) -> Result<Beam, Diagnostic> {
    let config = Config::parse(&loaded.config_text, load::CONFIG)?.shell;
    let packing = shell.core.packing;
    let words = packing.input_words.max(packing.output_words);
    let period = match config.period {
        None => words,
        Some(period) => u16::try_from(period.get()).unwrap_or(u16::MAX),
    };
    if period < words {
        let fault = Diagnostic::error(
            Code::P0307,
            format!(
                "an event or its results take {words} words, and a new one starts after {period}"
            ),
            format!("write `period = {words}` under `[shell]`"),
        );
        return Err(fault.at("`[shell] period`"));
    }
    Ok(Beam { period, orbit: config.orbit.get() })
}
