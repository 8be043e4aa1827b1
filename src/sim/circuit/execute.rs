//! [`State`]: the words of a [`Circuit`], and what runs it.

use crate::numeric::tensor::Block;

use super::super::kernels::rows::Shift;
use super::super::kernels::word::Word;
use super::{Circuit, Function, Instruction, LANES, Place, Slot, Step};

/// The words of one worker.
#[derive(Clone, Debug)]
pub(in crate::sim) struct State {
    narrow: Vec<Slot<i32>>,
    wide: Vec<Slot<i64>>,
}

/// One run, as pulp takes it.
struct Run<'a>(&'a Circuit, &'a mut State);

impl pulp::NullaryFnOnce for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for instruction in &self.0.instructions {
            self.1.execute(instruction);
        }
    }
}

impl State {
    /// All registers at zero, constants in place.
    pub(in crate::sim) fn new(circuit: &Circuit) -> Self {
        let mut state = Self {
            narrow: vec![[0; LANES]; circuit.narrow_slots],
            wide: vec![[0; LANES]; circuit.wide_slots],
        };
        for (place, value) in &circuit.constants {
            for lane in 0..LANES {
                state.set(*place, lane, *value);
            }
        }
        state
    }

    /// Computes all cells once.
    pub(in crate::sim) fn run(&mut self, circuit: &Circuit) {
        pulp::Arch::new().dispatch(Run(circuit, self));
    }

    /// Lets every register take its next value.
    pub(in crate::sim) fn clock(&mut self, circuit: &Circuit) {
        // A register may read another one, which is then older and still has its old value.
        for (own, next) in circuit.registers.iter().rev() {
            match (*own, *next) {
                (Place::Narrow(own), Place::Narrow(next)) => self.narrow[own] = self.narrow[next],
                (Place::Wide(own), Place::Wide(next)) => self.wide[own] = self.wide[next],
                (Place::Narrow(_), Place::Wide(_)) | (Place::Wide(_), Place::Narrow(_)) => {
                    unreachable!("the compiler gave both the same width")
                }
            }
        }
    }

    /// The raw value in a lane.
    pub(in crate::sim) fn get(&self, place: Place, lane: usize) -> i64 {
        match place {
            Place::Narrow(slot) => self.narrow[slot][lane].into(),
            Place::Wide(slot) => self.wide[slot][lane],
        }
    }

    fn set(&mut self, place: Place, lane: usize, value: i64) {
        match place {
            Place::Narrow(slot) => self.narrow[slot][lane] = i32::from_word(value),
            Place::Wide(slot) => self.wide[slot][lane] = value,
        }
    }

    /// Puts events `first..first + count` of the inputs into the lanes.
    pub(in crate::sim) fn load(
        &mut self,
        circuit: &Circuit,
        inputs: &[Block<i64>],
        first: usize,
        count: usize,
    ) {
        for (wires, block) in circuit.inputs.iter().zip(inputs) {
            for (index, wire) in wires.iter().enumerate() {
                let values = &block.element(index)[first..first + count];
                match wire.place {
                    Place::Narrow(slot) => load(&mut self.narrow[slot], values, wire.shift),
                    Place::Wide(slot) => load(&mut self.wide[slot], values, wire.shift),
                }
            }
        }
    }

    /// Takes events `first..first + count` of the outputs from the lanes.
    pub(in crate::sim) fn store(
        &self,
        circuit: &Circuit,
        outputs: &mut [Block<i64>],
        first: usize,
        count: usize,
    ) {
        for (wires, block) in circuit.outputs.iter().zip(outputs) {
            for (index, wire) in wires.iter().enumerate() {
                let values = &mut block.element_mut(index)[first..first + count];
                match wire.place {
                    Place::Narrow(slot) => store(&self.narrow[slot], values, wire.shift),
                    Place::Wide(slot) => store(&self.wide[slot], values, wire.shift),
                }
            }
        }
    }

    /// Puts one event of the inputs into a lane; zeros if there is none.
    pub(in crate::sim) fn load_lane(
        &mut self,
        circuit: &Circuit,
        inputs: &[Block<i64>],
        event: Option<usize>,
        lane: usize,
    ) {
        for (wires, block) in circuit.inputs.iter().zip(inputs) {
            for (index, wire) in wires.iter().enumerate() {
                let value = event.map_or(0, |event| block.element(index)[event]);
                self.set(wire.place, lane, wire.shift.apply(value));
            }
        }
    }

    /// Takes one event of the outputs from a lane.
    pub(in crate::sim) fn store_lane(
        &self,
        circuit: &Circuit,
        outputs: &mut [Block<i64>],
        event: usize,
        lane: usize,
    ) {
        for (wires, block) in circuit.outputs.iter().zip(outputs) {
            for (index, wire) in wires.iter().enumerate() {
                block.element_mut(index)[event] = wire.shift.apply(self.get(wire.place, lane));
            }
        }
    }

    #[inline(always)]
    fn execute(&mut self, instruction: &Instruction) {
        match instruction {
            Instruction::Narrow(step) => step.execute(&mut self.narrow),
            Instruction::Wide(step) => step.execute(&mut self.wide),
            Instruction::Widen { from, to } => {
                self.wide[*to] = self.narrow[*from].map(i64::from);
            }
            Instruction::Shrink { from, to } => {
                self.narrow[*to] = self.wide[*from].map(i32::from_word);
            }
        }
    }
}

impl<T: Word> Step<T> {
    #[inline(always)]
    fn execute(&self, slots: &mut [Slot<T>]) {
        let (before, rest) = slots.split_at_mut(self.to);
        let (y, after) = rest.split_first_mut().expect("the result has a slot");
        let operand = |index: usize| {
            let slot = self.operands[index];
            // A result never shares its slot with an operand.
            if slot < before.len() { &before[slot] } else { &after[slot - before.len() - 1] }
        };
        match &self.function {
            Function::Add { a_up, b_up } => {
                zip(operand(0), operand(1), y, |a, b| a.up(*a_up).plus(b.up(*b_up)));
            }
            Function::Subtract { a_up, b_up } => {
                zip(operand(0), operand(1), y, |a, b| a.up(*a_up).minus(b.up(*b_up)));
            }
            Function::Sum { a_up, b_up, c_up, subtract } => {
                let [a, b, c] = [operand(0), operand(1), operand(2)];
                let ups = [*a_up, *b_up, *c_up];
                match subtract {
                    [false, false] => sum(a, b, c, ups, y, T::plus, T::plus),
                    [false, true] => sum(a, b, c, ups, y, T::plus, T::minus),
                    [true, false] => sum(a, b, c, ups, y, T::minus, T::plus),
                    [true, true] => sum(a, b, c, ups, y, T::minus, T::minus),
                }
            }
            Function::Multiply => zip(operand(0), operand(1), y, T::times),
            Function::Less { a_up, b_up } => zip(operand(0), operand(1), y, |a, b| {
                if a.up(*a_up) < b.up(*b_up) { T::ONE } else { T::default() }
            }),
            Function::Select { b: b_shift, c: c_shift } => {
                let (condition, b, c) = (operand(0), operand(1), operand(2));
                for (((y, condition), b), c) in y.iter_mut().zip(condition).zip(b).zip(c) {
                    let (b, c) = (b_shift.apply(*b), c_shift.apply(*c));
                    *y = if *condition == T::ONE { b } else { c };
                }
            }
            Function::Truncate { shift, bits, signed } => {
                let lost = T::BITS - bits;
                let mask = T::ONE.up(*bits).minus(T::ONE);
                if *signed {
                    map(operand(0), y, |a| shift.apply(a).up(lost).down(lost));
                } else {
                    map(operand(0), y, |a| shift.apply(a).and(mask));
                }
            }
            Function::Move { shift } => map(operand(0), y, |a| shift.apply(a)),
            Function::InPlace { shift } => y.iter_mut().for_each(|y| *y = shift.apply(*y)),
            Function::Lookup { first, values, clocked } => {
                let entry = |a: T| {
                    let entry = usize::try_from(a.minus(*first).to_word());
                    entry.ok().and_then(|entry| values.get(entry)).copied()
                };
                if *clocked {
                    map(operand(0), y, |a| entry(a).unwrap_or_default());
                } else {
                    map(operand(0), y, |a| entry(a).expect("an index lies within its table"));
                }
            }
        }
    }
}

#[inline(always)]
fn map<T: Word>(a: &Slot<T>, y: &mut Slot<T>, function: impl Fn(T) -> T) {
    for (y, a) in y.iter_mut().zip(a) {
        *y = function(*a);
    }
}

#[inline(always)]
fn zip<T: Word>(a: &Slot<T>, b: &Slot<T>, y: &mut Slot<T>, function: impl Fn(T, T) -> T) {
    for ((y, a), b) in y.iter_mut().zip(a).zip(b) {
        *y = function(*a, *b);
    }
}

/// Three words, each moved up, joined from left to right.
#[inline(always)]
fn sum<T: Word>(
    a: &Slot<T>,
    b: &Slot<T>,
    c: &Slot<T>,
    [a_up, b_up, c_up]: [u32; 3],
    y: &mut Slot<T>,
    second: impl Fn(T, T) -> T,
    third: impl Fn(T, T) -> T,
) {
    for (((y, a), b), c) in y.iter_mut().zip(a).zip(b).zip(c) {
        *y = third(second(a.up(a_up), b.up(b_up)), c.up(c_up));
    }
}

#[inline(always)]
fn load<T: Word>(slot: &mut Slot<T>, values: &[i64], shift: Shift) {
    for (raw, value) in slot.iter_mut().zip(values) {
        *raw = T::from_word(shift.apply(*value));
    }
    // Other nets used the slot since, and what they left may be no input at all.
    slot[values.len()..].fill(T::default());
}

#[inline(always)]
fn store<T: Word>(slot: &Slot<T>, values: &mut [i64], shift: Shift) {
    for (value, raw) in values.iter_mut().zip(slot) {
        *value = shift.apply(raw.to_word());
    }
}
