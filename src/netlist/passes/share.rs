//! `share`: equal cells become one net, and what ranges decide is folded away.
//!
//! ```text
//! n2 = add n0, n1          n2 = add n0, n1
//! n3 = add n0, n1      =>
//! n4 = less n2, n3         n4 = constant 0
//! ```

use super::rebuild::Rebuild;
use crate::netlist::Module;

/// The module through a [`Builder`](crate::netlist::Builder) once more.
pub fn share(module: &Module) -> Module {
    let mut rebuild = Rebuild::new(module);
    for (id, net) in module.nets.iter() {
        let copy = rebuild.copy(id);
        rebuild.nets[id] = rebuild.builder.prove(copy, net.range);
    }
    rebuild.finish(module.latency)
}
