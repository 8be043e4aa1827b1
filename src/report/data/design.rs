//! Which model, for which device, at which clock.

use serde::{Deserialize, Serialize};

/// The identity of a compiled design.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Design {
    /// The name of the design, which is also that of the top module.
    pub name: String,
    /// The model's file, as the user named it.
    pub model: String,
    /// The SHA-256 of model, configuration and compiler version, in hexadecimal: equal hashes
    /// mean equal firmware.
    pub hash: String,
    /// The version of the compiler, such as `0.1.0`.
    pub version: String,
    /// The device, where one was chosen.
    pub device: Option<Device>,
    /// The clock period in nanoseconds, where the design has a clock.
    pub clock_ns: Option<f64>,
    /// The network's inputs, in order.
    pub inputs: Vec<Port>,
    /// The network's outputs, in order.
    pub outputs: Vec<Port>,
}

/// An FPGA.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Device {
    /// The part, such as `xcvu13p`.
    pub part: String,
    /// Its family, such as `Virtex UltraScale+`.
    pub family: String,
}

/// An input or an output of the network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Port {
    /// The name in the model.
    pub name: String,
    /// The shape without the batch dimension.
    pub shape: Vec<usize>,
    /// The format of its elements, such as `fixed<16,6>`.
    pub format: String,
}
