//! Rewriting of netlists. No pass changes a value; [`verify`](super::verify) holds after each.
//!
//! A pass is a function in a file of its own name and a row in [`PASSES`].

pub mod bound;
pub mod narrow;
pub mod pipeline;
mod rebuild;
pub mod share;
pub mod sweep;

use super::Module;

/// A rewriting that keeps every output's value and latency.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// As the command line spells it.
    pub name: &'static str,
    /// What it does, in a phrase.
    pub about: &'static str,
    /// The pass.
    pub run: fn(&Module) -> Module,
}

/// The passes in the order in which [`optimize`] runs them.
pub const PASSES: &[Pass] = &[
    Pass {
        name: "bound",
        about: "finds how large sums can get whose terms cancel",
        run: bound::bound,
    },
    Pass {
        name: "share",
        about: "computes equal values once and folds what ranges decide",
        run: share::share,
    },
    Pass { name: "narrow", about: "computes no bits that nobody asks for", run: narrow::narrow },
    Pass {
        name: "sweep",
        about: "drops nets, tables and layers that no output needs",
        run: sweep::sweep,
    },
];

/// The module after all passes, once each.
pub fn optimize(module: &Module) -> Module {
    PASSES.iter().fold(module.clone(), |module, pass| {
        let result = (pass.run)(&module);
        debug_assert_eq!(super::verify::verify(&result), Ok(()), "after {}", pass.name);
        result
    })
}

#[cfg(test)]
mod tests;
