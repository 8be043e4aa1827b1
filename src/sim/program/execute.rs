//! [`Machine`]: runs a [`Program`] over blocks of events, a tile at a time.

use crate::numeric::tensor::Block;
use crate::ops::Op;

use super::super::kernels::lanes::{Lanes, Portable, Row};
use super::super::kernels::pairs;
use super::super::kernels::rows::RowOp;
use super::super::kernels::word::Word;
use super::{Buffers, Home, Instruction, Kernel, Overflows, Program, Value};

pub(in crate::sim) use super::super::kernels::lanes::TILE;

/// Buffers and counters of one worker.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Machine {
    buffers: Buffers,
    /// One for each counted quantizer.
    pub(in crate::sim) counters: Vec<Overflows>,
}

/// Some of the events of a run, and where their results go.
struct Job<'a> {
    machine: &'a mut Machine,
    program: &'a Program,
    inputs: &'a [Block<i64>],
    first: usize,
    values: &'a [&'a Value],
    results: &'a mut [Block<i64>],
}

impl Machine {
    /// Buffers for a program, its constants in place.
    pub(in crate::sim) fn new(program: &Program) -> Self {
        let narrow = program.narrow.iter().map(|rows| vec![[0; TILE]; *rows]).collect();
        let wide = program.wide.iter().map(|rows| vec![[0; TILE]; *rows]).collect();
        let mut buffers = Buffers { narrow, wide };
        for (home, values) in &program.constants {
            for (index, value) in values.iter().enumerate() {
                match *home {
                    Home::Narrow(buffer) => {
                        buffers.narrow[buffer][index] = [i32::from_word(*value); TILE];
                    }
                    Home::Wide(buffer) => buffers.wide[buffer][index] = [*value; TILE],
                }
            }
        }
        Self { buffers, counters: vec![Overflows::default(); program.counted.len()] }
    }

    /// The values of `values` for `results[k].events` events, beginning with event `first` of the inputs.
    ///
    /// Without intrinsics if `portable`, which is the same but slower.
    pub(in crate::sim) fn run(
        &mut self,
        program: &Program,
        inputs: &[Block<i64>],
        first: usize,
        values: &[&Value],
        results: &mut [Block<i64>],
    ) {
        let job = Job { machine: self, program, inputs, first, values, results };
        #[cfg(target_arch = "x86_64")]
        match pulp::x86::Arch::new() {
            pulp::x86::Arch::V4(lanes) => return lanes.vectorize(With::<_, 4>(lanes, job)),
            pulp::x86::Arch::V3(lanes) => return lanes.vectorize(With::<_, 2>(lanes, job)),
            _ => {}
        }
        job.run::<Portable, 2>(Portable);
    }

    /// As [`Machine::run`], without intrinsics.
    #[cfg(test)]
    pub(in crate::sim) fn run_portable(
        &mut self,
        program: &Program,
        inputs: &[Block<i64>],
        values: &[&Value],
        results: &mut [Block<i64>],
    ) {
        let job = Job { machine: self, program, inputs, first: 0, values, results };
        job.run::<Portable, 2>(Portable);
    }
}

/// A job with the registers it runs on, as pulp takes it.
#[cfg(target_arch = "x86_64")]
struct With<'a, L, const REGISTERS: usize>(L, Job<'a>);

#[cfg(target_arch = "x86_64")]
impl<L: Lanes, const REGISTERS: usize> pulp::NullaryFnOnce for With<'_, L, REGISTERS> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.1.run::<L, REGISTERS>(self.0);
    }
}

impl Job<'_> {
    #[inline(always)]
    fn run<L: Lanes, const REGISTERS: usize>(self, lanes: L) {
        let Self { machine, program, inputs, first, values, results } = self;
        let events = results.iter().map(|block| block.events).max().unwrap_or(0);
        for start in (0..events).step_by(TILE) {
            let len = TILE.min(events - start);
            for (value, block) in program.inputs.iter().zip(inputs) {
                machine.buffers.load(value.home, block, first + start, len);
            }
            for instruction in &program.instructions {
                machine.step::<L, REGISTERS>(lanes, instruction, first + start, len);
            }
            for (value, block) in values.iter().zip(results.iter_mut()) {
                machine.buffers.store(value.home, block, start, len);
            }
        }
    }
}

impl Machine {
    #[inline(always)]
    fn step<L: Lanes, const REGISTERS: usize>(
        &mut self,
        lanes: L,
        instruction: &Instruction,
        first: usize,
        len: usize,
    ) {
        let Buffers { narrow, wide } = &mut self.buffers;
        match instruction {
            Instruction::Pack { from, to, len } => {
                into(narrow, *to, |narrow, y| pairs::pack(&narrow[*from], y, *len));
            }
            Instruction::Unpack { from, to, len } => {
                into(narrow, *to, |narrow, y| pairs::unpack(&narrow[*from], y, *len));
            }
            Instruction::Widen { from, to } => convert(&narrow[*from], &mut wide[*to]),
            Instruction::Shrink { from, to } => convert(&wide[*from], &mut narrow[*to]),
            Instruction::DensePairs { layer, from, to, packed } => {
                into(narrow, *to, |narrow, y| {
                    layer.run::<L, REGISTERS>(lanes, &narrow[*from], y, *packed);
                });
            }
            Instruction::Narrow(kernel) => kernel.run(narrow),
            Instruction::Wide(kernel) => kernel.run(wide),
            Instruction::Define { op, from, to, frac } => define(&***op, from, wide, *to, *frac),
            Instruction::Count { counter, from, limits } => {
                count(&mut self.counters[*counter], &wide[*from], limits, first, len);
            }
        }
    }
}

impl<T: Word> Kernel<T> {
    #[inline(always)]
    fn run(&self, buffers: &mut [Vec<Row<T>>]) {
        let op: &RowOp<T> = &self.op;
        into(buffers, self.to, |buffers, y| op.run(|operand| &*buffers[self.from[operand]], y));
    }
}

/// Lets `f` write buffer `to` while it reads the others.
#[inline(always)]
fn into<T>(buffers: &mut [Vec<Row<T>>], to: usize, f: impl FnOnce(&[Vec<Row<T>>], &mut [Row<T>])) {
    let mut y = std::mem::take(&mut buffers[to]);
    f(buffers, &mut y);
    buffers[to] = y;
}

#[inline(always)]
fn convert<S: Word, T: Word>(x: &[Row<S>], y: &mut [Row<T>]) {
    for (x, y) in x.iter().zip(y) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = T::from_word(x.to_word());
        }
    }
}

fn define(op: &dyn Op, from: &[(usize, i8)], wide: &mut [Vec<Row<i64>>], to: usize, frac: i8) {
    let operands: Vec<Block<i64>> = from
        .iter()
        .map(|(from, frac)| Block { events: TILE, frac: *frac, data: wide[*from].concat() })
        .collect();
    let result = op.eval(&operands.iter().collect::<Vec<_>>(), frac);
    for (index, row) in wide[to].iter_mut().enumerate() {
        row.copy_from_slice(result.element(index));
    }
}

#[inline(always)]
fn count(counter: &mut Overflows, x: &[Row<i64>], limits: &[(i64, i64)], first: usize, len: usize) {
    let mut marks = [false; TILE];
    for (x, (lo, hi)) in x.iter().zip(limits) {
        for (mark, x) in marks.iter_mut().zip(x) {
            *mark |= x < lo || x > hi;
        }
    }
    for event in (0..len).filter(|event| marks[*event]) {
        counter.events += 1;
        for (element, (x, (lo, hi))) in x.iter().zip(limits).enumerate() {
            let value = x[event];
            if value < *lo || value > *hi {
                counter.values += 1;
                counter.first.get_or_insert((first + event, element));
                let (least, most) = counter.extremes.unwrap_or((value, value));
                counter.extremes = Some((least.min(value), most.max(value)));
            }
        }
    }
}

impl Buffers {
    #[inline(always)]
    fn load(&mut self, home: Home, block: &Block<i64>, first: usize, len: usize) {
        match home {
            Home::Narrow(buffer) => load(&mut self.narrow[buffer], block, first, len),
            Home::Wide(buffer) => load(&mut self.wide[buffer], block, first, len),
        }
    }

    #[inline(always)]
    fn store(&self, home: Home, block: &mut Block<i64>, first: usize, len: usize) {
        match home {
            Home::Narrow(buffer) => store(&self.narrow[buffer], block, first, len),
            Home::Wide(buffer) => store(&self.wide[buffer], block, first, len),
        }
    }
}

#[inline(always)]
fn load<T: Word>(rows: &mut [Row<T>], block: &Block<i64>, first: usize, len: usize) {
    for (index, row) in rows.iter_mut().enumerate() {
        let values = &block.element(index)[first..first + len];
        for (raw, value) in row.iter_mut().zip(values) {
            *raw = T::from_word(*value);
        }
    }
}

#[inline(always)]
fn store<T: Word>(rows: &[Row<T>], block: &mut Block<i64>, first: usize, len: usize) {
    for (index, row) in rows.iter().enumerate() {
        let values = &mut block.element_mut(index)[first..first + len];
        for (value, raw) in values.iter_mut().zip(row) {
            *value = raw.to_word();
        }
    }
}
