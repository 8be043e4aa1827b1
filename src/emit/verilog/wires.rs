//! [`Scope`]: the wires that a module can read, as text, bit for bit.
//!
//! Every expression is built on a [`Grid`]: so many bits, the lowest weighing
//! `2^-frac`. Operands are brought onto it by explicit slices, sign copies and
//! zeros, so no rule of the language about signs or widths decides anything.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::layout::{Layout, carrier};
use crate::netlist::{Cell, Module, NetId};
use crate::numeric::format::FixedFormat;

/// A row of bits with a binary point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// How many bits.
    pub width: u32,
    /// The lowest bit weighs `2^-frac`.
    pub frac: i32,
}

/// A net as an operand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The net whose wires these are.
    pub net: NetId,
    /// Whether the highest bit is a sign.
    pub signed: bool,
    /// How many bits.
    pub width: u32,
    /// The lowest bit weighs `2^-frac`.
    pub frac: i32,
}

/// What an operand is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operand<'a> {
    /// The value `raw * 2^-frac`.
    Constant {
        /// The raw value.
        raw: i64,
        /// The binary point.
        frac: i32,
    },
    /// Wires.
    Word(Word<'a>),
}

/// The nets that a module reads, with a record of the bits that were read.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    module: &'a Module,
    layout: &'a Layout,
    read: RefCell<BTreeMap<NetId, u64>>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(module: &'a Module, layout: &'a Layout) -> Self {
        Self { module, layout, read: RefCell::default() }
    }

    /// What is read where `net` is an operand.
    pub(super) fn operand(&self, net: NetId) -> Operand<'a> {
        let own = &self.module.nets[net];
        let frac = i32::from(own.range.frac());
        if own.cell == Cell::Constant {
            return Operand::Constant { raw: own.range.lo(), frac };
        }
        let source = carrier(self.module, net);
        let format = self.module.nets[source].format();
        Operand::Word(Word {
            name: &self.layout.name[source],
            net: source,
            signed: format.signed(),
            width: u32::from(format.width()),
            frac,
        })
    }

    /// `operand` as a row of bits on `grid`: aligned, extended, and cut where the grid is shorter.
    pub(super) fn fit(&self, operand: Operand<'_>, grid: Grid) -> String {
        match operand {
            Operand::Constant { raw, frac } => {
                let up = grid.frac - frac;
                let raw = i128::from(raw);
                let moved = if up >= 0 { raw << up.min(64) } else { raw >> (-up).min(127) };
                literal(moved, grid.width)
            }
            Operand::Word(word) => self.fit_word(word, grid),
        }
    }

    fn fit_word(&self, word: Word<'_>, grid: Grid) -> String {
        let zeros = (grid.frac - word.frac).clamp(0, signed(grid.width)).unsigned_abs();
        let low = (word.frac - grid.frac).clamp(0, signed(word.width)).unsigned_abs();
        let taken = (word.width - low).min(grid.width - zeros);
        let copies = grid.width - zeros - taken;
        let mut parts = Vec::new();
        match copies {
            0 => {}
            1 if word.signed => parts.push(self.bit(word, word.width - 1)),
            _ if word.signed => {
                parts.push(format!("{{{copies}{{{}}}}}", self.bit(word, word.width - 1)));
            }
            _ => parts.push(zero(copies)),
        }
        if taken > 0 {
            parts.push(self.slice(word, low, taken));
        }
        if zeros > 0 {
            parts.push(zero(zeros));
        }
        match parts.as_slice() {
            [only] => only.clone(),
            parts => format!("{{{}}}", parts.join(", ")),
        }
    }

    /// One bit.
    pub(super) fn bit(&self, word: Word<'_>, index: u32) -> String {
        self.slice(word, index, 1)
    }

    /// `width` bits from bit `low` on.
    pub(super) fn slice(&self, word: Word<'_>, low: u32, width: u32) -> String {
        let mask = (u64::MAX >> (64 - width)) << low;
        *self.read.borrow_mut().entry(word.net).or_default() |= mask;
        let name = word.name;
        match width {
            _ if width == word.width => name.to_owned(),
            1 => format!("{name}[{low}]"),
            _ => format!("{name}[{}:{low}]", low + width - 1),
        }
    }

    /// Notes that all of a net is read, as by a port of another module.
    pub(super) fn read_all(&self, net: NetId) {
        self.read.borrow_mut().insert(net, u64::MAX);
    }

    /// Those bits of `net` that nothing read: runs of lowest bit and width.
    fn unread_runs(&self, net: NetId) -> Vec<(u32, u32)> {
        let width = u32::from(self.module.nets[net].width());
        let read = self.read.borrow().get(&net).copied().unwrap_or(0);
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for bit in (0..width).filter(|bit| read >> bit & 1 == 0) {
            match runs.last_mut() {
                Some((low, run)) if *low + *run == bit => *run += 1,
                _ => runs.push((bit, 1)),
            }
        }
        runs
    }

    /// Those bits of `nets` that nothing read, as text, highest first within a net.
    pub(super) fn unread(&self, nets: impl IntoIterator<Item = NetId>) -> Vec<String> {
        let mut slices = Vec::new();
        for net in nets {
            let runs = self.unread_runs(net);
            if let Operand::Word(word) = self.operand(net) {
                let runs = runs.into_iter().rev();
                slices.extend(runs.map(|(low, width)| self.slice(word, low, width)));
            }
        }
        slices
    }
}

/// `value` modulo `2^width` as a sized literal.
pub(super) fn literal(value: i128, width: u32) -> String {
    if value == 0 {
        return if width == 1 { "1'b0".to_owned() } else { format!("{width}'d0") };
    }
    let modulus = 1_i128.checked_shl(width).expect("a constant is read on at most 126 bits");
    if value < 0 && -value <= modulus / 2 && width > 1 {
        return format!("-{width}'sd{}", -value);
    }
    let value = value.rem_euclid(modulus);
    if width == 1 { format!("1'b{value}") } else { format!("{width}'d{value}") }
}

/// The declaration of a vector: `signed [7:0]`, or nothing for a single wire.
pub(super) fn vector(format: FixedFormat) -> String {
    match (format.width(), format.signed()) {
        (1, _) => String::new(),
        (width, true) => format!("signed [{}:0]", width - 1),
        (width, false) => format!("[{}:0]", width - 1),
    }
}

fn zero(width: u32) -> String {
    literal(0, width)
}

fn signed(width: u32) -> i32 {
    i32::try_from(width).expect("widths are small")
}
