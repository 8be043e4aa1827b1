//! `trigforge opt`.

use std::path::PathBuf;

use super::render::result;
use super::{Exit, Failure, load};
use crate::diag::{Code, Diagnostic};
use crate::graph::text;
use crate::passes::{self, PASSES, PIPELINES, PassContext};

/// Run single passes over a graph in text form and print the result.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  trigforge opt --list
  trigforge opt --pass fuse-affine build/model/float.graph")]
pub(super) struct Options {
    /// The graph; `model/float.graph` of a build directory, for instance.
    #[arg(required_unless_present = "list")]
    graph: Option<PathBuf>,
    /// The passes to run, in order; a pipeline's name stands for its passes.
    #[arg(long = "pass", value_name = "NAME")]
    passes: Vec<String>,
    /// Print the graph after each pass, not only after the last.
    #[arg(long)]
    dump_after_each: bool,
    /// The configuration.
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Events for passes that calibrate.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// List all passes and pipelines.
    #[arg(long)]
    list: bool,
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    if options.list {
        for pass in PASSES {
            result(&format!("{:22} {}", pass.name, pass.about));
        }
        for pipeline in PIPELINES {
            result(&format!(
                "\n{:22} {}\n  = {}",
                pipeline.name,
                pipeline.about,
                pipeline.passes.join(", ")
            ));
        }
        return Ok(Exit::Done);
    }
    let path = options.graph.as_ref().expect("the graph is required");
    let (config, _) = load::config(options.config.as_deref())?;
    let bytes = load::read(path)?;
    let mut graph = text::parse(&String::from_utf8_lossy(&bytes)).map_err(|error| {
        let help = "give a graph as `trigforge compile` writes it into `model/`";
        Diagnostic::error(Code::C0403, error.to_string(), help).at(path.display().to_string())
    })?;
    let events = options.data.as_deref().map(|data| load::events(data, &graph)).transpose()?;
    let mut cx = PassContext::new(&config, events.as_ref().map(|events| events.blocks.as_slice()));
    cx.dump_after = options.dump_after_each.then(|| "all".to_owned());
    for name in &options.passes {
        if PIPELINES.iter().any(|pipeline| pipeline.name == name) {
            passes::run_pipeline(name, &mut graph, &mut cx)?;
        } else if PASSES.iter().any(|pass| pass.name == name) {
            passes::run(name, &mut graph, &mut cx)?;
        } else {
            let message = format!("there is no pass `{name}`");
            return Err(Diagnostic::error(
                Code::C0401,
                message,
                "`trigforge opt --list` lists them",
            )
            .into());
        }
    }
    for (pass, dump) in &cx.dumps {
        result(&format!("// after {pass}\n{dump}"));
    }
    result(text::print(&graph).trim_end());
    Ok(Exit::Done)
}
