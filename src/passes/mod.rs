//! Graph rewrites: from the imported floating-point network to exact integers.
//!
//! [`PASSES`] is the list of all of them, [`PIPELINES`] the orders in which they run.
//! A pass is a function in the file of its name. It reorders no output, invents
//! no name, is idempotent, and keeps every value unless its row says `changes`.

mod assign_formats;
mod bind_inputs;
mod canonicalize;
mod chain;
mod choose;
mod commute_scales;
mod context;
mod fuse_affine;
mod head;
mod maps;
mod override_annotations;
mod quantize_weights;
mod rescale;
mod runner;
mod tables;

pub use context::{PassContext, Rescaled, Rescaling, Timing};
pub use runner::{run, run_pipeline};

use crate::diag::Diagnostic;
use crate::graph::Graph;

/// A rewrite of the graph.
pub struct Pass {
    /// As the command line and `tests/cases/passes/<name>/` spell it.
    pub name: &'static str,
    /// What it does, in a phrase.
    pub about: &'static str,
    /// What becomes of the values.
    pub effect: Effect,
    /// Does it.
    pub run: fn(&mut Graph, &mut PassContext<'_>) -> Result<(), Vec<Diagnostic>>,
}

/// What a pass does to the values that the network computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: the outputs are the same.
    Keeps,
    /// It drops bits, or replaces outputs.
    Changes,
}

/// Passes that run one after another.
pub struct Pipeline {
    /// As the command line spells it.
    pub name: &'static str,
    /// What it does, in a phrase.
    pub about: &'static str,
    /// Names of [`PASSES`].
    pub passes: &'static [&'static str],
}

/// Every pass.
pub const PASSES: &[Pass] = &[
    Pass {
        name: canonicalize::NAME,
        about: "removes operators that do nothing and merges equal ones",
        effect: Effect::Keeps,
        run: canonicalize::canonicalize,
    },
    Pass {
        name: override_annotations::NAME,
        about: "replaces the model's own formats where the configuration gives others",
        effect: Effect::Changes,
        run: override_annotations::override_annotations,
    },
    Pass {
        name: head::NAME,
        about: "drops or replaces a softmax at the end",
        effect: Effect::Changes,
        run: head::head,
    },
    Pass {
        name: fuse_affine::NAME,
        about: "folds scales and batch normalization into the layer beside them",
        effect: Effect::Keeps,
        run: fuse_affine::fuse_affine,
    },
    Pass {
        name: commute_scales::NAME,
        about: "moves scales that are no power of two out of the integers",
        effect: Effect::Keeps,
        run: commute_scales::commute_scales,
    },
    Pass {
        name: assign_formats::NAME,
        about: "gives inputs, layers and outputs a format where they have none",
        effect: Effect::Changes,
        run: assign_formats::assign_formats,
    },
    Pass {
        name: quantize_weights::NAME,
        about: "brings weights and other constants to fixed-point grids",
        effect: Effect::Changes,
        run: quantize_weights::quantize_weights,
    },
    Pass {
        name: rescale::NAME,
        about: "turns scales before quantizers into thresholds, or a factor and a shift",
        effect: Effect::Changes,
        run: rescale::rescale,
    },
    Pass {
        name: bind_inputs::NAME,
        about: "makes the first quantizers the formats of the inputs, and the graph fixed-point",
        effect: Effect::Changes,
        run: bind_inputs::bind_inputs,
    },
];

/// Every pipeline.
pub const PIPELINES: &[Pipeline] = &[
    Pipeline {
        name: "prepare",
        about: "from the imported network to one of the same layers as the circuit, still in floats",
        passes: &[
            canonicalize::NAME,
            override_annotations::NAME,
            head::NAME,
            fuse_affine::NAME,
            commute_scales::NAME,
        ],
    },
    Pipeline {
        name: "quantize",
        about: "from the imported network to exact integers",
        passes: &[
            canonicalize::NAME,
            override_annotations::NAME,
            head::NAME,
            fuse_affine::NAME,
            commute_scales::NAME,
            assign_formats::NAME,
            quantize_weights::NAME,
            rescale::NAME,
            bind_inputs::NAME,
            fuse_affine::NAME,
            canonicalize::NAME,
        ],
    },
];
