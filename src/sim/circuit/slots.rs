//! Gives places to slots: one slot serves many nets, one after another.

use rustc_hash::FxHashMap;

use super::{Circuit, Instruction, Place, Step, Values};

/// Slots of one width.
#[derive(Debug, Default)]
struct Pool {
    free: Vec<usize>,
    count: usize,
}

/// The slots of all places that are alive.
#[derive(Debug, Default)]
struct Slots {
    narrow: Pool,
    wide: Pool,
    places: FxHashMap<Place, Place>,
}

impl Pool {
    fn take(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        })
    }
}

impl Slots {
    fn open(&mut self, place: Place) -> Place {
        let slot = match place {
            Place::Narrow(_) => Place::Narrow(self.narrow.take()),
            Place::Wide(_) => Place::Wide(self.wide.take()),
        };
        self.places.insert(place, slot);
        slot
    }

    fn close(&mut self, place: Place) {
        match self.places.remove(&place) {
            Some(Place::Narrow(slot)) => self.narrow.free.push(slot),
            Some(Place::Wide(slot)) => self.wide.free.push(slot),
            None => {}
        }
    }
}

impl Circuit {
    /// Replaces places by slots. With [`Values::All`] each place keeps a slot of its own.
    pub(super) fn share_slots(&mut self, values: Values) {
        if values == Values::All {
            return;
        }
        let last = self.last_uses();
        let mut slots = Slots::default();
        for (place, _) in &mut self.constants {
            *place = slots.open(*place);
        }
        for (own, _) in &mut self.registers {
            *own = slots.open(*own);
        }
        for wire in self.inputs.iter_mut().flatten() {
            let slot = slots.open(wire.place);
            let unused = !last.contains_key(&wire.place);
            if unused {
                slots.close(wire.place);
            }
            wire.place = slot;
        }
        for (index, instruction) in self.instructions.iter_mut().enumerate() {
            let (reads, writes) = instruction.places();
            let to = match slots.places.get(&writes) {
                Some(slot) => *slot,
                None => slots.open(writes),
            };
            instruction.assign(to, |place| slots.places[&place]);
            for place in reads.chain([writes]) {
                // A place that nobody reads is free as soon as it is written.
                if last.get(&place).is_none_or(|last| *last == index) {
                    slots.close(place);
                }
            }
        }
        for (_, next) in &mut self.registers {
            *next = slots.places[next];
        }
        for wire in self.outputs.iter_mut().flatten() {
            wire.place = slots.places[&wire.place];
        }
        self.nets.fill(None);
        (self.narrow_slots, self.wide_slots) = (slots.narrow.count, slots.wide.count);
    }

    /// The last instruction that reads or writes each place; the end for what outlives them all.
    fn last_uses(&self) -> FxHashMap<Place, usize> {
        let mut last = FxHashMap::default();
        for (index, instruction) in self.instructions.iter().enumerate() {
            let (reads, writes) = instruction.places();
            for place in reads.chain([writes]) {
                last.insert(place, index);
            }
        }
        let outputs = self.outputs.iter().flatten().map(|wire| wire.place);
        let constants = self.constants.iter().map(|(place, _)| *place);
        let registers = self.registers.iter().flat_map(|(own, next)| [*own, *next]);
        for place in outputs.chain(constants).chain(registers) {
            last.insert(place, usize::MAX);
        }
        last
    }
}

impl Instruction {
    /// What it reads, and what it writes.
    fn places(&self) -> (impl Iterator<Item = Place> + use<>, Place) {
        let (reads, writes) = match self {
            Self::Narrow(step) => (step.reads(Place::Narrow), Place::Narrow(step.to)),
            Self::Wide(step) => (step.reads(Place::Wide), Place::Wide(step.to)),
            Self::Widen { from, to } => {
                ([Some(Place::Narrow(*from)), None, None], Place::Wide(*to))
            }
            Self::Shrink { from, to } => {
                ([Some(Place::Wide(*from)), None, None], Place::Narrow(*to))
            }
        };
        (reads.into_iter().flatten(), writes)
    }

    /// Puts slots in the place of places.
    fn assign(&mut self, to: Place, slot: impl Fn(Place) -> Place) {
        match self {
            Self::Narrow(step) => step.assign(to.index(), |place| slot(Place::Narrow(place))),
            Self::Wide(step) => step.assign(to.index(), |place| slot(Place::Wide(place))),
            Self::Widen { from, to: own } => {
                (*from, *own) = (slot(Place::Narrow(*from)).index(), to.index());
            }
            Self::Shrink { from, to: own } => {
                (*from, *own) = (slot(Place::Wide(*from)).index(), to.index());
            }
        }
    }
}

impl<T> Step<T> {
    fn reads(&self, place: impl Fn(usize) -> Place) -> [Option<Place>; 3] {
        let arity = self.function.arity();
        std::array::from_fn(|index| (index < arity).then(|| place(self.operands[index])))
    }

    fn assign(&mut self, to: usize, slot: impl Fn(usize) -> Place) {
        for operand in &mut self.operands[..self.function.arity()] {
            *operand = slot(*operand).index();
        }
        self.to = to;
    }
}

impl Place {
    /// The number of the slot.
    fn index(self) -> usize {
        match self {
            Self::Narrow(index) | Self::Wide(index) => index,
        }
    }
}
