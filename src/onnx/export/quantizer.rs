//! `Quant` of QONNX: `y = (round(clamp(x / scale + zero_point)) - zero_point) * scale`.

use crate::diag::{Code, Diagnostic};
use crate::numeric::format::FixedFormat;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};
use crate::ops::PerElement;

/// The most bits that the importer takes.
const MAX_BITS: u8 = 60;

/// The parameters of a `Quant` node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quant {
    /// The value of one code, for each element or for all.
    pub scale: Vec<f64>,
    /// The code of zero, for each element or for all.
    pub zero: Vec<f64>,
    /// How many bits a code has, for each element or for all.
    pub bits: Vec<f64>,
    /// Whether codes have a sign.
    pub signed: bool,
    /// Whether the lowest code is missing, so that codes are symmetric.
    pub narrow: bool,
    /// The name of the rounding mode.
    pub mode: &'static str,
    /// What is added to a value before it is rounded, in steps.
    pub shift: f64,
}

impl Quant {
    /// The node of a quantizer.
    ///
    /// # Errors
    /// When the elements differ in what a node has once, or have too many bits.
    pub(super) fn new(quantizer: &PerElement<Quantizer>) -> Result<Self, Diagnostic> {
        let quantizers = quantizer.as_slice();
        let first = quantizers[0];
        let common = |own: &Quantizer| (own.format.signed(), own.rounding, own.overflow);
        if let Some(other) = quantizers.iter().find(|own| common(own) != common(&first)) {
            let message = format!(
                "its elements have formats as different as `{first}` and `{other}`, but `Quant` of \
                 QONNX has one sign and one rounding for all"
            );
            return Err(refuse(message, "give all elements the same sign and rounding"));
        }
        for own in quantizers {
            check_width(*own)?;
        }
        let (mode, shift) = mode(first.rounding);
        Ok(Self {
            scale: quantizers.iter().map(|own| own.format.step()).collect(),
            zero: vec![0.0],
            bits: quantizers.iter().map(|own| f64::from(own.format.width())).collect(),
            signed: first.format.signed(),
            narrow: first.overflow == Overflow::SaturateSymmetric,
            mode,
            shift,
        })
    }

    /// The node that gives -1 below the thresholds and 1 from there on: one signed bit.
    pub(super) fn sign(thresholds: &[f64]) -> Self {
        Self {
            scale: vec![1.0],
            zero: thresholds.iter().map(|own| 0.0 - own).collect(),
            bits: vec![1.0],
            signed: true,
            narrow: false,
            mode: "ROUND",
            shift: 0.0,
        }
    }

    /// The node that leaves constants of a format as they are, and says that they lie on its grid.
    ///
    /// # Errors
    /// When the format is too wide.
    pub(super) fn of_constants(format: FixedFormat) -> Result<Self, Diagnostic> {
        // A single signed bit would mean the values -1 and 1.
        let least = 1 + u8::from(format.signed());
        let bits = format.width().max(least);
        if bits > MAX_BITS {
            return Err(too_wide(bits));
        }
        Ok(Self {
            scale: vec![format.step()],
            zero: vec![0.0],
            bits: vec![f64::from(bits)],
            signed: format.signed(),
            narrow: false,
            mode: "ROUND",
            shift: 0.0,
        })
    }
}

/// The fault of what no node expresses.
pub(super) fn refuse(message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::O0014, message, help)
}

fn check_width(quantizer: Quantizer) -> Result<(), Diagnostic> {
    let format = quantizer.format;
    if format.width() > MAX_BITS {
        return Err(too_wide(format.width()));
    }
    if format.signed() && format.width() == 1 {
        let message =
            format!("`{quantizer}` has the values -1 and 0; one bit of QONNX has -1 and 1");
        return Err(refuse(message, "give it two bits"));
    }
    Ok(())
}

fn too_wide(bits: u8) -> Diagnostic {
    let message = format!("it has {bits} bits; `Quant` of QONNX is exact up to {MAX_BITS}");
    refuse(message, "quantize it to fewer bits")
}

/// The rounding mode, and what is added before it.
fn mode(rounding: Rounding) -> (&'static str, f64) {
    match rounding {
        Rounding::Floor => ("FLOOR", 0.0),
        Rounding::TowardZero => ("DOWN", 0.0),
        Rounding::NearestEven => ("ROUND", 0.0),
        Rounding::NearestAway => ("HALF_UP", 0.0),
        Rounding::NearestZero => ("HALF_DOWN", 0.0),
        // The nearest code, ties upward, is the floor of half a step more.
        Rounding::NearestUp => ("FLOOR", 0.5),
        // Ties downward: the ceiling of half a step less.
        Rounding::NearestDown => ("CEIL", -0.5),
    }
}
