//! [`Packing`]: which selections, comparisons with zero and small tables become
//! look-up tables of their own, and which disappear into those of their users.
//!
//! Bit by bit, such a net is a function of few other bits. While these are not
//! more than a look-up table has inputs, its user may take the function in.

use crate::entity::SideTable;
use crate::netlist::{Cell, Module, NetId};

/// A bit that a function reads: of the driven net, at a place relative to the
/// result bit, or at a fixed place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Leaf {
    net: NetId,
    place: i32,
    is_fixed: bool,
}

/// What becomes of each net that is plain logic.
#[derive(Clone, Debug)]
pub struct Packing {
    /// Whether the net's bits are outputs of look-up tables of their own.
    pub is_made: SideTable<NetId, bool>,
}

/// Packs the plain logic of `module` into look-up tables of `inputs` inputs.
pub fn pack(module: &Module, inputs: u8) -> Packing {
    let inputs = usize::from(inputs);
    let mut leaves: SideTable<NetId, Option<Vec<Leaf>>> =
        SideTable::filled(module.nets.len(), None);
    let mut is_made = SideTable::filled(module.nets.len(), false);
    for (id, net) in module.nets.iter() {
        if !is_logic(module, id, inputs) {
            for operand in net.cell.operands() {
                make(module, operand, &mut is_made);
            }
            continue;
        }
        let mut all = merged(module, &leaves, id);
        if all.len() > inputs {
            // Too many: the operands that are functions themselves become tables first.
            for operand in net.cell.operands() {
                let (root, _) = root(module, operand);
                leaves[root] = None;
                make(module, operand, &mut is_made);
            }
            all = merged(module, &leaves, id);
        }
        leaves[id] = Some(all);
    }
    for net in module.outputs.iter().flat_map(|port| &port.nets) {
        make(module, *net, &mut is_made);
    }
    for (id, _) in module.nets.iter() {
        is_made[id] &= is_logic(module, id, inputs);
    }
    Packing { is_made }
}

/// Marks the net behind the wires of `net`.
fn make(module: &Module, net: NetId, is_made: &mut SideTable<NetId, bool>) {
    let (root, _) = root(module, net);
    is_made[root] = true;
}

/// True for cells that are functions of few bits for each bit of their result.
pub(super) fn is_logic(module: &Module, id: NetId, inputs: usize) -> bool {
    match module.nets[id].cell {
        Cell::Select { .. } => true,
        Cell::Less { a, b } => tested_bits(module, a, b).is_some_and(|(_, n)| n <= inputs),
        Cell::Lookup { index, .. } => usize::from(module.nets[index].width()) <= inputs,
        Cell::Input { .. }
        | Cell::Constant
        | Cell::Add { .. }
        | Cell::Sum { .. }
        | Cell::Multiply { .. }
        | Cell::Truncate { .. }
        | Cell::Shift { .. }
        | Cell::Register { .. } => false,
    }
}

/// The word and its width where `a < b` only asks whether any bit is set, or any is not.
pub(super) fn tested_bits(module: &Module, a: NetId, b: NetId) -> Option<(NetId, usize)> {
    let [a_range, b_range] = [a, b].map(|net| module.nets[net].range);
    let is_zero = |range: crate::numeric::interval::Interval| (range.lo(), range.hi()) == (0, 0);
    if module.nets[a].cell == Cell::Constant && is_zero(a_range) && b_range.lo() >= 0 {
        return Some((b, usize::from(module.nets[b].width())));
    }
    let width = module.nets[a].width();
    let ones = (1_i64 << width) - 1;
    let tests_all = module.nets[b].cell == Cell::Constant
        && a_range.lo() >= 0
        && (b_range.lo(), b_range.frac()) == (ones, a_range.frac());
    tests_all.then_some((a, usize::from(width)))
}

/// The leaves of a logic net: those of its operands that are functions, else the operands' own bits.
fn merged(module: &Module, leaves: &SideTable<NetId, Option<Vec<Leaf>>>, id: NetId) -> Vec<Leaf> {
    let mut all = Vec::new();
    let mut word = |net: NetId| {
        let (root, moved) = root(module, net);
        match &leaves[root] {
            Some(inner) => all.extend(inner.iter().map(|leaf| {
                let place = if leaf.is_fixed { leaf.place } else { leaf.place + moved };
                Leaf { place, ..*leaf }
            })),
            None if module.nets[root].cell == Cell::Constant => {}
            None => all.push(Leaf { net: root, place: moved, is_fixed: false }),
        }
    };
    let mut bits = Vec::new();
    match module.nets[id].cell {
        Cell::Select { condition, a, b } => {
            word(a);
            word(b);
            bits.push(condition);
        }
        Cell::Less { a, b } => bits.extend(tested_bits(module, a, b).map(|(net, _)| net)),
        Cell::Lookup { index, .. } => bits.push(index),
        Cell::Input { .. }
        | Cell::Constant
        | Cell::Add { .. }
        | Cell::Sum { .. }
        | Cell::Multiply { .. }
        | Cell::Truncate { .. }
        | Cell::Shift { .. }
        | Cell::Register { .. } => {}
    }
    for net in bits {
        let (root, moved) = root(module, net);
        match &leaves[root] {
            // One bit of a function, such as a condition: its leaves are fixed places now.
            Some(inner) if module.nets[net].width() == 1 => {
                all.extend(inner.iter().map(|leaf| Leaf { is_fixed: true, ..*leaf }));
            }
            Some(_) | None => {
                let lowest = -i32::from(module.nets[net].range.frac()) - moved;
                let width = i32::from(module.nets[net].width());
                let bit = |place| Leaf { net: root, place, is_fixed: true };
                all.extend((lowest..lowest + width).map(bit));
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The net behind truncations and shifts, and how far its bits were moved up.
fn root(module: &Module, net: NetId) -> (NetId, i32) {
    let (mut net, mut moved) = (net, 0);
    loop {
        match module.nets[net].cell {
            Cell::Truncate { a, .. } => net = a,
            Cell::Shift { a, exponent } => {
                net = a;
                moved += i32::from(exponent);
            }
            Cell::Input { .. }
            | Cell::Constant
            | Cell::Add { .. }
            | Cell::Sum { .. }
            | Cell::Multiply { .. }
            | Cell::Select { .. }
            | Cell::Less { .. }
            | Cell::Lookup { .. }
            | Cell::Register { .. } => return (net, moved),
        }
    }
}
