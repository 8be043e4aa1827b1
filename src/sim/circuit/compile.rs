//! Chooses words and instructions for a module.

use crate::entity::SideTable;
use crate::netlist::{Cell, Module, NetId, Port};
use crate::numeric::interval::Interval;

use super::super::kernels::rows::Shift;
use super::super::kernels::word::Word;
use super::{Circuit, Function, Instruction, Place, Registers, Step, Values, Wire};

/// What the compiler knows while it walks the nets; slots are not yet shared.
struct Compiler<'a> {
    module: &'a Module,
    registers: Registers,
    circuit: Circuit,
    forms: SideTable<NetId, Forms>,
}

/// The places of one net, as far as they exist.
#[derive(Clone, Copy, Debug, Default)]
struct Forms {
    narrow: Option<usize>,
    wide: Option<usize>,
}

impl Circuit {
    /// Compiles a module.
    pub(in crate::sim) fn new(module: &Module, registers: Registers, values: Values) -> Self {
        let forms = SideTable::filled(module.nets.len(), Forms::default());
        let mut compiler = Compiler { module, registers, circuit: Self::default(), forms };
        for port in &module.inputs {
            compiler.input(port);
        }
        let mut clocked = Vec::new();
        for (id, net) in module.nets.iter() {
            match net.cell {
                Cell::Input { .. } => {}
                Cell::Constant => {
                    let place = compiler.new_place(id);
                    compiler.circuit.constants.push((place, net.range.lo()));
                }
                Cell::Register { .. } if registers == Registers::Clocked => {
                    compiler.new_place(id);
                    clocked.push(id);
                }
                _ => compiler.cell(id),
            }
        }
        for id in clocked {
            compiler.clocked(id);
        }
        for port in &module.outputs {
            compiler.output(port);
        }
        compiler.circuit.nets = module.nets.ids().map(|net| compiler.forms[net].place()).collect();
        compiler.circuit.share_slots(values);
        compiler.circuit
    }
}

impl Forms {
    fn place(self) -> Option<Place> {
        self.narrow.map(Place::Narrow).or(self.wide.map(Place::Wide))
    }
}

impl Compiler<'_> {
    fn range(&self, net: NetId) -> Interval {
        self.module.nets[net].range
    }

    fn frac(&self, net: NetId) -> i32 {
        i32::from(self.range(net).frac())
    }

    fn input(&mut self, port: &Port) {
        let mut wires = Vec::with_capacity(port.nets.len());
        for net in &port.nets {
            let place = self.new_place(*net);
            let shift = Shift::between(port.frac().into(), self.frac(*net));
            wires.push(Wire { place, shift });
        }
        self.circuit.inputs.push(wires);
    }

    fn output(&mut self, port: &Port) {
        let wire = |net: &NetId| Wire {
            place: self.forms[*net].place().expect("outputs are nets"),
            shift: Shift::between(self.frac(*net), port.frac().into()),
        };
        let wires = port.nets.iter().map(wire).collect();
        self.circuit.outputs.push(wires);
    }

    /// What a register becomes at the clock edge.
    fn clocked(&mut self, register: NetId) {
        let Cell::Register { d } = self.module.nets[register].cell else { return };
        let own = self.forms[register].place().expect("its contents have a place");
        let next = match own {
            Place::Narrow(_) => Place::Narrow(self.narrow(d)),
            Place::Wide(_) => Place::Wide(self.wide(d)),
        };
        assert_eq!(self.frac(d), self.frac(register), "a register keeps the binary point");
        self.circuit.registers.push((own, next));
    }

    fn cell(&mut self, net: NetId) {
        let cell = self.module.nets[net].cell;
        if let Cell::Shift { a, .. } | Cell::Register { d: a } = cell {
            let exponent = if let Cell::Shift { exponent, .. } = cell { exponent } else { 0 };
            if self.frac(net) == self.frac(a) - i32::from(exponent) {
                self.forms[net] = self.forms[a];
                return;
            }
        }
        let operands: Vec<NetId> = cell.operands().collect();
        let mut places = [0; 3];
        let fits = operands.iter().chain([&net]).all(|net| fits::<i32>(self.range(*net)));
        if let Some((function, frac)) = self.function::<i32>(net).filter(|_| fits) {
            for (place, operand) in places.iter_mut().zip(&operands) {
                *place = self.narrow(*operand);
            }
            let to = self.new_narrow(net);
            self.step(Instruction::Narrow, Step { to, operands: places, function });
            self.finish(Instruction::Narrow, to, Shift::between(frac, self.frac(net)));
        } else {
            let (function, frac) =
                self.function::<i64>(net).expect("every net has at most 63 bits");
            for (place, operand) in places.iter_mut().zip(&operands) {
                *place = self.wide(*operand);
            }
            let to = self.new_wide(net);
            self.step(Instruction::Wide, Step { to, operands: places, function });
            self.finish(Instruction::Wide, to, Shift::between(frac, self.frac(net)));
        }
    }

    fn step<T>(&mut self, make: impl Fn(Step<T>) -> Instruction, step: Step<T>) {
        self.circuit.instructions.push(make(step));
    }

    /// Moves a result in place to the binary point of its net, where a pass proved a coarser one.
    fn finish<T>(&mut self, make: impl Fn(Step<T>) -> Instruction, to: usize, shift: Shift) {
        if shift != Shift::Up(0) {
            self.step(make, Step { to, operands: [0; 3], function: Function::InPlace { shift } });
        }
    }

    /// What the cell of a net does and the binary point of the result, if `T` can do it
    /// without losing a bit.
    fn function<T: Word>(&self, net: NetId) -> Option<(Function<T>, i32)> {
        let own = self.frac(net);
        let aligned = |operand: NetId, shift: i8, frac: i32| {
            let moved = self.range(operand).shift(shift)?;
            let up = u32::try_from(frac - i32::from(moved.frac())).ok()?;
            let fine = moved.at_frac(i8::try_from(frac).ok()?)?;
            (fits::<T>(fine) && up < T::BITS).then_some(up)
        };
        let (function, frac) = match self.module.nets[net].cell {
            Cell::Input { .. } | Cell::Constant => return None,
            Cell::Add { a, b, shift, subtract } => {
                let frac = self.frac(a).max(self.frac(b) - i32::from(shift));
                let (a_up, b_up) = (aligned(a, 0, frac)?, aligned(b, shift, frac)?);
                let function = if subtract {
                    Function::Subtract { a_up, b_up }
                } else {
                    Function::Add { a_up, b_up }
                };
                (function, frac)
            }
            Cell::Sum { a, b, c } => {
                let second = self.frac(b.net) - i32::from(b.shift);
                let third = self.frac(c.net) - i32::from(c.shift);
                let frac = self.frac(a).max(second).max(third);
                let function = Function::Sum {
                    a_up: aligned(a, 0, frac)?,
                    b_up: aligned(b.net, b.shift, frac)?,
                    c_up: aligned(c.net, c.shift, frac)?,
                    subtract: [b.subtract, c.subtract],
                };
                (function, frac)
            }
            Cell::Multiply { a, b } => (Function::Multiply, self.frac(a) + self.frac(b)),
            Cell::Select { a, b, .. } => {
                let [b, c] = [a, b].map(|net| legal::<T>(Shift::between(self.frac(net), own)));
                (Function::Select { b: b?, c: c? }, own)
            }
            Cell::Less { a, b } => {
                let frac = self.frac(a).max(self.frac(b));
                (Function::Less { a_up: aligned(a, 0, frac)?, b_up: aligned(b, 0, frac)? }, 0)
            }
            Cell::Truncate { a, format } => {
                let bits = u32::from(format.width());
                // Bits that leave a word at the top are none of the bits that stay.
                let shift = match Shift::between(self.frac(a), format.frac().into()) {
                    Shift::Up(up) => Shift::Up(up.min(T::BITS - 1)),
                    Shift::Down(down) => Shift::Down(down.min(T::BITS - 1)),
                };
                let signed = format.signed();
                let function = Function::Truncate { shift, bits, signed };
                ((bits < T::BITS).then_some(function)?, format.frac().into())
            }
            Cell::Shift { a, exponent } => {
                let shift = Shift::between(self.frac(a) - i32::from(exponent), own);
                (Function::Move { shift: legal::<T>(shift)? }, own)
            }
            Cell::Register { d } => {
                let shift = legal::<T>(Shift::between(self.frac(d), own))?;
                (Function::Move { shift }, own)
            }
            Cell::Lookup { table, .. } => {
                let table = &self.module.tables[table];
                let entry = |raw: &i64| T::from_wide((*raw).into());
                let values = table.values.iter().map(entry).collect::<Option<Vec<T>>>()?;
                let first = T::from_wide(table.first.into())?;
                let clocked = self.registers == Registers::Clocked;
                (Function::Lookup { first, values, clocked }, table.frac.into())
            }
        };
        let finest = self.range(net).at_frac(i8::try_from(frac.max(own)).ok()?)?;
        legal::<T>(Shift::between(frac, own)).filter(|_| fits::<T>(finest))?;
        Some((function, frac))
    }

    /// The value of a net in 32-bit words, in which it fits.
    fn narrow(&mut self, net: NetId) -> usize {
        let forms = self.forms[net];
        if let Some(place) = forms.narrow {
            return place;
        }
        let from = forms.wide.expect("operands are older");
        let to = self.new_narrow(net);
        self.circuit.instructions.push(Instruction::Shrink { from, to });
        to
    }

    /// The value of a net in 64-bit words.
    fn wide(&mut self, net: NetId) -> usize {
        let forms = self.forms[net];
        if let Some(place) = forms.wide {
            return place;
        }
        let from = forms.narrow.expect("operands are older");
        let to = self.new_wide(net);
        self.circuit.instructions.push(Instruction::Widen { from, to });
        to
    }

    fn new_narrow(&mut self, net: NetId) -> usize {
        let place = self.circuit.narrow_slots;
        self.circuit.narrow_slots += 1;
        self.forms[net].narrow = Some(place);
        place
    }

    fn new_wide(&mut self, net: NetId) -> usize {
        let place = self.circuit.wide_slots;
        self.circuit.wide_slots += 1;
        self.forms[net].wide = Some(place);
        place
    }

    fn new_place(&mut self, net: NetId) -> Place {
        if fits::<i32>(self.range(net)) {
            Place::Narrow(self.new_narrow(net))
        } else {
            Place::Wide(self.new_wide(net))
        }
    }
}

fn fits<T: Word>(range: Interval) -> bool {
    let inside = |raw: i64| T::from_wide(raw.into()).is_some();
    inside(range.lo()) && inside(range.hi())
}

/// The shift, if a word of `T` can do it.
fn legal<T: Word>(shift: Shift) -> Option<Shift> {
    match shift {
        Shift::Up(bits) if bits < T::BITS => Some(shift),
        Shift::Down(bits) => Some(Shift::Down(bits.min(T::BITS - 1))),
        Shift::Up(_) => None,
    }
}
