//! Sums of three: instances of one module, which knows the look-up tables of the device.

use askama::Template;

use super::super::render;
use super::Context;
use super::cells::own_grid;
use super::text::assignment;
use super::wires::{Grid, Operand, Scope};
use crate::netlist::{Addend, Cell, NetId};

#[derive(Template)]
#[template(path = "verilog/sum_of_three.v.j2")]
struct SumView<'a> {
    module: &'a str,
    /// The bits of a carry block, where the sum is made of primitives.
    carry: Option<u8>,
}

/// The text of the module that adds three operands.
pub(super) fn module(cx: &Context<'_>) -> String {
    render(&SumView { module: &cx.sum_module, carry: cx.design.target.carry_bits })
}

/// What computes a net.
pub(super) struct Instance {
    /// All bits of the result: never coarser than the net's own.
    pub whole: Grid,
    /// The lowest bits, where only one operand has any, and how many they are.
    wires: Option<(u32, String)>,
    parameters: String,
    /// The operands, as far as they reach above these.
    operands: [String; 3],
}

impl Instance {
    /// The text: `target` gets the result, the instance is named after `name`.
    pub(super) fn lines(self, module: &str, name: &str, target: &str) -> Vec<String> {
        let Self { whole, wires, parameters, operands: [a, b, c] } = self;
        let mut lines = Vec::new();
        let mut upper = target.to_owned();
        if let Some((below, wires)) = wires {
            lines.push(assignment(&format!("assign {}", slice(target, below - 1, 0)), &wires));
            upper = slice(target, whole.width - 1, below);
        }
        lines.push(format!("{module} #({parameters}) sum_{name} ("));
        lines.extend([format!("  .a({a}),"), format!("  .b({b}),"), format!("  .c({c}),")]);
        lines.extend([format!("  .y({upper})"), ");".to_owned()]);
        lines
    }
}

fn slice(name: &str, high: u32, low: u32) -> String {
    if high == low { format!("{name}[{low}]") } else { format!("{name}[{high}:{low}]") }
}

/// What computes net `id`; nothing unless it is a sum of three.
pub(super) fn instance(cx: &Context<'_>, scope: &Scope<'_>, id: NetId) -> Option<Instance> {
    let nets = &cx.design.module.nets;
    let Cell::Sum { .. } = nets[id].cell else { return None };
    let mut addends: Vec<Addend> = nets[id].cell.addends().collect();
    addends.sort_by_key(|term| (term.subtract, scope.operand(term.net).shifted(term.shift).frac()));
    let operands: Vec<Operand<'_>> =
        addends.iter().map(|term| scope.operand(term.net).shifted(term.shift)).collect();
    let mut fracs: Vec<i32> = operands.iter().map(Operand::frac).collect();
    fracs.sort_unstable();
    let whole = own_grid(&nets[id]).refined(fracs[2]);
    // What is taken away borrows from the bits below the others.
    let borrows = operands.iter().zip(&addends).filter(|(_, term)| term.subtract);
    let frac = borrows.map(|(operand, _)| operand.frac()).fold(fracs[1], i32::max);
    let moved = (whole.frac - frac).clamp(0, signed(whole.width) - 1);
    let below = moved.unsigned_abs();
    let grid = Grid { width: whole.width - below, frac: whole.frac - moved };
    let lowest = operands.iter().max_by_key(|operand| operand.frac()).filter(|_| below > 0);
    let wires =
        lowest.map(|lowest| (below, scope.fit(*lowest, Grid { width: below, frac: whole.frac })));
    let mut parameters = vec![format!(".WIDTH({})", grid.width)];
    if cx.design.target.carry_bits.is_some() {
        // The bits up to the highest sign of an operand.
        let sign = |term: &Addend| {
            let format = nets[term.net].format();
            format.integer_bits() - i32::from(format.signed()) + i32::from(term.shift)
        };
        let luts = addends.iter().map(sign).max().expect("a sum has terms") + 1 + grid.frac;
        parameters.push(format!(".LUTS({})", luts.clamp(1, signed(grid.width))));
    }
    let subtracted = addends.iter().filter(|term| term.subtract).count();
    if subtracted > 0 {
        parameters.push(format!(".SUBTRACT({subtracted})"));
    }
    let operands = [0, 1, 2].map(|place| scope.fit(operands[place], grid));
    Some(Instance { whole, wires, parameters: parameters.join(", "), operands })
}

fn signed(width: u32) -> i32 {
    i32::try_from(width).expect("widths are small")
}
