//! Reading what commands are given: a model or a build directory, a configuration, events, labels.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Failure;
use super::progress::Progress;
use crate::compile::{self, Compilation, Quantized};
use crate::config::{Config, ShellKind, edit};
use crate::data::{self, Array, File, Place, Wanted};
use crate::diag::{Code, Diagnostic};
use crate::emit::hls::{self, Flavor};
use crate::flow::Subject;
use crate::flow::verification::Labels;
use crate::graph::{Graph, text};
use crate::numeric::tensor::{Block, Shape};
use crate::onnx;
use crate::plan::Effort;
use crate::report;

/// Where a build directory keeps the imported network.
pub(super) const FLOAT_GRAPH: &str = "model/float.graph";
/// Where a build directory keeps the network in exact integers.
pub(super) const FIXED_GRAPH: &str = "model/fixed.graph";
/// Where a build directory keeps the configuration that it was made with.
pub(super) const CONFIG: &str = "model/trigforge.toml";
/// Where a build directory keeps the name of the back end that wrote it.
pub(super) const BACKEND: &str = "model/backend";
/// Where a build directory keeps what is known about it.
pub(super) const REPORT: &str = "report.json";

/// The largest model file, in bytes: protobuf's own limit.
const LARGEST_MODEL: u64 = 2 << 30;

/// What most commands work on.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ModelOptions {
    /// An ONNX model, or a directory that `trigforge compile` wrote.
    #[arg(value_name = "MODEL|BUILD")]
    pub(super) model: PathBuf,
    /// The configuration; the defaults when left out. A build directory has its own.
    #[arg(long, short, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// What options say above the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wishes {
    /// How hard to search.
    pub(super) effort: Option<Effort>,
    /// What stands around the core.
    pub(super) shell: Option<ShellKind>,
}

/// Events, and the file that they were read from.
#[derive(Clone, Debug)]
pub(super) struct Events {
    /// The file.
    pub(super) file: String,
    /// One block for each input.
    pub(super) blocks: Vec<Block<f64>>,
}

/// A compiled network with everything around it.
#[derive(Debug)]
pub(super) struct Loaded {
    /// What reports say about it.
    pub(super) subject: Subject,
    /// The result.
    pub(super) compilation: Compilation,
    /// The events, where there were any.
    pub(super) events: Option<Events>,
    /// The text of the configuration.
    pub(super) config_text: String,
    /// The back end that wrote the build directory, where it writes C++.
    pub(super) cpp: Option<&'static Flavor>,
}

/// A network in exact integers, before it becomes a circuit.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// What reports say about it.
    pub(super) subject: Subject,
    /// The network as imported.
    float: Graph,
    /// The same in exact integers.
    pub(super) quantized: Quantized,
    /// The configuration, and its text.
    config: (Config, String),
    /// The events, where there were any.
    pub(super) events: Option<Events>,
    /// The back end that wrote the build directory, where it writes C++.
    cpp: Option<&'static Flavor>,
}

impl Network {
    /// The text of the configuration.
    pub(super) fn config_text(&self) -> &str {
        &self.config.1
    }

    /// The circuit of the network, with everything around it.
    pub(super) fn build(self, progress: &Progress) -> Result<Loaded, Failure> {
        progress.step("building the circuit");
        let (config, config_text) = self.config;
        let Quantized { graph, rescaled, warnings } = self.quantized;
        let compilation = compile::build(self.float, graph, &config)
            .map_err(|faults| located(faults, Path::new(&self.subject.model)))?;
        let compilation = Compilation { rescaled, warnings, ..compilation };
        Ok(Loaded {
            subject: self.subject,
            compilation,
            events: self.events,
            config_text,
            cpp: self.cpp,
        })
    }
}

/// Compiles a model, or takes a compiled one from its directory, and reads the events.
pub(super) fn load(
    options: &ModelOptions,
    data: Option<&Path>,
    progress: &Progress,
) -> Result<Loaded, Failure> {
    network(options, data, progress)?.build(progress)
}

/// As [`load`]; a model is compiled as `wishes` say, whatever its configuration says.
pub(super) fn load_with(
    options: &ModelOptions,
    wishes: Wishes,
    data: Option<&Path>,
    progress: &Progress,
) -> Result<Loaded, Failure> {
    let read = data.map(|path| |graph: &Graph| events(path, graph));
    let data = read.as_ref().map(|read| read as &Reader<'_>);
    let network = if options.model.is_dir() {
        if wishes.effort.is_some() {
            return Err(fixed_configuration(options, "--effort").into());
        }
        if wishes.shell.is_some() {
            return Err(fixed_configuration(options, "--shell").into());
        }
        from_build(options, data, progress)?
    } else {
        from_onnx(options, wishes, data, progress)?
    };
    network.build(progress)
}

/// Quantizes a model, or takes a compiled one from its directory, and reads the events.
pub(super) fn network(
    options: &ModelOptions,
    data: Option<&Path>,
    progress: &Progress,
) -> Result<Network, Failure> {
    match data {
        Some(path) => network_on(options, Some(&|graph| events(path, graph)), progress),
        None => network_on(options, None, progress),
    }
}

/// What gives the events for the inputs of a network.
pub(super) type Reader<'a> = dyn Fn(&Graph) -> Result<Events, Failure> + 'a;

/// As [`network`], with events from wherever `data` reads them.
pub(super) fn network_on(
    options: &ModelOptions,
    data: Option<&Reader<'_>>,
    progress: &Progress,
) -> Result<Network, Failure> {
    if options.model.is_dir() {
        from_build(options, data, progress)
    } else {
        from_onnx(options, Wishes::default(), data, progress)
    }
}

fn from_onnx(
    options: &ModelOptions,
    wishes: Wishes,
    data: Option<&Reader<'_>>,
    progress: &Progress,
) -> Result<Network, Failure> {
    progress.step("importing the model");
    let (mut config, mut config_text) = config(options.config.as_deref())?;
    if let Some(effort) = wishes.effort {
        config.solver.effort = effort;
        config_text = edit::with_effort(&config_text, effort);
    }
    if let Some(kind) = wishes.shell {
        config.shell.kind = Some(kind);
        config_text = edit::with_shell(&config_text, kind);
    }
    let (float, bytes) = import(&options.model)?;
    let events = data.map(|read| read(&float)).transpose()?;
    let mut hash = Sha256::new();
    for part in [bytes.as_slice(), config_text.as_bytes(), env!("CARGO_PKG_VERSION").as_bytes()] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    progress.step("quantizing");
    let blocks = events.as_ref().map(|events| events.blocks.as_slice());
    let mut quantized = compile::quantize(&float, &config, blocks)
        .map_err(|faults| located(faults, &options.model))?;
    quantized.warnings = located(quantized.warnings, &options.model);
    // Calibration depends on the events; the formats that it chose are in the graph.
    hash.update(text::print(&quantized.graph));
    let hash = hexadecimal(hash);
    let stem = options.model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let subject = Subject { name: stem, model: options.model.display().to_string(), hash };
    Ok(Network { subject, float, quantized, config: (config, config_text), events, cpp: None })
}

fn from_build(
    options: &ModelOptions,
    data: Option<&Reader<'_>>,
    progress: &Progress,
) -> Result<Network, Failure> {
    let folder = &options.model;
    if options.config.is_some() {
        return Err(fixed_configuration(options, "-c").into());
    }
    progress.step("reading the compiled model");
    let not_ours = |reason: String| {
        Diagnostic::error(
            Code::C0403,
            format!(
                "`{}` is not a directory that `trigforge compile` wrote: {reason}",
                folder.display()
            ),
            format!(
                "compile the model again: `trigforge compile MODEL.onnx -o {} --force`",
                folder.display()
            ),
        )
    };
    let read_text = |name: &str| {
        fs::read_to_string(folder.join(name)).map_err(|error| not_ours(format!("{name}: {error}")))
    };
    let graph = |name: &str| -> Result<Graph, Diagnostic> {
        text::parse(&read_text(name)?).map_err(|error| not_ours(format!("{name}: {error}")))
    };
    let earlier = report::json::parse(&read_text(REPORT)?)
        .map_err(|error| not_ours(format!("{REPORT}: {error}")))?;
    let config_text = read_text(CONFIG)?;
    let config = Config::parse(&config_text, CONFIG)?;
    let float = graph(FLOAT_GRAPH)?;
    let fixed = graph(FIXED_GRAPH)?;
    if ports(&float) != ports(&fixed) {
        let reason = format!("{FLOAT_GRAPH} and {FIXED_GRAPH} have different inputs or outputs");
        return Err(not_ours(reason).into());
    }
    compile::check(&fixed).map_err(|faults| located(faults, folder))?;
    let events = data.map(|read| read(&float)).transpose()?;
    let subject = Subject {
        name: earlier.design.name,
        model: earlier.design.model,
        hash: earlier.design.hash,
    };
    let cpp = read_text(BACKEND).ok().and_then(|name| hls::flavor(name.trim()));
    let quantized = Quantized { graph: fixed, rescaled: Vec::new(), warnings: Vec::new() };
    Ok(Network { subject, float, quantized, config: (config, config_text), events, cpp })
}

/// Refuses an option that would change the configuration of a build directory.
fn fixed_configuration(options: &ModelOptions, option: &str) -> Diagnostic {
    Diagnostic::error(
        Code::C0401,
        "a build directory has the configuration that it was made with",
        format!("leave out `{option}`, or give the ONNX model instead of the directory"),
    )
    .at(options.model.display().to_string())
}

/// What a graph has in common with each other form of the same network.
fn ports(graph: &Graph) -> (Vec<(&str, &Shape)>, Vec<&str>) {
    let inputs = graph.inputs.iter().map(|port| (port.name.as_str(), &graph[port.node].ty.shape));
    (inputs.collect(), graph.outputs.iter().map(|port| port.name.as_str()).collect())
}

/// The network in an ONNX file, and the file's bytes.
pub(super) fn import(path: &Path) -> Result<(Graph, Vec<u8>), Failure> {
    let size = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if size > LARGEST_MODEL {
        let message = format!("the file has {size} bytes; an ONNX file has at most 2 GiB");
        let help = "save the tensors as external data: `onnx.save(model, path, save_as_external_data=True)`";
        return Err(Diagnostic::error(Code::O0001, message, help)
            .at(path.display().to_string())
            .into());
    }
    let bytes = read(path)?;
    let faults = |faults| located(faults, path);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut external = BTreeMap::new();
    for name in onnx::external_files(&bytes).map_err(faults)? {
        // A file that cannot be read is reported by the importer, with its initializer.
        if let Ok(bytes) = fs::read(folder.join(&name)) {
            external.insert(name, bytes);
        }
    }
    let graph =
        onnx::import(&onnx::Source { bytes: &bytes, external: &external }).map_err(faults)?;
    Ok((graph, bytes))
}

/// A hash in hexadecimal digits.
pub(super) fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"))
}

/// A file of text.
#[cfg_attr(not(feature = "train"), expect(dead_code, reason = "recipes and plans are read by it"))]
pub(super) fn text(path: &Path) -> Result<String, Diagnostic> {
    utf8(path, read(path)?)
}

fn utf8(path: &Path, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    String::from_utf8(bytes).map_err(|_| {
        Diagnostic::error(Code::C0401, "not UTF-8 text", "save the file as UTF-8")
            .at(path.display().to_string())
    })
}

/// The configuration in a file, or the default, with its text.
pub(super) fn config(path: Option<&Path>) -> Result<(Config, String), Failure> {
    let Some(path) = path else { return Ok((Config::default(), String::new())) };
    let bytes = read(path).map_err(|fault| Diagnostic {
        help: format!(
            "write one with every key and its default: `trigforge init {}`",
            path.display()
        ),
        ..fault
    })?;
    let text = utf8(path, bytes)?;
    Ok((Config::parse(&text, &path.display().to_string())?, text))
}

/// The events in a file, or in an array of it, for the inputs of `graph`.
pub(super) fn events(path: &Path, graph: &Graph) -> Result<Events, Failure> {
    let file = path.display().to_string();
    let arrays = match place(path, &file) {
        Place { name: None, .. } => data::read(&file, &read(path)?)?,
        Place { file, name } => {
            let file = File::decode(file, &read(Path::new(file))?)?;
            vec![Array { name: None, ..file.pick(name)? }]
        }
    };
    let wanted: Vec<Wanted<'_>> = graph
        .inputs
        .iter()
        .map(|port| Wanted { name: &port.name, shape: &graph[port.node].ty.shape })
        .collect();
    let blocks = data::events(&file, &arrays, &wanted)?;
    Ok(Events { file, blocks })
}

/// What a path means: a file of that name, or else an array or a column of one.
fn place<'a>(path: &Path, text: &'a str) -> Place<'a> {
    if path.exists() { Place { file: text, name: None } } else { Place::parse(text) }
}

/// The class of each event, for the first output of `graph`.
pub(super) fn read_labels(path: &Path, graph: &Graph, events: &Events) -> Result<Labels, Failure> {
    let file = path.display().to_string();
    let count = events.blocks.first().map_or(0, |block| block.events);
    let classes = graph.outputs.first().map_or(1, |port| graph[port.node].ty.shape.len());
    let classes = match place(path, &file) {
        Place { name: None, .. } => data::labels(&file, &read(path)?, count, classes)?,
        Place { file: name, name: column } => {
            let array = File::decode(name, &read(Path::new(name))?)?.pick(column)?;
            data::classes_of(name, &array, count, classes)?
        }
    };
    Ok(Labels { file, classes })
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    fs::read(path).map_err(|error| {
        Diagnostic::error(
            Code::C0403,
            format!("`{}` could not be read: {error}", path.display()),
            "give the path of a file that can be read",
        )
    })
}

/// Adds the file to the place of each fault.
pub(super) fn located(faults: Vec<Diagnostic>, path: &Path) -> Vec<Diagnostic> {
    let file = path.display().to_string();
    faults.into_iter().map(|fault| fault.in_file(&file)).collect()
}
