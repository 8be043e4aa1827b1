//! [`Device`]: what a chip offers and how fast it is, read from `devices.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::diag::{Code, Diagnostic};

/// A chip.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// The name that configurations use.
    pub name: String,
    /// The full order code, for the vendor's tool.
    pub part: String,
    /// Who makes it.
    pub vendor: String,
    /// The architecture.
    pub family: String,
    /// The inputs of a look-up table.
    pub lut_inputs: u8,
    /// How it adds.
    pub carry: Carry,
    /// The carry chain on which three operands are added at one look-up table for each bit,
    /// where look-up tables can do that.
    pub sum_of_three: Option<CarryChain>,
    /// What the chip has.
    pub resources: Resources,
    /// How fast it is.
    pub delays: Delays,
    /// The Yosys command that maps a design to this architecture.
    pub yosys: String,
    /// Where the figures come from.
    pub source: String,
}

/// What an adder is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carry {
    /// Carry logic beside the look-up tables, which a bit of one term may pass without one; its
    /// look-up tables are shift registers as well (AMD).
    Beside,
    /// A cell with look-up table and carry for each bit of the result.
    Inside,
    /// The same, two bits in one cell (ECP5).
    Pairs,
    /// The same, but the carry sees what goes into the look-up table: what is taken away is
    /// inverted in look-up tables of its own (iCE40).
    Inputs,
    /// The same as `Inside`, with bits of only one term too, and a cell for the first carry of a
    /// subtraction (Intel).
    Started,
}

/// A block of carry logic, by the bits in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CarryChain {
    /// Four bits: the 7 series.
    Carry4,
    /// Eight bits: `UltraScale` and later.
    Carry8,
}

impl CarryChain {
    /// The bits of one block.
    pub fn bits(self) -> u8 {
        match self {
            Self::Carry4 => 4,
            Self::Carry8 => 8,
        }
    }
}

/// Numbers of things on a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    /// Look-up tables.
    pub lut: u64,
    /// Flip-flops.
    pub ff: u64,
    /// Multiplier blocks.
    pub dsp: u64,
    /// Block memory, in kilobits.
    pub bram_kbit: u64,
}

/// Delays in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delays {
    /// Through a look-up table.
    pub lut: f64,
    /// Onto a carry chain and off it, through the look-up tables at its ends.
    pub chain: f64,
    /// Along the carry chain, for each bit.
    pub carry: f64,
    /// Along the wires from one cell to the next.
    pub routing: f64,
    /// Clock to output plus set-up time of a flip-flop: what a stage pays before it begins.
    pub register: f64,
}

impl Delays {
    /// Of a sum of two over `bits` bits, with the wires behind it.
    pub fn sum_of_two(&self, bits: f64) -> f64 {
        self.chain + bits * self.carry + self.routing
    }

    /// Of a sum of three over `bits` bits, with the wires behind it.
    ///
    /// The majority of three bits leaves its look-up table and enters the next one by the
    /// general wires, before the carry chain begins: two levels, about half the speed of a sum of
    /// two (M. Kumm and P. Zipf, FPL 2014).
    pub fn sum_of_three(&self, bits: f64) -> f64 {
        self.lut + self.routing + self.sum_of_two(bits)
    }
}

#[derive(Deserialize)]
struct Table {
    device: Vec<Device>,
}

/// Every known device, in the order of the table.
pub fn devices() -> &'static [Device] {
    static DEVICES: LazyLock<Vec<Device>> = LazyLock::new(|| {
        let table: Table =
            toml::from_str(include_str!("devices.toml")).expect("the built-in table is valid");
        table.device
    });
    &DEVICES
}

/// The device with this name; a full order code that begins with a name stands for it.
///
/// # Errors
/// `P0303` with the names that come closest.
pub fn device(name: &str) -> Result<&'static Device, Diagnostic> {
    let wanted = name.trim().to_ascii_lowercase();
    let is_it = |device: &&Device| {
        let own = device.name.to_ascii_lowercase();
        own == wanted
            || device.part.to_ascii_lowercase() == wanted
            || wanted.strip_prefix(&own).is_some_and(|rest| rest.starts_with('-'))
    };
    devices().iter().find(is_it).ok_or_else(|| unknown(name, &wanted))
}

fn unknown(name: &str, wanted: &str) -> Diagnostic {
    let mut ranked: Vec<(usize, &str)> = devices()
        .iter()
        .map(|device| (distance(wanted, &device.name.to_ascii_lowercase()), device.name.as_str()))
        .collect();
    ranked.sort_unstable();
    let closest = ranked.first().map_or("", |(_, name)| name);
    let known: Vec<&str> = devices().iter().map(|device| device.name.as_str()).collect();
    Diagnostic::error(
        Code::P0303,
        format!("device `{name}` is not known"),
        format!("did you mean `{closest}`? write `part = \"{closest}\"`"),
    )
    .at("`[device] part`")
    .note(format!("known devices: {}", known.join(", ")))
}

/// How many letters must be inserted, deleted or replaced to make one text of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_found_by_name_and_by_part() {
        assert_eq!(device("xcvu9p").unwrap().family, "Virtex UltraScale+");
        assert_eq!(device(" XCVU9P-flga2104-2L-e").unwrap().name, "xcvu9p");
        for own in devices() {
            assert_eq!(device(&own.part).unwrap(), own);
            assert!(
                own.delays.lut > 0.0 && own.resources.lut > 0 && (4..=8).contains(&own.lut_inputs)
            );
        }
    }

    #[test]
    fn a_misspelled_device_is_answered_with_the_closest_name() {
        let fault = device("xcvu9").unwrap_err();
        assert_eq!(fault.code, Code::P0303);
        assert!(fault.help.contains("`xcvu9p`"), "{}", fault.help);
    }
}
