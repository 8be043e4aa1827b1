//! The expression of each cell.

use super::wires::{Grid, Operand, Scope, Word, literal};
use crate::netlist::{Cell, Net, NetId};

/// An expression and the grid on which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression {
    /// The text, as wide as the grid.
    pub text: String,
    /// How wide, and where the binary point is: never coarser than the net's own.
    pub grid: Grid,
}

/// The grid of a net's own wires.
pub(super) fn own_grid(net: &Net) -> Grid {
    Grid { width: u32::from(net.width()), frac: i32::from(net.range.frac()) }
}

/// What drives `net`; nothing for inputs, constants and shifts, nor for tables and sums of three,
/// which are instances.
pub(super) fn expression(scope: &Scope<'_>, net: &Net) -> Option<Expression> {
    let own = own_grid(net);
    let on = |text: String, grid: Grid| Some(Expression { text, grid });
    match net.cell {
        Cell::Input { .. }
        | Cell::Constant
        | Cell::Sum { .. }
        | Cell::Shift { .. }
        | Cell::Lookup { .. } => None,
        Cell::Add { a, b, shift, subtract } => {
            let a = scope.operand(a);
            let b = scope.operand(b).shifted(shift);
            let grid = own.refined(a.frac().max(b.frac()));
            let text =
                if subtract { difference(scope, a, b, grid) } else { sum(scope, a, b, grid) };
            on(text, grid)
        }
        Cell::Multiply { a, b } => {
            let (a, b) = (scope.operand(a), scope.operand(b));
            // The factors count in steps of 1 here; their points add up.
            let grid = own.refined(a.frac() + b.frac());
            on(product(scope, a, b, grid), grid)
        }
        Cell::Select { condition, a, b } => {
            let condition = scope.fit(scope.operand(condition), Grid { width: 1, frac: 0 });
            let a = scope.fit(scope.operand(a), own);
            let b = scope.fit(scope.operand(b), own);
            on(format!("{condition} ? {a} : {b}"), own)
        }
        Cell::Less { a, b } => {
            let text = match (scope.operand(a), scope.operand(b)) {
                (Operand::Word(x), Operand::Constant { raw, frac }) => {
                    below(scope, x, -floor_to(-i128::from(raw), frac, x.frac))
                }
                (Operand::Constant { raw, frac }, Operand::Word(x)) => {
                    at_least(scope, x, floor_to(i128::from(raw), frac, x.frac) + 1)
                }
                (a, b) => less(scope, a, b),
            };
            on(text, own)
        }
        Cell::Truncate { a, .. } | Cell::Register { d: a } => on(fit(scope, a, own), own),
    }
}

fn fit(scope: &Scope<'_>, net: NetId, grid: Grid) -> String {
    scope.fit(scope.operand(net), grid)
}

impl Grid {
    /// The same top, with the binary point moved down to `frac` if that is finer.
    pub(super) fn refined(self, frac: i32) -> Self {
        let more = (frac - self.frac).max(0);
        Self { width: self.width + more.unsigned_abs(), frac: self.frac + more }
    }
}

impl Operand<'_> {
    /// The lowest bit weighs `2^-frac`.
    pub(super) fn frac(&self) -> i32 {
        match self {
            Self::Constant { frac, .. } => *frac,
            Self::Word(word) => word.frac,
        }
    }

    /// The same wires, weighing `2^shift` times as much.
    pub(super) fn shifted(self, shift: i8) -> Self {
        match self {
            Self::Constant { raw, frac } => Self::Constant { raw, frac: frac - i32::from(shift) },
            Self::Word(word) => Self::Word(Word { frac: word.frac - i32::from(shift), ..word }),
        }
    }

    /// True when no value is negative.
    fn is_natural(&self) -> bool {
        match self {
            Self::Constant { raw, .. } => *raw >= 0,
            Self::Word(word) => !word.signed,
        }
    }

    /// True for one wire that is 0 or 1, at whatever binary point.
    fn is_bit(&self) -> bool {
        match self {
            Self::Constant { .. } => false,
            Self::Word(word) => !word.signed && word.width == 1,
        }
    }

    /// `-self`, of a negative constant.
    fn negated(self) -> Option<Self> {
        match self {
            Self::Constant { raw, frac } if raw < 0 => Some(Self::Constant { raw: -raw, frac }),
            Self::Constant { .. } | Self::Word(_) => None,
        }
    }
}

fn sum(scope: &Scope<'_>, a: Operand<'_>, b: Operand<'_>, grid: Grid) -> String {
    let (a, b) = if matches!(a, Operand::Constant { .. }) { (b, a) } else { (a, b) };
    if let Some(b) = b.negated() {
        return format!("{} - {}", scope.fit(a, grid), scope.fit(b, grid));
    }
    if let Some(text) = side_by_side(scope, a, b, grid).or_else(|| side_by_side(scope, b, a, grid))
    {
        return text;
    }
    format!("{} + {}", scope.fit(a, grid), scope.fit(b, grid))
}

fn difference(scope: &Scope<'_>, a: Operand<'_>, b: Operand<'_>, grid: Grid) -> String {
    match b.negated() {
        Some(b) => sum(scope, a, b, grid),
        None => format!("{} - {}", scope.fit(a, grid), scope.fit(b, grid)),
    }
}

/// `low + high` without an adder, where the bits of `low` end below those of `high`.
fn side_by_side(
    scope: &Scope<'_>,
    low: Operand<'_>,
    high: Operand<'_>,
    grid: Grid,
) -> Option<String> {
    let (Operand::Word(low), Operand::Word(high)) = (low, high) else { return None };
    let cut = (grid.frac - high.frac).unsigned_abs();
    let reach = (grid.frac - low.frac).unsigned_abs() + low.width;
    if low.signed || reach > cut || cut >= grid.width {
        return None;
    }
    let upper = Grid { width: grid.width - cut, frac: high.frac };
    let upper = scope.fit(Operand::Word(high), upper);
    let lower = scope.fit(Operand::Word(low), Grid { width: cut, frac: grid.frac });
    Some(format!("{{{upper}, {lower}}}"))
}

fn product(scope: &Scope<'_>, a: Operand<'_>, b: Operand<'_>, grid: Grid) -> String {
    let (a, b) = if a.is_bit() { (b, a) } else { (a, b) };
    if let (Operand::Word(bit), true) = (b, b.is_bit()) {
        let chosen = scope.fit(a, Grid { width: grid.width, frac: grid.frac - bit.frac });
        return format!("{} ? {chosen} : {}", scope.bit(bit, 0), literal(0, grid.width));
    }
    let factor =
        |operand: Operand<'_>, frac: i32| scope.fit(operand, Grid { width: grid.width, frac });
    // Whatever the grid is finer than the exact product goes to the first factor.
    let (a_frac, b_frac) = (grid.frac - b.frac(), b.frac());
    let (left, right) = (factor(a, a_frac), factor(b, b_frac));
    if a.is_natural() && b.is_natural() {
        format!("{left} * {right}")
    } else {
        format!("$signed({left}) * $signed({right})")
    }
}

/// `a < b` for two words (or, of nets that nobody folded, two constants).
fn less(scope: &Scope<'_>, a: Operand<'_>, b: Operand<'_>) -> String {
    let frac = a.frac().max(b.frac());
    let signed = !(a.is_natural() && b.is_natural());
    let width = |operand: Operand<'_>| match operand {
        Operand::Constant { .. } => 64,
        Operand::Word(word) => {
            let sign = u32::from(signed && !word.signed);
            word.width + sign + (frac - word.frac).unsigned_abs()
        }
    };
    let grid = Grid { width: width(a).max(width(b)), frac };
    let (a, b) = (scope.fit(a, grid), scope.fit(b, grid));
    if signed { format!("$signed({a}) < $signed({b})") } else { format!("{a} < {b}") }
}

/// `x < threshold` in steps of `x`, as few bits as decide it.
fn below(scope: &Scope<'_>, x: Word<'_>, threshold: i128) -> String {
    compare(scope, x, threshold, true)
}

/// `x >= threshold` in steps of `x`, as few bits as decide it.
fn at_least(scope: &Scope<'_>, x: Word<'_>, threshold: i128) -> String {
    compare(scope, x, threshold, false)
}

fn compare(scope: &Scope<'_>, x: Word<'_>, threshold: i128, below: bool) -> String {
    let top = x.width - u32::from(x.signed);
    let lowest = if x.signed { -(1_i128 << top) } else { 0 };
    if threshold <= lowest || threshold >= 1 << top {
        return literal(i128::from(below == (threshold > lowest)), 1);
    }
    if threshold == 0 {
        let sign = scope.bit(x, x.width - 1);
        return if below { sign } else { format!("~{sign}") };
    }
    // Bits below the threshold's lowest one decide nothing.
    let low = threshold.trailing_zeros();
    let steps = threshold >> low;
    let not = |negate: bool| if negate { "~" } else { "" };
    match (steps, x.signed) {
        (1, false) => {
            let upper = scope.slice(x, low, x.width - low);
            if x.width - low == 1 {
                format!("{}{upper}", not(below))
            } else {
                format!("{}|{upper}", not(below))
            }
        }
        (1, true) => {
            let (sign, upper) = (scope.bit(x, top), scope.slice(x, low, top - low));
            let joint = if below { '|' } else { '&' };
            format!("{}{sign} {joint} ({}|{upper})", not(!below), not(below))
        }
        (-1, _) => {
            let (sign, upper) = (scope.bit(x, top), scope.slice(x, low, top - low));
            let joint = if below { '&' } else { '|' };
            format!("{}{sign} {joint} ({}&{upper})", not(!below), not(below))
        }
        (_, signed) => {
            let width = x.width - low;
            let upper = scope.slice(x, low, width);
            let operator = if below { "<" } else { ">=" };
            if signed {
                let threshold = signed_literal(steps, width);
                format!("$signed({upper}) {operator} {threshold}")
            } else {
                format!("{upper} {operator} {}", literal(steps, width))
            }
        }
    }
}

fn signed_literal(value: i128, width: u32) -> String {
    if value < 0 { literal(value, width) } else { format!("{width}'sd{value}") }
}

/// `raw * 2^-from` in whole steps of `2^-to`, rounded down.
fn floor_to(raw: i128, from: i32, to: i32) -> i128 {
    let up = to - from;
    if up >= 0 { raw << up.min(62) } else { raw >> (-up).min(127) }
}
