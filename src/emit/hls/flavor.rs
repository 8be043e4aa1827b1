//! [`Flavor`]: what differs from one HLS tool to another.

use super::super::{Vendor, library};
use crate::numeric::format::FixedFormat;
use crate::numeric::quantizer::Quantizer;
use crate::numeric::round::{Overflow, Rounding};

/// One HLS tool.
#[derive(Clone, Copy, Debug)]
pub struct Flavor {
    /// The back end's name.
    pub name: &'static str,
    /// What it writes, in one phrase.
    pub about: &'static str,
    /// The tool's own name.
    pub tool: &'static str,
    /// The number types that the tool knows.
    pub numbers: Numbers,
    /// The kernels' view of the tool: its number types and its pragmas.
    pub target: &'static str,
    /// The files that the tool builds from.
    pub scripts: Scripts,
    /// The vendors whose devices it builds for.
    pub builds_for: &'static [Vendor],
    /// A device that it builds for.
    pub example: &'static str,
}

/// A family of fixed-point types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// `ap_fixed<W, I, AP_RND, AP_SAT>` and `ap_ufixed`.
    Ap,
    /// `ac_fixed<W, I, true, AC_RND, AC_SAT>`.
    Ac,
}

/// Which build scripts a project has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// `build_prj.tcl` for Vitis HLS.
    Vitis,
    /// `build_prj.tcl` for Vivado HLS.
    VivadoHls,
    /// `CMakeLists.txt` and a kernel between pipes.
    Oneapi,
    /// `build_prj.tcl` for Catapult.
    Catapult,
}

/// Vitis HLS 2022.2 and later.
pub const VITIS: Flavor = Flavor {
    name: "vitis",
    about: "C++ for Vitis HLS 2022.2 and later",
    tool: "Vitis HLS",
    numbers: Numbers::Ap,
    target: library::hls::VITIS,
    scripts: Scripts::Vitis,
    builds_for: &[Vendor::Amd],
    example: "xcvu9p",
};

/// Vivado HLS, whose pragmas are spelled in another way.
pub const VIVADO_HLS: Flavor = Flavor {
    name: "vivado-hls",
    about: "C++ for Vivado HLS 2020.1",
    tool: "Vivado HLS",
    target: library::hls::VIVADO_HLS,
    scripts: Scripts::VivadoHls,
    ..VITIS
};

/// oneAPI for Altera FPGAs.
pub const ONEAPI: Flavor = Flavor {
    name: "oneapi",
    about: "C++ for oneAPI on Altera FPGAs",
    tool: "oneAPI",
    numbers: Numbers::Ac,
    target: library::hls::ONEAPI,
    scripts: Scripts::Oneapi,
    builds_for: &[Vendor::Intel],
    example: "agf014",
};

/// Catapult.
pub const CATAPULT: Flavor = Flavor {
    name: "catapult",
    about: "C++ for Catapult",
    tool: "Catapult",
    target: library::hls::CATAPULT,
    scripts: Scripts::Catapult,
    builds_for: &[Vendor::Amd, Vendor::Intel, Vendor::Other],
    ..ONEAPI
};

/// Every flavor, in the order in which help lists them.
pub const FLAVORS: &[&Flavor] = &[&VITIS, &VIVADO_HLS, &ONEAPI, &CATAPULT];

/// The flavor with this name.
pub fn flavor(name: &str) -> Option<&'static Flavor> {
    FLAVORS.iter().copied().find(|flavor| flavor.name == name)
}

impl Flavor {
    /// The type of exact values, which drops high bits and no others.
    pub fn exact(&self, format: FixedFormat) -> String {
        self.spelled(format, None)
    }

    /// The type that rounds and saturates as `quantizer` does.
    pub fn quantized(&self, quantizer: Quantizer) -> String {
        self.spelled(quantizer.format, Some((quantizer.rounding, quantizer.overflow)))
    }

    fn spelled(&self, format: FixedFormat, modes: Option<(Rounding, Overflow)>) -> String {
        let (width, integer) = (format.width(), format.integer_bits());
        let (open, prefix) = match self.numbers {
            Numbers::Ap if format.signed() => (format!("ap_fixed<{width}, {integer}"), "AP"),
            Numbers::Ap => (format!("ap_ufixed<{width}, {integer}"), "AP"),
            Numbers::Ac => (format!("ac_fixed<{width}, {integer}, {}", format.signed()), "AC"),
        };
        match modes {
            None => format!("{open}>"),
            Some((rounding, overflow)) => {
                format!("{open}, {prefix}_{rounding}, {prefix}_{overflow}>")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_spelled_as_the_tools_do() {
        let signed: Quantizer = "fixed<16,6,RND_CONV,SAT_SYM>".parse().unwrap();
        let unsigned: Quantizer = "ufixed<8,-1,TRN,WRAP>".parse().unwrap();
        assert_eq!(VITIS.quantized(signed), "ap_fixed<16, 6, AP_RND_CONV, AP_SAT_SYM>");
        assert_eq!(VITIS.exact(unsigned.format), "ap_ufixed<8, -1>");
        assert_eq!(CATAPULT.quantized(unsigned), "ac_fixed<8, -1, false, AC_TRN, AC_WRAP>");
        assert_eq!(ONEAPI.exact(signed.format), "ac_fixed<16, 6, true>");
    }
}
