//! The shell of `trigforge compile --shell`.

use super::load::Loaded;
use crate::diag::{Code, Diagnostic};
use crate::emit::{Artifacts, verilog};
use crate::flow;
use crate::shell::Shell;
use crate::shell::packing::Word;

/// The words that the options ask for, where a shell can be made at all.
pub(super) fn word(backend: &str, bits: &str) -> Result<Word, Diagnostic> {
    if !cfg!(feature = "shell") {
        let help = "rebuild it with `--features shell`";
        return Err(Diagnostic::error(Code::P0307, "built without the shell", help));
    }
    if backend != "verilog" {
        let message = format!("a shell is Verilog, and `{backend}` writes C++");
        return Err(Diagnostic::error(Code::P0307, message, "leave out `--backend` or `--shell`"));
    }
    bits.parse::<Word>().map_err(|error| {
        Diagnostic::error(
            Code::P0307,
            error.to_string(),
            "write `--word-bits 32` or `--word-bits 64`",
        )
    })
}

/// Adds the files of the shell to those of a build directory.
#[cfg_attr(not(feature = "shell"), expect(unused_variables, reason = "`word` refused before"))]
pub(super) fn add(loaded: &Loaded, word: Word, files: &mut Artifacts) -> Result<(), Diagnostic> {
    let design = flow::design(&loaded.subject, &loaded.compilation);
    let interface = verilog::interface(&design);
    let shell = Shell::new(&loaded.compilation.module, interface, word, &loaded.subject.hash);
    let shell = shell.map_err(|error| {
        let help = match word {
            Word::Bits32 => "give it wider words: `--word-bits 64`",
            Word::Bits64 => {
                "narrow the formats of inputs and outputs, or compile without `--shell`"
            }
        };
        Diagnostic::error(Code::P0307, error.to_string(), help)
    })?;
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
    Ok(())
}
