//! [`Executable`]: a compiled simulation that takes blocks of events and gives the outputs.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::tool::Run;
use super::{CosimError, io};
use crate::emit::interface::Interface;
use crate::emit::vectors::VectorError;
use crate::emit::{testbench, vectors};
use crate::numeric::tensor::Block;

/// How long a simulation may take.
const LIMIT: Duration = Duration::from_hours(1);

/// A compiled simulation of a design.
#[derive(Clone, Debug)]
pub struct Executable {
    /// The program.
    pub(super) program: PathBuf,
    /// What stands before the options.
    pub(super) prefix: Vec<OsString>,
    /// The arguments that give the file for `stimulus`, `expected`, `outputs` or `wires`.
    pub(super) option: fn(name: &str, file: &Path) -> Vec<OsString>,
    /// The folder in which it runs and keeps its vectors.
    pub(super) folder: PathBuf,
    /// The pins of the design.
    pub(super) interface: Interface,
}

impl Executable {
    /// The outputs that belong to `inputs`, one block for each output port.
    ///
    /// Blocks are at the binary point of their ports. Events enter one each
    /// clock cycle; outputs are taken after the latency that the interface says.
    ///
    /// # Errors
    /// When the program fails, or an output is not a number (an unknown `x`).
    pub fn run(&self, inputs: &[Block<i64>]) -> Result<Vec<Block<i64>>, CosimError> {
        let text = self.simulate(inputs, "outputs")?;
        let events = inputs.iter().map(|block| block.events).max().unwrap_or(0);
        vectors::read(&self.interface.outputs, &text, events)
            .map_err(|source| self.misunderstood(source))
    }

    /// Lets `inputs` enter, and returns the text of the file that the option `result` gives.
    pub(super) fn simulate(
        &self,
        inputs: &[Block<i64>],
        result: &str,
    ) -> Result<String, CosimError> {
        let stimulus = self.folder.join("stimulus.hex");
        let file = self.folder.join(format!("{result}.txt"));
        fs::write(&stimulus, vectors::write(&self.interface.inputs, inputs))
            .map_err(io(&stimulus))?;
        self.start(&[("stimulus", &stimulus), (result, &file)])?;
        fs::read_to_string(&file).map_err(io(&file))
    }

    /// The error for outputs that are not as they should be.
    pub(super) fn misunderstood(&self, source: VectorError) -> CosimError {
        CosimError::Outputs { program: self.program.display().to_string(), source }
    }

    /// Runs the self-checking testbench over the vectors that were emitted with the design.
    ///
    /// Returns what it printed.
    ///
    /// # Errors
    /// When an output differs; the log names the event and the element.
    pub fn check(&self) -> Result<String, CosimError> {
        let vectors = self.folder.join(testbench::FOLDER).join("vectors");
        let (stimulus, expected) = (vectors.join("stimulus.hex"), vectors.join("expected.hex"));
        self.start(&[("stimulus", &stimulus), ("expected", &expected)])
    }

    fn start(&self, options: &[(&str, &Path)]) -> Result<String, CosimError> {
        let mut command = Command::new(&self.program);
        command.args(&self.prefix);
        for (name, file) in options {
            command.args((self.option)(name, file));
        }
        let run = Run { folder: &self.folder, log: "run.log", limit: LIMIT };
        run.output(&mut command)
    }
}
