//! HLS C++: the network as calls of layer kernels, with weights, formats and project files.
//!
//! The one emitter works on the graph and the plan; what differs from tool to
//! tool is a [`Flavor`], which is data. Every tensor becomes an array of one
//! format, and every operator a call of a kernel in `trigforge/*.h`, whose
//! arithmetic is exact until a conversion to a rounding type drops bits.

mod call;
mod constants;
pub mod flavor;
mod network;
mod project;
pub mod run;
mod unrolled;
mod width;

pub use flavor::{CATAPULT, FLAVORS, Flavor, ONEAPI, VITIS, VIVADO_HLS, flavor};

use super::{Artifacts, Backend, Source};
use crate::diag::{Code, Diagnostic};
use crate::plan::Pipeline;

impl Backend for Flavor {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn project(&self, source: &Source<'_>) -> Result<Artifacts, Vec<Diagnostic>> {
        let wanted = match source.plan.pipeline {
            Pipeline::Clocked(None) => None,
            Pipeline::Combinational => Some("a combinational design"),
            Pipeline::Clocked(Some(_)) => Some("a given number of stages"),
        };
        if let Some(wanted) = wanted {
            return Err(vec![Diagnostic::error(
                Code::P0305,
                format!("the back end `{}` cannot promise {wanted}", self.name),
                "write `mode = \"clocked\"` and no `stages` under `[pipeline]`, or use `--backend verilog`",
            )]);
        }
        let vendor = source.design.target.vendor;
        if !self.builds_for.contains(&vendor) {
            return Err(vec![Diagnostic::error(
                Code::P0305,
                format!(
                    "the back end `{}` does not build for the device `{}`",
                    self.name, source.design.target.part
                ),
                format!(
                    "write `part = \"{}\"` into `[device]`, or use another back end",
                    self.example
                ),
            )]);
        }
        let network = network::Network::new(self, source)?;
        Ok(project::files(self, source, &network))
    }
}
