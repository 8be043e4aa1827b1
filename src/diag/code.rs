//! The table of diagnostic codes; the doc comment of a row is what `trigforge explain` prints.
//!
//! The letter is the stage: `O` import, `T` types, `Q` quantization, `P` plan,
//! `H` hardware, `C` configuration, `D` data, `G` gate, `L` learning.

use std::fmt;
use std::str::FromStr;

macro_rules! codes {
    ($($(#[doc = $text:literal])+ $code:ident: $title:literal,)*) => {
        /// The number of a diagnostic.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[expect(missing_docs, reason = "`title` and `explanation` document each code")]
        pub enum Code { $($code,)* }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// The code as printed, such as `Q0201`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => stringify!($code),)* }
            }

            /// What the code means, in a phrase.
            pub fn title(self) -> &'static str {
                match self { $(Self::$code => $title,)* }
            }

            /// What the code means, why it matters and what helps.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$code => concat!($($text, "\n",)+),)* }
            }
        }
    };
}

codes! {
    /// The file could not be decoded as an ONNX protobuf. It may be truncated, be another format
    /// (a Keras or PyTorch archive, a text file), or be larger than the 2 GB that protobuf allows.
    /// Export the model again with your framework's ONNX exporter, and put tensors of large models
    /// into external data files.
    O0001: "not an ONNX model",
    /// The model needs an ONNX opset or IR version that was not checked. Supported are opset 7 to
    /// 21 and IR versions 3 to 10. Convert the model with `onnx.version_converter`.
    O0002: "unsupported ONNX version",
    /// The node's operator is not supported. Nothing is ever skipped: a network with a missing
    /// operator would compute something else. Replace the operator in the model.
    O0003: "unsupported operator",
    /// The operator is known but this attribute, or this value of it, is not. An attribute is never
    /// ignored, for it may change the result.
    O0004: "unsupported attribute",
    /// The graph is not well formed: a value is used that nothing produces, a name is defined
    /// twice, nodes form a cycle, or the number of inputs is wrong.
    O0005: "malformed graph",
    /// A weight is infinite or not a number. No fixed-point format can hold it.
    O0006: "weight is not finite",
    /// A dimension other than the batch is dynamic or zero. A circuit has a fixed number of wires:
    /// export the model with fixed shapes.
    O0007: "shape is not fixed",
    /// An input of this operator must be a constant of the model (an initializer or the output of
    /// a `Constant` node), but is computed.
    O0008: "input is not constant",
    /// An initializer lives in an external data file that could not be read, or its bytes do not
    /// match its shape and type.
    O0009: "initializer could not be read",
    /// The shapes of the operator's inputs do not fit together.
    O0010: "shapes do not match",
    /// The element type of a tensor is not a number that can be imported (float16, float32,
    /// float64, bfloat16, and integers up to 64 bits can).
    O0011: "unsupported element type",
    /// A computed value has more than 2^20 elements, or a constant more than 2^24. Every element
    /// becomes wires, so no device could hold it; most likely a shape of the model is wrong.
    O0012: "tensor too large",
    /// The operator would combine values of different events, or the model gives different events
    /// different weights. A circuit sees one event at a time: the first dimension of the inputs is
    /// the batch, and nothing may be computed along it.
    O0013: "events are mixed",
    /// The network has something that neither ONNX nor the quantizers of QONNX can express without
    /// changing a value: a quantizer that wraps, the tables of a softmax, a staircase of several steps.
    /// Compile the network with a configuration that does without, and export it again.
    O0014: "not expressible in ONNX",
    /// The file defines an operator that is known by its name, and the definition is not what the name
    /// stands for. Functions of the domain `trigforge` have one definition each, which `trigforge export`
    /// writes beside what calls them and which every import compares; it was changed, left out, or written
    /// by another version. Other operators must not be defined by the file: such functions are inlined by
    /// `onnx.inliner.inline_local_functions(model)`.
    O0015: "operator is not what its name says",
    /// An exact value would need more than 60 bits. Quantize the operator's inputs, or its weights,
    /// to fewer bits.
    T0101: "value too wide",
    /// The operator is given floating-point values where it needs fixed-point ones. A pass must
    /// assign formats before the graph can become hardware.
    T0102: "value has no format",
    /// Values of a tensor left the range of its format on the given events. With `WRAP` such a
    /// value is wrong by the whole range; with `SAT` it is clipped. Widen the format, or make it
    /// saturate.
    Q0201: "values overflow their format",
    /// Neither interval arithmetic nor data shows that values stay within the format. Give events
    /// with `--data`, or a format that holds the whole range.
    Q0202: "overflow neither excluded nor checked",
    /// A weight does not fit the format given for the weights of its layer, or all weights of a
    /// layer are so small that they round to zero.
    Q0203: "format cannot hold the weights",
    /// Formats must come from somewhere: from the configuration, from annotations of the model
    /// (QONNX or QuantizeLinear), or from calibration with `--data`.
    Q0204: "no format for a tensor",
    /// A scale that is no power of two was replaced by an integer multiplication and a shift. The
    /// note says by how much the result may differ from the model's own arithmetic.
    Q0205: "scale was approximated",
    /// A quantization step rounds or clips in a way that the fixed-point types cannot express.
    Q0206: "quantizer cannot be expressed",
    /// An activation table has one entry for each value of its input format. Above 16 bits it would
    /// not fit any device: give the input of the activation a narrower format.
    P0301: "activation table too large",
    /// A single cell is slower than the clock period, so no placement of registers can meet it. Use
    /// a longer period, narrower formats, or a faster device.
    P0302: "clock period cannot be met",
    /// The device name is not in the table of devices.
    P0303: "unknown device",
    /// The estimate exceeds what the device has; or, as an error, the constant matrices alone are
    /// known to need more before anything is built.
    P0304: "design does not fit the device",
    /// HLS tools place registers by themselves, so a C++ back end can promise neither that there are
    /// none nor how many stages there are; and each tool builds for its vendor's devices alone. Use
    /// the Verilog back end, or another device.
    P0305: "back end cannot express the plan",
    /// The plain C++ that simulates a design computes in words of 128 bits. Formats whose binary
    /// points lie very far apart would need longer ones where they meet.
    P0306: "intermediate value too wide for C++",
    /// A shell puts the core behind a stream of 32- or 64-bit words. It is Verilog around Verilog, its
    /// FIFOs hold 1024 words at most, and its modules are named after the core: a layer must not have
    /// the same name. Pattern files need as many frames for an event as its words take on the links of
    /// `[shell]`. The command needs a trigforge that was built with the shell, or a directory that
    /// was compiled with one.
    P0307: "shell cannot be made",
    /// The configuration file is not valid TOML, or has a key or a value that is not known.
    C0401: "configuration not understood",
    /// A section names a layer that the model does not have. A misspelled layer would silently keep
    /// its default format, so it is an error.
    C0402: "configuration names no such layer",
    /// A file that the configuration or the command line names could not be read or written.
    C0403: "file not accessible",
    /// The output directory exists. It is never overwritten without `--force`.
    C0404: "output directory exists",
    /// The shape of the data does not match the model's inputs.
    D0501: "data has the wrong shape",
    /// The data contain a value that is infinite or not a number.
    D0502: "data is not finite",
    /// The data file's format is not known, or it could not be decoded.
    D0503: "data could not be read",
    /// Labels do not match the events: another number of rows, or a class that no output stands for.
    D0504: "labels do not match",
    /// Events for training lack something that every network needs: a class has none, or none of any
    /// weight is left for training or validation.
    D0505: "nothing to learn from",
    /// There is no report of a vendor's tool, or its figures were not found in it. The utilization and
    /// timing reports of Vivado, `csynth.xml` of Vitis HLS, and the `.fit.summary` and
    /// `.sta.summary` of Quartus are understood, as text.
    D0506: "vendor's report not understood",
    /// A file has no array or column of the name that a recipe or a command line gives, or several
    /// where one is wanted. `trigforge dataset inspect FILE` lists what a file has.
    D0507: "no such array or column",
    /// A column has no value for an event: Parquet calls it null. A circuit knows no such thing, and a
    /// number that stands for it must be chosen by whoever knows the data.
    D0508: "a value is missing",
    /// A column of a Parquet, HDF5 or ROOT file is neither a number for each event, nor as many numbers
    /// for every event, nor a word. Lists of different lengths, objects and packed types must become
    /// numbers before.
    D0509: "no column of numbers",
    /// A bound of `[gate]` is exceeded. The check fails so that the merge does.
    G0601: "gate exceeded",
    /// The integers of two engines differ. This must never happen; please report it with the model.
    G0602: "engines disagree",
    /// The loss, or its gradient, became infinite or not a number. The checkpoint before that epoch is
    /// kept. A shorter step (`learning_rate`), or a bound on gradients (`clip_gradient`), helps.
    L0701: "training diverged",
    /// `--resume` needs the run that it continues: with a checkpoint, and with the same recipe, for
    /// another recipe or another seed would be another run.
    L0702: "run cannot be resumed",
}

/// A text that is no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a diagnostic code")]
pub struct UnknownCode(String);

impl FromStr for Code {
    type Err = UnknownCode;
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let wanted = text.trim().to_ascii_uppercase();
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.name() == wanted)
            .ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
